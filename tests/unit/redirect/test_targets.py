"""Where links lead: what is read, remembered, read again, and how it stands in a header."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from functions.contracts.errors import Unavailable
from functions.domain.destination import Destination
from functions.redirect.targets import (
    FRESH_S,
    RETRY_S,
    Lead,
    app_location,
    lead_of,
    location,
)
from tests.unit.redirect.fakes import FakeRows, targets_of

AT = 1_795_316_400
KOREAN_LINK = "https://shop.example.com/%ED%95%A0%EC%9D%B8"
OLD, NEW = Destination(url="https://old.example"), Destination(url="https://new.example")
BOTH = ["batches", "templates"]


def webs(rows: FakeRows, *, at: int = AT) -> list[str]:
    """Where the first batch's links lead, asked of a fresh process."""
    found = targets_of(rows).find(7, at=at)
    assert found is not None
    return ["".join(lead.web) for lead in found.leads]


def test_rows_of_before_have_the_addresses_of_the_text() -> None:
    assert webs(FakeRows()) == ["https://shop.example.com/sale?a=1&b=2", KOREAN_LINK]


def test_destinations_win_over_the_addresses_of_the_text() -> None:
    rows = FakeRows()
    rows.lead(NEW)

    assert webs(rows) == ["https://new.example"]


def test_one_row_of_each_table_is_read_and_one_attribute() -> None:
    rows = FakeRows()
    rows.lead(NEW)

    webs(rows)

    assert rows.reads == [("batches", False), ("templates", False)]


def test_nothing_is_read_while_destinations_are_fresh() -> None:
    rows = FakeRows()
    rows.lead(OLD)
    targets = targets_of(rows)
    targets.find(7, at=AT)
    rows.reads.clear()

    found = targets.find(7, at=AT + FRESH_S - 1)

    assert found is not None
    assert (found.read, rows.reads) == (False, [])


def test_a_change_is_seen_within_a_minute() -> None:
    rows = FakeRows(batches=(7, 8))
    rows.lead(OLD)
    targets = targets_of(rows)
    targets.find(7, at=AT)
    targets.find(8, at=AT + 20)
    rows.lead(NEW)
    rows.reads.clear()

    seen = [targets.find(batch, at=AT + FRESH_S) for batch in (7, 8)]

    assert FRESH_S < 60
    assert [each.leads[0].web for each in seen if each] == [("https://new.example",)] * 2
    assert rows.reads == [("templates", False)]


def test_a_clock_that_was_set_back_does_not_make_old_ones_last() -> None:
    rows = FakeRows()
    rows.lead(OLD)
    targets = targets_of(rows)
    targets.find(7, at=AT)
    rows.lead(NEW)

    found = targets.find(7, at=AT - 3600)

    assert found is not None
    assert found.leads[0].web == ("https://new.example",)


def test_old_ones_are_used_while_they_cannot_be_read_again() -> None:
    rows = FakeRows(batches=(7, 8))
    rows.lead(OLD)
    targets = targets_of(rows)
    targets.find(7, at=AT)
    rows.lead(NEW)
    rows.broken = True

    broken = targets.find(7, at=AT + FRESH_S)
    reads = len(rows.reads)
    soon = targets.find(7, at=AT + FRESH_S + RETRY_S - 1)
    rows.broken = False
    later = targets.find(7, at=AT + FRESH_S + RETRY_S)

    assert broken is not None
    assert soon is not None
    assert later is not None
    assert broken.leads[0].web == soon.leads[0].web == ("https://old.example",)
    assert isinstance(broken.stale, Unavailable)
    assert (soon.stale, len(rows.reads)) == (None, reads + 1)
    assert (later.leads[0].web, later.stale) == (("https://new.example",), None)


def test_a_template_that_is_gone_leads_where_it_led() -> None:
    rows = FakeRows()
    targets = targets_of(rows)
    targets.find(7, at=AT)
    del rows.rows["templates", "welcome", 3, "links"]

    found = targets.find(7, at=AT + FRESH_S)

    assert found is not None
    assert len(found.leads) == 2


def test_fails_when_they_were_never_read() -> None:
    rows = FakeRows()
    rows.broken = True

    with pytest.raises(Unavailable):
        targets_of(rows).find(7, at=AT)


def test_reads_only_the_batch_when_its_template_was_seen_before() -> None:
    rows = FakeRows(batches=(7, 8))
    targets = targets_of(rows)
    targets.find(7, at=AT)
    rows.reads.clear()

    targets.find(8, at=AT)

    assert rows.reads == [("batches", False)]


def test_forgets_the_batch_that_was_not_asked_for_the_longest() -> None:
    targets = targets_of(FakeRows(batches=(1, 2, 3)), max_batches=2)
    targets.find(1, at=AT)
    targets.find(2, at=AT)
    targets.find(1, at=AT)
    targets.find(3, at=AT)

    found = {batch: targets.find(batch, at=AT) for batch in (1, 3, 2)}

    assert [batch for batch, each in found.items() if each and not each.read] == [1, 3]


@pytest.mark.parametrize("table", ["batches", "templates"])
def test_asks_again_consistently_when_a_fresh_row_is_not_seen_yet(table: str) -> None:
    rows = FakeRows()
    rows.late = {table}

    assert webs(rows) == ["https://shop.example.com/sale?a=1&b=2", KOREAN_LINK]
    assert (table, True) in rows.reads


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


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("myapp://7?a=b#c", "myapp://7?a=b#c"),
        ("MyApp:7", "MyApp:7"),
        ("intent://7#Intent;scheme=x;end", "intent://7#Intent;scheme=x;end"),
        ("https://app.example/7", "https://app.example/7"),
        ("myapp://할인", "myapp://%ED%95%A0%EC%9D%B8"),
        ("myapp://a\r\nSet-Cookie: a=b", "myapp://a%0D%0ASet-Cookie:%20a=b"),
        ("javascript:alert(1)", ""),
        ("JavaScript:alert(1)", ""),
        (" javascript:alert(1)", ""),
        ("java\tscript:alert(1)", ""),
        ("\x01javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("view-source:https://a.example", ""),
        ("https:evil.example", ""),
        ("https:/evil.example", ""),
        ("https:///evil.example", ""),
        ("//evil.example", ""),
        ("/evil", ""),
        ("", ""),
    ],
)
def test_writes_an_address_of_an_app_for_a_header(address: str, expected: str) -> None:
    assert app_location(address) == expected


@given(address=st.text() | st.text().map(lambda text: "myapp:" + text))
def test_whatever_an_address_of_an_app_holds_the_header_is_printable_ascii(address: str) -> None:
    written = app_location(address)

    assert written.isascii()
    assert written.isprintable()
    assert " " not in written
    assert not written.lower().startswith(("javascript:", "data:", "vbscript:", "file:"))


def test_a_destination_is_made_ready_with_its_utm_and_its_end() -> None:
    destination = Destination(
        url="https://a.example/?utm_source=own#top",
        ios="myapp://7",
        android="https://app.example/7",
        until=datetime(2026, 12, 1, tzinfo=UTC),
    )

    lead = lead_of(destination, {"source": "sms", "campaign": "c-{campaign}"})

    assert lead == Lead(
        web=("https://a.example/?utm_source=own&utm_campaign=c-", "#top"),
        ios=("myapp://7",),
        android=("https://app.example/7?utm_source=sms&utm_campaign=c-", ""),
        until=1_796_083_200,
    )
