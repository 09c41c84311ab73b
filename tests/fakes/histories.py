"""Pages of histories, in memory, as the store has them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from functions.domain.history import PageName, bucket_of, mark_of, numbers_in, pages
from functions.domain.ids import ContactId, MessageNumber

KEY = b"k" * 32


@dataclass
class FakeHistories:
    rows: dict[tuple[int, str], bytes] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    writes: int = 0

    def noted(self, name: PageName) -> bool:
        return str(name) in self.done

    def note(self, name: PageName, sent: Iterable[tuple[ContactId, MessageNumber]]) -> None:
        self.writes += 1
        notes = [(mark_of(contact_id, KEY), number) for contact_id, number in sent]
        self.rows |= {(bucket, str(name)): page for bucket, page in pages(notes).items()}
        self.done.add(str(name))

    def of(self, contact_id: ContactId) -> list[MessageNumber]:
        mark = mark_of(contact_id, KEY)
        mine = (page for (bucket, _), page in self.rows.items() if bucket == bucket_of(mark))
        return [number for page in mine for number in numbers_in(page, mark)]
