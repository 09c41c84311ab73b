"""Takes each person's place under the caps, in the one write that the history costs anyway.

A place is an entry in the person's row of advertisements. It is taken before the provider is
called, on the condition that the row is the one that was looked at; what the row is by then comes
back with the write, and the one door decides on it. An entry with the message's own number is a
place taken by an earlier attempt; it is kept, with the moment at which the message leaves at last.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import Batch
from functions.domain.case import Case, with_recent
from functions.domain.channel import Purpose
from functions.domain.eligibility import Decision, Hold, Refuse, decide
from functions.domain.fatigue import Entry, Recent
from functions.domain.ids import ContactId, MessageNumber
from functions.domain.message import Send
from functions.domain.places import Place
from functions.domain.planning import Route

_MAX_TRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Who has a place, and what becomes of the others.

    ``kept_back`` are send bytes by ordinal; ``until`` when held ones may be looked at again;
    ``unsettled`` whose row others kept changing; ``cases`` what the door decided on.
    """

    ready: tuple[int, ...]
    cases: Mapping[int, Case] = field(default_factory=dict)
    kept_back: Mapping[int, int] = field(default_factory=dict)
    until: tuple[datetime, ...] = ()
    unsettled: tuple[int, ...] = ()

    @property
    def held(self) -> int:
        """How many wait for room."""
        return len(self.until)

    @property
    def refused(self) -> int:
        """How many there will be no room for."""
        return len(self.kept_back) - self.held


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
    looks = dict(zip(ordinals, deps.spread(_Taker.look, takers), strict=True))
    decisions = {i: None if look is None else look.decision for i, look in looks.items()}
    held = {i: each for i, each in decisions.items() if isinstance(each, Hold)}
    refused = {i: each for i, each in decisions.items() if isinstance(each, Refuse)}
    return Places(
        ready=tuple(i for i in ordinals if i not in held | refused and decisions[i] is not None),
        cases={i: look.case for i, look in looks.items() if look is not None},
        kept_back={i: Send.held(each.reason) for i, each in held.items()}
        | {i: Send.refused(each.reason) for i, each in refused.items()},
        until=tuple(each.until for each in held.values()),
        unsettled=tuple(i for i in ordinals if decisions[i] is None),
    )


def _noted(batch: Batch, sending: Iterable[int], *, deps: DispatchDeps, now: datetime) -> Places:
    """A request's messages were noted when it was accepted."""
    ordinals = tuple(sending)
    if batch.meta.source.kind != "request":
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
class _Look:
    """What the door decided, and on what."""

    case: Case
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taker:
    """Takes the place of one person."""

    batch: Batch
    ordinal: int
    case: Case
    route: Route
    deps: DispatchDeps
    now: datetime

    def look(self) -> _Look | None:
        """What the door says of the newest row; None when others kept changing it."""
        recipient = self.batch.recipients[self.ordinal]
        if recipient.contact_id is None:
            return _Look(case=self.case, decision=decide(self.case, now=self.now))
        return self._settled(recipient.contact_id, recipient.recent_version)

    def _settled(self, contact_id: ContactId, version: int) -> _Look | None:
        """Change the row until it says what the door says of it: that the message leaves, or not.

        Whether a write was ours is read off the row, so one whose answer was lost is no other.
        """
        row = self.deps.recents.take(contact_id, self._entry, version=version).recent
        for _ in range(_MAX_TRIES):
            case = with_recent(self.case, row)
            decision = decide(case, now=self.now)
            leaves = not isinstance(decision, Hold | Refuse)
            if self._says(row, leaves=leaves):
                if leaves:
                    self.deps.recents.tidy(contact_id, row, now=self.now)
                return _Look(case=case, decision=decision)
            row = self._changed(contact_id, row, leaves=leaves).recent
        return None

    def _says(self, row: Recent, *, leaves: bool) -> bool:
        if not leaves:
            return not row.has(self._entry.number)
        # An earlier attempt's entry tells when that was: the message leaves now, and counts now.
        return any(
            each.number == self._entry.number and each.at >= self._entry.at for each in row.entries
        )

    def _changed(self, contact_id: ContactId, row: Recent, *, leaves: bool) -> Place:
        recents = self.deps.recents
        others = row.without(self._entry.number)
        if not leaves:
            return recents.put(contact_id, others, now=self.now)
        if others == row:
            return recents.take(contact_id, self._entry, version=row.version)
        renewed = replace(others, entries=(*others.entries, self._entry))
        return recents.put(contact_id, renewed, now=self.now)

    @property
    def _entry(self) -> Entry:
        number = MessageNumber(batch=self.batch.meta.number, ordinal=self.ordinal).packed
        return self.case.terms.offer.entry(number, now=self.now)
