"""The card of people held out on the report page: what came about, and how sure that is."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from functions.campaigns.follow_ups import Family
from functions.campaigns.measuring import measured
from functions.campaigns.measuring_views import measured_view
from functions.campaigns.report_page import Shown, report_page
from functions.campaigns.reporting import WholeReport, whole_report
from functions.domain.breakdown import Figures
from functions.domain.campaign import Campaign
from functions.domain.holdout import Arm, GlobalGroup, Holdout
from functions.domain.language import ENGLISH, KOREAN, LANGUAGES
from functions.domain.lift import Group
from tests import reported
from tests.builders import NOON, SEOUL
from tests.unit.campaigns.test_report_experiment import NOTHING

WON = 30_000


def a_group(people: int, converted: int) -> Group:
    return Group(
        people=people, converted=converted, minor=converted * WON, squares=converted * WON**2
    )


GROUPS = {None: a_group(9_000, 900), Arm.HELD_OUT: a_group(1_000, 60)}
OF_ALL = GlobalGroup(name="2026", share=25, version=4)


def a_campaign(**values: object) -> Campaign:
    held = replace(reported.campaign(), holdout=Holdout(share=100), follow_ups=())
    return replace(held, **values)  # type: ignore[arg-type]


def a_whole(campaign: Campaign, groups: object = None) -> WholeReport:
    whole = whole_report(campaign, deps=NOTHING)
    figures = Figures(messages=9_000, sent=9_000, cost=162_000)
    return replace(whole, groups=groups or GROUPS, figures=figures)  # type: ignore[arg-type]


def said(campaign: Campaign, groups: object = None, language: str = ENGLISH) -> str:
    """What can be read of it on the page."""
    shown = Shown(
        campaign=campaign,
        whole=a_whole(campaign, groups),
        now=NOON,
        expires=NOON + timedelta(days=1),
    )
    html = report_page(shown, language=language, zone=SEOUL)
    card = html.partition('id="holdout"')[2].partition("</section>")[0]
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", card).split()))


def test_what_came_about_is_told_with_its_interval() -> None:
    card = said(a_campaign())

    assert "more converted than of those who were not: +4.00 points (+2.25 to +5.46)" in card
    assert "brought about some 360 conversions" in card
    assert "To get it 9,000 900 10.00%" in card
    assert "Held out 1,000 60 6.00%" in card
    assert "₩10,800,000 ₩6,482,172 – ₩15,117,828" in card
    assert "+6,567% +3,901% – +9,232%" in card
    assert "All advertising" not in card


def test_korean_has_the_same_figures() -> None:
    english, korean = (
        set(re.findall(r"\d[\d,]+(?:\.\d+)?", said(a_campaign(), language=each)))
        for each in LANGUAGES
    )

    assert english ^ korean <= {"95", "19", "20"}
    assert "보내기로 한 사람" in said(a_campaign(), language=KOREAN)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (a_group(1_000, 100), "The difference is within chance: 0.00 points"),
        (a_group(1_000, 160), "fewer converted than of those who were not: −6.00 points"),
        (a_group(29, 3), "A group has fewer than 30 people"),
    ],
)
def test_no_more_is_said_than_is_known(held: Group, words: str) -> None:
    assert words in said(a_campaign(), {None: a_group(9_000, 900), Arm.HELD_OUT: held})


def test_of_few_buyers_no_revenue_is_told() -> None:
    few = {None: a_group(9_000, 900), Arm.HELD_OUT: a_group(1_000, 19)}

    assert "(points) +8.10 +" in said(a_campaign(), few)
    assert "Incremental revenue – Incremental ROI –" in said(a_campaign(), few)


def test_without_a_goal_there_is_nothing_to_compare() -> None:
    people = {None: Group(people=9_000), Arm.HELD_OUT: Group(people=1_000)}

    card = said(a_campaign(goal=None), people)

    assert "no goal" in card
    assert "This campaign" not in card


def test_all_advertising_is_told_apart() -> None:
    holdout = Holdout(globally=OF_ALL)
    groups = {None: a_group(9_000, 900), Arm.HELD_OUT_GLOBALLY: a_group(1_000, 60)}

    card = said(a_campaign(holdout=holdout), groups)

    assert "What advertising brought about" in card
    assert "The difference from people who get no advertising at all: +4.00 points" in card
    assert "The campaign brought about" not in card
    assert "No advertising 1,000 60" in card
    assert "it is not the effect of this campaign alone" in card
    assert "This campaign" not in card
    assert "Incremental ROI –" in card


def test_who_holds_nobody_out_has_no_card() -> None:
    assert said(a_campaign(holdout=None)) == ""


def test_what_follow_ups_cost_counts_too() -> None:
    campaign = a_campaign()
    whole = a_whole(campaign)
    family = Family(own=whole.figures, below=Figures(sent=1_000, cost=18_000), steps=())

    found = measured(campaign, whole, family)

    assert found is not None
    assert found.cost == 180_000
    assert found.lift is not None
    assert found.lift.roi is not None
    assert found.lift.roi.seen == pytest.approx((10_800_000 - 180_000) / 180_000)


def test_the_answer_has_the_same_figures() -> None:
    campaign = a_campaign(holdout=Holdout(share=100, globally=OF_ALL))
    groups = GROUPS | {Arm.HELD_OUT_GLOBALLY: a_group(12, 1), Arm.ASIDE: a_group(5, 5)}

    view = measured_view(measured(campaign, a_whole(campaign, groups), None))

    assert view is not None
    assert [each["arm"] for each in view["arms"]] == ["sent", "held_out", "held_out_globally"]
    assert view["global"] == {"name": "2026", "percent": 2.5, "policy_version": 4}
    assert view["cost"] == {"minor": 162_000, "currency": "KRW"}
    lift = view["lift"]
    assert (lift["enough"], lift["enough_for_revenue"]) == (True, True)
    assert lift["conversion"]["per_person"]["seen"] == 0.04
    assert lift["conversion"]["relative"] == 0.6667
    assert lift["conversion"]["incremental"]["seen"] == 360.0
    assert lift["revenue"]["incremental"]["seen"] == 10_800_000
    assert lift["incremental_roi"]["seen"] == pytest.approx(65.6667)
    programme = view["programme_lift"]
    assert (programme["enough"], programme["conversion"], programme["revenue"]) == (
        False,
        None,
        None,
    )
