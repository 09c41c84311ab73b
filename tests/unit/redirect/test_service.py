"""Following a link: targets, what is remembered, and that people arrive."""

import pytest
from hypothesis import given, strategies as st

from functions.contracts.errors import Unavailable
from functions.contracts.queues import LinkHit
from functions.domain.tracking_code import Coder
from functions.redirect.service import Followed, Visit, follow, location
from tests.unit.redirect.fakes import (
    CODER,
    NOW,
    FakeClicks,
    FakeRows,
    deps_of,
    targets_of,
)

KOREAN_LINK = "https://shop.example.com/%ED%95%A0%EC%9D%B8"


def a_visit(code: str, *, method: str = "GET") -> Visit:
    return Visit(
        code=code, method=method, user_agent="Mozilla/5.0", network="203.0.113.0/24", purpose=""
    )


def test_leads_to_the_link_of_the_template_and_notes_the_hit() -> None:
    rows, clicks = FakeRows(), FakeClicks()

    followed = follow(a_visit(CODER.encode(7, 5, 1)), deps=deps_of(rows, clicks), now=NOW)

    assert followed == Followed(location=KOREAN_LINK, batch=7, cached=False, unrecorded=None)
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


def test_reads_only_the_batch_when_its_template_was_seen_before() -> None:
    rows = FakeRows(batches=(7, 8))
    targets = targets_of(rows)
    targets.find(7)
    rows.reads.clear()

    targets.find(8)

    assert rows.reads == [("batches", False)]


def test_forgets_the_batch_that_was_not_asked_for_the_longest() -> None:
    targets = targets_of(FakeRows(batches=(1, 2, 3)), max_batches=2)
    targets.find(1)
    targets.find(2)
    targets.known(1)
    targets.find(3)

    remembered = [batch for batch in (1, 2, 3) if targets.known(batch) is not None]

    assert remembered == [1, 3]


@pytest.mark.parametrize("table", ["batches", "templates"])
def test_asks_again_consistently_when_a_fresh_row_is_not_seen_yet(table: str) -> None:
    rows = FakeRows()
    rows.late = {table}

    links = targets_of(rows).find(7)

    assert links == ("https://shop.example.com/sale?a=1&b=2", KOREAN_LINK)
    assert rows.reads.count((table, True)) == 1


def test_an_unknown_batch_leads_nowhere_and_is_not_remembered_as_such() -> None:
    rows = FakeRows()
    deps = deps_of(rows, FakeClicks())
    before = follow(a_visit(CODER.encode(9, 0, 0)), deps=deps, now=NOW)
    rows.rows["batches", 9, "META", "meta"] = '{"template": ["welcome", 3]}'

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
    ("url", "expected"),
    [
        pytest.param(
            "https://a.example/?q=1&r=%20#f", "https://a.example/?q=1&r=%20#f", id="as-is"
        ),
        pytest.param("HTTP://a.example/", "HTTP://a.example/", id="scheme-in-capitals"),
        pytest.param("https://a.example/할인", "https://a.example/%ED%95%A0%EC%9D%B8", id="korean"),
        pytest.param("https://a.example/a b", "https://a.example/a%20b", id="blank"),
        pytest.param(
            "https://a.example/\r\nSet-Cookie: a=b",
            "https://a.example/%0D%0ASet-Cookie:%20a=b",
            id="line-end",
        ),
        pytest.param("https://a.example/\ud800", "https://a.example/?", id="lone-surrogate"),
        pytest.param("javascript:alert(1)", "", id="script"),
        pytest.param("javascript://a.example/%0aalert(1)", "", id="script-with-slashes"),
        pytest.param("//a.example/", "", id="no-scheme"),
        pytest.param("https://", "", id="no-host"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_writes_a_link_for_a_header(url: str, expected: str) -> None:
    assert location(url) == expected


@given(url=st.text())
def test_whatever_a_link_holds_the_header_is_printable_ascii(url: str) -> None:
    written = location("https://a.example/" + url)

    assert written.isascii()
    assert written.isprintable()
    assert " " not in written
