"""Campaigns with several ways through the API: what is refused, what each gets, and why."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.campaigns import wiring
from functions.domain.channel import Channel, Purpose
from functions.domain.clicks import Hit, Visitor
from functions.domain.ids import MessageNumber
from functions.storage.batches import BatchStore
from infra.local.carrier.client import CarrierControl
from tests.integration.api import Answer, Api
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    KAKAO_TEMPLATE,
    Json,
    a_customer,
    a_kakao_sender,
    a_sender,
    a_template,
    an_ad,
    approve,
    send,
)

_STEP = {"template_id": "tpl_9", "template_version": 1, "sender_id": "snd_1"}
NOTICE = "#{이름}님, 예약이 내일입니다."


@pytest.fixture(scope="module")
def ways(api: Api) -> list[Json]:
    """A notice of the shop as a text, and as an Alimtalk."""
    text = a_template(api, body='예약 안내 {{ "https://shop.example/booking" | track }}')
    alimtalk = api.post(
        "/v1/templates",
        {
            "name": "예약",
            "channel": "kakao",
            "purpose": "transactional",
            "body": NOTICE,
            "provider_template_id": KAKAO_TEMPLATE,
            "variables": {"이름": "{{ contact.name }}"},
        },
    ).body["template_id"]
    approve(api, alimtalk)
    return [
        {"template_id": text, "template_version": 1, "sender_id": a_sender(api)},
        {"template_id": alimtalk, "template_version": 1, "sender_id": a_kakao_sender(api)},
    ]


@pytest.fixture(scope="module")
def opened(api: Api, pump: Pump) -> tuple[str, ...]:
    """Three people who got an advertisement by text, of whom the first opened it."""
    people = tuple(a_customer(api, f"booked-{number}", number) for number in (1, 2, 3))
    ad = an_ad(api, body='{{ "https://shop.example/ad" | track }}')
    (first, *_) = send(api, ad, a_sender(api), *({"contact_id": each} for each in people))[
        "messages"
    ]
    pump.run()
    number = MessageNumber.parse(first["message_id"])
    assert number is not None
    hit = Hit(ordinal=number.ordinal, link=0, visitor=Visitor.HUMAN, elapsed_s=60)
    BatchStore().change_clicks(number.batch, 3, lambda clicks: clicks.with_hits([hit]))
    return people


def a_draft(api: Api, people: tuple[str, ...], **values: object) -> Answer:
    body: Json = {"name": "예약", "channel": "best", "recipients": {"direct": list(people)}}
    return api.post("/v1/campaigns", body | values)


def test_each_gets_it_where_they_open_links_and_we_are_told_why(
    api: Api, pump: Pump, ways: list[Json], opened: tuple[str, ...], carrier: CarrierControl
) -> None:
    carrier.add_template(KAKAO_TEMPLATE, pf_id="KA01PF0000000000000000000000000", content=NOTICE)
    stranger = a_customer(api, "booked-4", 4)
    people = (*opened, stranger)
    made = a_draft(api, people, ways=ways, explore_percent=0).body
    campaign_id = made["campaign_id"]

    simulation = api.post(f"/v1/campaigns/{campaign_id}/simulate", {}).body["simulation_id"]
    pump.run()
    forecast = api.get(f"/v1/campaigns/{campaign_id}/simulations/{simulation}").body
    api.post(f"/v1/campaigns/{campaign_id}/launch", {})
    pump.run()
    report = api.get(f"/v1/campaigns/{campaign_id}/report").body
    told = {each: _why(api, campaign_id, each)["best_channel"] for each in people}

    assert (made["ways"], made["explore_percent"]) == (ways, 0)
    assert made["template_id"] == ways[0]["template_id"]
    assert forecast["by_channel"] == {"kakao": 3, "sms": 1}
    assert forecast["by_best_channel"] == {"own_openings": 3, "price": 1}
    assert {each["channel"]: each["messages"] for each in report["by_channel"]} == {
        "kakao": 3,
        "sms": 1,
    }
    assert report["cost"]["minor"] == 3 * 13 + 18
    assert told["booked-1"] == {
        "channel": "sms",
        "because": "own_openings",
        "own_messages": 1,
        "own_openings": 1,
        "passed_over": [],
    }
    assert (told["booked-2"]["channel"], told["booked-2"]["own_messages"]) == ("kakao", 0)
    assert (told["booked-4"]["channel"], told["booked-4"]["because"]) == ("kakao", "price")


def test_way_that_cannot_be_composed_gives_way_to_the_other(
    api: Api, pump: Pump, ways: list[Json], opened: tuple[str, ...]
) -> None:
    """No gap of the Alimtalk can be filled for who has no name: it goes as a text."""
    nameless = a_customer(api, "booked-5", 5, attributes={})
    campaign_id = a_draft(api, (nameless,), ways=ways, explore_percent=0).body["campaign_id"]

    api.post(f"/v1/campaigns/{campaign_id}/launch", {})
    pump.run()

    assert _why(api, campaign_id, nameless)["best_channel"] == {
        "channel": "sms",
        "because": "price",
        "own_messages": 0,
        "own_openings": 0,
        "passed_over": [{"channel": "kakao", "reason": "unrenderable"}],
    }


def _why(api: Api, campaign_id: str, contact_id: str) -> Json:
    found: Json = api.get(f"/v1/campaigns/{campaign_id}/why?contact_id={contact_id}").body
    return found


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"ways": None},
            [(f"/{each}", "missing") for each in ("template_id", "template_version", "sender_id")],
        ),
        ({"channel": None}, [("", "ways_mismatch")]),
        ({"channel": "sms"}, [("/channel", "not_allowed")]),
        (
            {"template_id": "tpl_1", "sender_id": "snd_1"},
            [("/template_id", "not_allowed"), ("/sender_id", "not_allowed")],
        ),
        ({"explore_percent": 21}, [("/explore_percent", "out_of_range")]),
        ({"when_capped": "swap"}, [("/when_capped", "not_allowed")]),
        ({"swap": "{first}"}, [("/swap", "not_allowed")]),
        ({"ways": ["{first}"]}, [("/ways", "too_few")]),
        ({"ways": ["{first}"] * 6}, [("/ways", "too_many")]),
        ({"ways": ["{first}", "{first}"]}, [("/ways/1/template_id", "same_channel")]),
        (
            {"ways": ["{first}", {**_STEP, "sender_id": "snd_9"}]},
            [("/ways/1/template_id", "not_found"), ("/ways/1/sender_id", "not_found")],
        ),
        (
            {"experiment": {"variants": [{"name": "a"}, {"name": "b", "sender_id": "snd_1"}]}},
            [("/experiment/variants/1/sender_id", "not_allowed")],
        ),
        (
            {"follow_ups": [{"if": "clicked", "ways": [], **_STEP}]},
            [("/follow_ups/0/ways", "unknown_field")],
        ),
    ],
)
def test_what_makes_no_sense_is_named(
    api: Api, ways: list[Json], change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    given = {
        name: [ways[0] if each == "{first}" else each for each in value]
        if isinstance(value, list)
        else ways[0]
        if value == "{first}"
        else value
        for name, value in change.items()
    }

    refused = a_draft(api, ("nobody",), **({"ways": ways} | given))

    assert_problem(refused, 422, "invalid_input", *expected)


def test_exploring_belongs_to_several_ways(api: Api, ways: list[Json]) -> None:
    refused = a_draft(api, ("nobody",), channel=None, explore_percent=5, **ways[0])

    assert_problem(refused, 422, "invalid_input", ("/explore_percent", "not_allowed"))


def test_what_is_known_of_all_people_is_counted_once_a_day(api: Api, ways: list[Json]) -> None:
    """A look of tomorrow finds what was sent today."""
    tomorrow = (datetime.now(tz=UTC) + timedelta(hours=9, days=1)).date()

    found = wiring.deps().channels.tallies_before(tomorrow, Purpose.ADVERTISING)

    assert found[Channel.SMS].messages >= 3
    assert found[Channel.SMS].opened >= 1
    assert wiring.deps().channels.tallies_before(tomorrow, Purpose.ADVERTISING) is found
