"""The report page as marketers meet it: on a desktop, on a phone, on paper.

``PICTURES=docs/images`` writes the pictures of the guide.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import look, names, picture
from tests.integration.reported_rows import write_campaign

if TYPE_CHECKING:
    from tests.browser.chromium import Tab
    from tests.integration.api import Api

PHONE, DESKTOP, PAPER = (390, 844), (1200, 1500), (703, 1000)
AA_TEXT = 4.5
MAX_PICTURE_BYTES = 200_000


@pytest.fixture(scope="module")
def link(shop: tuple[Api, str]) -> str:
    """The address of the report of a campaign that was sent three days before."""
    api, base = shop
    campaign_id = write_campaign()
    made = api.post(f"/v1/campaigns/{campaign_id}/report-link", {})
    return f"{base}/r/{made.body['url'].rpartition('/r/')[2]}"


@pytest.fixture
def page(link: str, tab: Tab) -> str:
    tab.color_scheme("light")
    tab.size(*DESKTOP, phone=False, scale=1)
    return link


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("width", [320, 390, 700, 1200])
def test_nothing_has_to_be_scrolled_sideways(
    page: str, tab: Tab, language: str, width: int
) -> None:
    tab.size(width, 800, phone=width < 700, scale=1)
    tab.open(f"{page}?lang={language}")
    tab.value("document.querySelectorAll('details').forEach(each => each.open = true)")

    assert tab.value("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(page: str, tab: Tab, scheme: str) -> None:
    tab.color_scheme(scheme)
    tab.open(page)

    texts = look(tab, "contrasts()")["texts"]

    assert len(texts) > 100
    # Letters of charts have a fill, which is that of the words around them.
    own = [each for each in texts if not each[0].startswith("text")]
    assert [each for each in own if each[1] < AA_TEXT] == []


def test_the_page_tells_a_screen_reader_what_it_is(page: str, tab: Tab) -> None:
    tab.open(f"{page}?lang=en")

    assert tab.value("document.documentElement.lang") == "en"
    assert tab.value("document.title") == "가을 감사 쿠폰 – 단골 고객 · Campaign report"
    assert names(tab, "h1") == ["가을 감사 쿠폰 – 단골 고객"]
    assert names(tab, "main section h2") == [
        "From recipients to results",
        "Over time",
        "A/B test",
        "By variant",
        "By channel",
        "Follow-ups",
        "By link",
        "Who did not get it, and why",
        "Cost and revenue",
        "Reactions",
        "How this is counted",
    ]
    charts = "[...document.querySelectorAll('svg.chart')]"
    assert tab.value(f"{charts}.map(c => c.getAttribute('role'))") == ["img"] * 5
    assert tab.value(f"{charts}.every(c => c.getAttribute('aria-label'))")
    # A table stands beside each chart, with what it shows.
    assert tab.value("document.querySelectorAll('table').length") >= 7
    assert tab.value("[...document.querySelectorAll('th')].every(h => h.scope)")


def test_charts_have_their_colours_and_lengths(page: str, tab: Tab) -> None:
    tab.open(page)

    bars = tab.value(
        "[...document.querySelectorAll('.rows .rect')].map(r => r.getBoundingClientRect().width)"
    )
    assert all(width > 0 for width in bars)
    colours = tab.value(
        "[...document.querySelectorAll('.curves .series .line')]"
        ".map(l => getComputedStyle(l).stroke)"
    )
    assert len(set(colours)) == 4
    labels = names(tab, ".columns .axis.x text")
    assert any(re.fullmatch(r"\d\d:00", label) for label in labels)
    assert "…" not in "".join(labels)


def test_the_page_runs_no_script_and_asks_nobody_for_anything(page: str, tab: Tab) -> None:
    tab.open(page)

    assert tab.value("document.scripts.length") == 0
    assert tab.value("performance.getEntriesByType('resource').length") == 0


def test_the_variants_intervals_stand_where_their_rates_are(page: str, tab: Tab) -> None:
    tab.open(f"{page}?lang=en")

    box = "b.getBoundingClientRect()"
    dots = tab.value(f"[...document.querySelectorAll('.intervals .dot')].map(b => {box}.x)")
    widths = tab.value(
        f"[...document.querySelectorAll('.intervals .whisker')].map(b => {box}.width)"
    )
    assert names(tab, ".intervals .name") == ["A", "B"]
    assert dots[0] < dots[1]
    assert max(widths) > 20
    assert "B won." in names(tab, ".verdict")[0]


def test_steps_hang_below_what_they_follow(page: str, tab: Tab) -> None:
    tab.open(f"{page}?lang=en")

    lefts = tab.value(
        "[...document.querySelectorAll('.steps li')].map(s => s.getBoundingClientRect().x)"
    )
    assert [each.partition(" · ")[0] for each in names(tab, ".steps h3")] == [
        "Opened a link",
        "Opened no link",
        "Did not convert",
    ]
    assert lefts[0] == lefts[1] < lefts[2]


def test_figures_add_up_before_the_readers_eyes(page: str, tab: Tab) -> None:
    tab.open(f"{page}?lang=en")

    (said,) = [each for each in names(tab, ".how p") if "=" in each]
    left, _, right = said.partition(":")[2].replace(",", "").partition("=")
    assert sum(int(number) for number in re.findall(r"\d+", left)) == int(right)


def test_the_language_is_switched_by_keyboard(page: str, tab: Tab) -> None:
    tab.open(f"{page}?lang=ko")
    for _ in range(2):
        tab.press("Tab")
    assert look(tab, "focused()")["name"] == "English"

    tab.press_and_load("Enter")

    assert tab.value("document.documentElement.lang") == "en"


def test_paper_has_the_hours_too_and_no_buttons(page: str, tab: Tab) -> None:
    tab.open(f"{page}?lang=en")
    made = tab.call("Page.printToPDF", printBackground=True, paperWidth=8.27, paperHeight=11.69)
    pdf = base64.b64decode(made["data"])

    assert pdf.startswith(b"%PDF-")
    assert 2 <= len(re.findall(rb"/Type /Page\b(?!s)", pdf)) <= 8
    tab.call("Emulation.setEmulatedMedia", media="print")
    tab.size(*PAPER, phone=False, scale=1)
    assert tab.value("getComputedStyle(document.querySelector('nav')).display") == "none"
    shown = "document.querySelector('details table').getBoundingClientRect().height"
    assert tab.value(shown) > 100
    assert tab.value("document.documentElement.scrollWidth") <= PAPER[0]
    tab.call("Emulation.setEmulatedMedia", media="")


def test_pictures_of_the_guide(page: str, tab: Tab, tmp_path: Path) -> None:
    taken = []
    for name, size in (("report-desktop.png", DESKTOP), ("report-phone.png", PHONE)):
        tab.size(*size, phone=size == PHONE, scale=2 if size == PHONE else 1)
        tab.open(f"{page}?lang=en")
        taken.append(picture(tab, name, tmp_path))

    assert all(path.stat().st_size < MAX_PICTURE_BYTES for path in taken)
