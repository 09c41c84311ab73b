"""The redirect's answers and log lines, whatever comes in."""

import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from functions.contracts.destination_document import destinations_to_text
from functions.contracts.errors import Unavailable
from functions.domain.destination import Destination
from functions.redirect.events import respond
from functions.redirect.service import RedirectDeps
from tests.unit.redirect.fakes import (
    CODER,
    NOW,
    FakeClicks,
    FakeRows,
    an_event,
    deps_of,
)

GOOD = CODER.encode(7, 5, 0)
TARGET = "https://shop.example.com/sale?a=1&b=2"
LOCATIONS = {TARGET, "https://shop.example.com/%ED%95%A0%EC%9D%B8"}


class Scene:
    """The redirect with its surroundings."""

    def __init__(self) -> None:
        self.rows, self.clicks, self.out = FakeRows(), FakeClicks(), io.StringIO()
        self.deps = deps_of(self.rows, self.clicks)

    def respond(self, event: object, *, now: datetime = NOW) -> dict[str, Any]:
        return respond(event, deps=lambda: self.deps, now=now, log_to=self.out)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.getvalue().splitlines()]


def test_sends_the_visitor_on_and_logs_one_line() -> None:
    scene = Scene()

    answer = scene.respond(an_event(GOOD))

    assert answer["statusCode"] == 302
    assert answer["headers"]["Location"] == TARGET
    line = scene.lines()[0]
    assert line.pop("ms") >= 0
    assert scene.lines()[1:] == []
    assert line == {
        "level": "INFO",
        "service": "redirect",
        "message": "redirect.request",
        "request_id": "req-1",
        "status": 302,
        "batch": 7,
        "cached": False,
    }


def test_the_second_visitor_of_a_batch_costs_no_read() -> None:
    scene = Scene()
    scene.respond(an_event(GOOD))
    scene.rows.reads.clear()

    scene.respond(an_event(CODER.encode(7, 6, 0)))

    assert scene.lines()[1]["cached"] is True
    assert scene.rows.reads == []


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(GOOD[:-1], id="truncated"),
        pytest.param(GOOD + "0", id="longer"),
        pytest.param(GOOD[:-1] + ("0" if GOOD[-1] != "0" else "1"), id="forged"),
        pytest.param(CODER.encode(8, 0, 0), id="unknown-batch"),
        pytest.param(CODER.encode(7, 0, 7), id="unknown-link"),
        pytest.param("", id="empty"),
        pytest.param("<script>alert(1)</script>", id="markup"),
        pytest.param("../../etc/passwd", id="path"),
    ],
)
def test_a_bad_code_is_not_found_and_not_repeated(code: str) -> None:
    scene = Scene()

    answer = scene.respond(an_event(code))

    assert answer["statusCode"] == 404
    assert answer["headers"]["Content-Type"] == "text/html; charset=utf-8"
    assert "Location" not in answer["headers"]
    assert code == "" or code not in answer["body"]
    assert scene.clicks.hits == []


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "", "get post"])
def test_refuses_every_other_method(method: str) -> None:
    scene = Scene()

    answer = scene.respond(an_event(GOOD, method=method))

    assert answer["statusCode"] == 405
    assert answer["headers"]["Allow"] == "GET, HEAD"
    assert scene.clicks.hits == []


def test_the_visitor_arrives_and_an_error_is_logged_when_the_queue_fails() -> None:
    scene = Scene()
    scene.clicks.fault = Unavailable("sqs SendMessage answered 403 for 203.0.113.77")

    answer = scene.respond(an_event(GOOD))

    assert answer["statusCode"] == 302
    error, request = scene.lines()
    assert (error["level"], error["message"]) == ("ERROR", "redirect.hit.lost")
    assert (error["error"], error["request_id"], error["batch"]) == ("Unavailable", "req-1", 7)
    assert any("fakes.py" in place for place in error["stack"])
    assert request["message"] == "redirect.request"


def test_asks_to_come_back_when_the_target_cannot_be_read() -> None:
    scene = Scene()
    scene.rows.broken = True

    answer = scene.respond(an_event(GOOD))

    assert answer["statusCode"] == 503
    assert answer["headers"]["Retry-After"] == "5"
    assert "잠시 후 다시" in answer["body"]
    assert [line["message"] for line in scene.lines()] == ["redirect.failed", "redirect.request"]


def test_asks_to_come_back_when_the_wiring_fails() -> None:
    def deps() -> RedirectDeps:
        msg = "the secret cannot be read"
        raise Unavailable(msg)

    answer = respond(an_event(GOOD), deps=deps, now=NOW, log_to=io.StringIO())

    assert answer["statusCode"] == 503


def test_logs_neither_code_nor_address_nor_browser() -> None:
    scene = Scene()
    scene.clicks.fault = Unavailable("203.0.113.77")
    scene.respond(an_event(GOOD))
    scene.respond(an_event(GOOD[:-1]))

    logged = scene.out.getvalue()

    assert GOOD[:-1] not in logged
    assert "203.0.113" not in logged
    assert "Mozilla" not in logged
    assert "shop.example.com" not in logged


def test_an_expired_link_is_gone_with_a_page_and_noted() -> None:
    scene = Scene()
    scene.rows.lead(Destination(url=TARGET, until=NOW))

    answer = scene.respond(an_event(GOOD, headers={"Accept-Language": "en"}))

    assert answer["statusCode"] == 410
    assert "Location" not in answer["headers"]
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert "This has ended" in answer["body"]
    assert "shop.example.com" not in answer["body"]
    assert len(scene.clicks.hits) == 1
    assert scene.lines()[0]["status"] == 410


def test_an_error_is_logged_when_destinations_cannot_be_read_again() -> None:
    scene = Scene()
    scene.respond(an_event(GOOD))
    scene.rows.broken = True

    answer = scene.respond(an_event(GOOD), now=NOW + timedelta(minutes=2))

    assert (answer["statusCode"], answer["headers"]["Location"]) == (302, TARGET)
    assert [line["message"] for line in scene.lines()[1:]] == [
        "redirect.target.old",
        "redirect.request",
    ]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
codes = (
    st.sampled_from([GOOD, CODER.encode(7, 199, 1)])
    | st.text(max_size=14)
    | st.from_regex(r"[0-9A-Za-z]{11}", fullmatch=True)
    | st.builds(CODER.encode, st.integers(0, 20), st.integers(0, 255), st.integers(0, 7))
)
events = json_values | st.fixed_dictionaries(
    {},
    optional={
        "httpMethod": st.sampled_from(["GET", "HEAD", "get", "POST"]) | json_values,
        "pathParameters": st.fixed_dictionaries({"code": codes}) | json_values,
        "headers": st.dictionaries(
            st.sampled_from(["User-Agent", "Accept-Language", "Purpose", "Host"]) | st.text(),
            st.text() | json_values,
            max_size=4,
        )
        | json_values,
        "requestContext": st.fixed_dictionaries(
            {},
            optional={
                "requestId": st.text() | json_values,
                "identity": st.fixed_dictionaries({"sourceIp": st.text() | json_values})
                | json_values,
            },
        )
        | json_values,
    },
)


@given(event=events)
def test_any_event_is_answered_and_leads_only_to_links_of_the_template(event: object) -> None:
    scene = Scene()

    answer = scene.respond(event)

    assert answer["statusCode"] in {302, 404, 405}
    assert (answer["statusCode"] == 302) == ("Location" in answer["headers"])
    assert answer["headers"].get("Location", TARGET) in LOCATIONS
    assert all(value.isprintable() for value in answer["headers"].values())
    assert len(scene.clicks.hits) == (answer["statusCode"] == 302)
    assert len(scene.lines()) == 1


@given(code=codes)
def test_any_code_is_found_or_not_found(code: str) -> None:
    scene = Scene()

    answer = scene.respond(an_event(code))

    assert answer["statusCode"] in {302, 404}
    json.dumps(answer)


hostile = st.sampled_from(
    [
        *("javascript:alert(1)", "JaVa\tScRiPt:alert(1)", " data:text/html,<script>", "vbscript:x"),
        *("https://a.example\r\nSet-Cookie: a=b", "https://a.example\n\n<html>", "//evil.example"),
        *(
            "https:evil.example",
            "https:///evil.example",
            "https:\\\\evil.example",
            "\x00",
            "\ud800",
        ),
        *("https://a.example@evil.example", "file:///etc/passwd", "view-source:x", "{campaign}"),
        *("myapp://x\r\nLocation: https://evil.example", "https://ex／evil.example", "blob:x"),
    ]
)
addresses = hostile | st.text() | st.builds("{}{}".format, hostile, st.text())
stored = st.builds(
    Destination,
    url=addresses,
    ios=st.none() | addresses,
    android=st.none() | addresses,
    until=st.none() | st.datetimes(timezones=st.just(UTC)),
)
phones = st.sampled_from(["iPhone", "Android", "curl/8", "iPhone\r\nX: y", "Android https://evil"])
MAY_NOT = ("javascript:", "data:", "vbscript:", "file:", "blob:", "about:", "view-source:", "//")


@given(
    destination=stored,
    agent=phones,
    utm=st.dictionaries(st.sampled_from(["source", "campaign", "term"]), addresses),
    method=st.sampled_from(["GET", "HEAD"]),
)
def test_whatever_a_row_holds_no_answer_is_split_runs_or_leads_by_a_path(
    destination: Destination, agent: str, utm: dict[str, str], method: str
) -> None:
    """The row is checked when it is written; the redirect does not rely on it."""
    scene = Scene()
    text = destinations_to_text([destination], utm)
    scene.rows.rows["templates", "welcome", 3, "destinations"] = text

    answer = scene.respond(an_event(GOOD, method=method, headers={"User-Agent": agent}))

    assert answer["statusCode"] in {302, 404, 410}
    location = answer["headers"].get("Location", "ok:")
    assert location.isascii()
    assert location.isprintable()
    assert " " not in location
    assert not location.lower().startswith((*MAY_NOT, "/", "https:///", "http:///"))
    assert re.match("[A-Za-z][A-Za-z0-9+.-]*:", location)
    assert "evil" not in location or "evil" in text
    assert all(value.isprintable() for value in answer["headers"].values())


@given(
    headers=st.dictionaries(
        st.sampled_from(["Host", "X-Forwarded-Host", "Forwarded", "Referer", "Origin"])
        | st.text(max_size=12),
        st.text() | hostile,
        max_size=6,
    ),
    tail=st.text(max_size=6) | hostile,
    query=st.dictionaries(st.sampled_from(["url", "to", "next", "code"]), hostile),
)
def test_nothing_in_a_request_decides_where_it_leads(
    headers: dict[str, str], tail: str, query: dict[str, str]
) -> None:
    scene = Scene()
    event = an_event(GOOD + tail, headers=headers) | {"queryStringParameters": query}

    answer = scene.respond(event)

    assert answer["headers"].get("Location", TARGET) == TARGET
    assert all("evil" not in value for value in answer["headers"].values())
    json.dumps(answer)
