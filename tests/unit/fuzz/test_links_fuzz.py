"""Hostile addresses, codes, slugs, headers, rows and texts against the real code of links.

A few hundred inputs a property in the gate; ``make fuzz`` runs fifty times as many, and lets
atheris choose them by what code they reach.
"""

import io
import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given, strategies as st

from functions.content.bare_links import track_bare_links
from functions.contracts.codec import from_body, to_body
from functions.contracts.destination_document import destinations_to_text
from functions.contracts.destination_errors import destination_errors
from functions.contracts.queues import LinkHit, LinkOpened
from functions.domain.destination import Destination
from functions.domain.slug import is_slug
from functions.domain.utm import with_utm
from functions.domain.web_address import UNSAFE_SCHEMES, allows, fault_of_app, web_host
from functions.links.counting import CountingDeps, record
from functions.redirect.events import respond
from tests.fakes.link_openings import FakeOpenings
from tests.unit.fuzz.browser import read
from tests.unit.redirect.fakes import (
    CODER,
    HEALTH_WORD,
    NOW,
    FakeClicks,
    FakeRows,
    an_event,
    deps_of,
)

ALLOWED = ("shop.example",)
GOOD = CODER.encode(7, 5, 0)
# What SQS takes (SendMessage, "Valid values"): XML 1.0's characters.
FOR_SQS = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")

tricks = st.sampled_from(
    [
        *(
            "\r\n",
            "\n",
            "\t",
            "\x00",
            " ",
            "\\",
            "/",
            "//",
            "@",
            ":",
            "#",
            "?",
            "%",
            ".",
            "。",
            "．",
        ),
        *("%0d%0a", "%2f", "%5c", "%40", "%2e", "%00", "\u2028", "\u202e", "\ud800", "ß", "ﬀ", "K"),
        *("evil.example", "@evil.example", "\\@evil.example", "//evil.example", "javascript:"),
        *("/\\evil.example", "data:text/html,", "&url=https://evil.example", ";@evil.example"),
        *("Set-Cookie: a=b", "<script>", "{{", "}}", "{% raw %}", '"', "'", "{campaign}", "\u200b"),
        *("https://", "http:", "HTTPS://", "intent://", ";S.browser_fallback_url=", "#Intent;"),
        *("shop.example", "https://shop.example", "[::1]", "xn--", "127.1", "0x7f.1", ":443", ":0"),
    ]
)
texts = st.lists(tricks | st.text(max_size=6), max_size=8).map("".join)
addresses = texts | st.builds(
    "{}{}".format, st.sampled_from(["https://shop.example", "https://shop.example/"]), texts
)
destinations = st.builds(
    Destination,
    url=addresses,
    ios=st.none() | addresses,
    android=st.none() | addresses,
    until=st.none() | st.datetimes(timezones=st.just(UTC)),
)
utms = st.dictionaries(st.sampled_from(["source", "medium", "campaign", "term", "x"]), texts)
agents = st.sampled_from(["iPhone", "Android", "Mozilla/5.0"]) | texts
names = (
    st.sampled_from(
        ["User-Agent", "Host", "X-Forwarded-Host", "Forwarded", "Referer", "Origin", "Purpose"]
    )
    | texts
)
headers = st.dictionaries(names, texts | st.none() | st.integers(), max_size=5)
codes = (
    st.sampled_from([GOOD, "summer", "~health", "..", "%2e%2e", "favicon.ico"])
    | texts
    | st.builds("{}{}".format, st.sampled_from([GOOD, "summer"]), texts)
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


def answer_to(rows: FakeRows, event: object, clicks: FakeClicks | None = None) -> dict:
    """What visitors get; it can be sent, splits no header, and one line was logged of it."""
    log = io.StringIO()
    deps = deps_of(rows, clicks or FakeClicks())
    answer = respond(event, deps=lambda: deps, now=NOW, log_to=log)
    json.dumps(answer).encode()
    for name, value in answer["headers"].items():
        assert re.fullmatch("[A-Za-z-]+", name)
        assert isinstance(value, str)
        assert value.isprintable()
    location = answer["headers"].get("Location", "")
    assert location.isascii()
    assert not re.search(r"[\x00-\x20\x7f\\<>\"`{}|^]", location)
    for line in log.getvalue().splitlines():
        json.loads(line)
    return answer


@given(destination=destinations, utm=utms, agent=agents, slug=st.sampled_from(["summer", GOOD]))
def test_what_was_accepted_leads_to_allowed_hosts_however_a_browser_reads_it(
    destination: Destination, utm: dict[str, str], agent: str, slug: str
) -> None:
    """No open redirect: from the check at the API to the header that the visitor gets."""
    if destination_errors(destination, hosts=ALLOWED):
        return
    rows = FakeRows()
    rows.lead(destination, **utm)
    rows.stand_alone("summer", destination, **utm)

    answer = answer_to(rows, an_event(slug, headers={"User-Agent": agent}))

    location = answer["headers"].get("Location")
    if location is None:
        assert answer["statusCode"] in {404, 410}
        return
    scheme, host = read(location)
    assert scheme not in UNSAFE_SCHEMES
    assert scheme
    assert scheme not in ("http", "https") or allows(host, ALLOWED), location


@given(address=addresses)
def test_an_accepted_host_is_the_one_that_browsers_go_to(address: str) -> None:
    host = web_host(address)

    assert host is None or read(address) == (address.partition(":")[0].lower(), host)


@given(address=addresses)
def test_an_accepted_app_address_is_no_web_page_in_disguise(address: str) -> None:
    if fault_of_app(address, allowed=ALLOWED) is not None:
        return
    scheme, host = read(address)

    assert scheme
    assert scheme not in UNSAFE_SCHEMES
    assert scheme not in ("http", "https") or allows(host, ALLOWED)


@given(destination=destinations, utm=utms, agent=agents, code=codes, more=headers)
def test_whatever_a_row_and_a_request_say_no_answer_is_split_or_runs(
    destination: Destination, utm: dict[str, str], agent: str, code: str, more: dict
) -> None:
    """Rows are checked when they are written; the redirect does not rely on it."""
    rows = FakeRows()
    text = destinations_to_text([destination], utm)
    rows.rows["templates", "welcome", 3, "destinations"] = text
    rows.rows["links", "links", "summer", "lead"] = text

    answer = answer_to(rows, an_event(code, headers=more | {"User-Agent": agent}))

    assert answer["statusCode"] in {200, 302, 404, 410}
    scheme, _ = read(answer["headers"].get("Location", "ok:"))
    assert scheme not in UNSAFE_SCHEMES


@given(row=texts | json_values.map(json.dumps), meta=texts | json_values.map(json.dumps))
def test_rows_of_nonsense_are_a_page_and_never_a_crash(row: str, meta: str) -> None:
    rows = FakeRows()
    rows.rows["templates", "welcome", 3, "destinations"] = row
    rows.rows["links", "links", "summer", "lead"] = row
    rows.rows["batches", 9, "META", "meta"] = meta

    for code in (GOOD, "summer", CODER.encode(9, 0, 0)):
        assert answer_to(rows, an_event(code))["statusCode"] in {302, 404, 410, 503}


@given(code=codes, more=headers, query=st.dictionaries(texts, texts, max_size=3), method=texts)
def test_nothing_in_a_request_decides_where_it_leads(
    code: str, more: dict, query: dict[str, str], method: str
) -> None:
    rows = FakeRows()
    rows.stand_alone("summer", Destination(url="https://shop.example/s"))
    mine = {"https://shop.example.com/sale?a=1&b=2", "https://shop.example/s", None}
    event = an_event(code, method="GET", headers=more) | {"queryStringParameters": query}

    answer = answer_to(rows, event)

    assert answer["headers"].get("Location") in mine
    assert answer_to(rows, event | {"httpMethod": method})["headers"].get("Location") in mine
    assert "evil" not in answer["body"]
    assert answer["body"] != HEALTH_WORD or code == "~health"


@given(
    event=json_values
    | st.fixed_dictionaries(
        {},
        optional={
            "httpMethod": st.sampled_from(["GET", "HEAD"]) | json_values,
            "pathParameters": st.fixed_dictionaries({"code": codes}) | json_values,
            "headers": headers | json_values,
            "requestContext": st.fixed_dictionaries(
                {},
                optional={
                    "requestId": texts | json_values,
                    "identity": st.fixed_dictionaries({"sourceIp": texts | json_values})
                    | json_values,
                },
            )
            | json_values,
        },
    )
)
def test_any_event_is_answered_and_what_is_noted_can_be_sent(event: object) -> None:
    rows, clicks = FakeRows(), FakeClicks()
    rows.stand_alone("summer", Destination(url="https://shop.example/s"))

    answer = answer_to(rows, event, clicks)

    assert answer["statusCode"] in {200, 302, 404, 405}
    assert len(clicks.hits) == (answer["statusCode"] == 302)
    for hit in clicks.hits:
        assert from_body(to_body(hit)) == hit
        assert FOR_SQS.fullmatch(to_body(hit))
        assert len(to_body(hit)) < 8_000


@given(
    slug=st.just("summer") | texts,
    request=texts,
    at=st.integers(-(2**40), 2**40),
    agent=agents,
    network=texts,
    purpose=texts,
)
def test_any_opening_is_counted_or_dropped(
    slug: str, request: str, at: int, agent: str, network: str, purpose: str
) -> None:
    openings = FakeOpenings()
    deps = CountingDeps(openings=openings, ask_to_count=lambda *_: None, network_hash=lambda _: "#")
    hit = LinkOpened(
        slug=slug,
        request=request,
        at=at,
        method="GET",
        user_agent=agent,
        network=network,
        purpose=purpose,
    )

    tally = record([hit, hit], deps=deps, now=datetime(2026, 11, 26, tzinfo=UTC))

    assert (sum(tally.by_visitor.values()), tally.dropped) in {(1, 0), (0, 2)}
    assert tally.dropped or is_slug(slug)


@given(source=st.lists(texts | addresses | st.text(max_size=10), max_size=6).map("".join))
def test_bare_addresses_of_any_text_are_whole_and_nothing_else_changes(source: str) -> None:
    tracked = track_bare_links(source)

    assert track_bare_links(tracked) == tracked
    added = re.compile(r'\{\{ "(https?://[^"]*)" \| track \}\}', re.IGNORECASE)
    if "| track }}" not in source:
        assert added.sub(lambda found: found[1], tracked) == source
        assert all(web_host(each) for each in added.findall(tracked))


@given(address=addresses, utm=utms)
def test_parameters_never_lead_elsewhere(address: str, utm: dict[str, str]) -> None:
    if web_host(address) is None:
        return
    pieces = with_utm(address, utm)

    for name in ("cmp_1", "summer-sale"):
        led = name.join(pieces)
        assert read(led) == read(address)
        assert urlsplit(led).path == urlsplit(address).path
        author = parse_qsl(urlsplit(address).query, keep_blank_values=True)
        with suppress(ValueError):
            now = parse_qsl(urlsplit(led).query, keep_blank_values=True)
            assert now[: len(author)] == author


@given(batch=st.integers(), ordinal=st.integers(), link=st.integers(), code=codes | st.text())
def test_codes_are_made_of_what_fits_and_read_or_refused(
    batch: int, ordinal: int, link: int, code: str
) -> None:
    try:
        made = CODER.encode(batch, ordinal, link)
    except ValueError:
        pass
    else:
        assert CODER.decode(made) == (batch, ordinal, link)
    found = CODER.decode(code)
    assert found is None or CODER.encode(*found) == code


def test_hits_of_messages_and_of_links_are_told_apart() -> None:
    """The fuzzed handler does reach both."""
    rows, clicks = FakeRows(), FakeClicks()
    rows.stand_alone("summer", Destination(url="https://shop.example/s"))

    for code in (GOOD, "summer"):
        answer_to(rows, an_event(code), clicks)

    assert [type(each) for each in clicks.hits] == [LinkHit, LinkOpened]
