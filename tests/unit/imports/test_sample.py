"""The sample that `make run` imports."""

import re

from functions.domain.contact_file import ImportCounts
from functions.domain.contact_merge import ADVERTISING, NIGHT
from functions.imports.reading import CHUNK_ROWS, read_file
from infra import samples
from tests.unit.imports.fakes import IMPORT, STARTED, World, ticking


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
    assert imported().stored.counts == ImportCounts(
        rows=1000,
        created=949,
        rejected=51,
        consents_granted=819,
        problems={
            "duplicate_in_file": 30,
            "formula_injection": 1,
            "invalid_number": 7,
            "landline": 10,
            "missing_phone": 6,
            "not_a_number": 7,
        },
        warnings={"consent_without_date": 27, "leading_zero_restored": 96},
    )


def test_some_agreed_to_nothing_most_to_the_day_and_few_to_the_night() -> None:
    consents = [set(p.contact.consents) for p in imported().people.profiles.values()]

    assert consents.count(set()) == 230
    assert consents.count({ADVERTISING}) == 619
    assert consents.count({ADVERTISING, NIGHT}) == 100


def test_no_number_can_belong_to_anybody() -> None:
    mobiles = re.compile(r"\+8210[01]\d{7}")

    phones = [profile.contact.phone for profile in imported().people.profiles.values()]

    assert all(phone and mobiles.fullmatch(phone.e164) for phone in phones)


def test_writes_phones_in_ten_ways() -> None:
    shapes = {re.sub(r"\d", "0", customer.phone) for customer in samples.customers()[:100]}
    assert len(shapes) == 10


def test_takes_more_than_one_chunk() -> None:
    assert samples.ROWS > CHUNK_ROWS
