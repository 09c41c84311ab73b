"""The stores of imports, and the door for dependent consent changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from functions.domain.consent import ConsentAction
from functions.domain.contact import Contact, Email, Phone
from functions.domain.contact_file import (
    ContactImport,
    FileFault,
    FileFormat,
    FileProblem,
    ImportCounts,
    ImportStatus,
    Position,
    UndoCounts,
)
from functions.domain.contact_merge import ADVERTISING
from functions.domain.ids import ContactId, ImportId
from functions.domain.import_undo import Image, ImageChunk
from functions.domain.writing import ConsentChange
from functions.imports.wiring import spread
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
from functions.storage.import_files import ImportFiles
from functions.storage.imports import ImportStore
from tests.integration.account import Account

IMPORT = ImportId("imp_1")
CREATED = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
WAITING = ContactImport(import_id=IMPORT, filename="고객.csv", created=CREATED)
RUNNING = replace(
    WAITING,
    status=ImportStatus.RUNNING,
    started=CREATED,
    size_bytes=10,
    etag='"tag"',
)
CHUNK_DONE = replace(
    RUNNING,
    file_format=FileFormat(encoding="cp949", delimiter="\t"),
    position=Position(row=501, offset=9),
    remembered=Position(row=501, offset=9),
    counts=ImportCounts(rows=500, rejected=500, problems={"landline": 500}, warnings={"a": 1}),
    error_parts=1,
)


def test_an_import_comes_back_as_it_was_written() -> None:
    store = ImportStore()
    store.add(WAITING)
    assert store.get(IMPORT) == WAITING

    assert store.advance(WAITING, RUNNING)
    assert store.get(IMPORT) == RUNNING

    assert store.advance(RUNNING, CHUNK_DONE)
    assert store.get(IMPORT) == CHUNK_DONE

    refused = replace(
        CHUNK_DONE,
        status=ImportStatus.REFUSED,
        fault=FileFault.FILE_CHANGED,
        fault_columns=("휴대폰",),
    )
    assert store.advance(CHUNK_DONE, refused)
    assert store.get(IMPORT) == refused


def test_there_is_no_import_that_nobody_made() -> None:
    assert ImportStore().get(ImportId("imp_9")) is None


def test_a_step_is_taken_once() -> None:
    store = ImportStore()
    store.add(WAITING)
    store.advance(WAITING, RUNNING)
    store.advance(RUNNING, CHUNK_DONE)

    assert not store.advance(WAITING, RUNNING)
    assert not store.advance(RUNNING, replace(CHUNK_DONE, counts=ImportCounts(rows=1)))
    assert store.get(IMPORT) == CHUNK_DONE


def uploaded(account: Account, content: bytes) -> ContactImport:
    account.put_object("imports/imp_1/upload.csv", content)
    upload = ImportFiles().find(IMPORT)
    assert upload is not None
    return replace(RUNNING, size_bytes=upload.size_bytes, etag=upload.etag)


def test_finds_no_upload_before_it_is_there() -> None:
    assert ImportFiles().find(IMPORT) is None


def test_reads_an_upload_in_pieces_from_any_byte(account: Account) -> None:
    content = bytes(range(256)) * 40_000
    running = uploaded(account, content)

    pieces = list(ImportFiles().chunks(running))
    assert [len(piece) for piece in pieces] == [4 << 20, 4 << 20, len(content) - (8 << 20)]
    assert b"".join(pieces) == content
    assert b"".join(ImportFiles().chunks(running, start=5_000_000)) == content[5_000_000:]
    assert list(ImportFiles().chunks(running, start=len(content))) == []


def test_notices_that_the_file_was_uploaded_again(account: Account) -> None:
    running = uploaded(account, b"one")
    account.put_object("imports/imp_1/upload.csv", b"two")

    with pytest.raises(FileProblem, match="file_changed"):
        list(ImportFiles().chunks(running))


def test_keeps_what_was_seen_by_its_place() -> None:
    files = ImportFiles()
    files.save_seen(CHUNK_DONE, b"12345678")

    assert files.load_seen(CHUNK_DONE) == b"12345678"
    assert files.load_seen(RUNNING) == b""


@pytest.mark.parametrize("part_bytes", [10, 3 << 20, 9 << 20], ids=["small", "medium", "large"])
def test_joins_a_list_of_any_size(account: Account, part_bytes: int) -> None:
    files = ImportFiles()
    parts = [bytes([65 + number]) * part_bytes for number in range(7)]
    for number, part in enumerate(parts):
        files.put_error_part(RUNNING, number, part)

    files.join_errors(replace(RUNNING, error_parts=7), head=b"head\n")

    assert account.get_object("imports/imp_1/errors.csv") == b"head\n" + b"".join(parts)


def test_a_part_written_again_replaces_the_first() -> None:
    files = ImportFiles()
    files.put_error_part(RUNNING, 0, b"first")
    files.put_error_part(RUNNING, 0, b"second")

    files.join_errors(replace(RUNNING, error_parts=1), head=b"")


def test_a_change_is_decided_on_what_is_in_force_when_it_is_written() -> None:
    person = ContactId("C1")
    ContactStore().save(Contact(contact_id=person), replacing=None)
    grant = ConsentChange(
        key=ADVERTISING,
        action=ConsentAction.GRANT,
        at=CREATED,
        source="api",
        actor="key",
        text_version="1",
    )
    withdraw = replace(grant, action=ConsentAction.WITHDRAW)
    asked: list[bool] = []

    def grant_unless_known(contact: Contact) -> Sequence[ConsentChange]:
        asked.append(ADVERTISING in contact.consents)
        if len(asked) == 1:
            ConsentStore().append(person, [withdraw], now=CREATED)
        return [] if ADVERTISING in contact.consents else [grant]

    assert ConsentStore().append_decided(person, grant_unless_known, now=CREATED) == ()
    assert asked == [False, True]
    history = ConsentStore().history(person)
    assert [record.action for record in history] == [ConsentAction.WITHDRAW]


def test_rows_are_written_several_at_a_time_and_come_back_in_order() -> None:
    assert list(spread(str.upper, ["a", "b", "c"])) == ["A", "B", "C"]


def test_a_dry_run_keeps_its_objects_apart() -> None:
    files = ImportFiles()
    dry = replace(CHUNK_DONE, status=ImportStatus.DRY_RUNNING)
    files.save_seen(dry, b"dry seen")
    files.save_freed(dry, b"freed")
    files.save_seen(CHUNK_DONE, b"seen")

    assert (files.load_seen(dry), files.load_freed(dry)) == (b"dry seen", b"freed")
    assert files.load_seen(CHUNK_DONE) == b"seen"
    assert "dry" in files.errors_url(dry)
    assert "dry" not in files.errors_url(CHUNK_DONE)


def test_what_a_dry_run_knew_of_the_file_is_forgotten_when_the_import_starts() -> None:
    store = ImportStore()
    store.add(WAITING)
    dry = replace(CHUNK_DONE, status=ImportStatus.DRY_RUN_DONE)
    assert store.advance(WAITING, dry)
    assert store.get(IMPORT) == dry

    assert store.advance(dry, RUNNING)

    assert store.get(IMPORT) == RUNNING


def test_a_number_has_a_holder_until_it_is_given_up() -> None:
    contacts, first, second = ContactStore(), Phone("+821000000001"), Phone("+821000000002")
    contacts.save(Contact(contact_id=ContactId("C1"), phone=first), replacing=None)
    assert contacts.holder_of(first) == "C1"
    assert contacts.holder_of(second) is None

    known = contacts.get(ContactId("C1"))
    contacts.save(Contact(contact_id=ContactId("C1"), phone=second), replacing=known)

    assert contacts.holder_of(first) is None


def test_the_first_word_about_what_a_chunk_found_stays() -> None:
    files, done = ImportFiles(), replace(RUNNING, position=Position(row=5, offset=50))
    before = Contact(
        contact_id=ContactId("C1"),
        phone=Phone("+821000000001"),
        email=Email("a@example.com"),
        attributes={"name": "김하나", "points": 3, "vip": True},
        groups=frozenset({"일반", "서울"}),
    )
    after = replace(before, phone=None, email=None, attributes={}, groups=frozenset())
    image = Image(contact_id=ContactId("C1"), before=before, version=4, after=after)
    found = ImageChunk(start=2, images=(image,))
    made = replace(image, before=None, version=0)

    files.keep_images(RUNNING, 5, found)
    files.keep_images(RUNNING, 5, ImageChunk(start=2, images=(made,)))
    files.keep_images(RUNNING, 8, ImageChunk(start=5, images=(made,)))

    assert files.load_images(done) == found
    eighth = replace(done, position=Position(row=8, offset=80))
    assert files.load_images(eighth) == ImageChunk(start=5, images=(made,))


def test_how_far_an_undo_came_is_stored() -> None:
    store = ImportStore()
    store.add(WAITING)
    undoing = replace(
        CHUNK_DONE,
        status=ImportStatus.UNDOING,
        undone=UndoCounts(erased=1, restored=2, left_changed=3, consents_withdrawn=4),
    )
    assert store.advance(WAITING, undoing)

    assert store.get(IMPORT) == undoing


def test_erases_only_who_is_unchanged() -> None:
    contacts, person, phone = ContactStore(), ContactId("C1"), Phone("+821000000001")
    contacts.save(Contact(contact_id=person, phone=phone), replacing=None)
    first = contacts.get(person)
    assert first is not None
    grant = ConsentChange(
        key=ADVERTISING,
        action=ConsentAction.GRANT,
        at=CREATED,
        source="api",
        actor="key_1",
        text_version="1",
    )
    ConsentStore().append(person, [grant], now=CREATED)
    assert not contacts.erase_unchanged(first)
    second = contacts.get(person)
    assert second is not None
    contacts.save(replace(second.contact, attributes={"a": 1}), replacing=second)
    assert not contacts.erase_unchanged(second)
    third = contacts.get(person)
    assert third is not None

    assert contacts.erase_unchanged(third)

    assert contacts.get(person) is None
    assert contacts.holder_of(phone) is None
    assert not contacts.erase_unchanged(third)
