"""The store of compliance records in memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from functions.domain.compliance import DayRecord


@dataclass
class FakeRecords:
    days: dict[date, DayRecord] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)

    def newest(self) -> DayRecord | None:
        return self.days[max(self.days)] if self.days else None

    def advance(self, before: DayRecord | None, after: DayRecord) -> bool:
        if self.days.get(after.day) != before:
            return False
        self.days[after.day] = after
        return True

    def put_part(self, day: date, lines: Iterable[bytes]) -> str:
        body = b"".join(lines)
        key = f"{day}/{hash(body)}"
        self.parts[key] = body
        return key

    def lines(self) -> list[bytes]:
        """The whole record, day after day."""
        files = [file for day in sorted(self.days) for file in self.days[day].files]
        return b"".join(self.parts[file] for file in files).splitlines()
