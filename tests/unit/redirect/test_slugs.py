"""Following a standalone link: where it leads, what is remembered, and that people arrive."""

import io
import json
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.contracts.errors import Unavailable
from functions.contracts.queues import LinkHit, LinkOpened
from functions.domain.destination import Destination
from functions.domain.slug import HEALTH
from functions.redirect.events import respond
from functions.redirect.service import Visit, follow
from tests.unit.redirect.fakes import (
    CODER,
    HEALTH_WORD,
    NOW,
    FakeClicks,
    FakeRows,
    an_event,
    deps_of,
)

TARGET = "https://shop.example.com/여름"
LINK = Destination(url=TARGET)
LOCATION = "https://shop.example.com/%EC%97%AC%EB%A6%84?utm_campaign=summer-sale"


class Scene:
    """The redirect with a standalone link."""

    def __init__(self, destination: Destination = LINK) -> None:
        self.rows, self.clicks, self.out = FakeRows(), FakeClicks(), io.StringIO()
        self.rows.stand_alone("summer-sale", destination, campaign="{campaign}")
        self.deps = deps_of(self.rows, self.clicks)

    def open(self, code: str, *, after: timedelta = timedelta(), **more: object) -> dict:
        event = an_event(code, **more)
        return respond(event, deps=lambda: self.deps, now=NOW + after, log_to=self.out)

    def where(self, code: str, *, after: timedelta = timedelta()) -> str | None:
        return self.open(code, after=after)["headers"].get("Location")


def test_leads_there_and_notes_the_hit_with_the_name_of_the_request() -> None:
    scene = Scene()

    assert scene.where("Summer-Sale.") == LOCATION
    (hit,) = scene.clicks.hits
    assert isinstance(hit, LinkOpened)
    assert (hit.slug, hit.request, hit.at) == ("summer-sale", "req-1", int(NOW.timestamp()))
    assert hit.network == "203.0.113.0/24"


def test_nothing_is_read_while_it_is_believed() -> None:
    scene = Scene()
    scene.where("summer-sale")
    scene.rows.reads.clear()

    for second in range(50):
        assert scene.where("summer-sale", after=timedelta(seconds=second)) == LOCATION

    assert scene.rows.reads == []


def test_is_led_elsewhere_within_a_minute() -> None:
    scene = Scene()
    scene.where("summer-sale")
    scene.rows.stand_alone("summer-sale", Destination(url="https://b.example"))

    assert scene.where("summer-sale", after=timedelta(seconds=55)) == "https://b.example"


def test_an_ended_link_is_gone_and_noted() -> None:
    scene = Scene(Destination(url=TARGET, until=NOW))

    assert scene.open("summer-sale")["statusCode"] == 410
    assert len(scene.clicks.hits) == 1


def test_old_destinations_serve_while_the_store_does_not_answer() -> None:
    scene = Scene()
    scene.where("summer-sale")
    scene.rows.broken = True

    assert scene.where("summer-sale", after=timedelta(minutes=5)) == LOCATION
    assert "redirect.target.old" in scene.out.getvalue()


def test_asks_to_come_back_when_it_was_never_read() -> None:
    scene = Scene()
    scene.rows.broken = True

    assert scene.open("summer-sale")["statusCode"] == 503


def test_a_slug_of_nobody_is_read_once_a_while_and_leads_nowhere() -> None:
    scene = Scene()

    answers = [scene.open("winter")["statusCode"] for _ in range(5)]

    assert answers == [404] * 5
    assert scene.rows.reads == [("links", True)]
    assert scene.clicks.hits == []


def test_a_new_link_opens_though_somebody_tried_its_slug_before() -> None:
    scene = Scene()
    scene.open("winter")
    scene.rows.stand_alone("winter", Destination(url="https://w.example"))

    assert scene.where("winter", after=timedelta(seconds=51)) == "https://w.example"


def test_guessing_slugs_does_not_drive_out_the_links_that_people_open() -> None:
    scene = Scene()
    scene.where("summer-sale")
    for number in range(100):
        scene.open(f"guess-{number}")
    scene.rows.reads.clear()

    scene.where("summer-sale")

    assert scene.rows.reads == []


def test_codes_of_messages_are_found_without_looking_for_slugs() -> None:
    scene = Scene()

    scene.open(CODER.encode(7, 5, 0))

    assert isinstance(scene.clicks.hits[0], LinkHit)
    assert all(table != "links" for table, _ in scene.rows.reads)


@given(forged=st.from_regex(r"[0-9A-Za-z]{11}(\.|에)?", fullmatch=True))
def test_a_forged_code_costs_no_read(forged: str) -> None:
    rows, clicks = FakeRows(batches=()), FakeClicks()
    visit = Visit(code=forged, method="GET", user_agent="", network="", purpose="")
    before = CODER.decode(forged[:11])

    follow(visit, deps=deps_of(rows, clicks), now=NOW)

    assert before is not None or rows.reads == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_check_of_a_domain_counts_nothing_and_reads_nothing(method: str) -> None:
    scene = Scene()

    answer = scene.open(HEALTH, method=method)

    assert (answer["statusCode"], answer["body"]) == (200, HEALTH_WORD)
    assert answer["headers"]["Cache-Control"] == "no-store"
    assert scene.rows.reads == []
    assert scene.clicks.hits == []


def test_the_check_fails_where_the_redirect_cannot_work() -> None:
    def deps() -> object:
        msg = "the secret cannot be read"
        raise Unavailable(msg)

    answer = respond(an_event(HEALTH), deps=deps, now=NOW, log_to=io.StringIO())

    assert answer["statusCode"] == 503


def test_the_log_names_the_link_and_nobody() -> None:
    scene = Scene()
    scene.open("summer-sale")

    line = json.loads(scene.out.getvalue())

    assert (line["slug"], line["status"], line["cached"]) == ("summer-sale", 302, False)
    assert "203.0.113" not in scene.out.getvalue()
