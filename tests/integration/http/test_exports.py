"""Exports through the API: a campaign's events in files add up to its report."""

import gzip
import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest

from functions.storage.objects import ObjectStore
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

BODY = {"format": "json"}


@pytest.fixture(scope="module")
def campaign(api: Api, pump: Pump, clock: Clock) -> str:
    """An advertisement to four people, of whom one refuses and one opens the link."""
    for number in range(1, 5):
        a_customer(api, f"export-{number}", 700 + number)
    body = '{{ "https://shop.example.com/spring" | track }}'
    campaign_id = a_campaign(api, an_ad(api, body=body), a_sender(api))
    assert api.post(f"/v1/campaigns/{campaign_id}/launch", {}).status == 202
    pump.run()
    clock.move_by(timedelta(minutes=10))
    open_link(message_of(api, campaign_id, "export-1"), clock.now())
    pump.run()
    return campaign_id


def _today(clock: Clock) -> date:
    return (clock.now() + timedelta(hours=9)).date()


def _run(api: Api, pump: Pump, name: str, day: date) -> dict[str, Any]:
    asked = {"first_day": day.isoformat(), "last_day": day.isoformat()}
    started = api.post(f"/v1/exports/{name}/runs", asked)
    assert started.status == 202
    pump.run()
    found: dict[str, Any] = api.get(f"/v1/exports/{name}/runs/{started.body['run_id']}").body
    return found


def test_a_days_events_add_up_to_the_report(
    api: Api, pump: Pump, clock: Clock, campaign: str
) -> None:
    day = _today(clock)
    assert api.put("/v1/exports/all", BODY).status == 200

    run = _run(api, pump, "all", day)

    assert (run["status"], run["events"] > 0) == ("done", True)
    found = api.get(f"/v1/exports/all/days/{day}").body
    rows = [
        json.loads(line)
        for file in found["files"]
        for line in gzip.decompress(ObjectStore().get_bytes(file["key"])).splitlines()
    ]
    assert len(rows) == found["events"] == run["events"]
    assert Counter(row["type"] for row in rows) == found["counts"]
    mine = [row for row in rows if row["source_id"] == campaign]
    counts = Counter(row["type"] for row in mine)
    report = api.get(f"/v1/campaigns/{campaign}/report").body
    assert counts["message.sent"] - sum(bool(row["had_left"]) for row in mine) == report["sent"]
    assert counts["message.clicked"] == report["human_clicks"] == 1
    assert sum(row["price_minor"] or 0 for row in mine) == report["cost"]["minor"]
    manifest = json.loads(ObjectStore().get_bytes(f"exports/all/v1/day={day}/_manifest.json"))
    assert manifest == {
        **{key: value for key, value in found.items() if key != "files"},
        "files": [{k: v for k, v in each.items() if k != "url"} for each in found["files"]],
    }
    assert found["files"][0]["url"].startswith("https://")
    assert not manifest["complete"]


def test_the_daily_run_comes_by_itself(api: Api, pump: Pump, clock: Clock, campaign: str) -> None:
    del campaign
    made = api.put("/v1/exports/daily", {"format": "parquet", "hour": 4}).body
    assert made["next_run"] is not None
    pump.tick()

    clock.move_by(timedelta(days=1))
    pump.tick()

    (run,) = api.get("/v1/exports/daily/runs").body["items"]
    assert run["status"] == "done"
    days = api.get("/v1/exports/daily/days").body["items"]
    assert [each["complete"] for each in days] == [True, True, True]
    assert days[-1]["counts"]["message.sent"] >= 4
    again = api.get("/v1/exports/daily").body["next_run"]
    assert again > made["next_run"]


def test_an_export_can_be_changed_listed_and_deleted(api: Api) -> None:
    body = {"format": "csv", "types": ["message.clicked"], "campaigns": ["cmp_1"], "hour": 3}
    first = api.put("/v1/exports/clicks", body).body
    second = api.put("/v1/exports/clicks", body | {"hour": None}).body

    assert (first["version"], second["version"], second["next_run"]) == (1, 2, None)
    assert api.get("/v1/exports/clicks").body == second
    assert second in api.get("/v1/exports").body["items"]
    assert api.delete("/v1/exports/clicks").status == 204
    assert_problem(api.get("/v1/exports/clicks"), 404, "not_found")


@pytest.mark.parametrize(
    ("name", "body", "fields"),
    [
        ("bad", {}, [("/format", "missing")]),
        (
            "bad",
            {"format": "xml", "hour": 24, "x": 1},
            [("/format", "not_allowed"), ("/hour", "out_of_range"), ("/x", "unknown_field")],
        ),
        ("bad", {"format": "csv", "types": ["message.opened"]}, [("/types/0", "not_allowed")]),
        (
            "bad",
            {"format": "csv", "rewrite_days": 0, "look_back_days": 121},
            [("/rewrite_days", "out_of_range"), ("/look_back_days", "out_of_range")],
        ),
        ("Bad_Name", {"format": "csv"}, [("/path/name", "invalid_format")]),
    ],
)
def test_what_is_no_export(
    api: Api, name: str, body: dict[str, Any], fields: list[tuple[str, str]]
) -> None:
    assert_problem(api.put(f"/v1/exports/{name}", body), 422, "invalid_input", *fields)


def test_days_that_cannot_be_asked_for(api: Api, clock: Clock) -> None:
    api.put("/v1/exports/days", BODY)
    today = _today(clock)
    late = {"first_day": today.isoformat(), "last_day": (today + timedelta(days=1)).isoformat()}
    long_ago = {"first_day": "0001-01-01", "last_day": "0001-01-02"}
    bad_day = ("/path/day", "invalid_format")
    bad_last = ("/last_day", "out_of_range")

    assert_problem(api.post("/v1/exports/days/runs", late), 422, "invalid_input", bad_last)
    bad_first = ("/first_day", "out_of_range")
    assert_problem(api.post("/v1/exports/days/runs", long_ago), 422, "invalid_input", bad_first)
    assert_problem(api.post("/v1/exports/nobody/runs", late), 404, "not_found")
    assert_problem(api.get("/v1/exports/days/days/2026-13-01"), 422, "invalid_input", bad_day)
    assert_problem(api.get("/v1/exports/days/days/2026-01-01"), 404, "not_found")
    assert_problem(api.get("/v1/exports/days/runs/nobody"), 404, "not_found")


def test_only_administrators_see_exports(make_api: Any) -> None:
    reader = make_api("read", "campaigns")

    assert_problem(reader.get("/v1/exports"), 403, "forbidden")
    assert_problem(reader.put("/v1/exports/x", BODY), 403, "forbidden")


def test_who_takes_files_is_written_down(api: Api, pump: Pump, clock: Clock) -> None:
    day = _today(clock)
    api.put("/v1/exports/seen", BODY)
    _run(api, pump, "seen", day)

    api.get(f"/v1/exports/seen/days/{day}")

    accesses = api.get(f"/v1/accesses?day={clock.now().date()}").body["items"]
    assert any("/v1/exports/{name}/days/{day}" in json.dumps(each) for each in accesses)
