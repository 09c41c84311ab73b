"""A campaign's report through the API, and as a page: by channel, link and hour."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.integration.api import Answer, Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    a_campaign,
    a_customer,
    a_sender,
    a_token,
    an_ad,
    message_of,
    open_link,
)

FIRST = "https://shop.example.com/spring?coupon=secret&utm_source=sms#top"
SECOND = "https://shop.example.com/map"


@pytest.fixture(scope="module")
def campaign(api: Api, pump: Pump, clock: Clock) -> str:
    """A campaign with two links to three people; one opens both, another the second."""
    for number in range(1, 4):
        a_customer(api, f"report-{number}", 600 + number)
    body = f'{{{{ "{FIRST}" | track }}}} {{{{ "{SECOND}" | track }}}}'
    campaign_id = a_campaign(api, an_ad(api, body=body), a_sender(api))
    assert api.post(f"/v1/campaigns/{campaign_id}/launch", {}).status == 202
    pump.run()
    clock.move_by(timedelta(hours=1, minutes=5))
    for name, link in (("report-1", 0), ("report-2", 1)):
        _open(api, campaign_id, name, link, clock)
    clock.move_by(timedelta(minutes=5))
    _open(api, campaign_id, "report-1", 1, clock)
    pump.run()
    return campaign_id


def _open(api: Api, campaign_id: str, contact_id: str, link: int, clock: Clock) -> None:
    open_link(message_of(api, campaign_id, contact_id), clock.now(), link=link)


def _report(api: Api, campaign_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/v1/campaigns/{campaign_id}/report").body
    return found


def test_people_are_counted_at_each_link_that_they_opened(api: Api, campaign: str) -> None:
    report = _report(api, campaign)

    links = [
        (each["place"], each["address"], each["sent"], each["people"]) for each in report["by_link"]
    ]
    assert links == [
        (0, "https://shop.example.com/spring?…", 3, 1),
        (1, "https://shop.example.com/map", 3, 2),
    ]
    assert report["human_clicks"] == 2
    assert "secret" not in str(report)


def test_hours_and_channels_are_together_the_whole(api: Api, campaign: str) -> None:
    report = _report(api, campaign)

    (channel,) = report["by_channel"]
    assert channel["channel"] == "sms"
    for name in ("sent", "delivered", "failed", "human_clicks", "machine_clicks", "cost"):
        assert channel[name] == report[name]
    sent, opened = report["by_hour"]
    assert (sent["sent"], sent["human_clicks"]) == (3, 0)
    assert (opened["sent"], opened["human_clicks"]) == (0, 2)
    assert sent["start"].endswith(":00:00+09:00")


def test_channels_are_compared_by_what_was_sent(api: Api, campaign: str) -> None:
    sent = _report(api, campaign)["sent"]

    found = api.get("/v1/reports/channels").body

    (sms,) = [each for each in found["channels"] if each["channel"] == "sms"]
    assert sms["sent"] >= sent
    rate = sms["delivery_rate"]
    assert rate["low"] <= rate["seen"] <= rate["high"]


def test_channels_are_not_compared_over_too_long_a_time(api: Api) -> None:
    answer = api.get("/v1/reports/channels?from=2026-01-01&to=2026-11-26")

    assert_problem(answer, 422, "invalid_input", ("/query/to", "out_of_range"))


@pytest.fixture
def link(api: Api, campaign: str) -> str:
    """The path of a link to the report page."""
    made = api.post(f"/v1/campaigns/{campaign}/report-link", {})
    assert made.status == 201
    assert made.body["url"].startswith("https://")
    path: str = "/r/" + made.body["url"].rpartition("/r/")[2]
    return path


def _open_page(api: Api, path: str, **headers: str) -> Answer:
    return api.call("GET", path, Authorization="", **headers)


def test_whoever_has_the_link_sees_the_report(api: Api, link: str, campaign: str) -> None:
    answer = _open_page(api, link, Accept_Language="en-US")

    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "봄 할인" in answer.text
    assert 'lang="en"' in answer.text
    assert 'lang="ko"' in _open_page(api, f"{link}?lang=ko", Accept_Language="en").text
    assert "report-1" not in answer.text


def test_looking_at_the_head_gives_no_page(api: Api, link: str) -> None:
    answer = api.call("HEAD", link, Authorization="")

    assert (answer.status, answer.text) == (200, "")


def test_a_link_ends_after_a_day(api: Api, link: str, clock: Clock) -> None:
    clock.move_by(timedelta(hours=23))
    assert _open_page(api, link).status == 200

    clock.move_by(timedelta(hours=3))
    answer = _open_page(api, link)

    assert answer.status == 410
    assert "링크의 사용 기간이 지났습니다" in answer.text


@pytest.mark.parametrize("token", ["lost", "cmp_1.7a31b.00", "%00", "a" * 2_000])
def test_a_link_that_was_made_up_leads_nowhere(api: Api, token: str) -> None:
    answer = _open_page(api, f"/r/{token}")

    assert answer.status == 404
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "보고서를 찾을 수 없습니다" in answer.text


def test_a_reader_may_make_a_link_and_nobody_without_a_key(api: Api, campaign: str) -> None:
    path = f"/v1/campaigns/{campaign}/report-link"
    reader = replace(api, token=a_token("read"))

    assert reader.post(path, {}).status == 201
    assert api.call("POST", path, Authorization="").status == 401
    assert api.post("/v1/campaigns/cmp_none/report-link", {}).status == 404
