"""People's rows of advertisements in memory; held to the real store's contract."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from functions.domain.fatigue import Entry, Recent
from functions.domain.ids import ContactId
from functions.domain.places import Place, Wanted


@dataclass
class FakeRecents:
    """``rivals`` are taken, each once, just before somebody takes a place.

    While ``mute``, a request for many places is carried out and its answer tells nothing.
    """

    rows: dict[ContactId, Recent] = field(default_factory=dict)
    months: list[int] = field(default_factory=list)
    rivals: list[Entry] = field(default_factory=list)
    mute: bool = False

    def of(self, contact_ids: Iterable[ContactId]) -> dict[ContactId, Recent]:
        return {each: self.rows.get(each, Recent()) for each in contact_ids}

    def take_all(self, wanted: Sequence[Wanted]) -> list[Place | None]:
        places = [self.take(each.contact_id, each.entry, version=each.version) for each in wanted]
        return [None] * len(places) if self.mute else places

    def take(self, contact_id: ContactId, entry: Entry, *, version: int) -> Place:
        known = self.rows.get(contact_id, Recent())
        if self.rivals:
            known = self._appended(contact_id, known, self.rivals.pop(0))
        if known.version != version:
            return Place(taken=False, recent=known)
        return Place(taken=True, recent=self._appended(contact_id, known, entry))

    def _appended(self, contact_id: ContactId, known: Recent, entry: Entry) -> Recent:
        row = Recent(entries=(*known.entries, entry), version=known.version + 1)
        self.rows[contact_id] = row
        return row

    def put(self, contact_id: ContactId, recent: Recent, *, now: datetime) -> Place:
        kept, old = recent.split(now=now)
        self.months += old
        known = self.rows.get(contact_id, Recent())
        if known.version != recent.version:
            return Place(taken=False, recent=known)
        self.rows[contact_id] = Recent(kept.entries, recent.version + 1)
        return Place(taken=True, recent=self.rows[contact_id])

    def tidy(self, contact_id: ContactId, recent: Recent, *, now: datetime) -> None:
        if recent.crowded(now=now):
            self.put(contact_id, recent, now=now)


def one_by_one(work: Callable, values: Iterable) -> list:
    return [work(value) for value in values]
