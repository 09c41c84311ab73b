"""A refresh answers every audience from one look, whatever dies, doubles or races."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from functions.audiences import answering, forgetting, refresh
from functions.audiences.ports import AudienceDeps
from functions.content.people_file import Engine
from functions.contracts.queues import (
    AnswerAudienceJob,
    AudienceJob,
    BuildShardJob,
    ForgetPersonJob,
    RefreshJob,
    ScanPeopleJob,
)
from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.audience import Audience
from functions.domain.ids import AudienceId, ContactId
from functions.domain.refresh import RefreshStatus
from functions.domain.segment import Subject
from functions.domain.usage import Usage
from tests.builders import NOON, SEOUL
from tests.fakes.audiences import (
    PAGE_UNITS,
    FakeAudiences,
    FakeFiles,
    FakeMembers,
    FakeRefreshes,
    FakeSubjects,
)
from tests.fakes.dying import Death, Killed

_TODAY = NOON.astimezone(SEOUL).date()
_SEOUL_PEOPLE = {"attribute": "city", "equals": "Seoul"}
_BUYERS = {"event": "purchase", "window": {"last_days": 30}}
TWO_SHARDS = 500_000
FAR = NOON + timedelta(days=1)


def a_subject(number: int, *, city: str = "Seoul", bought_days_ago: int | None = None) -> Subject:
    activity = {}
    if bought_days_ago is not None:
        day = _TODAY - timedelta(days=bought_days_ago)
        total = DayTotal(day=day, count=1, sum_minor=100, last=NOON)
        activity = {ActivityKey("purchase"): [total]}
    return Subject(
        contact_id=ContactId(f"c{number:03d}"), attributes={"city": city}, activity=activity
    )


def an_audience(name: str, definition: dict, **values: object) -> Audience:
    return Audience(
        audience_id=AudienceId(name),
        name=name,
        definition=definition,
        created=NOON,
        changed=NOON,
        **values,  # type: ignore[arg-type]
    )


@dataclass
class World:
    audiences: FakeAudiences = field(default_factory=FakeAudiences)
    members: FakeMembers = field(default_factory=FakeMembers)
    refreshes: FakeRefreshes = field(default_factory=FakeRefreshes)
    subjects: FakeSubjects = field(default_factory=FakeSubjects)
    messages: FakeSubjects = field(default_factory=FakeSubjects)
    files: FakeFiles = field(default_factory=FakeFiles)
    jobs: list[AudienceJob] = field(default_factory=list)
    looked_at: list[ContactId] = field(default_factory=list)
    zone: ZoneInfo = SEOUL
    nonce: int = 0
    seconds: float = 0

    def deps(self, death: Death | None = None) -> AudienceDeps:
        port = death.port if death else lambda inner: inner
        enqueue = death.function(self.jobs.extend) if death else self.jobs.extend
        return AudienceDeps(
            audiences=port(self.audiences),
            members=port(self.members),
            refreshes=port(self.refreshes),
            subjects=self.subjects,
            messages=self.messages,
            files=port(self.files),
            chunk=self.files.chunk,
            engine=an_engine,
            enqueue=enqueue,
            look_at=death.function(self.looked_at.extend) if death else self.looked_at.extend,
            fresh=self._fresh,
            gb_s=self._gb_s,
            zone=self.zone,
        )

    def _fresh(self, prefix: str) -> str:
        self.nonce += 1
        return f"{prefix}{self.nonce:03d}"

    def _gb_s(self) -> float:
        self.seconds += 1.5
        return self.seconds

    def ask(self, **definitions: dict) -> None:
        for name, definition in definitions.items():
            self.audiences.add(an_audience(name, definition))

    def handle(self, job: AudienceJob, *, now: datetime = NOON, death: Death | None = None) -> None:
        deps = self.deps(death)
        match job:
            case RefreshJob():
                refresh.start_since(datetime.fromtimestamp(job.since, UTC), deps=deps, now=now)
            case ScanPeopleJob():
                # A turn ends after each page.
                refresh.scan(job, deps=deps, now=now, clock=lambda: FAR, until=now)
            case BuildShardJob():
                refresh.build(job, deps=deps, now=now)
            case ForgetPersonJob():
                forgetting.forget(job, deps=deps, now=now)
            case AnswerAudienceJob():
                answering.answer(job, deps=deps, now=now)

    def run(self, *, now: datetime = NOON) -> None:
        while self.jobs:
            self.handle(self.jobs.pop(0), now=now)

    def refresh(self, *, now: datetime = NOON) -> None:
        refresh.start(deps=self.deps(), now=now)
        self.run(now=now)

    def members_of(self, name: str) -> set[str]:
        return self.members.of(self.audiences.rows[AudienceId(name)])

    def counts_of(self, name: str) -> tuple[int, int, int]:
        members = self.audiences.rows[AudienceId(name)].members
        assert members is not None
        return members.count, members.entered, members.left


@contextmanager
def an_engine() -> Iterator[tuple[Engine, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(Path(folder), threads=1, memory_mb=200)
        try:
            yield engine, Path(folder)
        finally:
            engine.close()


def a_world(*people: Subject, items: int = TWO_SHARDS, apart: bool = False) -> World:
    world = World(subjects=FakeSubjects(list(people), table_items=items, apart=apart))
    world.ask(seoul=_SEOUL_PEOPLE, buyers=_BUYERS)
    return world


_PEOPLE = (
    a_subject(1, bought_days_ago=3),
    a_subject(2),
    a_subject(3, city="Busan", bought_days_ago=29),
    a_subject(4, city="Busan", bought_days_ago=31),
    a_subject(5, bought_days_ago=0),
)


@pytest.mark.parametrize("apart", [False, True])
def test_one_look_answers_every_audience(apart: bool) -> None:
    world = a_world(*_PEOPLE, apart=apart)

    world.refresh()

    assert world.members_of("seoul") == {"c001", "c002", "c005"}
    assert world.members_of("buyers") == {"c001", "c003"}
    assert world.counts_of("seoul") == (3, 3, 0)
    run = world.refreshes.newest(done=True)
    assert run is not None
    assert (run.people, run.shards, run.segments) == (5, 2, 7)


def test_it_says_what_it_used() -> None:
    world = a_world(*_PEOPLE)

    world.refresh()

    done = world.refreshes.newest()
    assert done is not None
    # One page a segment, a file of lines for everybody, and 1.5 GB-seconds a step.
    scans, shards, lines, audiences = done.segments, done.shards, len(_PEOPLE), 2
    assert done.usage == Usage(
        read_units=scans * PAGE_UNITS,
        gb_s=1.5 * (scans + shards),
        written=lines + shards * (2 + audiences),
        read=lines + shards * (1 + audiences),
    )


def test_what_changed_is_told() -> None:
    world = a_world(*_PEOPLE)
    world.refresh()
    world.subjects.people[:] = [*_PEOPLE[1:], a_subject(6)]

    world.refresh(now=NOON + timedelta(minutes=5))

    assert world.members_of("seoul") == {"c002", "c005", "c006"}
    assert world.counts_of("seoul") == (3, 1, 1)


def test_whom_time_moved_is_looked_at_where_the_audience_is_live() -> None:
    world = a_world(*_PEOPLE)
    world.audiences.add(an_audience("live", _SEOUL_PEOPLE, live=True))
    world.refresh()
    assert sorted(world.looked_at) == ["c001", "c002", "c005"]
    world.looked_at.clear()
    world.subjects.people[:] = [*_PEOPLE[1:], a_subject(6)]

    world.refresh(now=NOON + timedelta(minutes=5))

    assert sorted(world.looked_at) == ["c001", "c006"]


def test_all_that_are_in_a_changed_audience_or_were_are_looked_at() -> None:
    world = a_world(*_PEOPLE)
    world.refresh()
    audience = world.audiences.rows[AudienceId("seoul")]
    busan = {"attribute": "city", "equals": "Busan"}
    changed = replace(audience, definition=busan, version=2, live=True)
    world.audiences.change(changed, replacing=audience)

    world.handle(AnswerAudienceJob(audience_id="seoul"))

    assert set(world.looked_at) == {"c001", "c002", "c003", "c004", "c005"}


def test_what_changed_is_told_also_when_the_shards_became_more() -> None:
    world = a_world(*_PEOPLE)
    world.refresh()
    world.subjects.people[:] = [*_PEOPLE[1:], a_subject(6)]
    world.subjects.table_items = 2 * TWO_SHARDS

    world.refresh(now=NOON + timedelta(minutes=5))

    assert world.counts_of("seoul") == (3, 1, 1)
    assert world.members_of("seoul") == {"c002", "c005", "c006"}


@pytest.mark.parametrize("people", [(), (a_subject(1),)])
def test_nobody_and_one_are_audiences_too(people: tuple[Subject, ...]) -> None:
    world = a_world(*people, items=0)
    world.ask(everyone={"all": []}, nobody={"any": []})

    world.refresh()

    assert world.members_of("everyone") == {each.contact_id for each in people}
    assert world.members_of("nobody") == set()


def test_an_audience_of_audiences() -> None:
    world = a_world(*_PEOPLE)
    world.ask(both={"all": [{"audience": "seoul"}, {"none": [{"audience": "buyers"}]}]})

    world.refresh()

    assert world.members_of("both") == {"c002", "c005"}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 14))
@pytest.mark.parametrize("kind", [ScanPeopleJob, BuildShardJob])
def test_dying_at_any_step_loses_and_doubles_nobody(
    kind: type[AudienceJob], at: int, after: bool
) -> None:
    world = a_world(*_PEOPLE, apart=True)
    refresh.start(deps=world.deps(), now=NOON)
    killed = 0
    while world.jobs:
        job = world.jobs.pop(0)
        if isinstance(job, kind) and killed < 3:
            try:
                world.handle(job, death=Death(at=at, after=after))
            except Killed:
                killed += 1
                world.jobs.append(job)
        else:
            world.handle(job)

    assert world.members_of("seoul") == {"c001", "c002", "c005"}
    assert world.members_of("buyers") == {"c001", "c003"}
    assert world.counts_of("seoul") == (3, 3, 0)
    # Lines of a chunk that was never stored fall to the bucket's rule of four days.
    assert kind is ScanPeopleJob or world.files.stored == {}


def test_an_audience_defined_meanwhile_is_answered_though_the_last_step_died() -> None:
    world = a_world(*_PEOPLE)
    refresh.start(deps=world.deps(), now=NOON)
    world.ask(late=_SEOUL_PEOPLE)
    while world.refreshes.newest(done=True) is None:
        job = world.jobs.pop(0)
        before = len(world.jobs)
        world.handle(job)
    del world.jobs[before:]

    world.handle(job)
    world.run()

    assert world.members_of("late") == {"c001", "c002", "c005"}


def test_a_shard_says_how_many_it_built_and_nothing_when_it_comes_again() -> None:
    world = a_world(*_PEOPLE)
    refresh.start(deps=world.deps(), now=NOON)
    while not isinstance(world.jobs[0], BuildShardJob):
        world.handle(world.jobs.pop(0))
    deps, (first, second) = world.deps(), world.jobs

    built = [refresh.build(job, deps=deps, now=NOON) for job in (first, second, first)]

    assert [None if each is None else each.people for each in built].count(None) == 1
    assert sum(each.people for each in built if each is not None) == len(_PEOPLE)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_jobs_that_come_twice_and_in_any_order_change_nothing(data: st.DataObject) -> None:
    world = a_world(*_PEOPLE, apart=True, items=120_000)
    refresh.start(deps=world.deps(), now=NOON)
    for _ in range(60):
        if not world.jobs:
            break
        job = world.jobs.pop(data.draw(st.integers(0, len(world.jobs) - 1)))
        if data.draw(st.booleans()):
            world.jobs.append(job)
        world.handle(job)
    world.run()

    assert world.members_of("seoul") == {"c001", "c002", "c005"}
    assert world.members_of("buyers") == {"c001", "c003"}


def test_a_lost_job_is_made_good_by_the_next_look_at_the_clock() -> None:
    world = a_world(*_PEOPLE)
    refresh.start(deps=world.deps(), now=NOON)
    for _ in range(100):
        if not world.jobs:
            newest = world.refreshes.newest()
            assert newest is not None
            if newest.status is RefreshStatus.DONE:
                break
            refresh.start_due(deps=world.deps(), now=NOON + refresh.USUAL)
        world.handle(world.jobs.pop(0))
        world.jobs.clear()

    assert world.members_of("buyers") == {"c001", "c003"}


def test_a_refresh_that_is_young_yet_is_left_to_its_own_jobs() -> None:
    world = a_world(*_PEOPLE)
    refresh.start(deps=world.deps(), now=NOON)
    world.jobs.clear()

    started = refresh.start_due(deps=world.deps(), now=NOON + timedelta(minutes=20))

    assert started == world.refreshes.newest()
    assert world.jobs == []


def test_one_that_is_asked_for_starts_unless_one_runs_or_began_since() -> None:
    world = a_world(*_PEOPLE)
    soon, later = NOON + timedelta(seconds=10), NOON + timedelta(hours=1)
    asked = refresh.start_since(NOON, deps=world.deps(), now=NOON)
    assert asked is not None

    assert refresh.start_since(later, deps=world.deps(), now=later) is None
    world.run()
    assert refresh.start_since(NOON, deps=world.deps(), now=soon) is None
    again = refresh.start_since(later, deps=world.deps(), now=later)

    assert again is not None
    assert again.started == later


def test_a_failed_refresh_leaves_the_one_before_in_use() -> None:
    world = a_world(*_PEOPLE)
    world.refresh()
    before = world.audiences.rows[AudienceId("seoul")].members
    world.subjects.people.append(a_subject(6))
    refresh.start(deps=world.deps(), now=NOON + timedelta(minutes=5))
    while not isinstance(world.jobs[0], BuildShardJob):
        world.handle(world.jobs.pop(0))
    world.handle(world.jobs.pop(0))

    assert world.audiences.rows[AudienceId("seoul")].members == before
    assert world.members_of("seoul") == {"c001", "c002", "c005"}


def test_a_question_that_changed_meanwhile_is_not_answered_with_the_old_one() -> None:
    world = a_world(*_PEOPLE)
    refresh.start(deps=world.deps(), now=NOON)
    known = world.audiences.rows[AudienceId("seoul")]
    changed = replace(known, definition={"attribute": "city", "equals": "Busan"}, version=2)
    world.audiences.change(changed, replacing=known)
    while not any(isinstance(job, AnswerAudienceJob) for job in world.jobs):
        world.handle(world.jobs.pop(0))

    assert world.audiences.rows[AudienceId("seoul")].members is None
    world.run()
    assert world.members_of("seoul") == {"c003", "c004"}


def test_the_older_of_two_refreshes_never_wins() -> None:
    world = a_world(*_PEOPLE)
    refresh.start(deps=world.deps(), now=NOON)
    older, world.jobs = world.jobs, []
    world.subjects.people.append(a_subject(6))
    world.refresh(now=NOON + timedelta(minutes=5))
    world.jobs = older
    world.run(now=NOON + timedelta(minutes=6))

    assert world.members_of("seoul") == {"c001", "c002", "c005", "c006"}


def test_a_new_audience_is_answered_from_the_last_look() -> None:
    world = a_world(*_PEOPLE)
    world.refresh()
    world.ask(busan={"attribute": "city", "equals": "Busan"})

    world.handle(AnswerAudienceJob(audience_id="busan"))

    assert world.members_of("busan") == {"c003", "c004"}


def test_an_audience_defined_while_the_first_look_runs_is_answered_after_it() -> None:
    world = a_world(*_PEOPLE)
    refresh.start(deps=world.deps(), now=NOON)
    world.ask(busan={"attribute": "city", "equals": "Busan"})
    world.jobs.insert(0, AnswerAudienceJob(audience_id="busan"))

    world.run()

    assert world.members_of("busan") == {"c003", "c004"}


def test_without_a_look_a_new_audience_starts_one() -> None:
    world = a_world(*_PEOPLE)

    world.handle(AnswerAudienceJob(audience_id="seoul"))
    world.run()

    assert world.members_of("seoul") == {"c001", "c002", "c005"}


def test_what_asks_about_fixed_days_is_answered_once() -> None:
    world = a_world(*_PEOPLE)
    fixed = {"event": "purchase", "window": {"from": "2026-11-01", "to": "2026-11-19"}}
    world.audiences.add(an_audience("fixed", fixed, fixed=True))
    world.refresh()
    first = world.audiences.rows[AudienceId("fixed")].members
    world.refresh(now=NOON + timedelta(days=1))

    assert first is not None
    assert world.audiences.rows[AudienceId("fixed")].members == first


@pytest.mark.parametrize(
    ("zone", "moment", "started"),
    [
        ("Asia/Seoul", "2026-11-21T00:09:59+09:00", False),
        ("Asia/Seoul", "2026-11-21T00:10:00+09:00", True),
        ("Asia/Seoul", "2024-02-29T00:10:00+09:00", True),
        # There is no 00:10 on that day in Beirut: the clock goes from 24:00 to 01:00.
        ("Asia/Beirut", "2026-03-29T00:00:00+02:00", True),
        ("America/New_York", "2026-11-01T00:09:00-04:00", False),
        ("America/New_York", "2026-11-01T01:30:00-05:00", True),
    ],
)
def test_it_starts_ten_minutes_past_the_tenants_midnight(
    zone: str, moment: str, started: bool
) -> None:
    world = a_world(*_PEOPLE)
    world.zone = ZoneInfo(zone)
    now = datetime.fromisoformat(moment)

    assert (refresh.start_due(deps=world.deps(), now=now) is not None) == started


def test_it_starts_once_a_day() -> None:
    world = a_world(*_PEOPLE)
    refresh.start_due(deps=world.deps(), now=NOON)
    world.run()

    again = refresh.start_due(deps=world.deps(), now=NOON + timedelta(hours=1))
    tomorrow = refresh.start_due(deps=world.deps(), now=NOON + timedelta(days=1))

    assert again is None
    assert tomorrow is not None


def test_lines_are_dropped_when_all_is_answered() -> None:
    world = a_world(*_PEOPLE, apart=True)

    world.refresh()

    assert world.files.stored == {}


def test_somebody_forgotten_is_in_no_file_and_in_no_later_answer() -> None:
    world = a_world(*_PEOPLE)
    world.refresh()
    everybody = dict(world.files.shards)
    assert any(b"c001" in body for body in everybody.values())

    world.handle(ForgetPersonJob(contact_id="c001"))
    world.ask(all={"all": []}, buyers_again=_BUYERS)
    world.handle(AnswerAudienceJob(audience_id="all"))
    world.handle(AnswerAudienceJob(audience_id="buyers_again"))

    assert not any(b"c001" in body for body in world.files.shards.values())
    assert world.members_of("all") == {"c002", "c003", "c004", "c005"}
    assert world.members_of("buyers_again") == {"c003"}
    assert sum(world.files.shards[key] != body for key, body in everybody.items()) == 2


def test_forgetting_nobody_writes_nothing() -> None:
    world = a_world(*_PEOPLE)
    world.refresh()
    before = dict(world.files.shards)

    world.handle(ForgetPersonJob(contact_id="nobody"))

    assert world.files.shards == before


def test_members_of_long_ago_are_forgotten() -> None:
    world = a_world(*_PEOPLE)
    world.refresh()
    world.refresh(now=NOON + timedelta(days=29))
    kept = {run for _, run, _ in world.members.files}
    world.refresh(now=NOON + timedelta(days=31))
    left = {run for _, run, _ in world.members.files}

    assert len(kept) == len(left) == 2
    assert kept != left
