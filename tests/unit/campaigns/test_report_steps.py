"""The card of follow-ups on the report page: each step, what it waits for, and all together."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape

import pytest

from functions.campaigns.budgeting import Budget
from functions.campaigns.follow_ups import Family, StepReport
from functions.campaigns.report import Report
from functions.campaigns.report_page import WORDS, Shown, report_page
from functions.campaigns.report_steps import steps_card
from functions.campaigns.report_teller import Teller
from functions.campaigns.reporting import WholeReport
from functions.domain.breakdown import Figures
from functions.domain.follow_up import Condition, FollowUp
from functions.domain.ids import CampaignId
from functions.domain.language import ENGLISH, LANGUAGES
from functions.domain.next_look import Ahead
from functions.domain.pricing import Money
from functions.domain.reason import RefusalReason
from functions.domain.stop_rules import StopReason
from tests.builders import NOON, SEOUL, a_campaign
from tests.reported import a_step

HOUR = timedelta(hours=1)
REPORT = Report(
    recipients=10,
    sent=6,
    delivered=5,
    held=1,
    refused={RefusalReason.CONVERTED: 2},
    failed={},
    unknown=0,
    pending=1,
    cancelled=0,
    human_clicks=3,
    machine_clicks=0,
    unknown_clicks=0,
    cost=Money(minor=108),
    resolved=True,
    status="running",
)
FIGURES = Figures(sent=6, delivered=5, converted=2, conversions=3, value=45_000, cost=108)


def a_report(step: FollowUp, **values: object) -> StepReport:
    facts: dict[str, object] = {
        "campaign_id": CampaignId("cmp_1-n"),
        "step": step,
        "because": None,
        "seen": 40,
        "counted": REPORT,
        "figures": FIGURES,
        "ahead": None,
        "below": (),
    }
    return StepReport(**(facts | values))  # type: ignore[arg-type]


def a_family(*steps: StepReport) -> Family:
    own = Figures(sent=40, cost=720, conversions=4, value=80_000)
    return Family(own=own, below=FIGURES, steps=steps)


def said(family: Family, language: str = ENGLISH) -> str:
    shown = Shown(
        campaign=a_campaign(goal=None),
        whole=WholeReport(totals=REPORT),
        now=NOON,
        expires=NOON + HOUR,
        family=family,
    )
    html = report_page(shown, language=language, zone=SEOUL)
    card = html.partition('id="steps"')[2].partition("</section>")[0]
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", card).split()))


def test_a_step_is_told_with_what_was_sent_and_what_it_cost() -> None:
    card = said(a_family(a_report(a_step(Condition.NOT_CLICKED, HOUR))))

    assert "Opened no link · 1 hour after it left Running" in card
    assert "Matched 10 Waiting 2 Sent 6 Delivered 5 Opened a link 3 Cost ₩108" in card
    assert "Left out of these: What the follow-up was for came about before (2)" in card


def test_conversions_are_shown_where_there_is_a_goal_and_sum_up() -> None:
    teller = Teller(WORDS[ENGLISH], ENGLISH, str)
    family = a_family(a_report(a_step(Condition.CLICKED)))

    card = steps_card(family, teller, goal=True, now=NOON)

    assert ("Converted", "2") in card["steps"][0]["figures"]
    assert [(each["sent"], each["conversions"], each["revenue"]) for each in card["totals"]] == [
        ("40", "4", "₩80,000"),
        ("6", "3", "₩45,000"),
        ("46", "7", "₩125,000"),
    ]


@pytest.mark.parametrize(
    ("next_at", "words"),
    [
        (NOON + HOUR, "7 messages still to be looked at, the next not before 20 Nov 2026 13:00"),
        (NOON - HOUR, "7 messages still to be looked at, the next any moment."),
        (None, "Nobody looks while it is paused."),
    ],
)
def test_it_is_told_when_somebody_looks_next(next_at: datetime | None, words: str) -> None:
    ahead = Ahead(messages=7, next_at=next_at)

    card = said(a_family(a_report(a_step(Condition.NOT_DELIVERED, HOUR), ahead=ahead)))

    assert words in card


def test_a_step_without_money_says_so_and_the_budget_is_shown() -> None:
    step = a_report(a_step(Condition.CLICKED), because=StopReason.BUDGET_REACHED)
    budget = Budget(owner=CampaignId("cmp_1"), amount=500_000, left=120_000)
    shown = Shown(
        campaign=a_campaign(),
        whole=WholeReport(totals=REPORT),
        now=NOON,
        expires=NOON + HOUR,
        family=a_family(step),
        budget=budget,
    )

    html = report_page(shown, language=ENGLISH, zone=SEOUL)

    assert "Paused, for the budget is used up" in html
    assert "₩500,000" in html
    assert "₩380,000" in html


def test_a_step_at_once_says_that_it_watches_while_it_does() -> None:
    step = a_step(Condition.REPLIED)
    over = replace(REPORT, status="finished")

    assert "Follows as soon as it happens" in said(a_family(a_report(step)))
    assert "Follows as soon" not in said(a_family(a_report(step, counted=over)))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("condition", Condition)
def test_every_condition_has_words_and_steps_stand_below_each_other(
    condition: Condition, language: str
) -> None:
    linked = replace(a_step(condition, HOUR), link=1)
    below = a_report(linked, counted=None, figures=Figures(), ahead=Ahead(messages=3))

    card = said(a_family(a_report(a_step(condition), below=(below,))), language)

    assert "if_" not in card
    assert WORDS[language]["not_begun"] in card
    assert "2" in card
