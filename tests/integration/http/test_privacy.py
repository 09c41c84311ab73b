"""A person's rights: everything in one file, forgotten everywhere, and who looked at their data."""

import contextlib
import json
import zlib
from datetime import timedelta

import pytest

from functions.contracts.codec import to_body
from functions.contracts.queues import EraseJob
from functions.domain.consent import chain_breaks
from functions.domain.ids import ContactId
from functions.storage.consents import ConsentStore
from functions.storage.merging import merged_into
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    a_campaign,
    a_customer,
    a_sender,
    a_template,
    an_ad,
    consent,
    e164,
    phone,
    send,
)

NAME = "강바다"
ID, NUMBER, MAIL = "forgetme-1", 90, "bada@example.com"


@pytest.fixture
def person(api: Api, pump: Pump) -> None:
    """Somebody with consents, a notice sent, and an advertisement sent and one refused."""
    a_customer(api, ID, NUMBER, attributes={"name": NAME}, email=MAIL)
    consent(api, ID, "grant", ip="192.0.2.77")
    sender = a_sender(api)
    notice = a_template(api, purpose="transactional", body="{{ contact.name }}님 주문")
    send(api, notice, sender, {"contact_id": ID})
    told = a_campaign(api, notice, sender, recipients={"direct": [ID]})
    api.post(f"/v1/campaigns/{told}/launch", {})
    ad = an_ad(api)
    both = {"include": [{"everyone": True}, {"direct": [ID]}]}
    for recipients in ({"direct": [ID, phone(NUMBER)]}, {"everyone": True}, both):
        campaign = a_campaign(api, ad, sender, recipients=recipients)
        api.post(f"/v1/campaigns/{campaign}/launch", {})
    api.post("/v1/audiences", {"name": "everyone", "definition": {"all": []}})
    pump.run()


@pytest.mark.usefixtures("person")
def test_a_person_is_forgotten_everywhere(
    api: Api, account: Account, pump: Pump, clock: Clock
) -> None:
    assert _places_with(account, NAME, MAIL, ID, e164(NUMBER))

    answer = api.delete(f"/v1/contacts/{ID}")
    pump.run()
    clock.move_by(timedelta(minutes=15))
    # SQS holds the second sweep back by its own clock.
    failed = api.deliver("privacy", to_body(EraseJob(erasure_id=answer.body["erasure_id"])))

    assert (answer.status, failed) == (202, [])
    certificate = api.get(f"/v1/erasures/{answer.body['erasure_id']}").body
    assert certificate["status"] == "done", certificate
    assert certificate["erased"]["messages"] >= 2
    assert certificate["erased"]["audience_members"] >= 1
    assert certificate["erased"]["consent_rows_pseudonymised"] >= 2
    assert _places_with(account, NAME, MAIL, ID, e164(NUMBER), phone(NUMBER), "192.0.2.77") == []
    kept = ConsentStore().history_of_erased(certificate["subject"])
    assert len(kept) >= 2
    assert chain_breaks(kept) == ()


def test_nothing_more_leaves_to_somebody_forgotten(api: Api, pump: Pump) -> None:
    a_customer(api, "planned", 95)
    sender, notice = a_sender(api), a_template(api, purpose="transactional", body="안내")
    later = "2026-12-24T12:00:00+09:00"
    made = send(api, notice, sender, {"contact_id": "planned"}, send_at=later)

    api.delete("/v1/contacts/planned")
    pump.run()

    assert api.get("/v1/contacts/planned").status == 404
    (message,) = made["messages"]
    kept = api.get(f"/v1/messages/{message['message_id']}").body
    assert (kept["contact_id"], kept["phone"], kept["text"]) == (None, None, "")


def test_what_bears_a_former_id_is_forgotten_too(api: Api, pump: Pump) -> None:
    a_customer(api, "formerid", 98)
    api.put("/v1/contacts/nowid", {})
    notice, sender = a_template(api, purpose="transactional", body="안내"), a_sender(api)
    made = send(api, notice, sender, {"contact_id": "formerid"})
    told = a_campaign(api, notice, sender, recipients={"direct": ["formerid"]})
    api.post(f"/v1/campaigns/{told}/launch", {})
    pump.run()
    (of_campaign, _) = api.get("/v1/messages?contact_id=formerid").body["items"]
    assert api.post("/v1/contacts/nowid/merge", {"from": "formerid"}).status == 200

    assert len(api.get("/v1/messages?contact_id=nowid").body["items"]) == 2

    api.delete("/v1/contacts/nowid")
    pump.run()

    for message in (*made["messages"], of_campaign):
        kept = api.get(f"/v1/messages/{message['message_id']}").body
        assert (kept["contact_id"], kept["phone"], kept["text"]) == (None, None, "")
    assert merged_into(ContactId("formerid")) is None


def test_the_number_of_somebody_forgotten_is_free_and_stays_suppressed(api: Api) -> None:
    a_customer(api, "leaving", 96)
    suppressed = {"phone": phone(96), "reason": "opt_out_call", "source": "080"}
    api.post("/v1/suppressions", suppressed)
    api.delete("/v1/contacts/leaving")

    a_customer(api, "coming", 96)

    (mark,) = api.get("/v1/contacts/coming").body["suppressed"]
    assert mark["reason"] == "opt_out_call"


def test_nobody_cannot_be_forgotten(api: Api) -> None:
    assert_problem(api.delete("/v1/contacts/nobody"), 404, "not_found")
    assert_problem(api.get("/v1/erasures/era_nothing"), 404, "not_found")


def test_a_person_gets_everything_in_one_file(api: Api, pump: Pump) -> None:
    a_customer(api, "curious", 97, attributes={"name": "이구름"})
    notice = a_template(api, purpose="transactional", body="{{ contact.name }}님 주문")
    sender = a_sender(api)
    send(api, notice, sender, {"contact_id": "curious"})
    told = a_campaign(api, notice, sender, recipients={"direct": ["curious"]})
    api.post(f"/v1/campaigns/{told}/launch", {})
    pump.run()
    api.get("/v1/contacts/curious")

    answer = api.get("/v1/contacts/curious/export")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="curious.json"'
    file = answer.body
    assert file["profile"]["phone"] == e164(97)
    assert file["profile"]["attributes"] == {"name": "이구름"}
    assert [each["action"] for each in file["consents"]] == ["grant"]
    assert [each["recipient"]["text"] for each in file["messages"]] == ["이구름님 주문"] * 2
    assert "GET /v1/contacts/{contact_id}" in [each["route"] for each in file["accesses"]]


def test_only_an_admin_may_export_or_erase(api: Api, make_api) -> None:
    a_customer(api, "guarded", 98)
    caller = make_api("read", "contacts")

    for answer in (
        caller.get("/v1/contacts/guarded/export"),
        caller.delete("/v1/contacts/guarded"),
        caller.get("/v1/accesses?day=2026-11-26"),
    ):
        assert_problem(answer, 403, "forbidden")


def test_who_looked_at_personal_data_is_written_down(api: Api, clock: Clock) -> None:
    a_customer(api, "watched", 99)
    clock.move_by(timedelta(days=30))

    api.get("/v1/contacts/watched")
    api.get("/v1/contacts?limit=1")
    api.get("/v1/campaigns")

    found = _accesses(api, clock.now().date().isoformat())
    assert [(each["route"], bool(each["subject"])) for each in found] == [
        ("GET /v1/contacts/{contact_id}", True),
        ("GET /v1/contacts", False),
    ]
    assert {each["key_id"] for each in found} == {"key_admin"}
    assert "watched" not in json.dumps(found)


def test_without_the_log_there_is_no_look(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    a_customer(api, "hidden", 89)
    monkeypatch.setattr("functions.access.wiring.audit", _broken)

    answer = api.get("/v1/contacts/hidden")

    assert answer.status >= 500
    assert e164(89) not in answer.text


def _broken() -> None:
    raise RuntimeError


def _accesses(api: Api, day: str) -> list[dict]:
    found, path = [], f"/v1/accesses?day={day}&limit=1"
    while path:
        page = api.get(path).body
        found += page["items"]
        cursor = page["next_cursor"]
        path = "" if cursor is None else f"/v1/accesses?day={day}&limit=1&cursor={cursor}"
    return sorted(found, key=lambda each: each["at"])


def _places_with(account: Account, *texts: str) -> list[str]:
    """Tables and files in which one of the texts stands, also in compressed values."""
    found = []
    for name, value in account.environment().items():
        if name.startswith("TABLE_"):
            rows = account.dynamodb.scan(TableName=value)["Items"]
            found += [f"{name}: {row}" for row in rows if _has(row, texts)]
    bucket = account.environment()["BUCKET_DATA"]
    for page in account.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for key in (each["Key"] for each in page.get("Contents", ())):
            found += [key] if _has(account.get_object(key), texts) else []
    return found


def _has(value: object, texts: tuple[str, ...]) -> bool:
    match value:
        case bytes():
            return _has(_unpacked(value), texts)
        case dict():
            return any(_has(each, texts) for each in value.values())
        case list() | set() | frozenset():
            return any(_has(each, texts) for each in value)
        case _:
            return any(text in str(value) for text in texts)


def _unpacked(value: bytes) -> str:
    with contextlib.suppress(zlib.error):
        value = zlib.decompress(value)
    return value.decode("utf-8", errors="replace")
