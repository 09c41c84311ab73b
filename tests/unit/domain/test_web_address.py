"""What a link may lead to: what every browser reads as we do, and nothing that runs."""

import string

import pytest
from hypothesis import given, strategies as st

from functions.domain.web_address import (
    UNSAFE_SCHEMES,
    TargetFault,
    allows,
    fault_of_app,
    fault_of_web,
    web_host,
)

INVALID, UNSAFE, ELSEWHERE = TargetFault
OURS = ("shop.example",)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://a.example", "a.example"),
        ("HTTPS://A.Example:8443/Sale?b=1#c", "a.example"),
        ("http://a_b.example/", "a_b.example"),
        ("https://a.example./", "a.example."),
        ("https://192.0.2.1/", "192.0.2.1"),
        ("https://[2001:db8::1]/", "2001:db8::1"),
        ("https://한글.kr/할인", "xn--bj0bj06e.kr"),
        ("https://xn--bj0bj06e.kr/", "xn--bj0bj06e.kr"),
        ("https://a.example/?next=https://user@b.example", "a.example"),
    ],
)
def test_a_web_address_has_a_host(address: str, host: str) -> None:
    assert web_host(address) == host


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a.example",
        "//a.example",
        "https:",
        "https://shop.example[::1]",
        "https://[::1]shop.example",
        "https://",
        "https:a.example",
        "https:/a.example",
        "https:///a.example",
        "https://?a",
        "https://#a",
        "ftp://a.example",
        "javascript://a.example/%0aalert(1)",
        " https://a.example",
        "https://a.example/a b",
        "https://a.example/\n",
        "ht\ntps://a.example",
        "https://a.example/\u3000",
        "https://a.example/\u202e",
        "https://a.example/\ud800",
        "https://user@a.example/",
        "https://user:word@a.example/",
        "https://evil.example\\@a.example/",
        "https:\\\\a.example",
        "https://a.example\\.evil.example",
        "https://a%2eexample/",
        "https://a.example:0/",
        "https://a.example:99999/",
        "https://a.example:x/",
        "https://a..example/",
        "https://.a.example/",
        "https://[::1",
        "https://[evil]/",
        "https://ex／evil.example/",
        "https://shop.example。evil.example/",
        "https://faß.example/",
        "https://a.example/" + "x" * 2_000,
    ],
)
def test_what_browsers_repair_or_read_otherwise_is_refused(address: str) -> None:
    assert web_host(address) is None
    assert fault_of_web(address) is INVALID


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("shop.example", True),
        ("m.shop.example", True),
        ("shop.example.", True),
        ("evilshop.example", False),
        ("shop.example.evil.example", False),
        ("example", False),
        ("192.0.2.1", False),
    ],
)
def test_a_host_or_what_is_below_it_is_allowed(host: str, expected: bool) -> None:
    assert allows(host, OURS) is expected
    assert allows(host, ())


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("https://m.shop.example/", None),
        ("https://evil.example/?https://shop.example", ELSEWHERE),
        ("https://evil.example/#@shop.example", ELSEWHERE),
        ("https://shop.example@evil.example/", INVALID),
        ("https://evil.example\\@shop.example/", INVALID),
        ("https://evil.example%2f.shop.example/", INVALID),
        ("https://evil.example%00.shop.example/", INVALID),
    ],
)
def test_the_list_of_hosts_is_not_talked_round(address: str, fault: TargetFault | None) -> None:
    assert fault_of_web(address, allowed=OURS) is fault


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("myapp://coupons/7", None),
        ("myapp:7", None),
        ("com.example.app://x", None),
        ("kakaolink://", None),
        ("https://app.shop.example/7", None),
        ("https://evil.example/7", ELSEWHERE),
        ("https:shop.example", INVALID),
        ("https:/\\evil.example", INVALID),
        ("myapp", INVALID),
        (":x", INVALID),
        ("myapp:", INVALID),
        ("//shop.example", INVALID),
        ("앱://x", INVALID),
        ("myapp://a b", INVALID),
        ("my\tapp://a", INVALID),
        ("javascript:alert(1)", UNSAFE),
        ("JAVASCRIPT:alert(1)", UNSAFE),
        ("java\nscript:alert(1)", INVALID),
        ("\x01javascript:alert(1)", INVALID),
        (" javascript:alert(1)", INVALID),
        ("data:text/html,<b>", UNSAFE),
        ("view-source:https://shop.example", UNSAFE),
        ("filesystem:https://shop.example/x", UNSAFE),
        ("intent://7#Intent;scheme=myapp;package=com.example;end", None),
        ("intent://shop.example/#Intent;scheme=https;end", UNSAFE),
        ("intent:x#Intent;SCHEME=JavaScript;end", UNSAFE),
        (
            "intent://7#Intent;scheme=myapp;S.browser_fallback_url=https%3A%2F%2Fshop.example;end",
            None,
        ),
        (
            "intent://7#Intent;scheme=myapp;S.browser_fallback_url=https%3A%2F%2Fevil.example;end",
            ELSEWHERE,
        ),
        ("intent://7#Intent;S.browser_fallback_url=javascript%3Aalert(1);end", INVALID),
    ],
)
def test_an_app_may_have_any_scheme_that_does_no_harm(
    address: str, fault: TargetFault | None
) -> None:
    assert fault_of_app(address, allowed=OURS) is fault


dirt = st.text(alphabet=string.whitespace + "\x00\x01\x1f\x7f\u200b\u3000\ufeff\\", max_size=3)


@given(scheme=st.sampled_from(sorted(UNSAFE_SCHEMES)), data=st.data())
def test_no_way_of_writing_an_unsafe_scheme_gets_through(scheme: str, data: st.DataObject) -> None:
    letters = [data.draw(st.sampled_from([each, each.upper()])) for each in scheme]
    places = [data.draw(dirt) for _ in range(len(letters) + 1)]
    written = "".join(f"{place}{letter}" for place, letter in zip(places, letters, strict=False))

    assert fault_of_app(f"{written}{places[-1]}:alert(1)") is not None
    assert fault_of_web(f"{written}{places[-1]}:alert(1)") is not None


@given(address=st.text() | st.text().map(lambda text: "https://shop.example" + text))
def test_whatever_is_taken_begins_with_its_host(address: str) -> None:
    if fault_of_web(address, allowed=OURS) is None:
        host, *_ = address.partition("://")[2].replace("?", "/").replace("#", "/").split("/")
        name = host.rpartition(":")[0] if ":" in host else host
        assert name.lower().rstrip(".") == "shop.example" or name.lower().rstrip(".").endswith(
            ".shop.example"
        )
        assert address.isprintable()
