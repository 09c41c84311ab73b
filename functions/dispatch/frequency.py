"""Takes each person's place under the caps, in the one write that the history costs anyway.

A place is an entry in the person's row of advertisements. It is taken before the provider is
called, on the condition that the row is the one that was looked at; what the row is by then comes
back with the write, and the one door decides on it. An entry with the message's own number is a
place taken by an earlier attempt.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import Batch
from functions.domain.case import Case, with_recent
from functions.domain.channel import Purpose
from functions.domain.eligibility import Decision, Hold, Refuse, decide
from functions.domain.ids import ContactId, MessageNumber
from functions.domain.message import Send
from functions.domain.planning import Route

_MAX_TRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Who has a place, and what becomes of the others.

    ``kept_back`` are send bytes by ordinal; ``until`` when held ones may be looked at again;
    ``unsettled`` whose row others kept changing.
    """

    ready: tuple[int, ...]
    kept_back: Mapping[int, int] = field(default_factory=dict)
    until: tuple[datetime, ...] = ()
    unsettled: tuple[int, ...] = ()


def take_places(
    batch: Batch,
    sending: Iterable[int],
    cases: Mapping[int, Case],
    route: Route,
    *,
    deps: DispatchDeps,
    now: datetime,
) -> Places:
    """Take a place for everyone of an advertisement; note others in their histories only."""
    if batch.meta.purpose is not Purpose.ADVERTISING:
        return _noted(batch, sending, deps=deps, now=now)
    ordinals = tuple(sending)
    takers = [
        _Taker(batch=batch, ordinal=each, case=cases[each], route=route, deps=deps, now=now)
        for each in ordinals
    ]
    decisions = dict(zip(ordinals, deps.spread(_Taker.decision, takers), strict=True))
    held = {i: each for i, each in decisions.items() if isinstance(each, Hold)}
    refused = {i: each for i, each in decisions.items() if isinstance(each, Refuse)}
    return Places(
        ready=tuple(i for i in ordinals if i not in held | refused and decisions[i] is not None),
        kept_back={i: Send.held(each.reason) for i, each in held.items()}
        | {i: Send.refused(each.reason) for i, each in refused.items()},
        until=tuple(each.until for each in held.values()),
        unsettled=tuple(i for i in ordinals if decisions[i] is None),
    )


def _noted(batch: Batch, sending: Iterable[int], *, deps: DispatchDeps, now: datetime) -> Places:
    """A request's messages were noted when it was accepted."""
    ordinals = tuple(sending)
    if batch.meta.source.kind == "campaign":
        deps.contacts.remember_sent(
            {
                contact_id: MessageNumber(batch=batch.meta.number, ordinal=ordinal)
                for ordinal in ordinals
                if (contact_id := batch.recipients[ordinal].contact_id) is not None
            },
            now=now,
        )
    return Places(ready=ordinals)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taker:
    """Takes the place of one person."""

    batch: Batch
    ordinal: int
    case: Case
    route: Route
    deps: DispatchDeps
    now: datetime

    def decision(self) -> Decision | None:
        """What the door says of the newest row; None when others kept changing it."""
        recipient = self.batch.recipients[self.ordinal]
        if recipient.contact_id is None:
            return decide(self.case, now=self.now)
        return self._take(recipient.contact_id, recipient.recent_version)

    def _take(self, contact_id: ContactId, version: int) -> Decision | None:
        number = MessageNumber(batch=self.batch.meta.number, ordinal=self.ordinal).packed
        entry = self.case.terms.offer.entry(number, now=self.now)
        for _ in range(_MAX_TRIES):
            place = self.deps.recents.take(contact_id, entry, version=version)
            mine = place.taken or place.recent.has(number)
            decision = decide(with_recent(self.case, place.recent), now=self.now)
            if isinstance(decision, Hold | Refuse):
                if mine:
                    self.deps.recents.put(contact_id, place.recent.without(number), now=self.now)
                return decision
            if mine:
                self.deps.recents.tidy(contact_id, place.recent, now=self.now)
                return decision
            version = place.recent.version
        return None
