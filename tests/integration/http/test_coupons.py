"""Coupons through the API and the workers: filled, handed out, redeemed, forgotten."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.contracts.codec import to_body
from functions.contracts.queues import EraseJob
from functions.domain.activity import ActivityKey
from functions.domain.ids import ContactId
from functions.storage.activities import ActivityStore
from infra.local.carrier.client import CarrierControl
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import SEOUL, Clock
from tests.integration.http.problems import assert_problem, fields_of
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    a_campaign,
    a_contact,
    a_customer,
    a_sender,
    an_ad,
)

CODES = ["SPRING-AAA1", "SPRING-AAA2", "SPRING-AAA3"]
_numbers = iter(range(1, 10_000))


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def ad(api: Api) -> str:
    return an_ad(api, body="{{ contact.name }}님 쿠폰 {{ coupon }}")


def a_pool(api: Api, *codes: str, **values: Any) -> str:
    pool_id: str = api.post("/v1/coupon-pools", {"name": "봄 쿠폰"} | values).body["pool_id"]
    if codes:
        assert api.post(f"/v1/coupon-pools/{pool_id}/codes", {"codes": codes}).status == 200
    return pool_id


def people(api: Api, group: str, count: int) -> list[str]:
    """People of a group, who may be written to."""
    made = [f"{group}-{each}" for each in range(count)]
    for each in made:
        a_customer(api, each, next(_numbers), groups=[group])
    return made


def sent_to(api: Api, contact_ids: list[str]) -> dict[str, str]:
    """The texts that were sent, by whom they went to."""
    return {
        each: message["text"]
        for each in contact_ids
        for message in api.get(f"/v1/messages?contact_id={each}").body["items"]
    }


def code_in(text: str) -> str:
    return text.partition("쿠폰 ")[2][: len(CODES[0])]


def launch(api: Api, pump: Pump, ad: str, sender: str, group: str, pool: str) -> str:
    campaign = a_campaign(api, ad, sender, recipients={"group": group}, coupon_pool=pool)
    assert api.post(f"/v1/campaigns/{campaign}/launch", {}).status == 202
    pump.run()
    return campaign


def report_of(api: Api, campaign: str) -> dict[str, Any]:
    report: dict[str, Any] = api.get(f"/v1/campaigns/{campaign}/report").body
    assert report["adds_up"]
    return report


def test_a_pool_is_made_filled_and_counted(api: Api) -> None:
    until = "2027-01-01T00:00:00+09:00"
    value = {"minor": 5000, "currency": "KRW"}
    made = api.post(
        "/v1/coupon-pools",
        {"name": "봄", "expires_at": until, "value": value, "warn_below": 4},
    )
    pool_id = made.body["pool_id"]

    listed = api.post(f"/v1/coupon-pools/{pool_id}/codes", {"codes": [*CODES, CODES[0]]})
    pasted = api.post(
        f"/v1/coupon-pools/{pool_id}/codes", {"text": f" {CODES[1]} \r\n\nSPRING-BBB1\n"}
    )

    assert made.status == 201
    assert made.body == {
        "pool_id": pool_id,
        "name": "봄",
        "created": made.body["created"],
        "expires_at": made.body["expires_at"],
        "value": value,
        "event": "coupon_redeemed",
        "warn_below": 4,
    }
    assert datetime.fromisoformat(made.body["expires_at"]) == datetime.fromisoformat(until)
    assert listed.body == {
        "added": 3,
        "duplicates": 1,
        "duplicate_pointers": ["/codes/3"],
        "codes": 3,
    }
    assert pasted.body == {
        "added": 1,
        "duplicates": 1,
        "duplicate_pointers": ["/text/0"],
        "codes": 4,
    }
    found = api.get(f"/v1/coupon-pools/{pool_id}").body
    figures = {"codes": 4, "given": 0, "redeemed": 0, "left": 4, "low": False}
    assert found.items() >= figures.items()
    assert pool_id in {each["pool_id"] for each in api.get("/v1/coupon-pools").body["items"]}


def test_more_people_than_codes(
    api: Api, pump: Pump, ad: str, sender: str, carrier: CarrierControl
) -> None:
    group = people(api, "more", 5)
    pool = a_pool(api, *CODES, warn_below=1)

    campaign = launch(api, pump, ad, sender, "more", pool)

    report = report_of(api, campaign)
    assert (report["sent"], report["refused_by_reason"]) == (3, {"coupon_exhausted": 2})
    texts = sent_to(api, group)
    assert sorted(code_in(each) for each in texts.values()) == CODES
    assert {code_in(item["text"]) for item in carrier.ledger(status="any")} >= set(CODES)
    counted = api.get(f"/v1/coupon-pools/{pool}").body
    assert counted.items() >= {"given": 3, "left": 0, "low": True}.items()
    without = next(each for each in group if each not in texts)
    assert api.get(f"/v1/campaigns/{campaign}/why?contact_id={without}").body["reason"] == (
        "coupon_exhausted"
    )


def test_who_cannot_be_written_to_takes_no_code(api: Api, pump: Pump, ad: str, sender: str) -> None:
    people(api, "some", 2)
    a_contact(api, "some-refused", next(_numbers), groups=["some"])
    pool = a_pool(api, *CODES)

    report = report_of(api, launch(api, pump, ad, sender, "some", pool))

    assert (report["sent"], report["refused_by_reason"]) == (2, {"no_consent": 1})
    assert api.get(f"/v1/coupon-pools/{pool}").body["left"] == 1


def test_a_second_campaign_gives_everybody_their_code_again(
    api: Api, pump: Pump, ad: str, sender: str
) -> None:
    (first, second) = people(api, "again", 2)
    pool = a_pool(api, *CODES)
    launch(api, pump, ad, sender, "again", pool)
    code = api.get(f"/v1/contacts/{first}/coupons/{pool}").body["code"]

    launch(api, pump, ad, sender, "again", pool)

    texts = [each["text"] for each in api.get(f"/v1/messages?contact_id={first}").body["items"]]
    assert [code in each for each in texts] == [True, True]
    assert api.get(f"/v1/contacts/{second}/coupons/{pool}").body["code"] != code
    assert api.get(f"/v1/coupon-pools/{pool}").body["given"] == 2


def test_simulation_tells_who_would_go_without(api: Api, pump: Pump, ad: str, sender: str) -> None:
    people(api, "simulated", 4)
    pool = a_pool(api, *CODES)
    campaign = a_campaign(api, ad, sender, recipients={"group": "simulated"}, coupon_pool=pool)

    started = api.post(f"/v1/campaigns/{campaign}/simulate", {}).body["simulation_id"]
    pump.run()

    found = api.get(f"/v1/campaigns/{campaign}/simulations/{started}").body
    assert (found["ready"], found["refused_by_reason"]) == (3, {"coupon_exhausted": 1})
    assert api.get(f"/v1/coupon-pools/{pool}").body["given"] == 0


def test_a_code_is_redeemed_once_and_counts_as_an_event(
    api: Api, pump: Pump, ad: str, sender: str, clock: Clock
) -> None:
    (person,) = people(api, "redeems", 1)
    pool = a_pool(api, *CODES)
    api.put("/v1/event-types/coupon_redeemed", {"properties": ["pool"]})
    clock.move_by(timedelta(seconds=16))
    campaign = launch(api, pump, ad, sender, "redeems", pool)
    held = api.get(f"/v1/contacts/{person}/coupons/{pool}").body
    place = f"/v1/coupon-pools/{pool}/redemptions"
    value = {"minor": 39_000, "currency": "KRW"}

    first = api.post(place, {"code": held["code"], "order": "o-1", "value": value})
    repeated = api.post(place, {"code": held["code"], "order": "o-1", "value": value})
    second = api.post(place, {"code": held["code"], "order": "o-2"})
    pump.run()

    assert (held["campaign_id"], held["redemption"]) == (campaign, None)
    assert first.status == repeated.status == 200
    assert first.body == repeated.body
    assert first.body == {
        "redeemed_at": first.body["redeemed_at"],
        "order": "o-1",
        "value": value,
        "event": "coupon_redeemed",
    }
    assert_problem(second, 409, "already_redeemed", ("/code", "already_redeemed"))
    assert first.body["redeemed_at"] in second.body["errors"][0]["message"]
    today = clock.now().astimezone(SEOUL).date()
    totals = ActivityStore().of(ContactId(person), first=today, last=today, zone=SEOUL)
    (all_of_them,) = totals[ActivityKey("coupon_redeemed")]
    (of_the_pool,) = totals[ActivityKey("coupon_redeemed", "pool", pool)]
    assert (all_of_them.count, all_of_them.sum_minor, of_the_pool.count) == (1, 39_000, 1)
    again = api.get(f"/v1/contacts/{person}/coupons/{pool}").body
    assert again["redemption"]["order"] == "o-1"
    assert api.get(f"/v1/coupon-pools/{pool}").body["redeemed"] == 1


def test_code_of_somebody_who_was_merged_is_the_survivors(
    api: Api, pump: Pump, ad: str, sender: str, clock: Clock
) -> None:
    (other,) = people(api, "merged", 1)
    survivor = a_contact(api, "merges", next(_numbers))
    pool = a_pool(api, *CODES)
    launch(api, pump, ad, sender, "merged", pool)
    code = api.get(f"/v1/contacts/{other}/coupons/{pool}").body["code"]
    assert api.post(f"/v1/contacts/{survivor}/merge", {"from": other}).status == 200

    held = api.get(f"/v1/contacts/{survivor}/coupons/{pool}").body
    place = f"/v1/coupon-pools/{pool}/redemptions"
    redeemed = api.post(place, {"code": code, "order": "o-1"})
    pump.run()

    today = clock.now().astimezone(SEOUL).date()
    totals = ActivityStore().of(ContactId(survivor), first=today, last=today, zone=SEOUL)
    assert (held["code"], redeemed.status) == (code, 200)
    assert [each.count for each in totals[ActivityKey("coupon_redeemed")]] == [1]


def test_what_cannot_be_redeemed(api: Api) -> None:
    pool = a_pool(api, *CODES)
    place = f"/v1/coupon-pools/{pool}/redemptions"

    assert_problem(api.post(place, {"code": CODES[0]}), 409, "coupon_not_given")
    assert_problem(api.post(place, {"code": "SPRING-ZZZ9"}), 404, "not_found")
    assert_problem(
        api.post("/v1/coupon-pools/cpn_none/redemptions", {"code": CODES[0]}), 404, "not_found"
    )


def test_after_its_end_a_pool_gives_and_takes_nothing(
    api: Api, pump: Pump, ad: str, sender: str, clock: Clock
) -> None:
    people(api, "early", 1)
    late = people(api, "late", 2)
    pool = a_pool(api, *CODES, expires_at=(clock.now() + timedelta(minutes=5)).isoformat())
    launch(api, pump, ad, sender, "early", pool)
    waiting = a_campaign(api, ad, sender, recipients={"group": "late"}, coupon_pool=pool)
    code = api.get(f"/v1/contacts/early-0/coupons/{pool}").body["code"]
    clock.move_by(timedelta(minutes=6))

    api.post(f"/v1/campaigns/{waiting}/launch", {})
    pump.run()

    assert report_of(api, waiting)["refused_by_reason"] == {"coupon_expired": len(late)}
    redeemed = api.post(f"/v1/coupon-pools/{pool}/redemptions", {"code": code})
    assert_problem(redeemed, 409, "coupon_expired")


def test_bad_input_is_named(api: Api, ad: str, sender: str) -> None:
    pool = a_pool(api)
    plain = an_ad(api)
    body = {
        "name": "x",
        "template_id": ad,
        "template_version": 1,
        "sender_id": sender,
        "recipients": {"everyone": True},
    }
    codes = f"/v1/coupon-pools/{pool}/codes"

    assert fields_of(api.post(codes, {"codes": ["GOOD", "b"]})) == [("/codes/1", "invalid_format")]
    assert fields_of(api.post(codes, {"text": "GOOD\n한글코드"})) == [("/text/1", "invalid_format")]
    assert fields_of(api.post(codes, {})) == [("", "one_of")]
    assert fields_of(api.post("/v1/campaigns", body | {"coupon_pool": "cpn_none"})) == [
        ("/coupon_pool", "not_found")
    ]
    unused = body | {"template_id": plain, "coupon_pool": pool}
    assert fields_of(api.post("/v1/campaigns", unused)) == [("/coupon_pool", "not_used")]
    assert api.get(f"/v1/coupon-pools/{pool}").body["codes"] == 0


def test_codes_and_people_are_in_no_log(
    api: Api, pump: Pump, ad: str, sender: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="service_undefined")
    (person,) = people(api, "logged", 1)
    pool = a_pool(api, "LOGGED-CODE-1")
    launch(api, pump, ad, sender, "logged", pool)
    api.post(f"/v1/coupon-pools/{pool}/redemptions", {"code": "LOGGED-CODE-1"})
    api.post(f"/v1/coupon-pools/{pool}/redemptions", {"code": "LOGGED-CODE-1"})
    api.post(f"/v1/coupon-pools/{pool}/codes", {"codes": ["LOGGED-CODE-1", "!"]})

    assert caplog.records
    assert "LOGGED-CODE" not in " ".join(str(vars(each)) for each in caplog.records)
    assert person


def test_erasure_keeps_the_code_but_not_whose_it_was(
    api: Api, pump: Pump, account: Account, ad: str, sender: str, clock: Clock
) -> None:
    (person,) = people(api, "erasedone", 1)
    pool = a_pool(api, *CODES)
    launch(api, pump, ad, sender, "erasedone", pool)
    code = api.get(f"/v1/contacts/{person}/coupons/{pool}").body["code"]

    answer = api.delete(f"/v1/contacts/{person}")
    pump.run()
    clock.move_by(timedelta(minutes=15))
    api.deliver("privacy", to_body(EraseJob(erasure_id=answer.body["erasure_id"])))

    certificate = api.get(f"/v1/erasures/{answer.body['erasure_id']}").body
    assert (certificate["status"], certificate["erased"]["coupon_grants"]) == ("done", 1)
    assert_problem(api.get(f"/v1/contacts/{person}/coupons/{pool}"), 404, "not_found")
    redeemed = api.post(f"/v1/coupon-pools/{pool}/redemptions", {"code": code})
    assert (redeemed.status, redeemed.body["event"]) == (200, None)
    assert api.get(f"/v1/coupon-pools/{pool}").body["given"] == 1
    table = account.dynamodb.scan(TableName=account.environment()["TABLE_COUPONS"])
    assert person not in str(table["Items"])


@pytest.mark.parametrize(
    ("scope", "call", "status"),
    [
        ("read", ("POST", "/v1/coupon-pools"), 403),
        ("campaigns", ("POST", "/v1/coupon-pools/cpn_1/redemptions"), 403),
        ("contacts", ("GET", "/v1/coupon-pools"), 403),
        ("read", ("GET", "/v1/coupon-pools"), 200),
    ],
)
def test_calls_need_their_scope(
    make_api: Any, scope: str, call: tuple[str, str], status: int
) -> None:
    assert make_api(scope).call(*call).status == status


def test_looking_at_a_persons_code_is_written_down(api: Api, clock: Clock) -> None:
    pool = a_pool(api)

    api.get(f"/v1/contacts/looked-at/coupons/{pool}")

    day = clock.now().astimezone(UTC).date()
    seen = api.get(f"/v1/accesses?day={day}&limit=500").body["items"]
    assert "GET /v1/contacts/{contact_id}/coupons/{pool_id}" in {each["route"] for each in seen}
