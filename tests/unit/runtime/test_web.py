"""Which failures of a call leave it certain that nothing arrived; over the wire in contract/."""

from dataclasses import dataclass, field
from typing import Any

import pytest
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    IncompleteRead,
    MaxRetryError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from functions.runtime import web
from functions.runtime.web import NoAnswer, NotConnected

URL = "https://api.example.com/messages?to=01000000001"


@dataclass
class FakePool:
    """Answers as told, or fails."""

    answer: urllib3.HTTPResponse | None = None
    fault: HTTPError | None = None
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def request(self, method: str, url: str, **options: Any) -> urllib3.HTTPResponse:
        self.calls.append((method, url, options))
        if self.fault is not None:
            raise self.fault
        assert self.answer is not None
        return self.answer


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> FakePool:
    fake = FakePool()
    monkeypatch.setattr(web, "_pool", lambda: fake)
    return fake


def an_answer(status: int = 200, **headers: str) -> urllib3.HTTPResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return urllib3.HTTPResponse(body=b"{}", status=status, headers=named)


@pytest.mark.parametrize("status", [200, 301, 404, 429, 500])
def test_any_status_is_an_answer(pool: FakePool, status: int) -> None:
    pool.answer = an_answer(status)

    answer = web.request("POST", URL, headers={"X": "1"}, body=b"[]")

    assert (answer.status, answer.body, answer.retry_after_s) == (status, b"{}", None)
    ((method, url, options),) = pool.calls
    assert (method, url, options["headers"], options["body"]) == ("POST", URL, {"X": "1"}, b"[]")


def test_call_has_time_limits_and_is_not_repeated(pool: FakePool) -> None:
    pool.answer = an_answer()

    web.request("GET", URL, headers={})

    options = pool.calls[0][2]
    assert (options["timeout"].connect_timeout, options["timeout"].read_timeout) == (3.0, 10.0)
    assert options["retries"] is False


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("30", 30), ("0", 0), ("soon", None), ("-1", None), ("٣", None), ("", None)],
)
def test_seconds_to_wait_are_read(pool: FakePool, header: str, seconds: int | None) -> None:
    pool.answer = an_answer(429, Retry_After=header)

    assert web.request("GET", URL, headers={}).retry_after_s == seconds


CONNECTION: Any = None


@pytest.mark.parametrize(
    "fault",
    [
        NewConnectionError(CONNECTION, "refused"),
        ConnectTimeoutError(CONNECTION, "timed out"),
        NameResolutionError("api.example.com", CONNECTION, OSError()),  # type: ignore[arg-type]
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_without_a_connection_nothing_arrived(pool: FakePool, fault: HTTPError) -> None:
    pool.fault = fault

    with pytest.raises(NotConnected, match=type(fault).__name__):
        web.request("POST", URL, headers={})


@pytest.mark.parametrize(
    "fault",
    [
        ReadTimeoutError(CONNECTION, URL, "timed out"),
        ProtocolError("Connection aborted.", ConnectionResetError()),
        IncompleteRead(1, 2),
        MaxRetryError(CONNECTION, URL),
        SSLError("handshake"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_whatever_breaks_later_may_have_arrived(pool: FakePool, fault: HTTPError) -> None:
    pool.fault = fault

    with pytest.raises(NoAnswer) as raised:
        web.request("POST", URL, headers={})

    assert str(raised.value) == type(fault).__name__


def test_body_of_an_answer_is_not_shown(pool: FakePool) -> None:
    pool.answer = urllib3.HTTPResponse(body=b"010-0000-0001", status=200)

    assert "0000" not in repr(web.request("GET", URL, headers={}))


def test_pool_is_made_once() -> None:
    assert web._pool() is web._pool()
