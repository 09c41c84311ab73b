"""The sample that `make run` imports."""

import re

from functions.domain.contact_file import ImportCounts
from infra import samples
from tests.unit.imports.fakes import IMPORT, STARTED, World, ticking
from functions.imports.reading import CHUNK_ROWS, read_file


def imported() -> World:
    world = World.of(samples.FILE.read_bytes())
    read_file(IMPORT, deps=world.deps, clock=ticking(), until=STARTED.replace(year=2030))
    return world


def test_the_file_is_what_its_script_writes() -> None:
    assert samples.FILE.read_bytes() == samples.content()


def test_is_a_file_of_korean_windows_with_a_thousand_rows() -> None:
    lines = samples.FILE.read_bytes().decode("cp949").split("\r\n")

    assert lines[0].startswith("고객번호,이름,휴대폰,이메일,")
    assert len(lines) == 1 + 1000 + 1


def test_comes_to_what_the_documents_say() -> None:
    assert imported().stored.counts == ImportCounts()


def test_no_number_can_belong_to_anybody() -> None:
    mobiles = re.compile(r"\+8210[01]\d{7}")

    phones = [profile.contact.phone for profile in imported().people.profiles.values()]

    assert all(phone and mobiles.fullmatch(phone.e164) for phone in phones)


def test_writes_phones_in_ten_ways() -> None:
    shapes = {re.sub(r"\d", "0", customer.phone) for customer in samples.customers()[:100]}
    assert len(shapes) == 10


def test_takes_more_than_one_chunk() -> None:
    assert samples.ROWS > CHUNK_ROWS
