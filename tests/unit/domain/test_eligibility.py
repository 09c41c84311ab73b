from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.case import Numbering
from functions.domain.channel import Channel, ConsentPurpose, Purpose
from functions.domain.consent import Basis, Consent, ConsentKey
from functions.domain.eligibility import (
    Hold,
    Refuse,
    Send,
    decide,
)
from functions.domain.fatigue import Cap, Period, Recent
from functions.domain.policy import ClassRules, Policy, WhenCapped, WhenClosed, Window
from functions.domain.quiet_hours import night_until
from functions.domain.reason import HoldReason, RefusalReason, SuppressionReason
from functions.domain.suppression import EVERYTHING, OPT_OUTS
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
    an_offer,
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


def a_window(**values: object) -> Window:
    facts: dict[str, object] = {
        "name": "lunch",
        "starts": time(12),
        "ends": time(13),
        "weekdays": frozenset(range(7)),
    }
    return Window(**(facts | values))  # type: ignore[arg-type]


def a_policy(when_closed: WhenClosed = WhenClosed.HOLD, **values: object) -> Policy:
    rules = {Purpose.ADVERTISING: ClassRules(when_closed=when_closed)}
    facts: dict[str, object] = {"windows": (a_window(),), "rules_by_class": rules}
    return Policy(**(facts | values))  # type: ignore[arg-type]


ONE = NOON + timedelta(hours=1)
ONE_A_DAY = Cap(name="one", most=1, period=Period.CALENDAR_DAYS, length=1)
MIDNIGHT = datetime(2026, 11, 21, tzinfo=SEOUL)


def sent_today(number: int = 9) -> Recent:
    entry = an_offer().entry(number, now=NOON - timedelta(hours=1))
    return Recent(entries=(entry,), version=1)


def test_the_companys_own_hours_hold() -> None:
    held = Hold(reason=HoldReason.QUIET_HOURS, until=ONE)

    assert decide(a_case(policy=a_policy()), now=NOON) == held
    assert decide(a_case(policy=a_policy()), now=ONE) == Send()


def test_own_hours_may_be_for_notices_as_well() -> None:
    case = a_case(purpose=Purpose.TRANSACTIONAL, consents={}, policy=a_policy())

    assert decide(case, now=NOON) == Hold(reason=HoldReason.QUIET_HOURS, until=ONE)


def test_a_night_that_ends_in_own_hours_is_told_as_the_night() -> None:
    case = a_case(policy=a_policy(windows=(a_window(starts=time(8), ends=time(9)),)))

    assert decide(case, now=NIGHT) == Hold(
        reason=HoldReason.NIGHT, until=MORNING + timedelta(hours=1)
    )


def test_what_is_dropped_in_closed_hours_is_refused() -> None:
    refused = Refuse(reason=RefusalReason.CLOSED_HOURS)

    assert decide(a_case(policy=a_policy(WhenClosed.DROP)), now=NOON) == refused
    assert decide(a_case(policy=a_policy(WhenClosed.DROP, windows=())), now=NIGHT) == refused


def test_each_class_has_its_own_way() -> None:
    case = a_case(purpose=Purpose.TRANSACTIONAL, policy=a_policy(WhenClosed.DROP))

    assert decide(case, now=NOON) == Hold(reason=HoldReason.QUIET_HOURS, until=ONE)


def test_hours_that_never_end_refuse() -> None:
    always = a_window(starts=time(0), ends=time(0))

    assert decide(a_case(policy=a_policy(windows=(always,))), now=NOON) == Refuse(
        reason=RefusalReason.CLOSED_HOURS
    )


def test_the_next_slot_is_waited_for() -> None:
    policy = a_policy(WhenClosed.NEXT_SLOT, slots=(time(18), time(12, 30)))

    assert decide(a_case(policy=policy), now=NOON) == Hold(
        reason=HoldReason.QUIET_HOURS, until=NOON + timedelta(hours=6)
    )


def test_without_a_slot_the_end_of_the_hours_is_waited_for() -> None:
    policy = a_policy(WhenClosed.NEXT_SLOT, slots=(time(12, 30),))

    assert decide(a_case(policy=policy), now=NOON) == Hold(reason=HoldReason.QUIET_HOURS, until=ONE)


@pytest.mark.parametrize(
    ("expires", "decision"),
    [
        (ONE, Refuse(reason=RefusalReason.EXPIRES_FIRST)),
        (ONE - timedelta(seconds=1), Refuse(reason=RefusalReason.EXPIRES_FIRST)),
        (ONE + timedelta(seconds=1), Hold(reason=HoldReason.QUIET_HOURS, until=ONE)),
    ],
)
def test_what_would_be_given_up_first_is_refused_at_once(
    expires: datetime, decision: object
) -> None:
    assert decide(a_case(policy=a_policy(), expires=expires), now=NOON) == decision


def test_mail_is_exempt_from_the_night() -> None:
    agreed = {ConsentKey(Channel.EMAIL, ConsentPurpose.ADVERTISING): a_consent()}

    assert decide(a_case(channel=Channel.EMAIL, consents=agreed), now=NIGHT) == Send()


def test_a_brand_message_rests_ten_minutes_longer() -> None:
    agreed = {
        ConsentKey(Channel.KAKAO, purpose): a_consent()
        for purpose in (ConsentPurpose.ADVERTISING, ConsentPurpose.NIGHT_ADVERTISING)
    }
    case = a_case(channel=Channel.KAKAO, brand=True, consents=agreed)
    ten_to_nine = datetime(2026, 11, 20, 20, 50, tzinfo=SEOUL)

    assert decide(case, now=ten_to_nine - timedelta(seconds=1)) == Send()
    assert decide(case, now=ten_to_nine) == Hold(reason=HoldReason.NIGHT, until=MORNING)


def test_in_north_america_no_consent_waives_the_night() -> None:
    agreed = {SMS_ADS: a_consent(), SMS_NIGHT_ADS: a_consent()}
    case = a_case(consents=agreed, numbering=Numbering.NORTH_AMERICA)

    assert decide(case, now=NIGHT) == Hold(reason=HoldReason.NIGHT, until=MORNING)


def test_a_transaction_is_no_consent_to_nights() -> None:
    trade = Consent(
        granted=True, at=NOON, seq=1, basis=Basis.TRANSACTION, trades={"books": MIDNIGHT}
    )
    case = a_case(goods="books", consents={SMS_ADS: trade, SMS_NIGHT_ADS: trade})

    assert decide(case, now=NOON) == Send()
    assert isinstance(decide(case, now=NIGHT), Hold)


def test_a_withdrawn_consent_to_nights_is_none() -> None:
    withdrawn = {SMS_ADS: a_consent(), SMS_NIGHT_ADS: a_consent(granted=False)}

    assert isinstance(decide(a_case(consents=withdrawn), now=NIGHT), Hold)


@pytest.mark.parametrize(
    ("consent", "leaves"),
    [
        ({"at": NOON - timedelta(days=1)}, True),
        ({"at": NOON - timedelta(days=2)}, False),
        ({"at": NOON - timedelta(days=3)}, False),
        ({"at": NOON - timedelta(days=1), "imported": True}, False),
        ({"at": NOON - timedelta(days=1), "granted": False}, False),
    ],
)
def test_only_the_persons_own_later_word_outweighs_an_opt_out(
    consent: dict[str, object], leaves: bool
) -> None:
    facts: dict[str, object] = {"granted": True, "at": NOON, "seq": 1}
    opted_out = a_mark(SuppressionReason.OPT_OUT_CALL, since=NOON - timedelta(days=2))
    case = a_case(marks=(opted_out,), consents={SMS_ADS: Consent(**(facts | consent))})  # type: ignore[arg-type]

    assert (decide(case, now=NOON) == Send()) is leaves


def test_a_consent_outweighs_no_complaint_and_no_opt_out_of_everything_else() -> None:
    later = {SMS_ADS: Consent(granted=True, at=NOON, seq=1)}
    opted_out = a_mark(SuppressionReason.OPT_OUT_CALL, scope=EVERYTHING)
    notice = a_case(purpose=Purpose.TRANSACTIONAL, marks=(opted_out,), consents=later)

    complained = a_case(marks=(a_mark(SuppressionReason.COMPLAINT),), consents=later)

    assert decide(complained, now=NOON) == Refuse(reason=RefusalReason.SUPPRESSED)
    assert decide(notice, now=NOON) == Refuse(reason=RefusalReason.SUPPRESSED)


@pytest.mark.parametrize(
    ("when_capped", "decision"),
    [
        (WhenCapped.SKIP, Refuse(reason=RefusalReason.CAPPED)),
        (WhenCapped.SWAP, Refuse(reason=RefusalReason.CAPPED)),
        (WhenCapped.DELAY, Hold(reason=HoldReason.FREQUENCY_CAP, until=MIDNIGHT)),
    ],
)
def test_whom_a_cap_keeps_back(when_capped: WhenCapped, decision: object) -> None:
    policy = Policy(caps=(ONE_A_DAY,))
    case = a_case(policy=policy, when_capped=when_capped, recent=sent_today())

    assert decide(case, now=NOON) == decision


def test_where_there_never_is_room_nothing_is_delayed() -> None:
    never = Policy(caps=(replace(ONE_A_DAY, most=0),))
    case = a_case(policy=never, when_capped=WhenCapped.DELAY, recent=Recent())

    assert decide(case, now=NOON) == Refuse(reason=RefusalReason.CAPPED)


@pytest.mark.parametrize(
    "facts",
    [
        {"recent": None},
        {"recent": sent_today(), "purpose": Purpose.TRANSACTIONAL},
        {"recent": sent_today(), "policy": Policy()},
        {"recent": sent_today(7), "number": 7},
        {"recent": Recent()},
    ],
)
def test_caps_do_not_keep_back(facts: dict[str, object]) -> None:
    assert decide(a_case(**({"policy": Policy(caps=(ONE_A_DAY,))} | facts)), now=NOON) == Send()
