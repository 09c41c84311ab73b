import pytest

from functions.domain.contact import Contact, Email, Phone, attributes_chars
from functions.domain.ids import ContactId
from functions.domain.planning import Person
from tests.builders import a_contact


@pytest.mark.parametrize("show", [str, repr, "{}".format, "%s".__mod__])
def test_number_is_shown_only_by_its_end(show: object) -> None:
    assert show(Phone("+821000000012")) == "Phone(***12)"  # type: ignore[operator]


@pytest.mark.parametrize("show", [str, repr])
def test_address_is_not_shown(show: object) -> None:
    assert show(Email("somebody@example.com")) == "Email(***)"  # type: ignore[operator]


def test_contact_shows_nothing_personal() -> None:
    contact = Contact(
        contact_id=ContactId("c1"),
        phone=Phone("+821000000012"),
        email=Email("somebody@example.com"),
        attributes={"name": "김하늘"},
    )

    shown = repr(contact)

    assert not any(each in shown for each in ("0000000", "somebody", "김하늘"))


@pytest.mark.parametrize(
    ("e164", "national"),
    [("+821000000012", "01000000012"), ("+12025550142", "+12025550142")],
)
def test_carriers_of_korea_get_the_number_as_it_is_dialled_there(e164: str, national: str) -> None:
    assert Phone(e164).national == national


@pytest.mark.parametrize(
    ("e164", "korean", "mobile"),
    [
        ("+821000000012", True, True),
        ("+82112000001", True, True),
        ("+821990000001", True, True),
        ("+8221234567", True, False),
        ("+827012345678", True, False),
        ("+8215880000", True, False),
        ("+82120000000", True, False),
        ("+82100000001", True, False),
        ("+8210000000123", True, False),
        ("+12025550142", False, False),
    ],
)
def test_only_mobile_numbers_of_korea_take_texts_there(
    e164: str, *, korean: bool, mobile: bool
) -> None:
    phone = Phone(e164)

    assert (phone.is_korean, phone.is_korean_mobile) == (korean, mobile)


def test_names_and_values_of_attributes_are_counted() -> None:
    assert attributes_chars({"이름": "김하늘", "n": 12, "vip": True}) == 5 + 3 + 7


def test_contact_whose_hash_is_not_known_is_not_suppressed() -> None:
    assert Person.known(a_contact(1, phone=None, phone_hash=None)).marks == ()
