"""Openings of links through the API: what was seen, who it was, and judged again."""

from datetime import timedelta
from typing import Any

import pytest

from functions.domain.clicks import Hit, Visitor
from functions.domain.ids import MessageNumber
from functions.domain.visitor import RULES_VERSION
from functions.storage.batches import BatchStore
from tests.integration.api import Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    a_campaign,
    a_customer,
    a_sender,
    an_ad,
    message_of,
    open_link,
)
from tests.traces import CHROME


@pytest.fixture(scope="module")
def campaign(api: Api, pump: Pump, clock: Clock) -> str:
    """A campaign with a link, five minutes after it was sent."""
    a_customer(api, "click-1", 301)
    body = '신상품 {{ "https://shop.example.com/a" | track }}'
    campaign_id = a_campaign(api, an_ad(api, body=body), a_sender(api))
    assert api.post(f"/v1/campaigns/{campaign_id}/launch", {}).status == 202
    pump.run()
    clock.move_by(timedelta(minutes=5))
    return campaign_id


@pytest.fixture
def message(api: Api, campaign: str) -> MessageNumber:
    return message_of(api, campaign, "click-1")


def _open(number: MessageNumber, clock: Clock, *, link: int = 0, agent: str = CHROME) -> None:
    open_link(number, clock.now(), link=link, agent=agent)


def _clicks(api: Api, number: MessageNumber) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = api.get(f"/v1/messages/{number}/clicks").body["items"]
    return items


def test_every_opening_is_told_with_what_speaks_against_a_person(
    api: Api, pump: Pump, clock: Clock, campaign: str, message: MessageNumber
) -> None:
    for agent in (CHROME, "curl/8.5.0"):
        _open(message, clock, agent=agent)
    pump.run()

    found = _clicks(api, message)

    assert sorted((each["visitor"], each["reasons"]) for each in found) == [
        ("human", []),
        ("machine", ["program", "not_a_browser"]),
    ]
    assert {each["rules_version"] for each in found} == {RULES_VERSION}
    assert "203.0.113" not in str(found)
    report = api.get(f"/v1/campaigns/{campaign}/report").body
    assert (report["human_clicks"], report["machine_clicks"]) == (1, 1)


def test_a_campaign_is_judged_again(
    api: Api, pump: Pump, clock: Clock, campaign: str, message: MessageNumber
) -> None:
    _open(message, clock, agent="curl/8.5.0")
    pump.run()
    # As if the rules of then had taken it for a person.
    person = Hit(ordinal=message.ordinal, link=0, visitor=Visitor.HUMAN, elapsed_s=9)
    BatchStore().change_clicks(message.batch, 1, lambda clicks: clicks.with_hits([person]))

    answer = api.post(f"/v1/campaigns/{campaign}/judge-clicks", {})
    pump.run()

    assert (answer.status, answer.body) == (202, {"campaign_id": campaign, "parts": 1})
    (standing,) = BatchStore().standings([message.batch])
    assert standing.clicks.first(message.ordinal, Visitor.HUMAN) != 9


def test_openings_of_no_message_are_not_found(api: Api) -> None:
    for message_id in ("m-ffffff-00", "nonsense"):
        assert_problem(api.get(f"/v1/messages/{message_id}/clicks"), 404, "not_found")


def test_what_was_not_launched_is_not_judged(api: Api) -> None:
    assert_problem(api.post("/v1/campaigns/cmp_none/judge-clicks", {}), 404, "not_found")
