"""The script of landing pages in a real browser: on a shop's pages, reporting to our own routes.

The shop is another site than the API, as it always is.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from functions.activity import paging
from functions.contracts.goal_jobs import PageEventJob
from functions.contracts.queues import Queue
from functions.domain.event import event_key
from functions.domain.ids import BatchNumber
from functions.runtime.tracking import code_of
from tests.browser.conftest import served
from tests.integration.http.emulation import emulated
from tests.integration.reported_rows import write_campaign

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.browser.chromium import Tab
    from tests.integration.account import Account

BATCH, ORDINAL, ORDER = 3, 17, "order-20261126-0815"
_PATIENCE_S = 10
SUBMITS = f"""
  document.querySelector("#order").addEventListener("submit", function () {{
    allim.convert("order", {{id: "{ORDER}", minor: 39000}});
  }});
"""
CLICKS = SUBMITS.replace("submit", "click")
FORM = '<form id="order" action="/thanks" method="post"><button>Order</button></form>'
BUTTON = '<button id="order">Order</button>'
TELLS_WHAT_IS_STOPPED = """
  window.stopped = [];
  document.addEventListener("securitypolicyviolation", function (event) {
    stopped.push([event.effectiveDirective, event.blockedURI].join(" "));
  });
"""


@dataclass
class Site:
    """A shop's pages by their path, with the headers of all of them, and what was asked of it."""

    base: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def page(self, path: str, body: str, *, api: str = "", script: str = "", more: str = "") -> str:
        """Add a page, with our script where an API is named; its address."""
        ours = f'<script src="{api}/v1/conversions.js" {more}></script>' if api else ""
        own = f'<script src="{path}.js"></script>' if script else ""
        self.pages[path] = f"<!doctype html><title>shop</title>{body}{ours}{own}"
        self.pages[f"{path}.js"] = script
        return f"{self.base}{path}"


@contextmanager
def opened(site: Site) -> Iterator[Site]:
    """Serve it on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the server's names
            path = urlsplit(self.path).path
            site.asked.append(f"{self.command} {path}")
            text = site.pages.get(path)
            self.send_response(200 if text is not None else 404)
            kind = "text/javascript" if path.endswith(".js") else "text/html"
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            for name, value in site.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write((text or "").encode())

        do_POST = do_GET  # noqa: N815  # likewise

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        # By name, where the API is by number: another site.
        site.base = f"http://localhost:{server.server_port}"
        yield site
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def api() -> Iterator[tuple[Account, str]]:
    """An account with a campaign whose goal is an order, and where the API answers."""
    with emulated() as (account, _), served() as base:
        write_campaign()
        yield account, base


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(paging, "LOOKED_AT_AFTER_S", 0)
    with opened(Site()) as site:
        yield site


def the_code() -> str:
    return code_of(BatchNumber(BATCH), ORDINAL, 0)


def arrived(account: Account) -> list[PageEventJob]:
    """What the handler of the API took, once there is something."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        if found := account.take_jobs(Queue.EVENTS):
            return [each for each in found if isinstance(each, PageEventJob)]
        time.sleep(0.05)
    return []


def orders(shop: Site, tab: Tab, base: str, *, more: str = "", script: str = CLICKS) -> None:
    """Somebody comes by the link of a message and presses the button."""
    page = shop.page("/new", BUTTON, api=base, script=script)
    tab.open(f"{page}?allim_click={the_code()}{more}")
    tab.click("#order")


def assert_ordered(account: Account) -> None:
    """Exactly one report of the message, with the order's id and value."""
    (job,) = arrived(account)
    assert (job.batch, job.ordinal, job.event) == (BATCH, ORDINAL, "order")
    assert (job.key, job.minor) == (event_key(ORDER), 39_000)


def test_an_order_reaches_the_api_with_the_code_of_the_link(
    api: tuple[Account, str], shop: Site, tab: Tab
) -> None:
    account, base = api

    orders(shop, tab, base, more="&utm_source=sms#top")

    assert_ordered(account)
    assert tab.value("[document.cookie, sessionStorage.length, localStorage.length].join()") == (
        ",0,0"
    )


def test_a_form_that_leaves_the_page_reports_all_the_same(
    api: tuple[Account, str], shop: Site, tab: Tab
) -> None:
    account, base = api
    page = shop.page("/new", FORM, api=base, script=SUBMITS)
    shop.page("/thanks", "thanks")

    tab.open(f"{page}?allim_click={the_code()}")
    tab.tap("#order button")

    assert tab.value("location.pathname") == "/thanks"
    assert_ordered(account)


def test_it_works_under_a_policy_that_allows_the_api_alone(
    api: tuple[Account, str], shop: Site, tab: Tab
) -> None:
    account, base = api
    shop.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self' {base}; connect-src {base}"
    )

    orders(shop, tab, base)

    assert_ordered(account)


def test_without_connect_src_the_browser_stops_it(
    api: tuple[Account, str], shop: Site, tab: Tab
) -> None:
    account, base = api
    shop.headers["Content-Security-Policy"] = f"default-src 'none'; script-src 'self' {base}"

    orders(shop, tab, base, script=TELLS_WHAT_IS_STOPPED + CLICKS)
    deadline = time.monotonic() + _PATIENCE_S
    while not (stopped := tab.value("stopped")) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert stopped == [f"connect-src {base}/v1/conversions"]
    assert account.take_jobs(Queue.EVENTS) == []


def test_a_later_page_of_the_visit_knows_the_code_where_it_is_remembered(
    api: tuple[Account, str], shop: Site, tab: Tab
) -> None:
    account, base = api
    landing = shop.page("/new", '<a href="/cart">cart</a>', api=base, more="data-remember")
    shop.page("/cart", FORM, api=base, script=SUBMITS, more="data-remember")
    shop.page("/thanks", "thanks")

    tab.open(f"{landing}?allim_click={the_code()}")
    tab.tap("a")
    assert tab.value("location.search") == ""
    tab.tap("#order button")

    assert_ordered(account)


@pytest.mark.parametrize("more", ["", "data-remember"])
def test_who_came_by_no_link_is_not_reported_and_the_shop_works(
    api: tuple[Account, str], shop: Site, tab: Tab, more: str
) -> None:
    account, base = api
    page = shop.page("/new", FORM, api=base, script=SUBMITS, more=more)
    shop.page("/thanks", "thanks")

    tab.open(page)
    assert tab.value("allim.convert('order')") is False
    tab.tap("#order button")

    assert tab.value("location.pathname") == "/thanks"
    assert account.take_jobs(Queue.EVENTS) == []


def test_one_order_that_is_told_twice_has_one_id(
    api: tuple[Account, str], shop: Site, tab: Tab
) -> None:
    account, base = api

    orders(shop, tab, base)
    (first,) = arrived(account)
    tab.click("#order")
    (second,) = arrived(account)

    assert first.key == second.key
