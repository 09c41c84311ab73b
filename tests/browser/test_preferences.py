"""The preference page as people meet it: on a phone, on a desktop, by keyboard.

``PICTURES=docs/images`` writes the pictures of the guide.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.looking import look, names, picture
from tests.integration.http.shop import a_contact, a_sender, consent

if TYPE_CHECKING:
    from tests.browser.chromium import Tab
    from tests.integration.api import Api

PHONE, DESKTOP = (390, 844), (1200, 900)
AA_TEXT, AA_EDGE = 4.5, 3.0
MIN_TARGET_PX = 44
MAX_PICTURE_BYTES = 150_000
_NUMBERS = itertools.count(1)
_AGREED = [
    ("sms", "advertising"),
    ("sms", "night_advertising"),
    ("kakao", "advertising"),
    ("email", "advertising"),
]


@pytest.fixture
def page(shop: tuple[Api, str], tab: Tab) -> str:
    """The address of a page of somebody who agreed to four things and took one back."""
    api, base = shop
    number = next(_NUMBERS)
    name = f"browser-{number}"
    a_contact(api, name, 5_000 + number)
    for channel, purpose in _AGREED:
        at = "2026-03-02T10:00:00+09:00"
        consent(api, name, "grant", channel=channel, purpose=purpose, at=at)
    consent(api, name, "withdraw", channel="email", at="2026-08-14T10:00:00+09:00")
    made = api.post(f"/v1/contacts/{name}/preference-link", {"sender_id": a_sender(api)})
    tab.color_scheme("light")
    on_phone(tab)
    return f"{base}/p/{made.body['url'].rpartition('/')[2]}"


def on_phone(tab: Tab) -> None:
    tab.size(*PHONE, phone=True, scale=2)


def on_desktop(tab: Tab) -> None:
    tab.size(*DESKTOP, phone=False, scale=1)


def test_a_phone_needs_no_scrolling_sideways_and_fingers_hit_the_buttons(
    page: str, tab: Tab
) -> None:
    for language in ("ko", "en"):
        tab.open(f"{page}?lang={language}")

        assert tab.value("document.documentElement.scrollWidth") == PHONE[0]
        assert (
            tab.value("document.querySelector('button.all').getBoundingClientRect().bottom") < 500
        )
        small = [each for each in look(tab, "sizes()") if min(each[1:]) < MIN_TARGET_PX]
        assert small == []


def test_the_narrowest_phone_with_large_letters_still_shows_everything(page: str, tab: Tab) -> None:
    tab.size(320, 640, phone=True, scale=2)
    tab.open(f"{page}?lang=en")
    tab.value("document.documentElement.style.fontSize = '200%'")

    assert tab.value("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("step", ["open", "done", "after", "lost"])
def test_everything_can_be_read(page: str, tab: Tab, scheme: str, step: str) -> None:
    tab.color_scheme(scheme)
    tab.open(page if step != "lost" else page.rpartition("/")[0] + "/lost")
    if step in ("done", "after"):
        tab.tap("button.all")
    if step == "after":
        tab.tap(".back a")

    seen: dict[str, Any] = look(tab, "contrasts()")

    assert seen["texts"]
    assert [each for each in seen["texts"] if each[1] < AA_TEXT] == []
    assert [each for each in seen["edges"] if each[1] < AA_EDGE] == []


def test_the_page_tells_a_screen_reader_what_it_is(page: str, tab: Tab) -> None:
    tab.open(page)

    assert tab.value("document.documentElement.lang") == "ko"
    assert tab.value("document.title") == "광고 수신 설정 · 알림상점"
    assert names(tab, "h1") == ["광고 수신 설정"]
    assert tab.value("document.querySelectorAll('main, header, nav[aria-label]').length") == 3
    assert names(tab, "fieldset > legend") == ["채널별 동의 현황"]
    buttons = names(tab, "button")
    assert len(buttons) == len(set(buttons)) == 4
    assert buttons[1] == "거부하기 – 문자메시지 광고"


def test_the_keyboard_reaches_everything_in_order_and_shows_where_it_is(
    page: str, tab: Tab
) -> None:
    tab.open(f"{page}?lang=en")
    reached = []
    for _ in range(7):
        tab.press("Tab")
        reached.append(look(tab, "focused()"))

    assert [each["name"].partition(" – ")[0] for each in reached] == [
        *("한국어", "English", "Refuse all advertising", "Refuse", "Refuse", "Refuse"),
        "Refuse by phone, free of charge 080-012-3456",
    ]
    assert {each["outline"] for each in reached} == {"solid"}
    assert min(each["width"] for each in reached) >= 2


def test_refusing_by_keyboard_alone(page: str, tab: Tab) -> None:
    tab.open(page)
    for _ in range(4):
        tab.press("Tab")
    tab.press_and_load("Enter")

    assert names(tab, "h1") == ["수신 거부가 기록되었습니다"]
    assert names(tab, "dd")[1] == "문자메시지 광고"
    # What was done is the first thing that a screen reader says.
    assert tab.value("document.activeElement.tagName") == "H1"


def test_one_item_is_refused_and_then_all(page: str, tab: Tab) -> None:
    tab.open(page)
    tab.tap("button[value=kakao]")
    assert names(tab, "dd")[1] == "카카오톡 광고"

    tab.tap(".back a")
    assert names(tab, ".pill") == ["동의함", "동의함", "거부함", "거부함"]

    tab.tap("button.all")
    assert names(tab, "dd")[1] == "모든 광고"
    assert tab.value("document.querySelector('.number').textContent.length") >= 10

    tab.tap(".back a")
    assert names(tab, "h2")[0] == "모든 광고를 거부하셨습니다"
    assert names(tab, "button") == []


def test_loading_again_after_refusing_is_harmless(page: str, tab: Tab) -> None:
    tab.open(page)
    tab.tap("button.all")
    number = names(tab, ".number")

    tab.pipe.events.clear()
    tab.call("Page.reload")
    tab.pipe.wait_for("Page.loadEventFired")

    assert names(tab, ".number") == number


def test_the_language_is_switched_and_stays(page: str, tab: Tab) -> None:
    tab.open(page)
    tab.tap("nav a[lang=en]")
    assert names(tab, "h1") == ["Advertising preferences"]

    tab.tap("button.all")
    assert names(tab, "h1") == ["Your refusal is recorded"]


def test_pictures_for_the_guide(page: str, tab: Tab, tmp_path: Path) -> None:
    tab.open(page)
    taken = [picture(tab, "preferences-phone.png", tmp_path)]
    on_desktop(tab)
    tab.open(page)
    taken.append(picture(tab, "preferences-desktop.png", tmp_path))
    on_phone(tab)
    tab.open(page)
    tab.tap("button.all")
    taken.append(picture(tab, "preferences-done-phone.png", tmp_path))

    assert [each.stat().st_size < MAX_PICTURE_BYTES for each in taken] == [True] * 3
