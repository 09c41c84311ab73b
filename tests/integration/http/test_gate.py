"""What the gate makes of whatever a view does, shown on an application of its own."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from chalice.app import Blueprint, Chalice
from chalice.test import Client

from functions.contracts import errors
from functions.contracts.errors import AppError
from functions.runtime import http
from functions.runtime.http import ANY_TYPE, Call, Json, Principal, Reply, endpoint
from tests.integration.api import Answer, Api

_SECRET = "010-0000-0001"


class _Guards:
    """Lets everybody in, and repeats nothing."""

    def authenticate(self, authorization: str | None, *, now: datetime) -> Principal:
        return Principal(key_id="key_1", scopes=frozenset({"read"}))

    def replay(self, call: Call[Any], place: str, answer: Callable[[], Json]) -> Json:
        return answer()


@pytest.fixture(autouse=True)
def guards() -> Iterator[None]:
    before = list(http._guards)
    http.install_guards(_Guards())
    yield
    http._guards[:] = before


def _answer_of(view: Callable[[], Reply]) -> Answer:
    """What a caller gets when the view does this."""
    bp = Blueprint(__name__)

    @bp.route("/thing", methods=["GET"], content_types=ANY_TYPE)
    @endpoint(bp, scope="read")
    def get_thing(call: Call[None]) -> Reply:
        """Do it."""
        return view()

    app = Chalice(app_name="one")
    app.register_blueprint(bp)
    return Api(client=Client(app), token="any").get("/thing")


def _raising(error: Exception) -> Callable[[], Reply]:
    def view() -> Reply:
        raise error

    return view


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (errors.MalformedBody("x"), 400, "malformed_body"),
        (errors.Unauthenticated("x"), 401, "unauthenticated"),
        (errors.Forbidden("x"), 403, "forbidden"),
        (errors.NotFound("x"), 404, "not_found"),
        (errors.Conflict("x"), 409, "conflict"),
        (errors.Conflict("x", code="busy"), 409, "busy"),
        (errors.PayloadTooLarge("x"), 413, "payload_too_large"),
        (errors.UnsupportedMediaType("x"), 415, "unsupported_media_type"),
        (errors.InvalidInput("x"), 422, "invalid_input"),
        (errors.RateLimited("x"), 429, "rate_limited"),
        (AppError("x"), 500, "internal"),
        (errors.Unavailable("x"), 503, "unavailable"),
    ],
)
def test_each_error_has_its_status_and_code(error: AppError, status: int, code: str) -> None:
    answer = _answer_of(_raising(error))

    assert (answer.status, answer.body["code"]) == (status, code)
    assert answer.body["detail"] == "x"
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("kind", [errors.RateLimited, errors.Unavailable])
def test_who_may_try_again_is_told_when(kind: type[AppError]) -> None:
    default = _answer_of(_raising(kind("x")))
    given = _answer_of(_raising(kind("x", retry_after_s=60)))

    assert default.headers["Retry-After"] == "5"
    assert given.headers["Retry-After"] == "60"


def test_a_fault_of_ours_says_nothing_of_itself(caplog: pytest.LogCaptureFixture) -> None:
    answer = _answer_of(_raising(RuntimeError(f"no route to {_SECRET}")))

    assert (answer.status, answer.body["code"]) == (500, "internal")
    assert answer.body["detail"] == "Something went wrong."
    fault = vars(caplog.records[0])
    assert _SECRET not in answer.text + str(fault)
    assert (fault["msg"], fault["error"]) == ("http.request.failed", "RuntimeError")
    assert any("test_gate.py" in place for place in fault["stack"])


def test_a_request_has_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    _answer_of(lambda: Reply(body={"phone": _SECRET}))

    (record,) = caplog.records
    facts = vars(record)
    assert (facts["msg"], facts["route"]) == ("http.request", "GET /thing")
    assert (facts["status"], facts["key_id"]) == (200, "key_1")
    assert facts["ms"] >= 0
    assert _SECRET not in str(facts)


def test_every_answer_names_its_request() -> None:
    good = _answer_of(lambda: Reply(body={}))
    bad = _answer_of(_raising(errors.NotFound("x")))

    assert "X-Request-Id" in good.headers
    assert bad.headers["X-Request-Id"] == bad.body["request_id"]


def test_an_answer_keeps_the_letters_of_the_world() -> None:
    answer = _answer_of(lambda: Reply(body={"name": "김하늘 🎁"}))

    assert answer.text == '{"name": "김하늘 🎁"}'


def test_two_errors_of_one_field_are_both_told() -> None:
    error = errors.InvalidInput.of(
        errors.FieldError("/a", "too_long", "Shorten it."),
        errors.FieldError("/b~1c", "missing", "Add it."),
    )

    assert _answer_of(_raising(error)).body["errors"] == [
        {"pointer": "/a", "code": "too_long", "message": "Shorten it."},
        {"pointer": "/b~1c", "code": "missing", "message": "Add it."},
    ]
