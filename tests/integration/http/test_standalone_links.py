"""Standalone links through the API: made, printed, led elsewhere, counted, ended."""

import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from PIL import Image

from functions.contracts.codec import to_body
from functions.contracts.queues import CountOpeningsJob, LinkOpened, Queue
from functions.domain.link_openings import slice_of
from functions.runtime import queues
from tests.integration.api import Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.traces import CHROME

SALE = "https://shop.example.com/여름?a=1#top"
POSTER = {"url": SALE, "name": "여름 포스터", "medium": "poster"}


def a_link(api: Api, slug: str, **more: object) -> dict[str, Any]:
    made = api.post("/v1/links", POSTER | {"slug": slug} | more)
    assert made.status == 201, made.text
    return made.body


def _open(slug: str, at: int, count: int, *, agent: str = CHROME) -> None:
    hits = [
        LinkOpened(
            slug=slug,
            request=f"{agent[:4]}-{number}",
            at=at,
            method="GET",
            user_agent=agent,
            network="203.0.113.0/24",
        )
        for number in range(count)
    ]
    queues.send(hits, to=Queue.CLICKS)


def test_a_link_is_made_read_and_listed(api: Api) -> None:
    made = a_link(api, "first", utm={"source": "qr", "campaign": "{campaign}"})

    assert made["address"] == "https://go.example.com/first"
    assert (made["url"], made["history"], made["until"]) == (SALE, [], None)
    assert api.get("/v1/links/first").body == made
    assert made in api.get("/v1/links").body["items"]


def test_a_link_without_a_slug_gets_a_short_one(api: Api) -> None:
    made = api.post("/v1/links", POSTER).body

    assert len(made["slug"]) == 8


def test_a_slug_that_is_taken_is_refused(api: Api) -> None:
    a_link(api, "once")

    assert_problem(api.post("/v1/links", POSTER | {"slug": "once"}), 409, "slug_taken")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"slug": "abcdefghijk"}, "invalid_format"),
        ({"slug": "a/../b"}, "invalid_format"),
        ({"url": "javascript:alert(1)"}, "invalid_link"),
        ({"ios": "data:text/html,x"}, "unsafe_scheme"),
        ({"medium": ""}, "too_short"),
        ({"until": "tomorrow"}, "invalid_format"),
    ],
)
def test_what_is_wrong_is_named(api: Api, wrong: dict[str, Any], code: str) -> None:
    answer = api.post("/v1/links", POSTER | wrong)

    assert_problem(answer, 422, "invalid_input", (f"/{next(iter(wrong))}", code))


def test_a_link_is_led_elsewhere_and_keeps_its_history(api: Api) -> None:
    a_link(api, "moved", ios="myapp://sale")

    changed = api.patch("/v1/links/moved", {"url": "https://b.example", "ios": None}).body

    assert (changed["url"], changed["ios"], changed["name"]) == (
        "https://b.example",
        None,
        "여름 포스터",
    )
    (before,) = changed["history"]
    assert (before["url"], before["ios"]) == (SALE, "myapp://sale")
    assert before["changed_by"]
    assert api.patch("/v1/links/moved", {}).body == changed
    refused = api.patch("/v1/links/moved", {"url": "https://a.example@evil.example"})
    assert_problem(refused, 422, "invalid_input", ("/url", "invalid_link"))


def test_a_removed_link_is_gone_and_its_slug_is_not_given_again(api: Api) -> None:
    a_link(api, "ended")

    assert api.delete("/v1/links/ended").status == 204

    assert_problem(api.get("/v1/links/ended"), 404, "not_found")
    assert_problem(api.delete("/v1/links/ended"), 404, "not_found")
    assert_problem(api.get("/v1/links/ended/report"), 404, "not_found")
    assert_problem(api.post("/v1/links", POSTER | {"slug": "ended"}), 409, "slug_taken")
    slugs = [each["slug"] for each in api.get("/v1/links?limit=500").body["items"]]
    assert "ended" not in slugs


def test_openings_are_reported_at_once_and_the_same_when_counted(
    api: Api, pump: Pump, clock: Clock
) -> None:
    a_link(api, "tv")
    at = int(clock.now().timestamp())
    _open("tv", at, 12)
    _open("tv", at, 5, agent="curl/8.5.0")
    _open("tv", at, 12)  # delivered again
    pump.run()

    live = api.get("/v1/links/tv/report").body

    assert (live["human"], live["machine"], live["unknown"]) == (12, 5, 0)
    assert [(each["human"], each["machine"]) for each in live["days"]] == [(12, 5)]
    assert [(each["human"], each["machine"]) for each in live["hours"]] == [(12, 5)]
    assert live["hours"][0]["hour"].endswith("T12:00:00+09:00")
    assert live["first"] == live["last"]
    assert datetime.fromisoformat(live["first"]).timestamp() == at

    count = to_body(CountOpeningsJob(slug="tv", start=slice_of(at)))
    assert api.deliver("clicks", count, count) == []
    clock.move_by(timedelta(hours=2))
    assert api.get("/v1/links/tv/report").body == live


def test_a_link_that_nobody_opened_has_an_empty_report(api: Api) -> None:
    a_link(api, "lonely")

    report = api.get("/v1/links/lonely/report?from=2026-11-01&to=2026-11-02").body

    assert (report["human"], report["days"], report["first"]) == (0, [], None)
    assert (report["from"], report["to"]) == ("2026-11-01", "2026-11-02")
    wrong = api.get("/v1/links/lonely/report?from=2025-11-01&to=2026-11-02")
    assert_problem(wrong, 422, "invalid_input", ("/query/to", "out_of_range"))


def test_a_qr_code_is_drawn_as_svg(api: Api) -> None:
    a_link(api, "qr-svg")

    answer = api.get("/v1/links/qr-svg/qr.svg?error=h&scale=20&border=0")

    assert answer.status == 200
    assert answer.text.startswith("<?xml")
    assert "<script" not in answer.text


def test_a_qr_code_is_drawn_as_png(api: Api) -> None:
    a_link(api, "qr-png")
    headers = {"Authorization": f"Bearer {api.token}", "Accept": "image/png"}

    answer = api.client.http.get("/v1/links/qr-png/qr.png?scale=4", headers=headers)

    image = Image.open(io.BytesIO(answer.body))
    assert (image.format, image.width == image.height) == ("PNG", True)
    assert image.width % 4 == 0


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("error=x", "not_allowed"),
        ("scale=0", "out_of_range"),
        ("scale=21", "out_of_range"),
        ("scale=1e9", "out_of_range"),
        ("border=99", "out_of_range"),
        ("border=-1", "out_of_range"),
    ],
)
def test_a_qr_code_has_bounds(api: Api, query: str, code: str) -> None:
    slug = api.post("/v1/links", POSTER).body["slug"]

    answer = api.get(f"/v1/links/{slug}/qr.svg?{query}")

    assert_problem(answer, 422, "invalid_input", (f"/query/{query.partition('=')[0]}", code))


def test_an_image_is_sent_to_who_asks_for_one(api: Api) -> None:
    a_link(api, "who-asks")

    wrong = ("/headers/Accept", "invalid_format")
    assert_problem(api.get("/v1/links/who-asks/qr.png"), 422, "invalid_input", wrong)
