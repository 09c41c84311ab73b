"""Stores of standalone links: rows, openings, counts, and the domain in use."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pynamodb.exceptions import GetError

from functions.domain.destination import Destination, Replaced
from functions.domain.link_domains import DomainHealth
from functions.domain.link_openings import Counted, Opened
from functions.domain.standalone_link import StandaloneLink
from functions.runtime.settings import forget_settings
from functions.storage.link_domains import CurrentLinkBase, LinkDomainStore, link_bases
from functions.storage.link_openings import OpeningStore
from functions.storage.standalone_links import StandaloneLinkStore
from tests.builders import NOON
from tests.integration.account import Account

pytestmark = pytest.mark.usefixtures("account")
LINK = StandaloneLink(
    slug="summer",
    name="여름",
    medium="poster",
    destination=Destination(url="https://a.example", ios="myapp://a", until=NOON),
    utm={"source": "qr"},
    made=NOON,
    made_by="key_1",
)
A, B = "https://a.kr", "https://b.kr"


def opened(number: int, *, at: int = 1_795_316_400) -> Opened:
    return Opened(at, f"{number:016x}", "GET", "Mozilla/5.0", "#", "")


def test_a_link_is_read_as_it_was_written() -> None:
    store = StandaloneLinkStore()

    assert store.add(LINK)
    assert store.get("summer") == LINK
    assert store.get("winter") is None
    assert not store.add(replace(LINK, name="other"))
    assert store.get("summer") == LINK


def test_a_change_holds_only_on_what_was_read() -> None:
    store = StandaloneLinkStore()
    store.add(LINK)
    earlier = Replaced(place=0, destination=LINK.destination, at=NOON, key_id="key_2")
    one = replace(LINK, replaced=(earlier,), destination=Destination(url="https://b"), changes=1)

    assert store.put(one, before=0)
    assert store.get("summer") == one
    assert not store.put(replace(LINK, changes=1), before=0)
    assert not store.put(replace(LINK, slug="nobody", changes=1), before=0)


def test_lists_links_without_what_was_seen_and_without_removed_ones() -> None:
    store, openings = StandaloneLinkStore(), OpeningStore()
    for slug in ("b", "a", "c"):
        store.add(replace(LINK, slug=slug))
        openings.add(slug, 0, [opened(1)])
        openings.put_count(slug, 0, Counted(human=1))
    store.put(replace(LINK, slug="b", removed=NOON, changes=1), before=0)

    page = store.page(limit=1, position=None)
    rest = store.page(limit=5, position=page.after)

    assert [each.slug for each in (*page.items, *rest.items)] == ["a", "c"]


def test_openings_are_given_back_however_they_were_grouped(account: Account) -> None:
    store = OpeningStore()

    store.add("summer", 300, [opened(1), opened(2)])
    store.add("summer", 300, [opened(2), opened(1)])
    store.add("summer", 300, [opened(2)])
    store.add("summer", 600, [opened(3)])

    assert sorted(store.of("summer", 300)) == [opened(1), opened(2), opened(2)]
    rows = account.dynamodb.scan(TableName=account.environment()["TABLE_LINKS"])["Items"]
    assert {int(row["expires_at"]["N"]) for row in rows} == {1_795_316_400 + 90 * 86_400}


def test_the_largest_count_stays() -> None:
    store = OpeningStore()
    for counted in (Counted(human=2, first=1, last=2), Counted(human=1), Counted(machine=2)):
        store.put_count("summer", 300, counted)

    assert store.counts("summer", 0, 301) == {300: Counted(machine=2)}
    assert store.counts("summer", 0, 300) == {}
    assert store.counts("summer", 301, 900) == {}


class Clock:
    now = datetime(2026, 11, 26, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_the_domain_in_use_is_read_at_most_every_15_seconds() -> None:
    store, clock = LinkDomainStore(), Clock()
    base = CurrentLinkBase((A, B), clock=clock)
    assert base() == A

    store.put({A: DomainHealth(usable=False, since=1, checked=2, against=1)})

    assert store.health()[A] == DomainHealth(usable=False, since=1, checked=2, against=1)
    assert base() == A
    clock.now += timedelta(seconds=15)
    assert base() == B


def test_no_more_domains_are_used_than_a_tick_can_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINK_DOMAINS", " https://b.kr/ ,https://c.kr,,https://d.kr,https://e.kr")
    forget_settings()
    link_bases.cache_clear()

    try:
        assert link_bases() == ("https://go.example.com", B, "https://c.kr", "https://d.kr")
    finally:
        link_bases.cache_clear()


def test_with_one_domain_nothing_is_read() -> None:
    def read() -> dict[str, DomainHealth]:
        raise AssertionError

    assert CurrentLinkBase((A,), read=read)() == A


def test_the_last_choice_holds_while_it_cannot_be_read() -> None:
    clock = Clock()
    answers = iter([{A: DomainHealth(usable=False)}])

    def read() -> dict[str, DomainHealth]:
        for each in answers:
            return each
        raise GetError

    base = CurrentLinkBase((A, B), read=read, clock=clock)

    assert base() == B
    clock.now += timedelta(minutes=1)
    assert base() == B
