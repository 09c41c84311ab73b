"""A dry run says what the import would do, and does nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.contracts.errors import AppError
from functions.contracts.queues import ImportJob
from functions.domain.contact import Contact, Phone
from functions.domain.contact_file import ContactImport, ImportStatus
from functions.domain.contact_merge import ADVERTISING
from functions.domain.ids import ContactId
from functions.imports import reading
from functions.imports.reading import Step, read_file
from functions.imports.service import dry_run, start
from tests.unit.imports.fakes import (
    CREATED,
    IMPORT,
    STARTED,
    FakeFiles,
    WorkerKilled,
    World,
    a_consent,
    ticking,
)

HEADER = "고객번호,휴대폰,등급,문자수신동의,동의일시\n"
UNTIL = STARTED + timedelta(seconds=60)
PHONES = [f"0100000{number:04}" for number in range(6)]

ids = st.sampled_from(["C1", "C2", "C3", "C4", "C5", "C6", "", "?"])
rows = st.tuples(
    ids,
    st.sampled_from([*PHONES, "02-123-4567"]),
    st.sampled_from(["", "VIP", "=x"]),
    st.sampled_from(["", "Y", "N", "?"]),
    st.sampled_from(["", "2026-03-15"]),
).map(",".join)
contact_consents = st.sampled_from(
    [
        {},
        {ADVERTISING: a_consent(granted=True, at=datetime(2026, 3, 1, tzinfo=UTC))},
        {ADVERTISING: a_consent(granted=False, at=datetime(2026, 4, 1, tzinfo=UTC))},
    ]
)


@st.composite
def people(draw: st.DrawFn) -> tuple[Contact, ...]:
    """Some people whose numbers are all different."""
    numbers = draw(st.permutations([*PHONES, None, None]))
    known = draw(st.sets(st.sampled_from(["C1", "C2", "C3", "C4", "C5", "C6"])))
    return tuple(
        Contact(
            contact_id=ContactId(contact_id),
            phone=None if number is None else Phone(f"+82{number[1:]}"),
            consents=draw(contact_consents),
        )
        for contact_id, number in zip(sorted(known), numbers, strict=False)
    )


def a_world(content: str, *contacts: Contact) -> World:
    """A file that waits to be started."""
    world = World.of(content, *contacts)
    waiting = ContactImport(import_id=IMPORT, filename="고객.csv", created=CREATED)
    world.imports.imports[IMPORT] = waiting
    return world


def work(world: World, *, seconds_a_look: int = 0) -> None:
    """Workers take turns until the file is read."""
    while world.stored.is_reading:
        clock = ticking(seconds_a_look=seconds_a_look)
        read_file(IMPORT, deps=world.deps, clock=clock, until=UNTIL)


def outcome(world: World) -> object:
    return world.stored.counts, world.stored.columns, world.error_lines


@settings(max_examples=200, deadline=None)
@given(people=people(), lines=st.lists(rows, max_size=14), seconds_a_look=st.sampled_from([0, 31]))
def test_a_dry_run_says_what_the_import_then_does(
    people: Sequence[Contact], lines: Sequence[str], seconds_a_look: int
) -> None:
    world = a_world(HEADER + "\n".join(lines), *people)
    before = dict(world.people.profiles)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "CHUNK_ROWS", 3)
        dry_run(IMPORT, deps=world.deps, now=STARTED)
        work(world, seconds_a_look=seconds_a_look)
        told = outcome(world)
        assert (world.people.profiles, world.people.saves, world.people.changes) == (before, [], [])

        world.files = FakeFiles(content=world.files.content)
        start(IMPORT, deps=world.deps, now=STARTED)
        work(world)

    assert world.stored.status is ImportStatus.DONE
    assert outcome(world) == told


def test_a_number_that_an_earlier_chunk_would_free_can_be_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 1)
    owner = Contact(contact_id=ContactId("C1"), phone=Phone("+821000000001"))
    world = a_world("고객번호,휴대폰\nC1,01000000002\nC2,01000000001\n", owner)

    dry_run(IMPORT, deps=world.deps, now=STARTED)
    work(world, seconds_a_look=60)

    assert world.stored.status is ImportStatus.DRY_RUN_DONE
    assert (world.stored.counts.updated, world.stored.counts.created) == (1, 1)
    assert world.people.contact("C1") == owner


@pytest.mark.parametrize("killed_at", range(5))
def test_a_dry_run_that_is_killed_is_done_by_the_next_worker(
    killed_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 1)
    content = "고객번호,휴대폰\nC1,01000000002\nC2,01000000001\nC3,1\nC4,01000000001\n"
    owner = Contact(contact_id=ContactId("C1"), phone=Phone("+821000000001"))
    undisturbed = a_world(content, owner)
    dry_run(IMPORT, deps=undisturbed.deps, now=STARTED)
    work(undisturbed)

    world = a_world(content, owner)
    dry_run(IMPORT, deps=world.deps, now=STARTED)
    looks = iter(range(killed_at))

    def clock() -> datetime:
        if next(looks, None) is None:
            raise WorkerKilled
        return STARTED

    with pytest.raises(WorkerKilled):
        read_file(IMPORT, deps=world.deps, clock=clock, until=UNTIL)
    work(world)

    assert outcome(world) == outcome(undisturbed)


def test_a_dry_run_that_is_refused_has_counted_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 1)
    world = a_world("고객번호\nC1\nC2\n")
    world.files.piece_bytes = 10
    dry_run(IMPORT, deps=world.deps, now=STARTED)
    read_file(IMPORT, deps=world.deps, clock=ticking(seconds_a_look=60), until=UNTIL)
    assert world.stored.counts.rows == 1
    world.files.changed = True

    work(world)

    assert (world.stored.status, world.stored.counts.rows) == (ImportStatus.REFUSED, 0)


def test_a_dry_run_can_be_repeated_and_calls_a_worker_each_time() -> None:
    world = a_world("고객번호\nC1\n")

    dry_run(IMPORT, deps=world.deps, now=STARTED)
    dry_run(IMPORT, deps=world.deps, now=STARTED)
    work(world)
    again = dry_run(IMPORT, deps=world.deps, now=STARTED)

    assert (again.status, again.counts.rows) == (ImportStatus.DRY_RUNNING, 0)
    assert world.jobs == [ImportJob(import_id=IMPORT)] * 3


def test_does_not_start_while_a_dry_run_runs() -> None:
    world = a_world("고객번호\nC1\n")
    dry_run(IMPORT, deps=world.deps, now=STARTED)

    with pytest.raises(AppError) as error:
        start(IMPORT, deps=world.deps, now=STARTED)

    assert error.value.code == "dry_run_running"


@pytest.mark.parametrize("status", [ImportStatus.RUNNING, ImportStatus.DONE, ImportStatus.REFUSED])
def test_no_dry_run_of_what_was_started(status: ImportStatus) -> None:
    world = a_world("고객번호\nC1\n")
    world.imports.imports[IMPORT] = replace(world.stored, status=status)

    with pytest.raises(AppError) as error:
        dry_run(IMPORT, deps=world.deps, now=STARTED)

    assert error.value.code == "import_started"
    assert world.jobs == []


def test_a_worker_that_took_over_stops_the_slower_one() -> None:
    world = a_world("고객번호\nC1\nC2\n")
    dry_run(IMPORT, deps=world.deps, now=STARTED)

    def finished_by_another(_: ContactImport) -> None:
        world.imports.before_advance = lambda _: None
        work(world)

    world.imports.before_advance = finished_by_another
    turn = read_file(IMPORT, deps=world.deps, clock=ticking(), until=UNTIL)

    assert turn.step is Step.SUPERSEDED
    assert world.stored.status is ImportStatus.DRY_RUN_DONE
