from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.channel import Channel, Purpose
from functions.domain.eligibility import (
    Hold,
    Refuse,
    Send,
    decide,
)
from functions.domain.quiet_hours import night_until
from functions.domain.reason import HoldReason, RefusalReason, SuppressionReason
from functions.domain.suppression import OPT_OUTS
from tests.builders import (
    MORNING,
    NIGHT,
    NOON,
    SEOUL,
    SMS_ADS,
    SMS_NIGHT_ADS,
    a_case,
    a_consent,
    a_mark,
)


def test_advertisement_with_consent_leaves_by_day() -> None:
    assert decide(a_case(), now=NOON) == Send()


def test_advertisement_without_consent_is_refused() -> None:
    assert decide(a_case(consents={}), now=NOON) == Refuse(reason=RefusalReason.NO_CONSENT)


def test_advertisement_after_withdrawal_is_refused() -> None:
    withdrawn = {SMS_ADS: a_consent(granted=False)}

    assert decide(a_case(consents=withdrawn), now=NOON) == Refuse(reason=RefusalReason.NO_CONSENT)


def test_notice_needs_no_consent_and_no_label() -> None:
    case = a_case(purpose=Purpose.TRANSACTIONAL, consents={}, ad_label_correct=False)

    assert decide(case, now=NIGHT) == Send()


def test_advertisement_at_night_is_held_until_morning() -> None:
    assert decide(a_case(), now=NIGHT) == Hold(reason=HoldReason.NIGHT, until=MORNING)


def test_night_consent_lets_it_leave_at_night() -> None:
    case = a_case(consents={SMS_ADS: a_consent(), SMS_NIGHT_ADS: a_consent()})

    assert decide(case, now=NIGHT) == Send()


def test_night_consent_alone_is_no_consent() -> None:
    case = a_case(consents={SMS_NIGHT_ADS: a_consent()})

    assert decide(case, now=NIGHT) == Refuse(reason=RefusalReason.NO_CONSENT)


@pytest.mark.parametrize("reason", SuppressionReason)
def test_suppressed_address_gets_no_advertisement(reason: SuppressionReason) -> None:
    refused = Refuse(reason=RefusalReason.SUPPRESSED)

    assert decide(a_case(marks=(a_mark(reason),)), now=NOON) == refused


@pytest.mark.parametrize("reason", SuppressionReason)
def test_opting_out_of_advertisements_does_not_stop_notices(reason: SuppressionReason) -> None:
    case = a_case(purpose=Purpose.TRANSACTIONAL, marks=(a_mark(reason),))

    leaves = isinstance(decide(case, now=NOON), Send)

    assert leaves == (reason in OPT_OUTS)


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        ({"has_address": False}, RefusalReason.NO_ADDRESS),
        ({"sender_usable": False}, RefusalReason.SENDER_NOT_APPROVED),
        ({"ad_label_correct": False}, RefusalReason.AD_LABEL),
        ({"channel": Channel.KAKAO}, RefusalReason.AD_ON_INFORMATIONAL_CHANNEL),
    ],
)
def test_each_missing_condition_refuses(fact: dict[str, object], reason: RefusalReason) -> None:
    assert decide(a_case(**fact), now=NOON) == Refuse(reason=reason)


cases = st.builds(
    a_case,
    purpose=st.sampled_from(Purpose),
    channel=st.sampled_from(Channel),
    has_address=st.booleans(),
    consents=st.dictionaries(
        st.sampled_from([SMS_ADS, SMS_NIGHT_ADS]), st.builds(a_consent, granted=st.booleans())
    ),
    marks=st.lists(st.builds(a_mark, st.sampled_from(SuppressionReason)), max_size=2).map(tuple),
    sender_usable=st.booleans(),
    ad_label_correct=st.booleans(),
)
moments = st.integers(0, 3 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes))


@given(cases, moments)
def test_no_advertisement_leaves_that_the_law_forbids(case, now) -> None:
    if not isinstance(decide(case, now=now), Send) or case.terms.purpose is Purpose.TRANSACTIONAL:
        return

    assert case.terms.channel is Channel.SMS
    assert case.consents[SMS_ADS].granted
    assert not case.marks
    assert case.ad_label_correct
    in_the_night = night_until(now, zone=SEOUL) is not None
    agreed_to_nights = SMS_NIGHT_ADS in case.consents and case.consents[SMS_NIGHT_ADS].granted
    assert agreed_to_nights or not in_the_night


@given(cases, moments)
def test_what_is_held_may_leave_when_the_hold_ends(case, now) -> None:
    decision = decide(case, now=now)

    if isinstance(decision, Hold):
        assert decision.until > now
        assert decide(case, now=decision.until) == Send()
