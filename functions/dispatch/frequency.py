"""Takes each person's place under the caps, in the one write that the history costs anyway.

A place is an entry in the person's row of advertisements. It is taken before the provider is
called, on the condition that the row is the one that was looked at; what the row is by then comes
back with the write, and the one door decides on it. An entry with the message's own number is a
place taken by an earlier attempt; it is kept, with the moment at which the message leaves at last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from functions.dispatch.ports import DispatchDeps
from functions.domain.batch import Batch
from functions.domain.case import Case, with_recent
from functions.domain.channel import Purpose
from functions.domain.eligibility import (
    SEND,
    Decision,
    Hold,
    Refuse,
    Send as Leave,
    decide_on_recent,
)
from functions.domain.fatigue import Entry, Recent
from functions.domain.ids import packed_number
from functions.domain.message import Send
from functions.domain.places import Place, Wanted

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
    *,
    deps: DispatchDeps,
    now: datetime,
) -> Places:
    """Take a place for everyone of an advertisement; other messages need none.

    Those were noted in the histories when they were planned or accepted.
    """
    ordinals = tuple(sending)
    if batch.meta.purpose is not Purpose.ADVERTISING:
        return Places(ready=ordinals)
    looks = _Desk(batch=batch, cases=cases, deps=deps, now=now).looks(ordinals)
    held: dict[int, Hold] = {}
    refused: dict[int, Refuse] = {}
    ready, unsettled = [], []
    for ordinal in ordinals:
        look = looks[ordinal]
        match look and look.decision:
            case None:
                unsettled.append(ordinal)
            case Leave():
                ready.append(ordinal)
            case Hold() as hold:
                held[ordinal] = hold
            case Refuse() as refuse:
                refused[ordinal] = refuse
    return Places(
        ready=tuple(ready),
        cases={i: look.case for i, look in looks.items() if look is not None},
        kept_back={i: Send.held(each.reason) for i, each in held.items()}
        | {i: Send.refused(each.reason) for i, each in refused.items()},
        until=tuple(each.until for each in held.values()),
        unsettled=tuple(unsettled),
    )


class _Look(NamedTuple):
    """What the door decided, and on what."""

    case: Case
    decision: Decision


class _Asked(NamedTuple):
    """A place that was asked for, on what case, and the row as it is (None: that is unknown)."""

    wanted: Wanted
    case: Case
    row: Recent | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Takes the places of a batch: all at once, then one by one where that was not the end."""

    batch: Batch
    cases: Mapping[int, Case]
    deps: DispatchDeps
    now: datetime

    def looks(self, ordinals: Sequence[int]) -> dict[int, _Look | None]:
        """What the door says on everyone's newest row; None where others kept changing it."""
        wanted = {i: each for i in ordinals if (each := self._wanted(i)) is not None}
        places = self.deps.recents.take_all(tuple(wanted.values()))
        # Whoever is not in a person's row has nothing there to look at.
        looks: dict[int, _Look | None] = {
            i: _Look(self.cases[i], SEND) for i in ordinals if i not in wanted
        }
        open_: dict[int, _Asked] = {}
        for (ordinal, each), place in zip(wanted.items(), places, strict=True):
            case = self.cases[ordinal]
            look = self._first_look(each, case, place)
            if look is None:
                open_[ordinal] = _Asked(each, case, place and place.recent)
            else:
                looks[ordinal] = look
        looks.update(zip(open_, self.deps.spread(self._settled, open_.values()), strict=True))
        return looks

    def _wanted(self, ordinal: int) -> Wanted | None:
        recipient = self.batch.recipients[ordinal]
        if recipient.contact_id is None:
            return None
        number = packed_number(self.batch.meta.number, ordinal)
        entry = self.cases[ordinal].terms.offer.entry(number, now=self.now)
        return Wanted(recipient.contact_id, entry, recipient.recent_version)

    def _first_look(self, wanted: Wanted, case: Case, place: Place | None) -> _Look | None:
        """What the door says of a place just taken; None where that is not the end of it."""
        if place is None or not place.taken:
            return None
        case = with_recent(case, place.recent)
        decision = decide_on_recent(case, now=self.now)
        if not isinstance(decision, Leave):
            return None
        self.deps.recents.tidy(wanted.contact_id, place.recent, now=self.now)
        return _Look(case, decision)

    def _settled(self, asked: _Asked) -> _Look | None:
        """Change the row until it says what the door says of it: that the message leaves, or not.

        Whether a write was ours is read off the row, so one whose answer was lost is no other.
        """
        wanted, row = asked.wanted, asked.row
        if row is None:
            row = self._taken(wanted, wanted.version)
        for _ in range(_MAX_TRIES):
            case = with_recent(asked.case, row)
            decision = decide_on_recent(case, now=self.now)
            leaves = isinstance(decision, Leave)
            if _says(row, wanted.entry, leaves=leaves):
                if leaves:
                    self.deps.recents.tidy(wanted.contact_id, row, now=self.now)
                return _Look(case, decision)
            row = self._changed(wanted, row, leaves=leaves)
        return None

    def _taken(self, wanted: Wanted, version: int) -> Recent:
        return self.deps.recents.take(wanted.contact_id, wanted.entry, version=version).recent

    def _changed(self, wanted: Wanted, row: Recent, *, leaves: bool) -> Recent:
        recents, contact_id = self.deps.recents, wanted.contact_id
        others = row.without(wanted.entry.number)
        if not leaves:
            return recents.put(contact_id, others, now=self.now).recent
        if others == row:
            return self._taken(wanted, row.version)
        renewed = Recent((*others.entries, wanted.entry), others.version)
        return recents.put(contact_id, renewed, now=self.now).recent


def _says(row: Recent, entry: Entry, *, leaves: bool) -> bool:
    if not leaves:
        return not row.has(entry.number)
    # An earlier attempt's entry tells when that was: the message leaves now, and counts now.
    return any(each.number == entry.number and each.at >= entry.at for each in row.entries)
