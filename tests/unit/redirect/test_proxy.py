"""Reading events of API Gateway and writing answers."""

from http import HTTPStatus

import pytest
from hypothesis import given, strategies as st

from functions.redirect.proxy import explain, network, redirect_to, visit_of
from functions.redirect.service import Visit
from tests.unit.redirect.fakes import PHONE, an_event


def test_reads_what_a_request_says() -> None:
    visit = visit_of(an_event("00000000000", method="get"))

    assert visit == Visit(
        code="00000000000",
        method="GET",
        user_agent=PHONE,
        network="203.0.113.0/24",
        purpose="",
        request="req-1",
    )


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        pytest.param("203.0.113.77", "203.0.113.0/24", id="v4"),
        pytest.param("2001:db8:1234:5678::9", "2001:db8:1234::/48", id="v6"),
        pytest.param("::ffff:203.0.113.77", "203.0.113.0/24", id="v4-in-v6"),
        pytest.param("", "", id="none"),
        pytest.param("203.0.113.77, 10.0.0.1", "", id="two"),
        pytest.param("203.0.113.77\r\n", "", id="line-end"),
        pytest.param("house", "", id="no-address"),
    ],
)
def test_cuts_an_address_to_its_network(address: str, expected: str) -> None:
    assert network(address) == expected


@given(address=st.ip_addresses())
def test_the_whole_address_is_never_kept(address: object) -> None:
    cut = network(str(address))

    assert cut.endswith(("/24", "/48"))
    assert cut.partition("/")[0] == str(address) or str(address) not in cut


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Purpose", "prefetch"),
        ("purpose", "prefetch"),
        ("Sec-Purpose", "prefetch;prerender"),
        ("X-Purpose", "preview"),
        ("X-Moz", "prefetch"),
    ],
)
def test_reads_what_the_request_is_for(name: str, value: str) -> None:
    assert visit_of(an_event("x", headers={name: value})).purpose == value


def test_cuts_a_long_user_agent() -> None:
    visit = visit_of(an_event("x", headers={"User-Agent": "a" * 201}))

    assert visit.user_agent == "a" * 200


def test_keeps_characters_that_a_queue_refuses_out_of_what_it_reads() -> None:
    visit = visit_of(an_event("x", headers={"User-Agent": "a\x00b\ud800c\uffffd\u200b"}))

    assert visit.user_agent == "a b c d "


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({}, id="empty"),
        pytest.param({"headers": None, "pathParameters": None}, id="nulls"),
        pytest.param({"headers": [], "pathParameters": "x", "requestContext": 1}, id="types"),
        pytest.param({"headers": {"User-Agent": 1}, "httpMethod": 1}, id="inner-types"),
        pytest.param({"requestContext": {"identity": {"sourceIp": None}}}, id="no-address"),
    ],
)
def test_reads_nothing_from_a_malformed_event(event: dict[str, object]) -> None:
    assert visit_of(event) == Visit(code="", method="", user_agent="", network="", purpose="")


def test_a_redirect_is_not_kept_and_tells_the_target_nothing() -> None:
    assert redirect_to("https://a.example/") == {
        "statusCode": 302,
        "headers": {
            "Cache-Control": "no-store",
            "X-Robots-Tag": "noindex",
            "Referrer-Policy": "no-referrer",
            "Location": "https://a.example/",
        },
        "body": "",
        "isBase64Encoded": False,
    }


def test_explains_in_the_language_of_the_visitor() -> None:
    answer = explain(HTTPStatus.NOT_FOUND, an_event("x", headers={"Accept-Language": "en-GB"}))

    assert answer["statusCode"] == 404
    assert isinstance(answer["headers"], dict)
    assert answer["headers"]["Content-Language"] == "en"
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert "Page not found" in str(answer["body"])


def test_an_answer_to_head_has_no_body() -> None:
    answer = explain(HTTPStatus.NOT_FOUND, an_event("x", method="HEAD"))

    assert answer["body"] == ""


@pytest.mark.parametrize(
    ("status", "name", "value"),
    [
        (HTTPStatus.METHOD_NOT_ALLOWED, "Allow", "GET, HEAD"),
        (HTTPStatus.SERVICE_UNAVAILABLE, "Retry-After", "5"),
    ],
)
def test_says_what_to_do_instead(status: HTTPStatus, name: str, value: str) -> None:
    headers = explain(status, an_event("x"))["headers"]

    assert isinstance(headers, dict)
    assert headers[name] == value
