"""A worker reads a file: chunks, crashes, hand-overs, refusals."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.contracts.errors import Unavailable
from functions.contracts.queues import ImportJob
from functions.domain.consent import ConsentAction
from functions.domain.contact import Contact, Email, Phone
from functions.domain.contact_file import ContactImport, ImportCounts, ImportStatus
from functions.domain.contact_merge import ADVERTISING, NIGHT
from functions.domain.ids import ContactId, ImportId
from functions.domain.writing import ConsentChange
from functions.imports import reading
from functions.imports.reading import Step, Turn, read_file
from tests.unit.imports.fakes import (
    IMPORT,
    STARTED,
    WorkerKilled,
    World,
    a_consent,
    ticking,
)

HEADER = "고객번호,이름,휴대폰,이메일,회원등급,문자수신동의,야간수신동의,동의일시\n"
LATE = STARTED + timedelta(hours=1)
MARCH = datetime(2026, 3, 1, tzinfo=UTC)
APRIL = datetime(2026, 4, 1, tzinfo=UTC)


def turn(world: World, *, seconds_a_look: int = 0) -> Turn:
    """One turn of 60 seconds, of which each chunk takes ``seconds_a_look``."""
    clock = ticking(seconds_a_look=seconds_a_look)
    return read_file(
        IMPORT, deps=world.deps, clock=clock, until=STARTED + timedelta(seconds=60 + seconds_a_look)
    )


def read(content: bytes | str, *contacts: Contact) -> World:
    world = World.of(content, *contacts)
    turn(world)
    return world


def many_rows(count: int) -> str:
    rows = [f"C{n},김하나,0100000{n:04},,일반,Y,N,2026-03-01\n" for n in range(count)]
    return HEADER + "".join(rows)


@pytest.fixture
def chunks_of_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "CHUNK_ROWS", 3)


def test_makes_contacts_with_their_consents() -> None:
    world = read(HEADER + "C1,김하나,010-0000-0001,a@example.com,VIP,Y,Y,2026-03-01\n")

    contact = world.people.contact("C1")
    assert contact.phone == Phone("+821000000001")
    assert contact.email == Email("a@example.com")
    assert contact.attributes == {"name": "김하나", "회원등급": "VIP"}
    assert contact.groups == {"VIP"}
    assert {key for key, each in contact.consents.items() if each.granted} == {ADVERTISING, NIGHT}
    assert world.stored.status is ImportStatus.DONE
    assert world.stored.counts == ImportCounts(rows=1, created=1, consents_granted=2)
    assert world.files.errors is None


def test_the_evidence_names_the_import() -> None:
    world = read(HEADER + "C1,김하나,010-0000-0001,,,Y,,2026-03-01\n")

    assert world.people.changes == [
        (
            ContactId("C1"),
            ConsentChange(
                key=ADVERTISING,
                action=ConsentAction.IMPORT,
                at=datetime(2026, 2, 28, 15, 0, tzinfo=UTC),
                source="import:imp_1",
                actor="imp_1",
                text_version="import",
            ),
        )
    ]


def test_reads_columns_as_the_import_maps_them() -> None:
    world = World.of("번호,폰,메모,단계\nC1,010-0000-0001,=cmd|x,VIP\n")
    mapping = {"번호": "contact_id", "폰": "phone", "메모": "ignore", "단계": "attribute:tier"}
    world.imports.imports[IMPORT] = replace(world.stored, mapping=mapping)

    turn(world)

    contact = world.people.contact("C1")
    assert (contact.phone, dict(contact.attributes)) == (Phone("+821000000001"), {"tier": "VIP"})
    assert world.stored.counts == ImportCounts(rows=1, created=1)
    assert [(str(each.field), each.name) for each in world.stored.columns] == [
        ("contact_id", "번호"),
        ("phone", "폰"),
        ("ignore", "메모"),
        ("attribute", "tier"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_reads_what_korean_spreadsheets_write(encoding: str, delimiter: str) -> None:
    text = "고객번호,이름,휴대전화\r\nC1,김하나,０１０－００００－０００１\r\n".replace(
        ",", delimiter
    )

    world = read(text.encode(encoding))

    assert world.people.contact("C1").phone == Phone("+821000000001")
    assert world.people.contact("C1").attributes["name"] == "김하나"


def test_lists_every_problem_of_every_row_without_the_values() -> None:
    world = read(
        HEADER
        + "C1,김하나,010-0000-0001,,,,,\n"
        + ",=cmd|x,02-123-4567,nope,,?,,어제\n"
        + "C1,박둘,010-0000-0002,,,,,\n"
        + "C3,이셋\n"
    )

    assert [line.split(",")[:3] for line in world.error_lines] == [
        ["row", "column", "code"],
        ["3", "고객번호", "missing_id"],
        ["3", "name", "formula_injection"],
        ["3", "휴대폰", "landline"],
        ["3", "이메일", "invalid_email"],
        ["3", "문자수신동의", "unknown_consent_value"],
        ["3", "동의일시", "invalid_date"],
        ["4", "고객번호", "duplicate_in_file"],
        ["5", "", "wrong_cell_count"],
    ]
    listed = "\n".join(world.error_lines)
    assert not any(value in listed for value in ("cmd", "123-4567", "nope", "어제", "박둘", "이셋"))
    assert world.stored.counts == ImportCounts(
        rows=4,
        created=1,
        rejected=3,
        problems={
            "duplicate_in_file": 1,
            "formula_injection": 1,
            "invalid_date": 1,
            "invalid_email": 1,
            "landline": 1,
            "missing_id": 1,
            "unknown_consent_value": 1,
            "wrong_cell_count": 1,
        },
    )


def test_blank_rows_are_neither_counted_nor_rejected() -> None:
    world = read("고객번호,휴대폰\n\nC1,010-0000-0001\n,\n\n")

    assert world.stored.counts == ImportCounts(rows=1, created=1)


def test_the_same_file_again_writes_nothing() -> None:
    content = HEADER + "C1,김하나,010-0000-0001,a@example.com,VIP,Y,Y,2026-03-01\n"
    first = read(content)

    asked: list[ContactId] = []

    second = World.of(content, first.people.contact("C1"))
    second.people.before_append = asked.append
    turn(second)

    assert second.stored.counts == ImportCounts(rows=1, unchanged=1)
    assert (second.people.saves, second.people.changes, asked) == ([], [], [])


def test_updates_a_known_contact_and_keeps_what_the_file_does_not_say() -> None:
    known = Contact(
        contact_id=ContactId("C1"),
        phone=Phone("+821000000001"),
        email=Email("a@example.com"),
        attributes={"name": "김하나", "points": 7},
    )

    world = read("고객번호,이름,쿠폰\nC1,,A1\n", known)

    assert world.people.contact("C1").attributes == {"name": "김하나", "points": 7, "쿠폰": "A1"}
    assert world.people.contact("C1").phone == Phone("+821000000001")
    assert world.stored.counts == ImportCounts(rows=1, updated=1)


def test_rejects_a_phone_that_belongs_to_somebody_else() -> None:
    other = Contact(contact_id=ContactId("B1"), phone=Phone("+821000000001"))

    world = read("고객번호,휴대폰\nC1,010-0000-0001\nC2,010-0000-0002\n", other)

    assert [line.split(",")[:3] for line in world.error_lines[1:]] == [
        ["2", "휴대폰", "address_taken"]
    ]
    assert ContactId("C1") not in world.people.profiles
    assert world.stored.counts == ImportCounts(
        rows=2, created=1, rejected=1, problems={"address_taken": 1}
    )


def test_a_number_can_move_from_one_row_to_another() -> None:
    one = Contact(contact_id=ContactId("C1"), phone=Phone("+821000000001"))
    two = Contact(contact_id=ContactId("C2"), phone=Phone("+821000000002"))

    world = read("고객번호,휴대폰\nC1,010-0000-0002\nC2,010-0000-0003\n", one, two)

    assert world.stored.counts == ImportCounts(rows=2, updated=2)
    assert world.people.contact("C1").phone == Phone("+821000000002")


def test_tries_again_when_somebody_changed_the_contact_meanwhile() -> None:
    world = World.of("고객번호,이름\nC1,새이름\n", Contact(contact_id=ContactId("C1")))
    others = [Contact(contact_id=ContactId("C1"), attributes={"points": 1})]

    def change_once(_: Contact) -> None:
        if others:
            world.people.put(others.pop())

    world.people.before_save = change_once
    turn(world)

    assert world.people.contact("C1").attributes == {"points": 1, "name": "새이름"}
    assert world.stored.counts == ImportCounts(rows=1, updated=1)


def test_gives_the_job_back_when_somebody_changes_a_contact_all_the_time() -> None:
    world = World.of("고객번호,이름\nC1,새이름\n", Contact(contact_id=ContactId("C1")))
    world.people.before_save = lambda _: world.people.put(Contact(contact_id=ContactId("C1")))

    with pytest.raises(Unavailable):
        turn(world)

    assert world.stored.status is ImportStatus.RUNNING


def test_a_withdrawal_that_comes_in_between_reading_and_writing_stands() -> None:
    world = World.of("고객번호,문자수신동의,동의일시\nC1,Y,2026-03-01\n")

    def withdraw(contact_id: ContactId) -> None:
        refusal = a_consent(granted=False, at=APRIL)
        world.people.put(Contact(contact_id=contact_id, consents={ADVERTISING: refusal}))

    world.people.before_append = withdraw
    turn(world)

    assert not world.people.contact("C1").consents[ADVERTISING].granted
    assert world.stored.counts.consents_granted == 0


def test_withdraws_only_what_was_refused_later() -> None:
    older = Contact(
        contact_id=ContactId("C1"), consents={ADVERTISING: a_consent(granted=True, at=MARCH)}
    )
    newer = Contact(
        contact_id=ContactId("C2"), consents={ADVERTISING: a_consent(granted=True, at=APRIL)}
    )

    world = read("고객번호,문자수신동의,동의일시\nC1,N,2026-03-15\nC2,N,2026-03-15\n", older, newer)

    assert not world.people.contact("C1").consents[ADVERTISING].granted
    assert world.people.contact("C2").consents[ADVERTISING].granted
    assert world.stored.counts == ImportCounts(
        rows=2, unchanged=2, consents_withdrawn=1, warnings={"consent_kept_granted": 1}
    )


@pytest.mark.parametrize(
    ("content", "fault", "columns"),
    [
        (b"", "empty_file", ()),
        (bytes(100), "not_a_text_file", ()),
        ("고객번호\n".encode() + b"\xff\xfe", "wrong_encoding", ()),
        ("이름,나이\n김하나,3\n".encode(), "missing_columns", ("contact_id", "phone")),
        ("고객번호,휴대폰,핸드폰\n".encode(), "duplicate_columns", ("휴대폰", "핸드폰")),
        (b'"id\n1\n', "missing_columns", ("contact_id", "phone")),
    ],
    ids=["empty", "zeros", "encoding", "missing", "duplicate", "open quote"],
)
def test_refuses_a_wrong_file_whole(content: bytes, fault: str, columns: tuple[str, ...]) -> None:
    world = World.of(content)

    assert turn(world).step is Step.REFUSED

    assert world.stored.status is ImportStatus.REFUSED
    assert (world.stored.fault, world.stored.fault_columns) == (fault, columns)
    assert world.people.profiles == {}


def test_a_file_with_headers_only_is_done_at_once() -> None:
    world = read(HEADER)

    assert (world.stored.status, world.stored.counts) == (ImportStatus.DONE, ImportCounts())


@pytest.mark.usefixtures("chunks_of_three")
def test_stores_its_progress_after_every_chunk() -> None:
    world = read(many_rows(7))

    assert [(each.counts.rows, each.status) for each in world.imports.steps] == [
        (3, ImportStatus.RUNNING),
        (6, ImportStatus.RUNNING),
        (7, ImportStatus.RUNNING),
        (7, ImportStatus.DONE),
    ]
    assert world.stored.position.offset == len(world.files.content or b"")


@pytest.mark.usefixtures("chunks_of_three")
def test_hands_over_when_its_time_is_up_and_the_next_worker_goes_on() -> None:
    world = World.of(many_rows(7))

    first = turn(world, seconds_a_look=31)
    assert (first.step, first.counts.rows) == (Step.HANDED_OVER, 6)
    assert world.jobs == [ImportJob(import_id=IMPORT)]

    second = turn(world)
    assert (second.step, second.counts) == (
        Step.FINISHED,
        ImportCounts(rows=7, created=7, consents_granted=7),
    )
    assert len(world.people.saves) == 7


@pytest.mark.usefixtures("chunks_of_three")
def test_finds_duplicates_of_rows_that_an_earlier_worker_read() -> None:
    world = World.of(many_rows(4) + "C0,김하나,0100000 9999,,,,,\nC9,박둘,0100000 0001,,,,,\n")

    assert turn(world, seconds_a_look=99).step is Step.HANDED_OVER
    assert turn(world).step is Step.FINISHED

    assert world.stored.counts.problems == {"duplicate_in_file": 2}
    assert [line.split(",")[:3] for line in world.error_lines[1:]] == [
        ["6", "고객번호", "duplicate_in_file"],
        ["7", "휴대폰", "duplicate_in_file"],
    ]


@pytest.mark.usefixtures("chunks_of_three")
def test_a_worker_that_follows_reads_only_what_is_left() -> None:
    content = many_rows(100)
    world = World.of(content)
    turn(world, seconds_a_look=31)
    world.files.reads.clear()

    turn(world)

    after_six_rows = len("".join(content.splitlines(keepends=True)[:7]).encode())
    assert world.files.reads == [0, after_six_rows]


@pytest.mark.usefixtures("chunks_of_three")
@pytest.mark.parametrize("dies_at_step", [1, 2, 3, 4])
def test_goes_on_after_a_worker_was_killed_anywhere(dies_at_step: int) -> None:
    content = many_rows(5) + "C9,x,02-123-4567,,,,,\nC0,x,010-0000-0077,,,,,\n"
    world = World.of(content)
    steps = iter(range(1, 100))

    def die(_: ContactImport) -> None:
        if next(steps) == dies_at_step:
            raise WorkerKilled

    world.imports.before_advance = die
    with pytest.raises(WorkerKilled):
        turn(world)
    assert turn(world).step is Step.FINISHED

    counts = world.stored.counts
    assert (counts.rows, counts.rejected, counts.created + counts.unchanged) == (7, 2, 5)
    assert len(world.people.saves) == 5
    assert len(world.people.changes) == 5
    assert [line.split(",")[:3] for line in world.error_lines[1:]] == [
        ["7", "휴대폰", "landline"],
        ["8", "고객번호", "duplicate_in_file"],
    ]


@pytest.mark.usefixtures("chunks_of_three")
def test_of_two_workers_on_one_import_the_slower_stops() -> None:
    world = World.of(many_rows(7))
    rivals = [1]

    def let_a_rival_finish_first(_: ContactImport) -> None:
        if rivals:
            rivals.pop()
            turn(world)

    world.imports.before_advance = let_a_rival_finish_first

    assert turn(world).step is Step.SUPERSEDED
    assert (world.stored.status, world.stored.counts.rows) == (ImportStatus.DONE, 7)
    assert world.jobs == []


@pytest.mark.parametrize("status", [ImportStatus.AWAITING_FILE, ImportStatus.DONE])
def test_leaves_an_import_alone_that_does_not_run(status: ImportStatus) -> None:
    world = World.of(many_rows(1))
    world.imports.imports[IMPORT] = ContactImport(
        import_id=IMPORT, filename="x", created=STARTED, status=status
    )

    assert turn(world).step is Step.NOT_RUNNING
    assert world.people.profiles == {}


def test_leaves_an_import_alone_that_is_not_there() -> None:
    world = World.of(many_rows(1))

    done = read_file(ImportId("imp_9"), deps=world.deps, clock=ticking(), until=LATE)

    assert done.step is Step.NOT_RUNNING


@pytest.mark.usefixtures("chunks_of_three")
def test_stops_when_the_file_is_uploaded_again_while_it_is_read() -> None:
    world = World.of(many_rows(50))
    world.files.piece_bytes = 200

    def change(after: ContactImport) -> None:
        world.files.changed = after.counts.rows >= 6

    world.imports.before_advance = change
    assert turn(world).step is Step.REFUSED

    assert (world.stored.status, world.stored.fault) == (ImportStatus.REFUSED, "file_changed")
    assert len(world.people.profiles) == world.stored.counts.rows


LINES = st.lists(
    st.sampled_from(
        [
            "C1,a,010-0000-0001,,,Y,Y,2026-03-01",
            "C2,b,010-0000-0002,x,,N,,",
            "C1,c,010-0000-0003,,,,,",
            '"C4,d,010-0000-0004,,,,,',
            'C5,"e\ne",010-0000-0005,,VIP,Y,,',
            "",
            ",,,,,,,",
            "C6",
            "C7,=1,010-0000-0001,,,Y,Y,2030-01-01",
        ]
    ),
    max_size=15,
)


@given(LINES, st.integers(min_value=1, max_value=4))
@settings(deadline=None)
def test_turns_and_chunks_of_any_size_come_to_the_same(lines: list[str], chunk_rows: int) -> None:
    content = HEADER + "\n".join(lines)
    whole = read(content)
    in_turns = World.of(content)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "CHUNK_ROWS", chunk_rows)
        while turn(in_turns, seconds_a_look=61).step is Step.HANDED_OVER:
            pass

    assert in_turns.stored.counts == whole.stored.counts
    assert in_turns.error_lines == whole.error_lines
    assert in_turns.people.changes == whole.people.changes


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: (HEADER + text).encode()))
@settings(deadline=None)
def test_any_upload_ends_done_or_refused_and_its_counts_add_up(content: bytes) -> None:
    world = read(content)

    counts = world.stored.counts
    assert world.stored.status in (ImportStatus.DONE, ImportStatus.REFUSED)
    assert counts.rows == counts.created + counts.updated + counts.unchanged + counts.rejected


@pytest.mark.usefixtures("chunks_of_three")
def test_a_packed_file_goes_on_where_the_former_worker_handed_over() -> None:
    content = gzip.compress(many_rows(10).encode())
    whole, world = World.of(content), World.of(content)

    turn(whole)
    steps = [turn(world, seconds_a_look=50).step for _ in range(8)]

    assert Step.HANDED_OVER in steps
    assert (
        world.stored.counts
        == whole.stored.counts
        == ImportCounts(rows=10, created=10, consents_granted=10)
    )
    assert world.people.saves == whole.people.saves


def test_a_phone_that_lost_its_first_zero_is_repaired_and_told() -> None:
    world = read("고객번호,휴대폰\nC1,1000000001\n")

    assert world.people.contact("C1").phone == Phone("+821000000001")
    assert world.stored.counts.warnings == {"leading_zero_restored": 1}
