"""Consents through the API: evidence that only grows, and what is in force because of it."""

import hashlib
from datetime import datetime, timedelta
from urllib.parse import quote

import pytest

from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.shop import a_contact, consent

_ADS = "sms:advertising"
_BODY = {
    "channel": "sms",
    "purpose": "advertising",
    "action": "grant",
    "source": "signup form",
}


def test_a_grant_is_in_force_when_it_is_answered(api: Api) -> None:
    a_contact(api, "granter", None)

    record = consent(api, "granter", "grant", text_version="2026-03")

    (kept,) = _history(api, "granter")["items"]
    assert kept == record
    assert (record["seq"], record["previous"]) == (1, "0" * 64)
    assert (record["source"], record["actor"]) == ("signup form", "key_admin")
    assert record["text_version"] == "2026-03"
    in_force = api.get("/v1/contacts/granter").body["consents"]
    assert in_force == {
        _ADS: {
            "granted": True,
            "at": record["at"],
            "seq": 1,
            "basis": "explicit",
            "trades": {},
            "imported": False,
            "confirmed": None,
        }
    }


def test_evidence_says_what_was_read_and_from_where(api: Api) -> None:
    a_contact(api, "reader", None)
    text = "알림상점의 광고 문자를 받는 데 동의합니다."

    record = consent(api, "reader", "grant", text=text, ip="2001:DB8::1")

    assert record["text_hash"] == hashlib.sha256(text.encode()).hexdigest()
    assert record["ip"] == "2001:db8::1"
    assert text not in api.get("/v1/contacts/reader/consents").text


def test_a_transaction_allows_its_goods_until_six_months_later(api: Api) -> None:
    a_contact(api, "buyer", None)

    consent(
        api, "buyer", "grant", basis="transaction", goods="books", at="2026-10-31T12:00:00+09:00"
    )

    kept = api.get("/v1/contacts/buyer").body["consents"][_ADS]
    assert kept["basis"] == "transaction"
    assert kept["trades"] == {"books": "2027-04-30T12:00:00+09:00"}


def test_a_transaction_does_not_undo_a_refusal(api: Api) -> None:
    a_contact(api, "refuser", None)
    consent(api, "refuser", "withdraw", at="2026-01-01T12:00:00+09:00")

    consent(
        api, "refuser", "grant", basis="transaction", goods="books", at="2026-10-31T12:00:00+09:00"
    )

    assert api.get("/v1/contacts/refuser").body["consents"][_ADS]["granted"] is False


def test_only_what_is_agreed_to_can_be_confirmed(api: Api) -> None:
    a_contact(api, "confirmer", None)
    body = {**_BODY, "action": "confirm"}

    early = api.post("/v1/contacts/confirmer/consents", body)
    consent(api, "confirmer", "grant")
    confirmed = consent(api, "confirmer", "confirm")

    assert_problem(early, 409, "not_granted")
    in_force = api.get("/v1/contacts/confirmer").body["consents"][_ADS]
    assert (in_force["granted"], in_force["confirmed"]) == (True, confirmed["at"])


def test_a_past_import_does_not_bring_back_what_was_withdrawn(api: Api) -> None:
    a_contact(api, "imported", None)
    consent(api, "imported", "withdraw")

    answer = api.post(
        "/v1/contacts/imported/consents",
        {**_BODY, "action": "import", "at": "2026-01-01T12:00:00+09:00"},
    )

    assert_problem(answer, 409, "withdrawn_since")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"basis": "transaction"}, "goods_mismatch"),
        ({"goods": "books"}, "goods_mismatch"),
        ({"basis": "transaction", "goods": "books", "action": "withdraw"}, "basis_not_allowed"),
        (
            {"basis": "transaction", "goods": "books", "purpose": "night_advertising"},
            "basis_not_allowed",
        ),
    ],
)
def test_a_basis_must_fit(api: Api, more: dict[str, str], code: str) -> None:
    api.put("/v1/contacts/misfit", {})

    answer = api.post("/v1/contacts/misfit/consents", {**_BODY, **more})

    assert_problem(answer, 422, "invalid_input", ("", code))


def test_a_withdrawal_is_in_force_when_it_is_answered(api: Api) -> None:
    a_contact(api, "leaver", None)
    consent(api, "leaver", "grant")

    consent(api, "leaver", "withdraw")

    assert api.get("/v1/contacts/leaver").body["consents"][_ADS]["granted"] is False
    history = _history(api, "leaver")
    assert [each["action"] for each in history["items"]] == ["grant", "withdraw"]
    assert history["items"][1]["previous"] == history["items"][0]["digest"]
    assert history["chain_intact"] is True


def test_channels_and_purposes_are_kept_apart(api: Api) -> None:
    a_contact(api, "partly", None)
    consent(api, "partly", "grant")
    consent(api, "partly", "grant", purpose="night_advertising")
    consent(api, "partly", "withdraw", channel="kakao")

    in_force = _history(api, "partly")["in_force"]

    assert {key: each["granted"] for key, each in in_force.items()} == {
        "sms:advertising": True,
        "sms:night_advertising": True,
        "kakao:advertising": False,
    }


def test_what_was_in_force_at_a_moment_can_be_asked(api: Api, clock: Clock) -> None:
    a_contact(api, "past", None)
    now = clock.now()
    consent(api, "past", "grant", at=_days_before(now, 20))
    consent(api, "past", "withdraw", at=_days_before(now, 10))

    before = _history(api, "past", as_of=_days_before(now, 30))
    between = _history(api, "past", as_of=_days_before(now, 15))
    after = _history(api, "past", as_of=_days_before(now, 5))

    assert before["in_force"] == {}
    assert between["in_force"][_ADS]["granted"] is True
    assert after["in_force"][_ADS]["granted"] is False
    assert len(before["items"]) == 2


@pytest.mark.parametrize(
    "as_of", ["2026-11-22T09:00:00+09:00", "2026-11-22T00:00:00Z", "2026-11-22 09:00+09:00"]
)
def test_a_moment_may_be_written_in_several_ways(api: Api, as_of: str) -> None:
    api.put("/v1/contacts/moments", {})

    for written in (quote(as_of), as_of.replace(" ", "T")):  # a plus sign may come as a space
        answer = api.get(f"/v1/contacts/moments/consents?as_of={written}")
        assert datetime.fromisoformat(answer.body["as_of"]) == datetime.fromisoformat(
            "2026-11-22T00:00:00+00:00"
        )


def test_a_consent_from_before_a_withdrawal_does_not_come_back(api: Api, clock: Clock) -> None:
    a_contact(api, "firm", None)
    consent(api, "firm", "withdraw", at=_days_before(clock.now(), 2))
    body = {"channel": "sms", "purpose": "advertising", "action": "grant", "source": "old list"}

    older = api.post("/v1/contacts/firm/consents", body | {"at": _days_before(clock.now(), 3)})
    newer = api.post("/v1/contacts/firm/consents", body | {"at": _days_before(clock.now(), 1)})

    assert_problem(older, 409, "withdrawn_since")
    assert newer.status == 201
    assert [each["action"] for each in _history(api, "firm")["items"]] == ["withdraw", "grant"]


def test_a_withdrawal_counts_whatever_its_date(api: Api, clock: Clock) -> None:
    a_contact(api, "late", None)
    consent(api, "late", "grant")

    consent(api, "late", "withdraw", at=_days_before(clock.now(), 7))

    assert api.get("/v1/contacts/late").body["consents"][_ADS]["granted"] is False


def test_a_consent_cannot_lie_in_the_future(api: Api, clock: Clock) -> None:
    a_contact(api, "future", None)
    body = {"channel": "sms", "purpose": "advertising", "action": "grant", "source": "form"}

    answer = api.post("/v1/contacts/future/consents", body | {"at": _days_before(clock.now(), -1)})

    assert_problem(answer, 422, "invalid_input", ("/at", "in_the_future"))
    assert _history(api, "future")["items"] == []


def test_evidence_that_was_tampered_with_shows(api: Api, account: Account) -> None:
    a_contact(api, "forged", None)
    consent(api, "forged", "withdraw")
    consent(api, "forged", "grant")

    table = account.environment()["TABLE_CONSENTS"]
    account.dynamodb.update_item(
        TableName=table,
        Key={"contact_id": {"S": "forged"}, "seq": {"N": "1"}},
        UpdateExpression="SET #a = :grant",
        ExpressionAttributeNames={"#a": "action"},
        ExpressionAttributeValues={":grant": {"S": "grant"}},
    )

    assert _history(api, "forged")["chain_intact"] is False


def test_a_profile_written_anew_keeps_its_consents(api: Api) -> None:
    a_contact(api, "rewritten", None)
    consent(api, "rewritten", "grant")

    api.put("/v1/contacts/rewritten", {"attributes": {"name": "박바다"}})

    assert api.get("/v1/contacts/rewritten").body["consents"][_ADS]["granted"] is True


def _history(api: Api, contact_id: str, *, as_of: str | None = None) -> dict:
    query = "" if as_of is None else f"?as_of={quote(as_of)}"
    answer = api.get(f"/v1/contacts/{contact_id}/consents{query}")
    assert answer.status == 200, answer.text
    return answer.body


def _days_before(now: datetime, days: int) -> str:
    return (now - timedelta(days=days)).isoformat()
