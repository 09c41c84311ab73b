"""Undoing takes back what an import did, and nothing that others did since."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.contracts.errors import AppError
from functions.contracts.queues import EraseJob, ImportJob
from functions.domain.consent import ConsentAction
from functions.domain.contact import Contact, Phone
from functions.domain.contact_file import ContactImport, ImportStatus, UndoCounts
from functions.domain.contact_merge import ADVERTISING
from functions.domain.ids import ContactId
from functions.domain.writing import ConsentChange
from functions.imports import reading
from functions.imports.reading import Step, Turn, read_file
from functions.imports.service import undo
from functions.imports.undoing import undo_file
from tests.unit.imports.fakes import IMPORT, STARTED, WorkerKilled, World, ticking
from tests.unit.imports.test_dry_run import HEADER, people, rows

UNTIL = STARTED + timedelta(seconds=60)
C1, C2, C3 = ContactId("C1"), ContactId("C2"), ContactId("C3")
ONE, TWO, THREE = (Phone(f"+82100000000{number}") for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 2)


def imported(content: str, *contacts: Contact) -> World:
    """A world after an import, whose undoing was asked for."""
    world = World.of(content, *contacts)
    read_file(IMPORT, deps=world.deps, clock=ticking(), until=STARTED + timedelta(days=1))
    assert world.stored.status is ImportStatus.DONE
    return world


def undo_turn(world: World, *, seconds_a_look: int = 0) -> Turn:
    clock = ticking(seconds_a_look=seconds_a_look)
    return undo_file(IMPORT, deps=world.undo_deps, clock=clock, until=UNTIL)


def undone(world: World) -> UndoCounts:
    """Undo to the end."""
    if world.stored.status is not ImportStatus.UNDOING:
        undo(IMPORT, deps=world.deps, now=STARTED)
    undo_turn(world)
    assert world.stored.status is ImportStatus.UNDONE
    return world.stored.undone


def a_change(action: ConsentAction) -> ConsentChange:
    at = datetime(2026, 11, 21, tzinfo=UTC)
    return ConsentChange(
        key=ADVERTISING, action=action, at=at, source="api", actor="key_1", text_version="1"
    )


def test_erases_who_was_created_as_an_erasure_does() -> None:
    world = imported(HEADER + "C1,01000000001,VIP,Y,2026-03-15\n")

    assert undone(world) == UndoCounts(erased=1, consents_withdrawn=1)

    assert world.people.profiles == {}
    (erasure,) = world.erasures.erasures.values()
    assert (erasure.subject, erasure.actor) == ("subject of C1", "undo:imp_1")
    assert erasure.traces is not None
    assert erasure.traces.texts == ("+821000000001", "01000000001")
    assert world.sweeps == [EraseJob(erasure_id=erasure.erasure_id)]
    assert world.people.evidence == {}
    kept = [(each.action, each.source) for each in world.people.pseudonymised[C1]]
    assert kept == [
        (ConsentAction.IMPORT, "import:imp_1"),
        (ConsentAction.WITHDRAW, "undo:imp_1"),
    ]


def test_gives_back_what_an_updated_contact_had() -> None:
    before = Contact(
        contact_id=C1,
        phone=ONE,
        attributes={"등급": "일반", "points": 3},
        groups=frozenset({"일반"}),
    )
    world = imported(HEADER + "C1,01000000002,VIP,Y,2026-03-15\n", before)
    assert world.people.contact("C1").groups == {"VIP"}

    assert undone(world) == UndoCounts(restored=1, consents_withdrawn=1)

    contact = world.people.contact("C1")
    assert replace(contact, consents={}) == before
    assert not contact.consents[ADVERTISING].granted
    assert [each.source for each in world.people.evidence[C1]] == ["import:imp_1", "undo:imp_1"]


def test_withdraws_consents_of_whose_profile_was_not_changed() -> None:
    world = imported("고객번호,문자수신동의,동의일시\nC1,Y,2026-03-15\n", Contact(contact_id=C1))

    assert undone(world) == UndoCounts(consents_withdrawn=1)
    assert not world.people.contact("C1").consents[ADVERTISING].granted


def test_leaves_alone_who_was_changed_since() -> None:
    world = imported(
        HEADER + "C1,01000000001,VIP,,\nC2,01000000002,VIP,,\n", Contact(contact_id=C2)
    )
    for contact_id in ("C1", "C2"):
        world.people.put(replace(world.people.contact(contact_id), attributes={"own": 1}))

    assert undone(world) == UndoCounts(left_changed=2)
    assert {each.contact.attributes["own"] for each in world.people.profiles.values()} == {1}


def test_leaves_alone_who_has_said_something_since() -> None:
    world = imported(HEADER + "C1,01000000001,VIP,Y,2026-03-15\n")
    again = [a_change(ConsentAction.WITHDRAW), a_change(ConsentAction.GRANT)]
    world.people.append_decided(C1, lambda _: again, now=STARTED)

    assert undone(world) == UndoCounts(left_changed=1)
    assert world.people.contact("C1").consents[ADVERTISING].granted


def test_never_makes_up_a_consent_that_the_import_withdrew() -> None:
    world = World.of(HEADER + "C1,01000000001,,N,2026-11-15\n", Contact(contact_id=C1, phone=ONE))
    early = replace(a_change(ConsentAction.GRANT), at=datetime(2026, 3, 1, tzinfo=UTC))
    world.people.append_decided(C1, lambda _: [early], now=STARTED)
    read_file(IMPORT, deps=world.deps, clock=ticking(), until=UNTIL)
    assert world.stored.counts.consents_withdrawn == 1

    assert undone(world) == UndoCounts()
    assert not world.people.contact("C1").consents[ADVERTISING].granted


def test_numbers_that_moved_within_the_file_go_back() -> None:
    world = imported(
        "고객번호,휴대폰\nC1,01000000003\nC2,01000000001\nC3,01000000002\n",
        Contact(contact_id=C1, phone=ONE),
        Contact(contact_id=C2, phone=TWO),
    )

    assert undone(world) == UndoCounts(erased=1, restored=2)
    assert world.people.contact("C1").phone == ONE
    assert world.people.contact("C2").phone == TWO


def test_leaves_alone_whose_number_is_somebody_elses_by_now() -> None:
    world = imported("고객번호,휴대폰\nC1,01000000003\n", Contact(contact_id=C1, phone=ONE))
    world.people.put(Contact(contact_id=C2, phone=ONE))

    assert undone(world) == UndoCounts(left_changed=1)
    assert world.people.contact("C1").phone == THREE


def test_who_was_deleted_since_is_not_counted() -> None:
    world = imported("고객번호\nC1\nC2\n", Contact(contact_id=C2))
    world.people.profiles.clear()

    assert undone(world) == UndoCounts()
    assert world.sweeps == []


def test_hands_over_when_its_time_is_up_and_the_next_worker_goes_on() -> None:
    world = imported("고객번호\n" + "".join(f"C{number}\n" for number in range(7)))
    undo(IMPORT, deps=world.deps, now=STARTED)
    world.jobs.clear()

    assert undo_turn(world, seconds_a_look=31).step is Step.HANDED_OVER
    assert world.jobs == [ImportJob(import_id=IMPORT)]
    assert 0 < len(world.people.profiles) < 7

    assert undone(world) == UndoCounts(erased=7)


def test_of_two_workers_the_slower_stops() -> None:
    world = imported("고객번호\nC1\n")
    undo(IMPORT, deps=world.deps, now=STARTED)

    def finished_by_another(_: ContactImport) -> None:
        world.imports.before_advance = lambda _: None
        undo_turn(world)

    world.imports.before_advance = finished_by_another

    assert undo_turn(world).step is Step.SUPERSEDED
    assert world.stored.undone == UndoCounts(erased=1)


@settings(max_examples=150, deadline=None)
@given(
    people=people(),
    lines=st.lists(rows, max_size=8),
    dies_at=st.integers(min_value=0, max_value=12),
)
def test_an_undo_that_dies_anywhere_leaves_everybody_as_they_were(
    people: Sequence[Contact], lines: Sequence[str], dies_at: int
) -> None:
    world = World.of(HEADER + "\n".join(lines), *people)
    before = {each.contact_id: each for each in people}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reading, "CHUNK_ROWS", 2)
        read_file(IMPORT, deps=world.deps, clock=ticking(), until=STARTED + timedelta(days=1))
    granted = world.stored.counts.consents_granted
    undo(IMPORT, deps=world.deps, now=STARTED)
    steps = iter(range(dies_at))

    def die(*_: object) -> None:
        if next(steps, None) is None:
            raise WorkerKilled

    world.people.before_save = world.people.before_append = world.people.before_erase = die
    world.imports.before_advance = die
    try:
        undo_turn(world)
    except WorkerKilled:
        steps = iter(range(1_000))
    undone(world) if world.stored.status is ImportStatus.UNDOING else None

    after = {key: replace(each.contact, consents={}) for key, each in world.people.profiles.items()}
    assert after == {key: replace(each, consents={}) for key, each in before.items()}
    rows_of_evidence = [
        each
        for kept in (world.people.evidence, world.people.pseudonymised)
        for records in kept.values()
        for each in records
    ]
    withdrawn = [each for each in rows_of_evidence if each.source == "undo:imp_1"]
    assert len(withdrawn) == granted
    assert world.stored.undone.left_changed == 0
    assert world.stored.undone.erased == world.stored.counts.created


def test_a_chunk_that_was_written_twice_is_undone_to_what_it_was_before_the_first_time() -> None:
    world = World.of(
        "고객번호,이름\nC1,새이름\n", Contact(contact_id=C1, attributes={"name": "옛"})
    )

    def die(_: ContactImport) -> None:
        raise WorkerKilled

    world.imports.before_advance = die
    with pytest.raises(WorkerKilled):
        read_file(IMPORT, deps=world.deps, clock=ticking(), until=UNTIL)
    world.imports.before_advance = lambda _: None
    read_file(IMPORT, deps=world.deps, clock=ticking(), until=UNTIL)
    assert world.stored.counts.unchanged == 1

    assert undone(world) == UndoCounts(restored=1)
    assert world.people.contact("C1").attributes == {"name": "옛"}


def test_asking_again_while_it_is_undone_calls_a_worker_again() -> None:
    world = imported("고객번호\nC1\n")
    world.jobs.clear()

    undo(IMPORT, deps=world.deps, now=STARTED)
    undo(IMPORT, deps=world.deps, now=STARTED)

    assert world.jobs == [ImportJob(import_id=IMPORT)] * 2


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (ImportStatus.AWAITING_FILE, "import_not_finished"),
        (ImportStatus.DRY_RUN_DONE, "import_not_finished"),
        (ImportStatus.RUNNING, "import_not_finished"),
        (ImportStatus.UNDONE, "import_undone"),
    ],
)
def test_undoes_only_what_is_finished(status: ImportStatus, code: str) -> None:
    world = World.of("고객번호\nC1\n")
    world.imports.imports[IMPORT] = replace(world.stored, status=status)

    with pytest.raises(AppError) as error:
        undo(IMPORT, deps=world.deps, now=STARTED)

    assert error.value.code == code
    assert world.jobs == []


@pytest.mark.parametrize(("days", "taken"), [(29, True), (30, False)])
def test_undoes_as_long_as_what_was_found_is_kept(days: int, *, taken: bool) -> None:
    world = imported("고객번호\nC1\n")

    if taken:
        assert undo(IMPORT, deps=world.deps, now=STARTED + timedelta(days=days))
        return
    with pytest.raises(AppError) as error:
        undo(IMPORT, deps=world.deps, now=STARTED + timedelta(days=days))
    assert error.value.code == "undo_expired"
