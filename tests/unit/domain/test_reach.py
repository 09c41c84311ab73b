"""By which channels a person could be written to: a suppression is about one address."""

from datetime import timedelta

import pytest

from functions.domain.channel import Channel
from functions.domain.contact import Contact, Email, Phone
from functions.domain.ids import AddressHash, ContactId
from functions.domain.reach import reachable
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import Mark, Scope
from tests.builders import NOON

BY_PHONE, BY_MAIL = AddressHash("aa"), AddressHash("bb")
HERE = Phone("+821012345678")
MAIL = Email("jimin@example.com")
PHONE_CHANNELS = {Channel.SMS, Channel.KAKAO, Channel.WHATSAPP}
DAY = timedelta(days=1)


def a_contact(suppressions: dict[AddressHash, tuple[Mark, ...]] | None = None) -> Contact:
    return Contact(
        contact_id=ContactId("c1"),
        phone=HERE,
        email=MAIL,
        phone_hash=BY_PHONE,
        suppressions=suppressions or {},
    )


def a_mark(scope: str = "all", *, days: int | None = None) -> Mark:
    until = None if days is None else NOON + days * DAY
    reason = SuppressionReason.COMPLAINT
    return Mark(reason=reason, scope=Scope.parse(scope), since=NOON - 9 * DAY, until=until)


def test_an_address_is_reached_by_its_channels() -> None:
    assert reachable(a_contact(), now=NOON) == {*PHONE_CHANNELS, Channel.EMAIL}


def test_nobody_without_an_address_is_reached() -> None:
    assert reachable(Contact(contact_id=ContactId("c1")), now=NOON) == set()


def test_a_number_abroad_has_no_texts_of_ours() -> None:
    contact = Contact(contact_id=ContactId("c1"), phone=Phone("+14155550123"))

    assert reachable(contact, now=NOON) == {Channel.WHATSAPP}


def test_a_suppressed_mail_address_leaves_the_phone() -> None:
    contact = a_contact({BY_MAIL: (a_mark(),)})

    assert reachable(contact, now=NOON) == PHONE_CHANNELS


def test_a_suppressed_phone_leaves_the_mail_address() -> None:
    contact = a_contact({BY_PHONE: (a_mark(),)})

    assert reachable(contact, now=NOON) == {Channel.EMAIL}


def test_a_suppression_of_one_channel_leaves_the_others_of_the_address() -> None:
    contact = a_contact({BY_PHONE: (a_mark("kakao"),)})

    assert reachable(contact, now=NOON) == {Channel.SMS, Channel.WHATSAPP, Channel.EMAIL}


@pytest.mark.parametrize("scope", ["advertising", "sms:advertising", "transactional"])
def test_a_suppression_of_one_purpose_keeps_no_channel_wholly_back(scope: str) -> None:
    contact = a_contact({BY_PHONE: (a_mark(scope),)})

    assert reachable(contact, now=NOON) == {*PHONE_CHANNELS, Channel.EMAIL}


def test_suppressions_of_all_purposes_keep_it_wholly_back() -> None:
    contact = a_contact({BY_PHONE: (a_mark("advertising"), a_mark("sms:transactional"))})

    assert reachable(contact, now=NOON) == {Channel.KAKAO, Channel.WHATSAPP, Channel.EMAIL}


@pytest.mark.parametrize(("days", "reached"), [(1, False), (0, True), (-1, True)])
def test_a_suppression_ends_at_its_moment(days: int, reached: bool) -> None:
    contact = a_contact({BY_PHONE: (a_mark(days=days),)})

    assert (Channel.SMS in reachable(contact, now=NOON)) is reached
