"""An export writes each event once, whatever dies, doubles or races; readers see whole days."""

import json
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from functions.contracts.errors import InvalidInput, NotFound
from functions.contracts.event_document import event_to_json
from functions.contracts.export_jobs import (
    ExportDueJob,
    ExportForgetJob,
    ExportJob,
    ExportLookJob,
    ExportScanJob,
    ExportTidyJob,
    ExportWriteJob,
)
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.export import EARLY, Export, ExportFormat, RunStatus
from functions.domain.message import BatchState, Receipt, Send
from functions.domain.message_event import BatchFacts, EventType, events_of
from functions.domain.standing import Standing
from functions.exports import forgetting, running, service
from functions.exports.ports import ExportDeps
from tests.builders import NOON, SEOUL, a_batch
from tests.events import some_facts
from tests.fakes.dying import Death, Killed
from tests.fakes.exports import FakeEventFiles, FakeExports, FakeFacts

TODAY = NOON.astimezone(SEOUL).date()
DAY = timedelta(days=1)
FIRST, LAST = TODAY - 2 * DAY, TODAY
NAME = "all-events"
START = int(NOON.timestamp())


def a_story(number: int, *, size: int = 3, days_ago: int = 0, clicked: int = 1) -> BatchFacts:
    """A batch that was sent and delivered, some of it opened two minutes later."""
    began = NOON - days_ago * DAY
    batch = a_batch(number, size=size)
    at = began + timedelta(seconds=60)
    state = replace(
        BatchState.fresh([Send.sent(round_=0)] * size, now=began),
        rounds=(int(began.timestamp()) + 1,),
    ).with_receipts((i, Receipt(delivered=True, reason=None, at=at)) for i in range(size))
    hits = [Hit(ordinal=i, link=0, visitor=Visitor.HUMAN, elapsed_s=120) for i in range(clicked)]

    standing = Standing(
        number=batch.meta.number,
        state=state,
        clicks=BatchClicks.none(size).with_hits(hits),
        unit_price=batch.meta.unit_price,
    )
    return BatchFacts(
        meta=replace(batch.meta, created=began),
        contact_ids=[each.contact_id for each in batch.recipients],
        standing=standing,
    )


@dataclass
class World:
    exports: FakeExports = field(default_factory=FakeExports)
    facts: FakeFacts = field(default_factory=FakeFacts)
    files: FakeEventFiles = field(default_factory=FakeEventFiles)
    jobs: list[ExportJob] = field(default_factory=list)
    timers: list[tuple[datetime, ExportJob]] = field(default_factory=list)
    now: datetime = NOON
    words: int = 0

    def deps(self, death: Death | None = None) -> ExportDeps:
        port = death.port if death else lambda inner: inner
        return ExportDeps(
            exports=port(self.exports),
            facts=self.facts,
            files=self.files if death is None else _MortalFiles(self.files, death),
            enqueue=death.function(self.jobs.extend) if death else self.jobs.extend,
            later=death.function(self._later) if death else self._later,
            fresh=self._fresh,
            zone=SEOUL,
        )

    def _fresh(self) -> str:
        self.words += 1
        return f"w{self.words:07d}"

    def _later(self, job: ExportJob, at: datetime, now: datetime) -> None:
        if (at, job) not in self.timers:
            self.timers.append((at, job))

    def tell(self, *stories: BatchFacts) -> None:
        self.facts.batches |= {each.meta.number: each for each in stories}

    def put(self, **values: object) -> Export:
        facts = {"name": NAME, "format": ExportFormat.PARQUET} | values
        return service.put(Export(**facts), deps=self.deps(), now=self.now)

    def start(self, first: date = FIRST, last: date = LAST) -> str:
        return service.start(NAME, first, last, deps=self.deps(), now=self.now).run_id

    def handle(self, job: ExportJob, death: Death | None = None) -> None:
        deps = self.deps(death)
        match job:
            case ExportDueJob():
                service.run_due(job, deps=deps, now=self.now)
            case ExportScanJob():
                running.scan(job, deps=deps, now=self.now)
            case ExportWriteJob():
                running.write(job, deps=deps, now=self.now)
            case ExportLookJob():
                running.look(job, deps=deps, now=self.now)
            case ExportTidyJob():
                running.tidy(job, deps=deps, now=self.now)
            case ExportForgetJob():
                forgetting.forget(job, deps=deps, now=self.now)

    def work(self) -> None:
        """Work off the queue; jobs that fail for want of what is gone come again."""
        for _ in range(1_000):
            if not self.jobs:
                return
            self.handle(self.jobs.pop(0))
        pytest.fail("the queue does not come to its end")

    def run(self, first: date = FIRST, last: date = LAST) -> str:
        run_id = self.start(first, last)
        self.work()
        assert self.exports.runs[NAME, run_id].status is RunStatus.DONE
        return run_id

    def pass_to(self, moment: datetime) -> None:
        self.now = moment
        due = sorted((each for each in self.timers if each[0] <= moment), key=lambda t: t[0])
        self.timers = [each for each in self.timers if each[0] > moment]
        self.jobs += [job for _, job in due]
        self.work()

    def read(self, first: date = FIRST, last: date = LAST) -> list[dict]:
        days = [first + n * DAY for n in range((last - first).days + 1)]
        return [row for day in days for row in self.files.read(NAME, day)]

    def expected(self, first: date = FIRST, last: date = LAST) -> list[dict]:
        return [
            event_to_json(event)
            for facts in self.facts.batches.values()
            for event in events_of(facts)
            if first <= datetime.fromtimestamp(event.at, tz=SEOUL).date() <= last
        ]


class _MortalFiles:
    """Each call is a step, except that a spool lives in its worker."""

    def __init__(self, inner: FakeEventFiles, death: Death) -> None:
        self._inner, self._death = inner, death

    def spool(self) -> object:
        return self._inner.spool()

    def __getattr__(self, name: str) -> object:
        return self._death.function(getattr(self._inner, name))


def ids(rows: list[dict]) -> Counter[str]:
    return Counter(row["event_id"] for row in rows)


@pytest.fixture
def world() -> World:
    made = World()
    made.tell(*(a_story(n, days_ago=n % 4) for n in range(1, 9)))
    made.put()
    return made


def test_a_run_writes_every_event_of_its_days_once(world: World) -> None:
    world.run()

    assert ids(world.read()) == ids(world.expected())
    assert len(world.read()) > 20


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_became_of_messages_is_in_the_files_of_its_day(data) -> None:
    world = World()
    world.tell(*(data.draw(some_facts(number)) for number in range(1, 4)))
    world.put()
    world.now = NOON + 200 * DAY

    first = TODAY - 3 * DAY
    for begin in range(0, 100, 30):
        world.run(first + begin * DAY, first + (begin + 29) * DAY)

    last = first + 119 * DAY
    assert ids(world.read(first, last)) == ids(world.expected(first, last))


def test_a_run_that_finds_the_same_changes_nothing(world: World) -> None:
    world.run()
    before = dict(world.files.manifests)
    kept = set(world.files.objects)

    world.now += timedelta(minutes=5)
    world.run()

    assert world.files.manifests == before
    assert set(world.files.objects) == kept
    assert [each.revision for each in before.values()] == [1, 1, 1]


def test_what_comes_late_makes_a_revision_and_the_files_of_before_stay_a_day(world: World) -> None:
    world.run()
    old = {file.key for found in world.files.manifests.values() for file in found.files}

    world.tell(a_story(9, days_ago=1, clicked=3))
    world.now += timedelta(hours=2)
    world.run()

    assert world.files.manifests[NAME, TODAY - DAY].revision == 2
    assert world.files.manifests[NAME, TODAY].revision == 1
    assert ids(world.read()) == ids(world.expected())
    assert old <= set(world.files.objects)
    world.pass_to(world.now + timedelta(days=1))
    assert ids(world.read()) == ids(world.expected())
    assert len(old - set(world.files.objects)) == len(
        [key for key in old if f"/{TODAY - DAY}/" in key]
    )


def test_nothing_of_a_finished_run_is_left_on_its_way(world: World) -> None:
    world.run()

    assert [key for key in world.files.objects if key.startswith("work/")] == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("kind", [ExportScanJob, ExportWriteJob, ExportDueJob])
def test_a_worker_may_die_anywhere(kind: type, after: bool) -> None:
    for step in range(1, 60):
        world = World()
        world.tell(*(a_story(n, days_ago=n % 3) for n in range(1, 6)))
        world.put(hour=13)
        world.jobs.append(ExportDueJob(export=NAME, version=1, day=TODAY.isoformat()))
        if not _dies_once(world, kind, step, after=after):
            break
        first, last = TODAY - 3 * DAY, TODAY - DAY
        assert ids(world.read(first, last)) == ids(world.expected(first, last)), step
        assert [key for key in world.files.objects if key.startswith("work/")] == []
    else:
        pytest.fail("it never came to its end")
    assert step > 3


def _dies_once(world: World, kind: type, step: int, *, after: bool) -> bool:
    died = False
    for _ in range(500):
        if not world.jobs:
            break
        job = world.jobs.pop(0)
        if died or not isinstance(job, kind):
            world.handle(job)
            continue
        try:
            world.handle(job, Death(at=step, after=after))
        except Killed:
            died = True
            _whole_days_only(world)
            world.jobs.append(job)
    return died


def _whole_days_only(world: World) -> None:
    for (_, day), found in world.files.manifests.items():
        rows = [row for file in found.files for row in world.files.objects[file.key]]
        assert ids(rows) == ids(world.expected(day, day))


def test_a_lost_job_is_found_by_the_look_an_hour_later(world: World) -> None:
    run_id = world.start()
    world.jobs.clear()

    world.pass_to(NOON + timedelta(hours=1))

    assert world.exports.runs[NAME, run_id].status is RunStatus.DONE
    assert ids(world.read()) == ids(world.expected())


def test_a_run_that_never_comes_to_its_end_is_given_up(world: World) -> None:
    run_id = world.start()
    for hours in range(1, 14):
        world.now = NOON + timedelta(hours=hours)
        running.look(ExportLookJob(export=NAME, run_id=run_id), deps=world.deps(), now=world.now)

    assert world.exports.runs[NAME, run_id].status is RunStatus.FAILED
    world.jobs = [job for job in world.jobs if isinstance(job, ExportScanJob)]
    world.work()
    assert world.read() == []


def test_jobs_that_come_twice_do_nothing_twice(world: World) -> None:
    run_id = world.start()
    jobs = list(world.jobs)
    world.jobs += jobs
    world.work()
    world.jobs += jobs
    world.work()

    assert world.exports.runs[NAME, run_id].status is RunStatus.DONE
    assert ids(world.read()) == ids(world.expected())
    assert {each.revision for each in world.files.manifests.values()} == {1}


def test_two_workers_at_one_slice_leave_one_finding(world: World) -> None:
    run_id = world.start()
    slices = [job for job in world.jobs if job.slice != EARLY]
    for job in slices:
        world.facts.meanwhile.append(lambda job=job: world.handle(job))
        world.handle(job)
    world.work()

    assert world.exports.runs[NAME, run_id].status is RunStatus.DONE
    assert ids(world.read()) == ids(world.expected())
    assert [key for key in world.files.objects if key.startswith("work/")] == []


def test_the_last_of_several_that_write_at_once_ends_the_run(world: World) -> None:
    run_id = world.start()
    while not isinstance(world.jobs[0], ExportWriteJob):
        world.handle(world.jobs.pop(0))
    first, *others = dict.fromkeys(world.jobs)
    world.jobs.clear()
    world.files.meanwhile += [lambda job=job: world.handle(job) for job in others]

    world.handle(first)

    assert len(others) > 1
    assert world.exports.runs[NAME, run_id].status is RunStatus.DONE
    assert ids(world.read()) == ids(world.expected())


def test_a_slower_run_does_not_undo_what_a_later_one_found(world: World) -> None:
    slow = world.start()
    slow_jobs, world.jobs = world.jobs, []
    for job in slow_jobs:
        world.handle(job)
    slow_jobs, world.jobs = world.jobs, []
    world.tell(a_story(9, clicked=3))
    world.now += timedelta(minutes=1)
    world.run()

    world.jobs = slow_jobs
    world.work()

    assert world.exports.runs[NAME, slow].status is RunStatus.DONE
    assert ids(world.read()) == ids(world.expected())


def test_the_daily_run_writes_the_last_days_and_plans_the_next(world: World) -> None:
    world.put(hour=4, rewrite_days=2)
    four = datetime(2026, 11, 21, 4, tzinfo=SEOUL).astimezone(UTC)

    world.pass_to(four)

    assert {day for _, day in world.files.manifests} == {TODAY - DAY, TODAY}
    assert all(each.complete for each in world.files.manifests.values())
    due = [(at, job) for at, job in world.timers if isinstance(job, ExportDueJob)]
    assert [at for at, _ in due] == [four + DAY]


def test_a_changed_definition_has_one_next_run(world: World) -> None:
    world.put(hour=4)
    world.put(hour=5)

    world.pass_to(datetime(2026, 11, 21, 6, tzinfo=SEOUL).astimezone(UTC))

    assert len(world.exports.runs) == 1
    due = [job for _, job in world.timers if isinstance(job, ExportDueJob)]
    assert [job.version for job in due] == [3]


def test_a_deleted_export_runs_no_more(world: World) -> None:
    world.put(hour=4)
    service.delete(NAME, deps=world.deps())

    world.pass_to(datetime(2026, 11, 22, tzinfo=SEOUL).astimezone(UTC))

    assert world.exports.runs == {}
    with pytest.raises(NotFound):
        service.find(NAME, deps=world.deps())
    assert world.put().version == 4


def test_only_what_is_wanted_is_written(world: World) -> None:
    world.put(types=frozenset({EventType.CLICKED}), sources=frozenset({"elsewhere"}))
    world.run()
    assert world.read() == []

    source = a_story(1).meta.source.source_id
    world.put(types=frozenset({EventType.CLICKED}), sources=frozenset({source}))
    world.now += timedelta(minutes=1)
    world.run()
    assert {row["type"] for row in world.read()} == {"message.clicked"}


def test_today_is_not_complete_until_it_is_over(world: World) -> None:
    world.run()
    assert not world.files.manifests[NAME, TODAY].complete

    world.now = NOON + DAY
    world.run()

    assert world.files.manifests[NAME, TODAY].complete
    assert world.files.manifests[NAME, TODAY].revision == 2


def test_batches_made_long_before_are_found_by_when_the_door_looked(world: World) -> None:
    world.facts.first = 5
    world.facts.early = [2, 4, 7]

    world.run()

    numbers = {row["message_id"].split("-")[1] for row in world.read()}
    assert {"2", "4"} <= numbers
    assert not {"1", "3"} & numbers
    assert max(ids(world.read()).values()) == 1
    assert EARLY in world.exports.slices(next(iter(world.exports.runs.values())))


def test_a_day_without_events_is_written_too() -> None:
    world = World()
    world.put()

    world.run()

    assert [found.files for found in world.files.manifests.values()] == [(), (), ()]


def test_what_cannot_be_asked_for(world: World) -> None:
    with pytest.raises(NotFound):
        service.start("other", FIRST, LAST, deps=world.deps(), now=NOON)
    for first, last in ((LAST, FIRST), (TODAY, TODAY + DAY), (TODAY - 31 * DAY, TODAY)):
        with pytest.raises(InvalidInput):
            service.start(NAME, first, last, deps=world.deps(), now=NOON)


def a_forget_job(*messages: tuple[int, int]) -> ExportForgetJob:
    return ExportForgetJob(contact_ids='["c1"]', messages=json.dumps(messages), asked=START)


def with_contact(world: World) -> list[dict]:
    rows = (row for rows in world.files.objects.values() for row in rows)
    return [row for row in rows if row["contact_id"] == "c1"]


@pytest.mark.parametrize("ordinal", [0, -1], ids=["known", "somewhere"])
def test_who_was_erased_is_in_no_file_any_more(world: World, ordinal: int) -> None:
    world.run()
    before = ids(world.read())
    assert with_contact(world)

    world.jobs.append(a_forget_job(*((n, ordinal) for n in range(1, 9))))
    world.work()

    assert with_contact(world) == []
    assert ids(world.read()) == before
    assert {each.revision for each in world.files.manifests.values()} == {2}


def test_without_exports_nobody_is_looked_for() -> None:
    world = World()
    world.tell(a_story(1))
    world.facts.meanwhile.append(lambda: pytest.fail("it read messages"))

    world.handle(a_forget_job((1, 0)))

    assert world.timers == []


def test_what_a_run_read_before_the_erasure_is_forgotten_after_it(world: World) -> None:
    world.start()
    scans, world.jobs = world.jobs, []
    for job in scans:
        world.handle(job)
    writes, world.jobs = world.jobs, []
    world.jobs.append(a_forget_job(*((n, 0) for n in range(1, 9))))
    world.work()
    world.jobs = writes
    world.work()
    assert with_contact(world)

    world.pass_to(NOON + timedelta(hours=2))

    assert with_contact(world) == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_who_forgets_may_die_anywhere(after: bool) -> None:
    for step in range(1, 80):
        world = World()
        world.tell(*(a_story(n, days_ago=n % 3) for n in range(1, 6)))
        world.put()
        world.run()
        world.jobs.append(a_forget_job(*((n, 0) for n in range(1, 6))))
        if not _dies_once(world, ExportForgetJob, step, after=after):
            break
        assert {row["contact_id"] for row in world.read()} == {None, "c2", "c3"}, step
        assert ids(world.read()) == ids(world.expected())
    else:
        pytest.fail("it never came to its end")
    assert step > 3


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_in_any_order_with_doubles_and_deaths_readers_see_whole_days(data) -> None:
    world = World()
    world.tell(*(a_story(n, days_ago=n % 3) for n in range(1, 6)))
    world.put()
    world.start()
    world.now += timedelta(minutes=1)
    world.start()
    for _ in range(data.draw(st.integers(0, 40))):
        if not world.jobs:
            break
        job = world.jobs.pop(data.draw(st.integers(0, len(world.jobs) - 1)))
        if data.draw(st.booleans()):
            world.jobs.append(job)
        death = Death(at=data.draw(st.integers(1, 12)), after=data.draw(st.booleans()))
        try:
            world.handle(job, death if data.draw(st.booleans()) else None)
        except (Killed, KeyError):  # what a job looks for may be gone: it comes again
            world.jobs.append(job)
        _whole_days_only(world)
    _drain(world)

    assert ids(world.read()) == ids(world.expected())
    assert {run.status for run in world.exports.runs.values()} == {RunStatus.DONE}
    used = {file.key for found in world.files.manifests.values() for file in found.files}
    assert used <= set(world.files.objects)


def _drain(world: World) -> None:
    for hours in range(1, 4):
        for _ in range(300):
            if not world.jobs:
                break
            job = world.jobs.pop(0)
            try:
                world.handle(job)
            except KeyError:
                world.jobs.append(job)
        world.now = NOON + timedelta(hours=hours, minutes=2)
        due = [each for each in world.timers if each[0] <= world.now]
        world.timers = [each for each in world.timers if each[0] > world.now]
        world.jobs += [job for _, job in due]
    assert world.jobs == []
