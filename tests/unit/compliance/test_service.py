"""Days become records: in order, once, whole, whatever dies or comes twice."""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest

from functions.compliance import service
from functions.compliance.ports import ComplianceDeps
from functions.contracts.queues import RecordJob
from functions.domain.compliance import BATCHES_PER_PART
from functions.domain.evidence import Evidence
from functions.domain.ids import BatchNumber
from functions.domain.record_chain import GENESIS, Verified, verify
from tests.builders import NOON, SEOUL, a_batch, a_case
from tests.fakes.records import FakeRecords
from tests.fakes.stores import FakeBatches

_DAY = NOON.astimezone(SEOUL).date()
_LATER = NOON + timedelta(days=5)


class Died(Exception):
    pass


@dataclass
class Batches(FakeBatches):
    def looked_at(self, day: date, *, after: BatchNumber, limit: int) -> tuple[BatchNumber, ...]:
        rows = [
            number
            for number, rounds in sorted(self.saved.items())
            for each in rounds
            if each.at.astimezone(SEOUL).date() == day and number > after
        ]
        return tuple(dict.fromkeys(rows[:limit]))


@dataclass
class World:
    records: FakeRecords = field(default_factory=FakeRecords)
    batches: Batches = field(default_factory=Batches)
    jobs: list[RecordJob] = field(default_factory=list)

    def deps(self, **changed: object) -> ComplianceDeps:
        given = {
            "records": self.records,
            "batches": self.batches,
            "enqueue": self.jobs.append,
            "subject_of": lambda contact_id: f"subject of {contact_id}",
            "key_id": lambda: "key-1",
            "sign": lambda message: message.decode()[::-1],
            "zone": SEOUL,
        }
        return ComplianceDeps(**{**given, **changed})  # type: ignore[arg-type]

    def sent(self, number: int, *, at: datetime = NOON, size: int = 2) -> None:
        if number not in self.batches.batches:
            self.batches.create([a_batch(number, size=size)])
        cases = {ordinal: a_case() for ordinal in range(size)}
        self.batches.save_evidence(BatchNumber(number), Evidence(at=at, cases=cases))

    def run(self, *, now: datetime = _LATER) -> None:
        while self.jobs:
            service.work(self.jobs.pop(0), deps=self.deps(), now=now)

    def seal_all(self, *, now: datetime = _LATER) -> None:
        service.start(deps=self.deps(), now=now)
        self.run(now=now)

    def verified(self) -> Verified:
        return verify(
            self.records.lines(), key_id="key-1", check=lambda m, s: s == m.decode()[::-1]
        )

    def messages(self) -> list[str]:
        lines = map(json.loads, self.records.lines())
        return [each["evidence"]["message_id"] for each in lines if each["type"] == "message"]


def test_a_day_becomes_a_record_that_verifies() -> None:
    world = World()
    world.sent(7)
    world.sent(9, size=1)

    world.seal_all()

    assert world.verified() == Verified(
        days=1,
        messages=3,
        first_day=_DAY.isoformat(),
        last_day=_DAY.isoformat(),
        begins_after=GENESIS,
    )
    assert world.messages() == ["m-7-00", "m-7-01", "m-9-00"]
    record = world.records.newest()
    assert record is not None
    assert (record.messages, record.sealed) == (3, _LATER)


def test_a_record_names_nobody() -> None:
    world = World()
    world.sent(7, size=1)
    recipient = world.batches.batches[BatchNumber(7)].recipients[0]

    world.seal_all()

    evidence = json.loads(world.records.lines()[1])["evidence"]
    assert "contact_id" not in evidence
    assert evidence["subject"] == f"subject of {recipient.contact_id}"
    assert recipient.phone is not None
    for text in (recipient.phone.e164, recipient.phone.national, recipient.text):
        assert json.dumps(text)[1:-1] not in b"\n".join(world.records.lines()).decode()


def test_a_day_is_not_sealed_before_receipts_had_their_time() -> None:
    world = World()
    world.sent(7)
    morning = datetime(2026, 11, 25, 0, 0, tzinfo=SEOUL)

    world.seal_all(now=morning - timedelta(seconds=1))
    before = world.records.newest()
    world.seal_all(now=morning)
    after = world.records.newest()

    assert before is not None
    assert before.day == _DAY - timedelta(days=1)
    assert after is not None
    assert after.day == _DAY


def test_days_without_messages_are_sealed_as_well() -> None:
    world = World()
    world.sent(7, size=1)
    world.seal_all()
    world.sent(8, at=NOON + timedelta(days=3), size=1)

    world.seal_all(now=_LATER + timedelta(days=3))

    verified = world.verified()
    assert (verified.days, verified.messages, verified.finding) == (4, 2, None)


def test_a_message_looked_at_on_two_days_is_in_both() -> None:
    world = World()
    world.sent(7, size=1)
    world.sent(7, at=NOON + timedelta(days=1), size=1)

    world.seal_all()
    world.seal_all(now=_LATER + timedelta(days=1))

    assert world.messages() == ["m-7-00", "m-7-00"]
    looks = [
        len(json.loads(raw)["evidence"]["looks"])
        for raw in world.records.lines()
        if b'"looks"' in raw
    ]
    assert looks == [2, 2]


def test_days_are_those_of_the_tenant() -> None:
    world = World()
    midnight = datetime(2026, 11, 21, tzinfo=SEOUL)
    world.sent(7, at=midnight - timedelta(seconds=1), size=1)
    world.sent(8, at=midnight, size=1)

    world.seal_all()

    assert world.messages() == ["m-7-00"]


def test_many_batches_are_many_parts_and_one_chain() -> None:
    world = World()
    for number in range(1, 2 * BATCHES_PER_PART + 2):
        world.sent(number, size=1)
        world.sent(number, at=NOON + timedelta(minutes=1), size=1)

    world.seal_all()

    record = world.records.newest()
    assert record is not None
    assert len(record.files) > 4
    verified = world.verified()
    assert (verified.messages, verified.finding) == (2 * BATCHES_PER_PART + 1, None)


def test_a_job_that_comes_twice_changes_nothing() -> None:
    world = World()
    for number in range(1, BATCHES_PER_PART + 2):
        world.sent(number, size=1)
    service.start(deps=world.deps(), now=_LATER)
    while world.jobs:
        job = world.jobs.pop(0)
        service.work(job, deps=world.deps(), now=_LATER)
        service.work(job, deps=world.deps(), now=_LATER)
        del world.jobs[1:]

    verified = world.verified()
    assert (verified.messages, verified.finding) == (BATCHES_PER_PART + 1, None)


def test_of_two_workers_on_a_part_one_counts() -> None:
    world = World()
    world.sent(7, size=1)
    job = RecordJob(day=_DAY.isoformat())

    class Racing(FakeRecords):
        def put_part(self, day: date, lines: object) -> str:
            key = super().put_part(day, lines)  # type: ignore[arg-type]
            if not self.days:
                # The other one comes in between, with a receipt that came meanwhile.
                service.work(job, deps=world.deps(), now=_LATER)
            return key

    racing = Racing(days=world.records.days, parts=world.records.parts)
    lost = service.work(job, deps=world.deps(records=racing), now=_LATER)
    world.run()

    assert lost is None
    assert (world.verified().messages, world.verified().finding) == (1, None)


@pytest.mark.parametrize("dies_in", ["put_part", "advance", "enqueue", "sign"])
def test_dying_anywhere_is_made_good_by_the_next_hour(dies_in: str) -> None:
    world = World()
    world.sent(7)

    def die(*_: object, **__: object) -> None:
        raise Died

    class Dying(FakeRecords):
        pass

    dying = Dying(days=world.records.days, parts=world.records.parts)
    changed: dict[str, object] = {"records": dying}
    if dies_in in ("put_part", "advance"):
        setattr(Dying, dies_in, die)
    else:
        changed[dies_in] = die
    job = RecordJob(day=_DAY.isoformat())
    deps = world.deps(**changed)
    with pytest.raises(Died):
        _work_to_the_end(job, deps)

    world.seal_all()

    assert (world.verified().messages, world.verified().finding) == (2, None)


def _work_to_the_end(job: RecordJob, deps: ComplianceDeps) -> None:
    for _ in range(3):
        service.work(job, deps=deps, now=_LATER)


def test_a_day_out_of_turn_waits() -> None:
    world = World()
    world.sent(7)
    world.seal_all()
    for days in (0, 2):
        job = RecordJob(day=(_DAY + timedelta(days=days)).isoformat())

        assert service.work(job, deps=world.deps(), now=_LATER) is None
    assert len(world.records.days) == 1


def test_a_batch_that_is_gone_is_left_out() -> None:
    world = World()
    world.sent(7)
    world.batches.batches.clear()

    world.seal_all()

    assert (world.verified().messages, world.verified().finding) == (0, None)
