"""Following a link: targets, what is remembered, and that people arrive."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.contracts.errors import Unavailable
from functions.contracts.queues import LinkHit
from functions.domain.destination import Destination
from functions.domain.tracking_code import Coder
from functions.redirect.service import Followed, Visit, follow
from tests.unit.redirect.fakes import (
    CODER,
    META,
    NOW,
    FakeClicks,
    FakeRows,
    deps_of,
)

KOREAN_LINK = "https://shop.example.com/%ED%95%A0%EC%9D%B8"


def a_visit(code: str, *, method: str = "GET") -> Visit:
    return Visit(
        code=code, method=method, user_agent="Mozilla/5.0", network="203.0.113.0/24", purpose=""
    )


def test_leads_to_the_link_of_the_template_and_notes_the_hit() -> None:
    rows, clicks = FakeRows(), FakeClicks()

    followed = follow(a_visit(CODER.encode(7, 5, 1)), deps=deps_of(rows, clicks), now=NOW)

    assert followed == Followed(KOREAN_LINK, 7, cached=False)
    assert clicks.hits == [
        LinkHit(
            batch=7,
            ordinal=5,
            link=1,
            at=1_795_316_400,
            method="GET",
            user_agent="Mozilla/5.0",
            network="203.0.113.0/24",
            purpose="",
        )
    ]


def test_notes_a_head_request_too() -> None:
    clicks = FakeClicks()

    follow(a_visit(CODER.encode(7, 0, 0), method="HEAD"), deps=deps_of(FakeRows(), clicks), now=NOW)

    assert [hit.method for hit in clicks.hits] == ["HEAD"]


def test_reads_nothing_when_the_batch_was_seen_before() -> None:
    rows, clicks = FakeRows(), FakeClicks()
    deps = deps_of(rows, clicks)
    follow(a_visit(CODER.encode(7, 0, 0)), deps=deps, now=NOW)
    rows.reads.clear()

    followed = follow(a_visit(CODER.encode(7, 199, 1)), deps=deps, now=NOW)

    assert followed is not None
    assert followed.cached
    assert rows.reads == []
    assert len(clicks.hits) == 2


def test_an_unknown_batch_leads_nowhere_and_is_not_remembered_as_such() -> None:
    rows = FakeRows()
    deps = deps_of(rows, FakeClicks())
    before = follow(a_visit(CODER.encode(9, 0, 0)), deps=deps, now=NOW)
    rows.rows["batches", 9, "META", "meta"] = json.dumps(META)

    after = follow(a_visit(CODER.encode(9, 0, 0)), deps=deps, now=NOW)

    assert before is None
    assert after is not None


def test_a_link_that_the_template_does_not_have_leads_nowhere() -> None:
    clicks = FakeClicks()

    followed = follow(a_visit(CODER.encode(7, 0, 2)), deps=deps_of(FakeRows(), clicks), now=NOW)

    assert followed is None
    assert clicks.hits == []


def test_the_code_of_another_key_leads_nowhere_and_reads_nothing() -> None:
    rows = FakeRows()
    forged = Coder(b"another-key-of-thirty-two-bytes-").encode(7, 0, 0)

    followed = follow(a_visit(forged), deps=deps_of(rows, FakeClicks()), now=NOW)

    assert followed is None
    assert rows.reads == []


@given(code=st.text(max_size=20))
def test_no_text_but_a_code_leads_anywhere(code: str) -> None:
    rows, clicks = FakeRows(), FakeClicks()

    followed = follow(a_visit(code), deps=deps_of(rows, clicks), now=NOW)

    assert (followed is not None) == (CODER.decode(code) is not None)
    assert len(clicks.hits) == (followed is not None)


@pytest.mark.parametrize("rest", [".", ")", "에서", "。", "%EC%97%90", "」 다음", "-", "_"])
def test_a_code_with_the_rest_of_a_sentence_leads_where_the_code_does(rest: str) -> None:
    clicks = FakeClicks()
    code = CODER.encode(7, 5, 0)

    followed = follow(a_visit(code + rest), deps=deps_of(FakeRows(), clicks), now=NOW)

    assert followed is not None
    assert followed.location == "https://shop.example.com/sale?a=1&b=2"
    assert clicks.hits[0].ordinal == 5


@given(batch=st.integers(1, 9), tail=st.text(max_size=9))
def test_whatever_stands_behind_a_code_it_leads_nowhere_else(batch: int, tail: str) -> None:
    code = CODER.encode(batch, 0, 0)

    followed = follow(a_visit(code + tail), deps=deps_of(FakeRows(), FakeClicks()), now=NOW)

    if followed is not None:
        assert (followed.batch, batch) == (7, 7)


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
IPAD = "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
GALAXY = "Mozilla/5.0 (Linux; Android 14; SM-S928N) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15"
APP = Destination(url="https://a.example/7", ios="myapp://7", android="intent://7#Intent;end")


@pytest.mark.parametrize(
    ("user_agent", "destination", "location"),
    [
        pytest.param(IPHONE, APP, "myapp://7", id="iphone"),
        pytest.param(IPAD, APP, "myapp://7", id="ipad"),
        pytest.param(GALAXY, APP, "intent://7#Intent;end", id="android"),
        pytest.param(DESKTOP, APP, "https://a.example/7", id="desktop"),
        pytest.param(MAC, APP, "https://a.example/7", id="mac"),
        pytest.param("", APP, "https://a.example/7", id="nothing"),
        pytest.param(
            GALAXY, Destination(url="https://a.example", ios="x://y"), "https://a.example", id="one"
        ),
        pytest.param(
            IPHONE,
            Destination(url="https://a.example", ios="https://app.example/7"),
            "https://app.example/7",
            id="universal-link",
        ),
    ],
)
def test_phones_are_led_into_the_app(
    user_agent: str, destination: Destination, location: str
) -> None:
    rows = FakeRows()
    rows.lead(destination)
    visit = a_visit(CODER.encode(7, 0, 0))._replace(user_agent=user_agent)

    followed = follow(visit, deps=deps_of(rows, FakeClicks()), now=NOW)

    assert followed is not None
    assert followed.location == location


@pytest.mark.parametrize(
    ("after", "arrives"),
    [(timedelta(seconds=-1), True), (timedelta(0), False), (timedelta(days=400), False)],
)
def test_an_expired_link_leads_nowhere_and_its_hit_is_noted(
    after: timedelta, arrives: bool
) -> None:
    rows, clicks = FakeRows(), FakeClicks()
    rows.lead(Destination(url="https://a.example", ios="myapp://7", until=NOW))

    followed = follow(a_visit(CODER.encode(7, 1, 0)), deps=deps_of(rows, clicks), now=NOW + after)

    assert followed is not None
    assert followed.location == ("https://a.example" if arrives else None)
    assert [(hit.batch, hit.ordinal, hit.link) for hit in clicks.hits] == [(7, 1, 0)]


def test_the_id_of_the_campaign_that_sent_it_is_put_in() -> None:
    rows = FakeRows()
    rows.lead(Destination(url="https://a.example/?q={campaign}#f"), source="{campaign}-{campaign}")

    followed = follow(a_visit(CODER.encode(7, 0, 0)), deps=deps_of(rows, FakeClicks()), now=NOW)

    assert followed is not None
    assert followed.location == ("https://a.example/?q=%7Bcampaign%7D&utm_source=cmp_1-cmp_1#f")


def test_a_message_of_no_campaign_says_request() -> None:
    rows = FakeRows()
    rows.lead(Destination(url="https://a.example/"), campaign="{campaign}")
    rows.rows["batches", 7, "META", "meta"] = json.dumps(
        META | {"source": ["request", "a-key-of-the-caller", None]}
    )

    followed = follow(a_visit(CODER.encode(7, 0, 0)), deps=deps_of(rows, FakeClicks()), now=NOW)

    assert followed is not None
    assert followed.location == "https://a.example/?utm_campaign=request"


def test_nothing_that_a_visitor_says_decides_where_a_link_leads() -> None:
    rows = FakeRows()
    rows.lead(APP)
    evil = "https://evil.example/ iPhone"
    visit = Visit(
        code=CODER.encode(7, 0, 0), method=evil, user_agent=evil, network=evil, purpose=evil
    )

    followed = follow(visit, deps=deps_of(rows, FakeClicks()), now=NOW)

    assert followed is not None
    assert followed.location == "myapp://7"


@pytest.mark.parametrize("fault", [Unavailable("sqs SendMessage answered 500"), KeyError("x")])
def test_the_visitor_arrives_although_the_hit_cannot_be_noted(fault: Exception) -> None:
    clicks = FakeClicks()
    clicks.fault = fault

    followed = follow(a_visit(CODER.encode(7, 0, 0)), deps=deps_of(FakeRows(), clicks), now=NOW)

    assert followed is not None
    assert followed.location == "https://shop.example.com/sale?a=1&b=2"
    assert followed.unrecorded is fault


def test_fails_when_the_target_cannot_be_read() -> None:
    rows = FakeRows()
    rows.broken = True

    with pytest.raises(Unavailable):
        follow(a_visit(CODER.encode(7, 0, 0)), deps=deps_of(rows, FakeClicks()), now=NOW)


@pytest.mark.parametrize(
    ("destination", "agent", "tail", "expected"),
    [
        (
            Destination(url="https://a.example/#top"),
            "Mozilla/5.0",
            "",
            "https://a.example/?allim_click={code}#top",
        ),
        (
            Destination(url="https://a.example/"),
            "Mozilla/5.0",
            "에서",
            "https://a.example/?allim_click={code}",
        ),
        (Destination(url="https://a.example/", ios="myapp://7"), "iPhone", "", "myapp://7"),
        (
            Destination(url="https://a.example/?allim_click=x"),
            "Mozilla/5.0",
            "",
            "https://a.example/?allim_click=x",
        ),
    ],
)
def test_a_page_gets_the_code_of_the_link_where_the_template_says_so(
    destination: Destination, agent: str, tail: str, expected: str
) -> None:
    code, rows = CODER.encode(7, 5, 0), FakeRows()
    visit = a_visit(code + tail)._replace(user_agent=agent)
    found = []
    for utm in ({"click": "allim_click"}, {}):
        rows.lead(destination, **utm)
        followed = follow(visit, deps=deps_of(rows, FakeClicks()), now=NOW)
        assert followed is not None
        found.append(followed.location)

    assert found[0] == expected.format(code=code)
    assert code not in str(found[1])
