"""The stores of audiences and refreshes in memory."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from functions.contracts.person_document import subject_to_line
from functions.domain.audience import Audience, Membership
from functions.domain.ids import AudienceId, ContactId
from functions.domain.people_scan import Scanned, ScanPlace
from functions.domain.refresh import Refresh, RefreshStatus, SegmentProgress, ShardResult
from functions.domain.segment import Subject


@dataclass
class FakeAudiences:
    rows: dict[AudienceId, Audience] = field(default_factory=dict)

    @classmethod
    def of(cls, *audiences: Audience) -> "FakeAudiences":
        return cls(rows={each.audience_id: each for each in audiences})

    def add(self, audience: Audience) -> None:
        self.rows[audience.audience_id] = audience

    def get(self, audience_id: AudienceId) -> Audience | None:
        return self.rows.get(audience_id)

    def all(self) -> tuple[Audience, ...]:
        return tuple(self.rows.values())

    def change(self, audience: Audience, *, replacing: Audience) -> bool:
        if self.rows.get(audience.audience_id) != replacing:
            return False
        self.rows[audience.audience_id] = replace(audience, members=replacing.members)
        return True

    def set_members(self, audience_id: AudienceId, version: int, members: Membership) -> bool:
        known = self.rows.get(audience_id)
        if known is None or known.version != version:
            return False
        if known.members is not None and known.members.run_id >= members.run_id:
            return False
        self.rows[audience_id] = replace(known, members=members)
        return True

    def delete(self, audience_id: AudienceId) -> None:
        self.rows.pop(audience_id, None)


@dataclass
class FakeMembers:
    files: dict[tuple[AudienceId, str, int], tuple[ContactId, ...]] = field(default_factory=dict)

    def save(
        self, audience_id: AudienceId, run_id: str, shard: int, members: Iterable[ContactId]
    ) -> None:
        self.files[audience_id, run_id, shard] = tuple(sorted(members))

    def load(self, audience_id: AudienceId, run_id: str, shard: int) -> tuple[ContactId, ...]:
        return self.files[audience_id, run_id, shard]

    def forget(self, audience_id: AudienceId, *, before: str) -> None:
        for key in [key for key in self.files if key[0] == audience_id and key[1] < before]:
            del self.files[key]

    def of(self, audience: Audience) -> set[str]:
        members = audience.members
        assert members is not None
        shards = range(members.shards)
        found = [self.load(audience.audience_id, members.run_id, shard) for shard in shards]
        return {each for some in found for each in some}


@dataclass
class FakeRefreshes:
    runs: dict[str, Refresh] = field(default_factory=dict)
    progress: dict[tuple[str, int], SegmentProgress] = field(default_factory=dict)
    answers: dict[tuple[str, int], ShardResult] = field(default_factory=dict)

    def add(self, refresh: Refresh, *, expires_at: int) -> bool:
        fresh = refresh.run_id not in self.runs
        self.runs.setdefault(refresh.run_id, refresh)
        return fresh

    def get(self, run_id: str) -> Refresh | None:
        return self.runs.get(run_id)

    def newest(self, *, done: bool = False) -> Refresh | None:
        found = [each for each in self.runs.values() if not done or _is_done(each)]
        return max(found, key=lambda each: each.run_id, default=None)

    def since(self, moment: datetime) -> tuple[Refresh, ...]:
        return tuple(each for each in self.runs.values() if each.started >= moment)

    def advance(self, refresh: Refresh, *, to: RefreshStatus) -> bool:
        known = self.runs[refresh.run_id]
        if known.status is not refresh.status:
            return False
        self.runs[refresh.run_id] = replace(known, status=to)
        return True

    def finish(self, refresh: Refresh, *, at: datetime) -> bool:
        if _is_done(self.runs[refresh.run_id]):
            return False
        self.runs[refresh.run_id] = replace(refresh, status=RefreshStatus.DONE, finished=at)
        return True

    def segment(self, run_id: str, segment: int) -> SegmentProgress:
        fresh = SegmentProgress(segment=segment, files={})
        return self.progress.get((run_id, segment), fresh)

    def segments(self, run_id: str) -> tuple[SegmentProgress, ...]:
        return tuple(each for (run, _), each in sorted(self.progress.items()) if run == run_id)

    def advance_segment(
        self, run_id: str, before: SegmentProgress, after: SegmentProgress, *, expires_at: int
    ) -> bool:
        if self.segment(run_id, before.segment) != before:
            return False
        self.progress[run_id, before.segment] = after
        return True

    def save_result(self, run_id: str, result: ShardResult, *, expires_at: int) -> None:
        self.answers[run_id, result.shard] = result

    def results(self, run_id: str) -> tuple[ShardResult, ...]:
        return tuple(each for (run, _), each in sorted(self.answers.items()) if run == run_id)


def _is_done(refresh: Refresh) -> bool:
    return refresh.status is RefreshStatus.DONE


PAGE_UNITS = 0.5


@dataclass
class FakeSubjects:
    """People in the order of their ids, cut into segments and pages wherever it falls.

    With ``apart`` a page's border lies between the activity and the profile of its first person.
    """

    people: list[Subject] = field(default_factory=list)
    table_items: int = 0
    page: int = 2
    apart: bool = False

    def of(self, contact_id: ContactId, *, now: datetime) -> Subject | None:
        return next((each for each in self.people if each.contact_id == contact_id), None)

    def items(self) -> int:
        return self.table_items

    def scan(self, place: ScanPlace, *, now: datetime) -> Iterator[tuple[Scanned, str | None]]:
        mine = iter(self.people[place.segment :: place.segments])
        pages = list(iter(lambda: tuple(islice(mine, self.page)), ()))
        start = 0 if place.position is None else json.loads(place.position)
        for number in range(start, max(len(pages), 1)):
            whole = pages[number] if number < len(pages) else ()
            strays: tuple[Subject, ...] = ()
            if self.apart and whole:
                whole = (replace(whole[0], activity={}), *whole[1:])
            if self.apart and number + 1 < len(pages):
                early = pages[number + 1][0]
                if early.activity:
                    strays = (Subject(contact_id=early.contact_id, activity=early.activity),)
            if self.apart and number == start == 0 and pages and pages[0][0].activity:
                first = pages[0][0]
                strays = (*strays, Subject(contact_id=first.contact_id, activity=first.activity))
            after = number + 1
            yield (
                Scanned(whole=whole, strays=strays, read_units=PAGE_UNITS),
                str(after) if after < len(pages) else None,
            )


@dataclass
class FakeFiles:
    stored: dict[str, list[str]] = field(default_factory=dict)
    shards: dict[tuple[str, int, str], bytes] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)

    def lines(self, names: Sequence[str]) -> Iterator[str]:
        return (line for name in names if "stray" not in name for line in self.stored[name])

    def strays(self, names: Sequence[str]) -> Iterator[str]:
        return (line for name in names if "stray" in name for line in self.stored[name])

    def upload(self, run_id: str, shard: int, folder: Path) -> None:
        for path in folder.iterdir():
            self.shards[run_id, shard, path.name] = path.read_bytes()

    def download(self, run_id: str, shard: int, names: Sequence[str], to: Path) -> None:
        to.mkdir(parents=True, exist_ok=True)
        for name in names:
            (to / name).write_bytes(self.shards[run_id, shard, name])

    def drop_lines(self, names: Sequence[str]) -> None:
        for name in names:
            self.stored.pop(name, None)

    def save_questions(self, run_id: str, questions: Any) -> None:
        self.questions[run_id] = json.dumps(questions)

    def load_questions(self, run_id: str) -> Any:
        return json.loads(self.questions[run_id])

    def chunk(self) -> "FakeChunk":
        return FakeChunk(self)


@dataclass
class FakeChunk:
    files: FakeFiles
    whole: list[str] = field(default_factory=list)
    strays: list[str] = field(default_factory=list)
    people: int = 0

    def add(self, subject: Subject) -> None:
        self.people += 1
        self.whole.append(subject_to_line(subject, has_profile=True))

    def add_stray(self, subject: Subject) -> None:
        self.strays.append(subject_to_line(subject, has_profile=False))

    def save(self, run_id: str, shard: int) -> tuple[str, ...]:
        names = []
        for kind, lines in (("whole", self.whole), ("stray", self.strays)):
            if lines:
                name = f"{run_id}/{shard}/{kind}-{len(self.files.stored)}"
                self.files.stored[name] = lines
                names.append(name)
        return tuple(names)
