"""The report page: every word in both languages, every figure, nothing that could harm."""

import re
from datetime import timedelta
from html import unescape
from http import HTTPStatus
from types import SimpleNamespace

import pytest

from functions.campaigns import report_words as words
from functions.campaigns.report_figures import NOTHING, number, percent, roi, signed, won, won_each
from functions.campaigns.report_page import HEADERS, WORDS, Shown, fault, report_page
from functions.campaigns.report_reasons import plain
from functions.campaigns.reporting import ReportingDeps, WholeReport, whole_report
from functions.domain.campaign import Campaign, CampaignStatus
from functions.domain.channel import Channel
from functions.domain.channel_names import CHANNEL_NAMES
from functions.domain.language import ENGLISH, KOREAN, LANGUAGES
from functions.domain.reason import FailureReason, HoldReason, RefusalReason
from functions.domain.recipients import SkipReason
from functions.domain.template import Template
from tests import reported
from tests.builders import NOON, SEOUL, a_campaign, a_template

LINKS = (
    "https://shop.example/coupon?utm_source=sms&name=secret",
    "https://shop.example/stores",
    "https://shop.example/points",
)


def deps_of(*, template: Template | None = None, empty: bool = False) -> ReportingDeps:
    told = [] if empty else list(reported.told())
    return ReportingDeps(
        campaigns=SimpleNamespace(parts=lambda _: () if empty else reported.parts()),
        batches=SimpleNamespace(read=lambda numbers, outcomes: told),
        templates=SimpleNamespace(get=lambda _, version: template),
    )


@pytest.fixture(scope="module")
def whole() -> WholeReport:
    return whole_report(reported.campaign(), deps=deps_of(template=a_template(links=LINKS)))


def page(whole: WholeReport, campaign: Campaign | None = None, language: str = ENGLISH) -> str:
    shown = Shown(
        campaign=campaign or reported.campaign(),
        whole=whole,
        now=NOON + timedelta(days=3),
        expires=NOON + timedelta(days=4),
    )
    return report_page(shown, language=language, zone=SEOUL)


def text_of(html: str) -> str:
    """What can be read, on one line."""
    body = html.partition("</style>")[2]
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", body).split()))


def test_both_languages_say_everything() -> None:
    for said in (WORDS, words.STATUSES, CHANNEL_NAMES, words.FAULTS):
        assert set(said) == set(LANGUAGES)
        assert set(said[KOREAN]) == set(said[ENGLISH])
    assert set(CHANNEL_NAMES[KOREAN]) == set(Channel)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reasons", [HoldReason, RefusalReason, FailureReason, SkipReason])
def test_every_reason_has_plain_words(reasons: type, language: str) -> None:
    for reason in reasons:
        assert plain(reason, language).text != reason


def test_a_reason_that_has_no_words_yet_is_shown_by_its_name() -> None:
    assert plain("brand_new", KOREAN).text == "brand_new"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_are_those_of_the_report(whole: WholeReport, language: str) -> None:
    found = text_of(page(whole, language=language))

    totals = whole.totals
    assert totals.accounted == totals.recipients == 9_644
    for count in (totals.recipients, totals.delivered, totals.human_clicks, 1_204):
        assert f"{count:,}" in found
    assert f"₩{whole.figures.cost:,}" in found
    assert f"₩{whole.figures.value:,}" in found
    assert ("정보통신망법 제50조 제1항" if language == KOREAN else "art. 50(1)") in found


def test_the_totals_and_the_figures_of_messages_agree(whole: WholeReport) -> None:
    totals, figures = whole.totals, whole.figures

    assert (totals.sent, totals.delivered) == (figures.sent, figures.delivered)
    assert totals.cost.minor == figures.cost
    assert totals.human_clicks == figures.human_clicks
    assert set(whole.by_variant) == {"A", "B"}
    assert len([each.people for each in whole.links if each.people]) == 3


def test_there_is_no_script_no_style_attribute_and_nothing_foreign(whole: WholeReport) -> None:
    found = page(whole)

    assert "<script" not in found
    assert 'style="' not in found
    assert not re.search(r'(src|href)="(?!\?lang=)', found)
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]
    assert HEADERS["Cache-Control"] == "no-store"


def test_what_a_marketer_wrote_is_text_and_never_markup() -> None:
    evil = '"><script>alert(1)</script>'
    campaign = a_campaign(name=evil, status=CampaignStatus.LAUNCHED, launched=NOON)
    template = a_template(links=(f"https://shop.example/{evil}",))
    found = page(whole_report(campaign, deps=deps_of(template=template)), campaign)

    assert "<script" not in found
    assert "alert(1)" in found


def test_an_address_is_shown_without_what_may_name_somebody(whole: WholeReport) -> None:
    found = text_of(page(whole))

    assert "https://shop.example/coupon?…" in found
    assert "secret" not in found


def test_a_running_campaign_renews_itself_and_a_finished_one_does_not(whole: WholeReport) -> None:
    running = whole_report(a_campaign(status=CampaignStatus.LAUNCHED), deps=deps_of(empty=True))

    assert '<meta http-equiv="refresh" content="5">' in page(running)
    assert "http-equiv" not in page(whole)


@pytest.mark.parametrize("status", [CampaignStatus.DRAFT, CampaignStatus.LAUNCHED])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_campaign_without_messages_has_a_page_too(status: CampaignStatus, language: str) -> None:
    campaign = a_campaign(status=status)
    empty = whole_report(campaign, deps=deps_of(empty=True))

    assert f'lang="{language}"' in page(empty, campaign, language)


def test_links_of_a_template_that_is_gone_have_no_address() -> None:
    found = whole_report(reported.campaign(), deps=deps_of())

    assert [each.address for each in found.links] == [None] * 3
    assert "Unknown address" in page(found)


def test_a_fault_tells_nothing_of_the_inside() -> None:
    for language in LANGUAGES:
        for status in map(HTTPStatus, (404, 410, 500, 503, 400)):
            assert fault(status, language=language).count("<h1>") == 1


def test_rates_of_nothing_are_not_shown() -> None:
    assert percent(0, 0) == won_each(5, 0) == roi(9, 0) == NOTHING
    assert (percent(1, 3), won_each(100, 3), roi(250, 100)) == ("33.3%", "₩33.3", "+150%")
    assert (won(-1_500), won(0), roi(0, 10)) == ("−₩1,500", "₩0", "−100%")
    assert (number(-1_500), signed(0.04, decimals=1), signed(-1_500)) == ("−1,500", "0.0", "−1,500")
