"""What a person sees of their own choices; it never says more than the one door does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import Basis, Consent, ConsentKey
from functions.domain.contact import Contact
from functions.domain.ids import AddressHash, ContactId
from functions.domain.preferences import (
    Attitude,
    Choice,
    preferences,
    refused_all_since,
)
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import ADVERTISING, Mark, Scope
from tests.builders import NOON

DAY = timedelta(days=1)
PHONE = AddressHash("aa")
SMS = ConsentKey(Channel.SMS, ConsentPurpose.ADVERTISING)
NIGHT = ConsentKey(Channel.SMS, ConsentPurpose.NIGHT_ADVERTISING)
EMAIL = ConsentKey(Channel.EMAIL, ConsentPurpose.ADVERTISING)
GRANTED = Consent(granted=True, at=NOON - 9 * DAY, seq=1)
PAGE = SuppressionReason.OPT_OUT_PAGE


def a_contact(consents: dict[ConsentKey, Consent], *marks: Mark) -> Contact:
    return Contact(
        contact_id=ContactId("c1"),
        phone_hash=PHONE,
        consents=consents,
        suppressions={PHONE: marks} if marks else {},
    )


def attitudes(contact: Contact) -> dict[str, Attitude]:
    return {str(each.key): each.attitude for each in preferences(contact, now=NOON)}


def test_shows_what_is_agreed_and_since_when() -> None:
    (shown,) = preferences(a_contact({SMS: GRANTED}), now=NOON)

    assert (shown.attitude, shown.since) == (Attitude.AGREED, NOON - 9 * DAY)
    assert shown.can_refuse


def test_days_stand_before_nights_and_texts_before_mails() -> None:
    contact = a_contact({EMAIL: GRANTED, NIGHT: GRANTED, SMS: GRANTED})

    assert [each.key for each in preferences(contact, now=NOON)] == [SMS, NIGHT, EMAIL]


def test_a_withdrawn_consent_is_shown_as_refused() -> None:
    (shown,) = preferences(a_contact({SMS: replace(GRANTED, granted=False)}), now=NOON)

    assert shown.attitude is Attitude.REFUSED
    assert not shown.can_refuse


def test_a_mark_on_the_address_refuses_what_was_agreed_before() -> None:
    mark = Mark(reason=PAGE, scope=ADVERTISING, since=NOON - DAY)

    (shown,) = preferences(a_contact({SMS: GRANTED}, mark), now=NOON)

    assert (shown.attitude, shown.since) == (Attitude.REFUSED, NOON - DAY)


def test_a_consent_that_is_later_than_the_refusal_stands() -> None:
    mark = Mark(reason=PAGE, scope=ADVERTISING, since=NOON - 10 * DAY)

    assert attitudes(a_contact({SMS: GRANTED}, mark)) == {"sms:advertising": Attitude.AGREED}


def test_a_later_consent_does_not_outweigh_a_dead_number() -> None:
    mark = Mark(reason=SuppressionReason.COMPLAINT, scope=Scope(), since=NOON - 10 * DAY)

    assert attitudes(a_contact({SMS: GRANTED}, mark)) == {"sms:advertising": Attitude.REFUSED}


def test_a_mark_of_the_phone_says_nothing_of_the_mailbox() -> None:
    mark = Mark(reason=PAGE, scope=ADVERTISING, since=NOON)

    assert attitudes(a_contact({EMAIL: GRANTED}, mark)) == {"email:advertising": Attitude.AGREED}


@pytest.mark.parametrize(
    ("ends", "expected"),
    [(NOON + DAY, {"sms:advertising": Attitude.CUSTOMER}), (NOON, {}), (NOON - DAY, {})],
)
def test_a_customer_is_one_until_the_transaction_no_longer_allows_it(
    ends: object, expected: dict[str, Attitude]
) -> None:
    consent = replace(GRANTED, basis=Basis.TRANSACTION, trades={"shoes": ends})

    assert attitudes(a_contact({SMS: consent})) == expected


@pytest.mark.parametrize("text", ["all", "sms", "kakao", "email", "sms:night_advertising"])
def test_a_written_choice_is_read_back(text: str) -> None:
    assert str(Choice.parse(text)) == text


@given(st.text(max_size=30))
def test_what_is_no_choice_is_refused(text: str) -> None:
    try:
        assert str(Choice.parse(text)) == text
    except ValueError:
        return


@pytest.mark.parametrize(
    "text", ["", "ALL", "all:night_advertising", "fax", "sms:", "sms:advertising", " sms", "sms\n"]
)
def test_other_words_are_no_choice(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Choice.parse(text)


def test_everything_is_refused_only_by_a_mark_on_everything() -> None:
    one = Mark(reason=PAGE, scope=Scope.parse("sms:advertising"), since=NOON)
    ended = Mark(reason=PAGE, scope=ADVERTISING, since=NOON - DAY, until=NOON)
    all_of_it = Mark(reason=PAGE, scope=ADVERTISING, since=NOON - DAY)

    assert refused_all_since([one, ended], now=NOON) is None
    assert refused_all_since([one, all_of_it], now=NOON) == NOON - DAY
