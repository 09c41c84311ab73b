"""The redirect's answers and log lines, whatever comes in."""

import io
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from functions.contracts.errors import Unavailable
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

    def respond(self, event: object) -> dict[str, Any]:
        return respond(event, deps=lambda: self.deps, now=NOW, log_to=self.out)

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

    scene.respond(an_event(CODER.encode(7, 6, 0)))

    assert scene.lines()[1]["cached"] is True
    assert len(scene.rows.reads) == 2


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
