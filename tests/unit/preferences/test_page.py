"""The page's texts: escaped, whole in both languages, and evidence of what was read."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from http import HTTPStatus
from zoneinfo import ZoneInfo

import pytest

from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.channel_names import CHANNEL_NAMES
from functions.domain.consent import Consent, ConsentKey
from functions.domain.contact import Contact
from functions.domain.ids import ContactId, SenderId
from functions.domain.preferences import Attitude, Choice, Preference
from functions.domain.sender import Sender, SenderStatus
from functions.domain.writing import Profile
from functions.preferences import page, words
from functions.preferences.service import DeadLink, Gone, Receipt, Standing, Visit

SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 11, 22, 3, tzinfo=UTC)
SMS = ConsentKey(Channel.SMS, ConsentPurpose.ADVERTISING)
NIGHT = ConsentKey(Channel.SMS, ConsentPurpose.NIGHT_ADVERTISING)
WORDING = {
    "ko": "fb8420bca053e507ff24441a67b87d4534b84a1f875c9095bb8fed0ff5191109",
    "en": "b12f383c6d0999c015366697d04be0e5d24cf18bb147395dfa0b602dbd59ea39",
}
"""A change of wording is a new VERSION: evidence names both. Change all three together."""


def a_visit(name: str = "알림상점", number: str | None = "080-012-3456") -> Visit:
    sender = Sender(
        sender_id=SenderId("s1"),
        channel=Channel.SMS,
        address="0200001234",
        display_name=name,
        opt_out_number=number,
        status=SenderStatus.APPROVED,
    )
    consents = {SMS: Consent(granted=True, at=NOON, seq=1)}
    contact = Contact(contact_id=ContactId("secret-id"), consents=consents)
    profile = Profile(contact=contact, version=1, consent_seq=1, consent_head="ab" * 32)
    return Visit(sender=sender, channel=Channel.SMS, profile=profile)


def a_standing(*keys: ConsentKey, attitude: Attitude = Attitude.AGREED) -> Standing:
    shown = tuple(Preference(key=key, attitude=attitude, since=NOON) for key in keys)
    return Standing(preferences=shown, all_refused=None)


def shown(standing: Standing, *, language: str = "ko", visit: Visit | None = None) -> str:
    return page.preferences(visit or a_visit(), standing, language=language, zone=SEOUL)


def test_every_word_exists_in_both_languages() -> None:
    for table in (words.WORDS, CHANNEL_NAMES, words.PURPOSES, words.ATTITUDES, words.FAULTS):
        assert set(table["ko"]) == set(table["en"])
    assert set(CHANNEL_NAMES["ko"]) == set(Channel)
    assert set(words.PURPOSES["ko"]) == set(ConsentPurpose)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_wording_is_that_of_its_version(language: str) -> None:
    assert words.VERSION == "preferences-1"
    assert page.wording_hash(language) == WORDING[language]
    assert page.seen(language, ip="192.0.2.1").text_version == f"preferences-1-{language}"


def test_shows_sender_and_choices_with_their_days() -> None:
    html = shown(a_standing(SMS, NIGHT))

    assert "알림상점" in html
    assert "2026년 11월 22일" in html
    assert 'name="refuse" value="all"' in html
    assert 'value="sms"' in html
    assert 'value="sms:night_advertising"' in html
    assert "secret-id" not in html


def test_what_is_refused_has_no_button() -> None:
    html = shown(a_standing(SMS, attitude=Attitude.REFUSED))

    assert 'value="sms"' not in html
    assert 'value="all"' in html


def test_where_nothing_is_left_no_button_is() -> None:
    html = shown(Standing(preferences=(), all_refused=NOON))

    assert "<button" not in html
    assert words.WORDS["ko"]["all_refused"] in html


def test_a_name_is_shown_as_text_and_never_as_markup() -> None:
    hostile = "<script>alert(1)</script>\"'>&{{ 7*7 }}"

    html = shown(a_standing(SMS), visit=a_visit(hostile, '"><img src=x>'))

    assert "<script" not in html
    assert "<img" not in html
    assert "{{ 7*7 }}" in html


def test_a_receipt_says_what_when_and_under_which_number() -> None:
    receipt = Receipt(choice=Choice(Channel.SMS, night=True), at=NOON, number="3-abcdef12")

    html = page.done(a_visit(), receipt, language="en", zone=SEOUL)

    assert "Text messages: advertising at night" in html
    assert "22 Nov 2026 12:00 (KST)" in html
    assert "3-abcdef12" in html


def test_an_ended_link_names_the_free_number_and_an_unknown_one_nobody() -> None:
    sender = a_visit().sender

    ended = page.dead(DeadLink(why=Gone.EXPIRED, sender=sender), language="ko")
    unknown = page.dead(DeadLink(why=Gone.UNKNOWN), language="ko")

    assert "080-012-3456" in ended
    assert "080-012-3456" not in unknown
    assert words.WORDS["ko"]["other_text"] in unknown


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (HTTPStatus.NOT_FOUND, words.LOST),
        (HTTPStatus.BAD_REQUEST, words.REFUSED),
        (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words.REFUSED),
        (HTTPStatus.CONFLICT, words.LATER),
        (HTTPStatus.INTERNAL_SERVER_ERROR, words.LATER),
        (HTTPStatus.SERVICE_UNAVAILABLE, words.LATER),
    ],
)
def test_a_fault_says_what_to_do(status: HTTPStatus, expected: HTTPStatus) -> None:
    assert words.FAULTS["en"][expected][0] in page.fault(status, language="en")


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_is_well_formed_and_loads_nothing(language: str) -> None:
    tags = _Tags()
    tags.feed(shown(a_standing(SMS, NIGHT), language=language))

    assert tags.open == []
    names = {tag for tag, _ in tags.seen}
    assert names.isdisjoint({"script", "img", "link", "iframe", "object"})
    assert ("html", {"lang": language}) in tags.seen
    assert not any(name.startswith("on") or name == "style" for _, a in tags.seen for name in a)


def test_the_policy_allows_the_one_style_and_nothing_else() -> None:
    policy = page.HEADERS["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert page.HEADERS["Referrer-Policy"] == "no-referrer"
    assert page.HEADERS["Cache-Control"] == "no-store"
