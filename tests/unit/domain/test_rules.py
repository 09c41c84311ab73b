"""The rules of protected hours and caps at the one door, and what they say they saw."""

import json
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from functions.domain.case import Case, Numbering, ZoneRule
from functions.domain.channel import Channel, ConsentPurpose, Purpose
from functions.domain.consent import Basis, Consent, ConsentKey
from functions.domain.eligibility import RULES, SEND, Hold, Refuse, Send, decide
from functions.domain.explanation import findings
from functions.domain.fatigue import Cap, Entry, Period, Recent, Reserve, short_hash
from functions.domain.policy import ClassRules, Policy, WhenCapped, WhenClosed, Window
from functions.domain.reason import HoldReason, RefusalReason, SuppressionReason
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

NEW_YORK = ZoneInfo("America/New_York")
LUNCH = Window(name="lunch", starts=time(11, 30), ends=time(13), weekdays=frozenset(range(7)))
AFTER_LUNCH = datetime(2026, 11, 20, 13, tzinfo=SEOUL)
BOTH = {SMS_ADS: a_consent(), SMS_NIGHT_ADS: a_consent()}


def a_policy(when_closed: WhenClosed = WhenClosed.HOLD, **values: object) -> Policy:
    rules = dict.fromkeys(Purpose, ClassRules(when_closed=when_closed))
    facts: dict[str, object] = {"version": 3, "windows": (LUNCH,), "rules_by_class": rules}
    return Policy(**(facts | values))  # type: ignore[arg-type]


def sent(*ago: timedelta) -> Recent:
    entries = tuple(
        Entry(
            number=number,
            at=int((NOON - each).timestamp()),
            channel=Channel.SMS,
            template=short_hash("tpl_1"),
            source=short_hash("cmp_1"),
        )
        for number, each in enumerate(ago, start=1)
    )
    return Recent(entries=entries, version=len(entries))


def test_the_companys_hours_hold() -> None:
    held = Hold(reason=HoldReason.QUIET_HOURS, until=AFTER_LUNCH)

    assert decide(a_case(policy=a_policy()), now=NOON) == held
    assert decide(a_case(policy=a_policy(), consents=BOTH), now=NOON) == held


def test_a_notice_minds_windows_of_its_class_alone() -> None:
    notice = {"purpose": Purpose.TRANSACTIONAL, "consents": {}}
    ads_only = Window(
        name="lunch",
        starts=time(11, 30),
        ends=time(13),
        weekdays=LUNCH.weekdays,
        classes=frozenset({Purpose.ADVERTISING}),
    )

    assert isinstance(decide(a_case(policy=a_policy(), **notice), now=NOON), Hold)
    assert decide(a_case(policy=a_policy(windows=(ads_only,)), **notice), now=NOON) == SEND
    assert decide(a_case(policy=a_policy(), **notice), now=NIGHT) == SEND


def test_a_window_of_another_channel_is_not_minded() -> None:
    kakao = Window(
        name="k",
        starts=time(0),
        ends=time(0),
        on_holidays=True,
        channels=frozenset({Channel.KAKAO}),
    )
    policy = a_policy(windows=(kakao,), holidays=frozenset({NOON.date()}))

    assert decide(a_case(policy=policy), now=NOON) == SEND


def test_drop_refuses() -> None:
    dropped = Refuse(reason=RefusalReason.CLOSED_HOURS)

    assert decide(a_case(policy=a_policy(WhenClosed.DROP)), now=NOON) == dropped
    assert decide(a_case(policy=a_policy(WhenClosed.DROP)), now=NIGHT) == dropped


def test_next_slot_waits_for_a_sending_time() -> None:
    policy = a_policy(WhenClosed.NEXT_SLOT, slots=(time(10), time(12), time(16)))

    afternoon = datetime(2026, 11, 20, 16, tzinfo=SEOUL)
    assert decide(a_case(policy=policy), now=NOON) == Hold(
        reason=HoldReason.QUIET_HOURS, until=afternoon
    )
    assert decide(a_case(policy=policy), now=afternoon) == SEND


def test_next_slot_without_an_open_one_waits_for_the_end() -> None:
    policy = a_policy(WhenClosed.NEXT_SLOT, slots=(time(12),))

    assert decide(a_case(policy=policy), now=NOON) == Hold(
        reason=HoldReason.QUIET_HOURS, until=AFTER_LUNCH
    )


def test_hours_without_end_refuse() -> None:
    always = Window(name="never", starts=time(0), ends=time(0), weekdays=LUNCH.weekdays)

    assert decide(a_case(policy=a_policy(windows=(always,))), now=NOON) == Refuse(
        reason=RefusalReason.CLOSED_HOURS
    )


def test_what_would_be_given_up_before_is_refused_at_once() -> None:
    refused = Refuse(reason=RefusalReason.EXPIRES_FIRST)

    assert decide(a_case(expires=MORNING), now=NIGHT) == refused
    later = MORNING + timedelta(seconds=1)
    assert decide(a_case(expires=later), now=NIGHT) == Hold(reason=HoldReason.NIGHT, until=MORNING)


def test_email_is_exempt_from_the_night_of_the_law() -> None:
    mail = ConsentKey(Channel.EMAIL, ConsentPurpose.ADVERTISING)
    case = {"channel": Channel.EMAIL, "consents": {mail: a_consent()}}

    assert decide(a_case(**case), now=NIGHT) == SEND
    evening = Window(name="e", starts=time(22), ends=time(9), weekdays=LUNCH.weekdays)
    held = decide(a_case(**case, policy=a_policy(windows=(evening,))), now=NIGHT)
    assert held == Hold(reason=HoldReason.QUIET_HOURS, until=MORNING + timedelta(hours=1))


@pytest.mark.parametrize("minute", [49, 50])
def test_a_brand_message_rests_from_ten_to_nine_even_with_night_consent(minute: int) -> None:
    consents = {ConsentKey(Channel.KAKAO, purpose): a_consent() for purpose in ConsentPurpose}
    case = a_case(channel=Channel.KAKAO, brand=True, consents=consents)

    decision = decide(case, now=datetime(2026, 11, 20, 20, minute, tzinfo=SEOUL))

    held = Hold(reason=HoldReason.NIGHT, until=MORNING)
    assert decision == (SEND if minute == 49 else held)


def test_a_north_american_number_rests_at_night_even_with_night_consent() -> None:
    # 47 CFR 64.1200(c)(1): before 8 a.m. or after 9 p.m. at the called party's location.
    case = a_case(
        numbering=Numbering.NORTH_AMERICA,
        zones=(NEW_YORK,),
        consents=BOTH,
        zone_rule=ZoneRule.PHONE,
    )
    evening = datetime(2026, 11, 20, 21, tzinfo=NEW_YORK)

    assert decide(case, now=evening - timedelta(seconds=1)) == SEND
    assert decide(case, now=evening) == Hold(
        reason=HoldReason.NIGHT, until=datetime(2026, 11, 21, 8, tzinfo=NEW_YORK)
    )


def test_a_trade_is_no_consent_to_the_night() -> None:
    traded = Consent(
        granted=True, at=datetime(2026, 1, 1, tzinfo=UTC), seq=2, basis=Basis.TRANSACTION
    )
    case = a_case(consents={SMS_ADS: a_consent(), SMS_NIGHT_ADS: traded})

    assert decide(case, now=NIGHT) == Hold(reason=HoldReason.NIGHT, until=MORNING)


DAILY = Cap(name="daily", most=1, period=Period.CALENDAR_DAYS, length=1)
CAPPED = {"policy": Policy(version=1, caps=(DAILY,)), "recent": sent(timedelta(hours=1))}


@pytest.mark.parametrize("when_capped", [WhenCapped.SKIP, WhenCapped.SWAP])
def test_a_cap_refuses(when_capped: WhenCapped) -> None:
    capped = decide(a_case(**CAPPED, when_capped=when_capped), now=NOON)

    assert capped == Refuse(reason=RefusalReason.CAPPED)


def test_a_cap_delays_until_there_is_room_in_open_hours() -> None:
    # There is room from midnight on, but the night lasts until eight.
    capped = decide(a_case(**CAPPED, when_capped=WhenCapped.DELAY), now=NOON)

    assert capped == Hold(reason=HoldReason.FREQUENCY_CAP, until=MORNING)


def test_a_cap_without_places_refuses_also_what_may_be_delayed() -> None:
    none = Cap(name="none", most=0, period=Period.CALENDAR_DAYS, length=1)
    case = a_case(policy=Policy(caps=(none,)), recent=Recent(), when_capped=WhenCapped.DELAY)

    assert decide(case, now=NOON) == Refuse(reason=RefusalReason.CAPPED)


def test_notices_are_exempt_from_caps() -> None:
    assert decide(a_case(**CAPPED, purpose=Purpose.TRANSACTIONAL), now=NOON) == SEND


POLICIES = st.builds(
    a_policy,
    st.sampled_from(WhenClosed),
    windows=st.sampled_from([(), (LUNCH,)]),
    slots=st.sampled_from([(time(10),), (time(12), time(22))]),
    caps=st.sampled_from([(), (DAILY,)])
    | st.builds(
        Cap,
        name=st.just("cap"),
        most=st.integers(0, 2),
        period=st.sampled_from(Period),
        length=st.integers(1, 3),
        reserves=st.sampled_from([(), (Reserve(priority=6, places=1),)]),
    ).map(lambda cap: (cap,)),
)
CONSENTS = st.dictionaries(
    st.builds(ConsentKey, st.sampled_from(Channel), st.sampled_from(ConsentPurpose)),
    st.builds(
        Consent,
        granted=st.booleans(),
        at=st.just(datetime(2026, 1, 1, tzinfo=UTC)),
        seq=st.just(1),
        basis=st.sampled_from(Basis),
    ),
)
CASES = st.builds(
    a_case,
    purpose=st.sampled_from(Purpose),
    channel=st.sampled_from([Channel.SMS, Channel.EMAIL, Channel.KAKAO]),
    brand=st.booleans(),
    policy=POLICIES,
    consents=st.just(BOTH) | CONSENTS,
    has_address=st.sampled_from([True, True, False]),
    sender_usable=st.sampled_from([True, True, False]),
    marks=st.sampled_from([(), (a_mark(SuppressionReason.OPT_OUT_CALL),)]),
    recent=st.sampled_from([None, sent(), sent(timedelta(hours=1)), sent(timedelta(days=1))]),
    when_capped=st.sampled_from(WhenCapped),
    expires=st.sampled_from([None, MORNING, MORNING + timedelta(days=3)]),
    zones=st.sampled_from([(SEOUL,), (NEW_YORK,), (NEW_YORK, SEOUL)]),
    numbering=st.sampled_from(Numbering),
)
MOMENTS = st.integers(0, 3 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes))


@settings(deadline=None)
@given(CASES, MOMENTS)
def test_the_first_objection_is_the_decision(case: Case, now: datetime) -> None:
    found = findings(case, now=now)

    objections = [each.objection for each in found if each.objection is not None]
    assert (objections[0] if objections else SEND) == decide(case, now=now)
    assert [each.rule for each in found] == [rule.name for rule in RULES]
    assert all(each.saw for each in found)
    assert json.dumps([dict(each.saw) for each in found])


@settings(deadline=None)
@given(CASES, MOMENTS)
def test_what_is_held_may_leave_when_the_hold_ends(case: Case, now: datetime) -> None:
    decision = decide(case, now=now)

    if isinstance(decision, Hold):
        assert decision.until > now
        then = decide(case, now=decision.until)
        # Hours come before caps: what waited for the morning may find a cap reached.
        assert then == SEND or not isinstance(then, Hold) or then.reason is HoldReason.FREQUENCY_CAP


@settings(deadline=None)
@given(CASES, MOMENTS)
def test_no_advertisement_leaves_in_protected_hours(case: Case, now: datetime) -> None:
    if not isinstance(decide(case, now=now), Send) or not case.advertising:
        return

    for zone in case.zones:
        clock = now.astimezone(zone).time()
        assert LUNCH not in case.terms.policy.windows or not LUNCH.starts <= clock < LUNCH.ends
        night = case.consent(ConsentPurpose.NIGHT_ADVERTISING)
        agreed = night is not None and night.granted and night.basis is Basis.EXPLICIT
        foreign = case.numbering is Numbering.NORTH_AMERICA
        exempt = case.terms.channel is Channel.EMAIL or (agreed and not foreign)
        assert exempt or time(8) <= clock < time(21)
