from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from functions.domain.consent import Basis, ConsentAction, ConsentKey, ConsentRecord, fold
from functions.domain.ids import ContactId
from functions.domain.notice import (
    Notice,
    NoticeKind,
    NoticeState,
    anniversary,
    confirmation_day,
    notices_of,
    shard_of,
)
from functions.domain.notice_settings import NoticeRoute, NoticeSettings, words_of
from functions.domain.writing import ConsentChange
from tests.builders import NOON, SEOUL, SMS_ADS, SMS_NIGHT_ADS
from tests.fakes.people import a_record

C1 = ContactId("c1")
GRANT, WITHDRAW = ConsentAction.GRANT, ConsentAction.WITHDRAW
IMPORT, CONFIRM = ConsentAction.IMPORT, ConsentAction.CONFIRM
TODAY = date(2026, 11, 20)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))


def a_row(
    action: ConsentAction = GRANT,
    *,
    key: ConsentKey = SMS_ADS,
    at: datetime = NOON,
    recorded: datetime | None = None,
    seq: int = 1,
    basis: Basis = Basis.EXPLICIT,
) -> ConsentRecord:
    change = ConsentChange(
        key=key,
        action=action,
        at=at,
        source="api",
        actor="key_1",
        text_version="",
        basis=basis,
        goods="shoes" if basis is Basis.TRANSACTION else "",
    )
    return a_record(change, C1, seq=seq, now=recorded or max(at, NOON))


def test_who_undoes_an_import_says_nothing_for_the_person() -> None:
    granted, withdrawn = a_row(), a_row(WITHDRAW, seq=2)

    assert called_for(replace(withdrawn, source="undo:imp_1"), before=[granted]) == {}


def called_for(*rows: ConsentRecord, before: Sequence[ConsentRecord] = ()) -> dict[str, Notice]:
    found = notices_of(rows, fold([*before, *rows]), zone=SEOUL)
    return {notice.name: notice for notice in found}


def test_a_grant_calls_for_its_result_and_for_a_confirmation() -> None:
    found = called_for(a_row())

    assert {name: (each.kind, each.due) for name, each in found.items()} == {
        "result#00000001": (NoticeKind.RESULT, date(2026, 12, 4)),
        "confirm#sms:advertising": (NoticeKind.CONFIRM, date(2028, 11, 20)),
    }
    assert {(each.action, each.said, each.state) for each in found.values()} == {
        (GRANT, NOON, NoticeState.DUE)
    }


def test_a_withdrawal_calls_for_its_result_alone() -> None:
    granted = a_row()

    found = called_for(a_row(WITHDRAW, seq=2), before=[granted])

    assert [(each.name, each.action) for each in found.values()] == [("result#00000002", WITHDRAW)]


def test_a_consent_that_is_withdrawn_in_the_same_breath_has_no_confirmation() -> None:
    assert sorted(called_for(a_row(), a_row(WITHDRAW, seq=2))) == [
        "result#00000001",
        "result#00000002",
    ]


def test_night_advertising_is_a_consent_of_its_own() -> None:
    assert sorted(called_for(a_row(), a_row(key=SMS_NIGHT_ADS, seq=2))) == [
        "confirm#sms:advertising",
        "confirm#sms:night_advertising",
        "result#00000001",
        "result#00000002",
    ]


def test_a_transaction_calls_for_nothing() -> None:
    assert called_for(a_row(basis=Basis.TRANSACTION)) == {}


def test_a_transaction_leaves_the_confirmation_of_an_explicit_consent_alone() -> None:
    assert called_for(a_row(basis=Basis.TRANSACTION, seq=2), before=[a_row()]) == {}


@pytest.mark.parametrize(("days_ago", "told"), [(0, True), (14, True), (15, False), (800, False)])
def test_the_result_of_an_imported_consent_was_the_earlier_systems_duty(
    days_ago: int, told: bool
) -> None:
    found = called_for(a_row(IMPORT, at=NOON - timedelta(days=days_ago), recorded=NOON))

    assert ("result#00000001" in found) is told
    assert "confirm#sms:advertising" in found


def test_an_imported_consent_is_confirmed_by_its_own_date() -> None:
    long_ago = datetime(2021, 3, 31, tzinfo=UTC)

    found = called_for(a_row(IMPORT, at=long_ago, recorded=NOON))

    assert found["confirm#sms:advertising"].due == date(2027, 3, 31)


def test_what_is_told_late_through_the_api_is_due_at_once() -> None:
    found = called_for(a_row(at=NOON - timedelta(days=40), recorded=NOON))

    assert found["result#00000001"].due == TODAY


def test_a_confirmation_calls_for_the_next_and_has_no_result() -> None:
    granted = a_row(at=datetime(2024, 12, 10, 3, tzinfo=UTC))

    found = called_for(a_row(CONFIRM, seq=2), before=[granted])

    assert [(each.name, each.due) for each in found.values()] == [
        ("confirm#sms:advertising", date(2028, 12, 10))
    ]


def test_the_day_is_that_of_the_tenants_zone() -> None:
    after_midnight_in_seoul = datetime(2026, 11, 19, 15, 30, tzinfo=UTC)
    row = a_row(at=after_midnight_in_seoul, recorded=after_midnight_in_seoul)

    seoul = notices_of([row], fold([row]), zone=SEOUL)
    new_york = notices_of([row], fold([row]), zone=ZoneInfo("America/New_York"))

    assert [each.due for each in seoul] == [date(2026, 12, 4), date(2028, 11, 20)]
    assert [each.due for each in new_york] == [date(2026, 12, 3), date(2028, 11, 19)]


@pytest.mark.parametrize(
    ("consented", "confirmed", "today", "due"),
    [
        (date(2024, 2, 29), None, date(2024, 3, 1), date(2026, 2, 28)),
        (date(2024, 2, 29), date(2026, 2, 1), date(2026, 2, 1), date(2028, 2, 29)),
        # A month early counts for the coming day, a month late for the one that passed.
        (date(2024, 6, 1), date(2026, 5, 2), date(2026, 5, 2), date(2028, 6, 1)),
        (date(2024, 6, 1), date(2026, 7, 1), date(2026, 7, 1), date(2028, 6, 1)),
        # So soon after the consent it counts for nothing yet.
        (date(2024, 6, 1), date(2024, 7, 1), date(2024, 7, 1), date(2026, 6, 1)),
        (date(2024, 6, 1), date(2026, 6, 1), date(2026, 6, 1), date(2028, 6, 1)),
        (date(2024, 6, 1), None, date(2026, 6, 1), date(2026, 6, 1)),
    ],
)
def test_the_day_of_the_next_confirmation(
    consented: date, confirmed: date | None, today: date, due: date
) -> None:
    assert confirmation_day(consented, confirmed=confirmed, today=today) == due


@given(DAYS, DAYS)
def test_a_consent_is_confirmed_on_its_own_calendar_date(consented: date, today: date) -> None:
    today = max(consented, today)

    due = confirmation_day(consented, confirmed=None, today=today)

    assert due >= today
    assert (due.year - consented.year) % 2 == 0
    assert due > consented
    assert due.month == consented.month
    assert due.day == consented.day or (consented.day, due.day) == (29, 28)
    assert due <= today.replace(day=1) + timedelta(days=2 * 366 + 31)


@given(DAYS, st.integers(1, 20), st.integers(0, 150))
def test_confirming_in_time_moves_to_the_next_date(
    consented: date, number: int, days_before: int
) -> None:
    due = anniversary(consented, number)
    confirmed = due - timedelta(days=days_before)

    following = confirmation_day(consented, confirmed=confirmed, today=confirmed)

    assert following == anniversary(consented, number + 1)


@given(DAYS, st.integers(0, 20_000))
def test_no_confirmation_skips_a_date_that_is_far_off(consented: date, days: int) -> None:
    confirmed = consented + timedelta(days=days)

    due = confirmation_day(consented, confirmed=confirmed, today=confirmed)

    assert confirmed <= due
    # Two years and the half by which a confirmation may be early.
    assert (due - confirmed).days <= 2 * 366 + 184


@given(st.text(min_size=1))
def test_everyone_is_in_one_of_four_shards(contact_id: str) -> None:
    assert shard_of(ContactId(contact_id)) in range(4)


def test_people_are_spread_over_the_shards() -> None:
    assert {shard_of(ContactId(f"c{number}")) for number in range(50)} == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("state", "days_past", "overdue"),
    [
        (NoticeState.DUE, 0, False),
        (NoticeState.DUE, 1, True),
        (NoticeState.UNDELIVERABLE, 1, True),
        (NoticeState.SENT, 1, False),
    ],
)
def test_overdue_is_what_was_not_sent_by_the_end_of_its_day(
    state: NoticeState, days_past: int, overdue: bool
) -> None:
    notice = a_notice(state=state, due=TODAY)

    assert notice.overdue(TODAY + timedelta(days=days_past)) is overdue


def a_notice(**values: object) -> Notice:
    facts: dict[str, object] = {
        "kind": NoticeKind.RESULT,
        "contact_id": C1,
        "key": SMS_ADS,
        "action": GRANT,
        "said": NOON,
        "due": date(2026, 12, 4),
        "seq": 1,
    }
    return Notice(**(facts | values))  # type: ignore[arg-type]


def test_results_leave_at_once_and_confirmations_thirty_days_before() -> None:
    route = NoticeRoute(template_id="t", template_version=1, sender_id="s")  # type: ignore[arg-type]
    settings = NoticeSettings(routes=dict.fromkeys(NoticeKind, route))
    confirm = a_notice(kind=NoticeKind.CONFIRM, due=TODAY + timedelta(days=30))

    assert settings.leaves(a_notice(due=TODAY + timedelta(days=14)), today=TODAY)
    assert settings.leaves(confirm, today=TODAY)
    assert not settings.leaves(confirm, today=TODAY - timedelta(days=1))
    assert not NoticeSettings().leaves(confirm, today=TODAY)


def test_the_words_are_korean() -> None:
    refused = a_notice(action=WITHDRAW, key=SMS_NIGHT_ADS)

    assert words_of(refused, zone=SEOUL) == {
        "channel": "문자",
        "purpose": "야간(21시~8시) 광고성 정보",
        "action": "수신 거부",
        "date": "2026년 11월 20일",
        "result": "수신 거부 처리 완료",
    }
    assert words_of(a_notice(kind=NoticeKind.CONFIRM), zone=SEOUL)["result"] == "수신 동의 유지 중"
