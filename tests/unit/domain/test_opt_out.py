from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.case import Case
from functions.domain.channel import Channel, ConsentPurpose, Purpose
from functions.domain.consent import Basis, Consent, ConsentAction, ConsentKey, after
from functions.domain.contact import Contact, Phone
from functions.domain.eligibility import Refuse, blocks, decide
from functions.domain.ids import ContactId
from functions.domain.opt_out import (
    OptOut,
    concerns_email,
    concerns_phone,
    scope_of,
    standing,
    withdrawals,
)
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import ADVERTISING, EVERYTHING, OPT_OUTS, Mark, Scope
from tests.builders import (
    NOON,
    SMS_ADS,
    SMS_NIGHT_ADS,
    a_case,
    a_consent,
    a_contact,
    a_mark,
)

DAY = timedelta(days=1)
CALL, REPLY = SuppressionReason.OPT_OUT_CALL, SuppressionReason.OPT_OUT_REPLY
COMPLAINT, MANUAL = SuppressionReason.COMPLAINT, SuppressionReason.MANUAL
KAKAO_ADS = ConsentKey(Channel.KAKAO, ConsentPurpose.ADVERTISING)
SMS = Scope(channel=Channel.SMS)
SCOPES = st.builds(Scope, st.sampled_from([None, *Channel]), st.sampled_from([None, *Purpose]))
MOMENTS = st.integers(-30, 30).map(lambda days: NOON + days * DAY)
MARKS = st.builds(
    Mark,
    reason=st.sampled_from(SuppressionReason),
    scope=st.just(ADVERTISING),
    since=MOMENTS,
    until=st.none() | MOMENTS,
)
CONSENTS = st.builds(
    Consent,
    granted=st.booleans(),
    at=MOMENTS,
    seq=st.just(1),
    basis=st.sampled_from(Basis),
    trades=st.just({"books": NOON + 60 * DAY}),
    imported=st.booleans(),
)


def an_opt_out(**values: object) -> OptOut:
    facts: dict[str, object] = {
        "reason": CALL,
        "scope": ADVERTISING,
        "at": NOON,
        "source": "solapi:080",
        "actor": "provider",
    }
    return OptOut(**(facts | values))  # type: ignore[arg-type]


def someone(**consents: Consent) -> Contact:
    keys = {"day": SMS_ADS, "night": SMS_NIGHT_ADS, "kakao": KAKAO_ADS}
    return a_contact(consents={keys[name]: consent for name, consent in consents.items()})


def taken_back(contact: Contact, opt_out: OptOut) -> list[ConsentKey]:
    return [change.key for change in withdrawals(contact, opt_out)]


def test_refusing_takes_back_what_was_agreed_by_day_and_by_night_on_every_channel() -> None:
    contact = someone(day=a_consent(), night=a_consent(), kakao=a_consent())

    assert taken_back(contact, an_opt_out()) == [KAKAO_ADS, SMS_ADS, SMS_NIGHT_ADS]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (EVERYTHING, [KAKAO_ADS, SMS_ADS, SMS_NIGHT_ADS]),
        (SMS, [SMS_ADS, SMS_NIGHT_ADS]),
        (Scope(Channel.SMS, Purpose.ADVERTISING), [SMS_ADS, SMS_NIGHT_ADS]),
        (Scope(Channel.KAKAO, Purpose.ADVERTISING), [KAKAO_ADS]),
        (Scope(Channel.EMAIL), []),
        (Scope(purpose=Purpose.TRANSACTIONAL), []),
        (Scope(Channel.SMS, Purpose.TRANSACTIONAL), []),
    ],
    ids=str,
)
def test_only_consents_that_the_scope_concerns_are_taken_back(
    scope: Scope, expected: list[ConsentKey]
) -> None:
    contact = someone(day=a_consent(), night=a_consent(), kakao=a_consent())

    assert taken_back(contact, an_opt_out(scope=scope)) == expected


def test_nothing_is_taken_back_that_is_not_granted() -> None:
    assert withdrawals(Contact(contact_id=ContactId("c1")), an_opt_out()) == ()
    assert withdrawals(someone(day=a_consent(granted=False)), an_opt_out()) == ()


def test_withdrawal_says_when_where_and_seeing_what_it_was_said() -> None:
    opt_out = an_opt_out(
        source="page", actor="person", text_version="v2", text_hash="1f", ip="192.0.2.1"
    )

    (change,) = withdrawals(someone(day=a_consent()), opt_out)

    assert (change.key, change.action, change.at) == (SMS_ADS, ConsentAction.WITHDRAW, NOON)
    assert (change.source, change.actor) == ("page", "person")
    assert (change.text_version, change.text_hash, change.ip) == ("v2", "1f", "192.0.2.1")
    assert "192.0.2.1" not in repr(opt_out)


def test_what_the_person_agreed_to_since_by_their_own_word_holds() -> None:
    later = replace(a_consent(), at=NOON + DAY)

    assert withdrawals(someone(day=later), an_opt_out()) == ()


@pytest.mark.parametrize(
    "consent",
    [
        replace(a_consent(), at=NOON),
        replace(a_consent(), at=NOON + DAY, imported=True),
        replace(a_consent(), at=NOON + DAY, basis=Basis.TRANSACTION),
    ],
    ids=["of that very moment", "another system's word", "a transaction"],
)
def test_other_consents_do_not_outweigh_the_refusal(consent: Consent) -> None:
    assert taken_back(someone(day=consent), an_opt_out()) == [SMS_ADS]


@given(CONSENTS, SCOPES)
def test_repeating_an_opt_out_takes_nothing_more_back(consent: Consent, scope: Scope) -> None:
    contact, opt_out = someone(day=consent), an_opt_out(scope=scope)
    in_force = dict(contact.consents)
    for change in withdrawals(contact, opt_out):
        record = change.record(
            contact.contact_id, seq=2, previous="", subject="", ip_hash="", recorded=NOON
        )
        known = after(in_force[record.key], record)
        assert known is not None
        in_force[record.key] = known

    assert withdrawals(replace(contact, consents=in_force), opt_out) == ()


@given(CONSENTS)
def test_a_consent_is_taken_back_exactly_when_the_mark_would_block_it(consent: Consent) -> None:
    opt_out = an_opt_out()
    case = a_case(consents={SMS_ADS: consent}, goods="books")

    withdrawn = taken_back(someone(day=consent), opt_out) == [SMS_ADS]

    assert withdrawn == (consent.granted and blocks(opt_out.mark, case, NOON))


@pytest.mark.parametrize("known", [None, a_mark(MANUAL, scope=ADVERTISING, until=NOON)], ids=str)
def test_refusal_stands_where_nothing_or_nothing_any_more_kept_the_address_back(
    known: Mark | None,
) -> None:
    new = an_opt_out().mark

    assert standing(known, new, now=NOON) == new
    assert (new.reason, new.scope, new.since, new.until) == (CALL, ADVERTISING, NOON, None)


@pytest.mark.parametrize("reason", sorted(set(SuppressionReason) - OPT_OUTS))
def test_refusal_never_takes_the_place_of_what_does_not_give_way(
    reason: SuppressionReason,
) -> None:
    known = a_mark(reason, scope=ADVERTISING)

    assert standing(known, an_opt_out().mark, now=NOON) == known


def test_what_was_to_end_no_longer_does_once_the_person_refuses() -> None:
    known = a_mark(COMPLAINT, scope=ADVERTISING, until=NOON + DAY)

    assert standing(known, an_opt_out().mark, now=NOON) == replace(known, until=None)


def test_of_two_refusals_the_later_counts() -> None:
    earlier, later = a_mark(REPLY, since=NOON - DAY), an_opt_out().mark

    assert standing(earlier, later, now=NOON) == later
    assert standing(later, earlier, now=NOON) == later


@given(MARKS, MOMENTS, MOMENTS)
def test_after_a_refusal_no_advertisement_leaves_that_was_not_agreed_to_since(
    known: Mark, at: datetime, now: datetime
) -> None:
    mark = standing(known, an_opt_out(at=at).mark, now=now)
    case: Case = a_case(marks=(mark,), consents={SMS_ADS: replace(a_consent(), at=at)})

    assert isinstance(decide(case, now=now + 400 * DAY), Refuse)


@given(MARKS, MOMENTS, MOMENTS)
def test_repeating_a_refusal_changes_nothing(known: Mark, at: datetime, now: datetime) -> None:
    new = an_opt_out(at=at).mark
    once = standing(known, new, now=now)

    assert standing(once, new, now=now + DAY) == once


@given(MARKS, MOMENTS)
def test_what_does_not_give_way_still_does_not_after_a_refusal(known: Mark, at: datetime) -> None:
    now = NOON if known.until is None else known.until - DAY

    mark = standing(known, an_opt_out(at=at).mark, now=now)

    assert known.reason in OPT_OUTS or mark.reason is known.reason


@pytest.mark.parametrize(
    ("scope", "phone", "email"),
    [
        (EVERYTHING, True, True),
        (ADVERTISING, True, True),
        (SMS, True, False),
        (Scope(Channel.KAKAO), True, False),
        (Scope(Channel.WHATSAPP), True, False),
        (Scope(Channel.PUSH), False, False),
        (Scope(Channel.EMAIL, Purpose.ADVERTISING), False, True),
    ],
    ids=str,
)
def test_scope_tells_which_addresses_it_concerns(scope: Scope, *, phone: bool, email: bool) -> None:
    assert (concerns_phone(scope), concerns_email(scope)) == (phone, email)


@pytest.mark.parametrize(
    ("reason", "phone", "expected"),
    [
        (REPLY, "+821000000001", ADVERTISING),
        (CALL, "+821000000001", ADVERTISING),
        (REPLY, "+12025550123", SMS),
        (CALL, "+12025550123", ADVERTISING),
        (REPLY, "+81312345678", ADVERTISING),
    ],
)
def test_word_of_refusal_ends_every_text_in_north_america(
    reason: SuppressionReason, phone: str, expected: Scope
) -> None:
    assert scope_of(reason, Phone(phone)) == expected
