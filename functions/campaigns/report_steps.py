"""The report page's card of follow-ups: the tree of steps, and the family's totals.

Everything is a text by now; the template only puts it in its place.
"""

from collections import Counter
from datetime import datetime
from typing import Any

from functions.campaigns.follow_ups import Family, StepReport
from functions.campaigns.report_figures import number, roi, won
from functions.campaigns.report_reasons import plain
from functions.campaigns.report_teller import Teller
from functions.campaigns.report_words import STATUSES, Words
from functions.domain.breakdown import Figures
from functions.domain.date_words import span
from functions.domain.follow_up import FollowUp
from functions.domain.next_look import Ahead
from functions.domain.stop_rules import StopReason

Row = tuple[str, str]


def steps_card(family: Family, teller: Teller, *, goal: bool, now: datetime) -> dict[str, Any]:
    """Everything that the card shows."""
    w = teller.w
    totals = (
        ("family_own", family.own),
        ("family_below", family.below),
        ("family_whole", family.whole),
    )
    return {
        "steps": [_step(each, teller, goal=goal, now=now) for each in family.steps],
        "totals": [_total(w[name], figures, goal=goal) for name, figures in totals],
    }


def _step(report: StepReport, teller: Teller, *, goal: bool, now: datetime) -> dict[str, Any]:
    counted = report.counted
    return {
        "title": _title(report.step, teller),
        "status": teller.w["not_begun"]
        if counted is None
        else STATUSES[teller.language][counted.status],
        "on": counted is not None and counted.status == "running",
        "figures": _figures(report, teller.w, goal=goal),
        "stopped": teller.w["out_of_money"] if report.because is StopReason.BUDGET_REACHED else "",
        "dropped": _dropped(report, teller),
        "ahead": _ahead(report, teller, now=now),
        "below": [_step(each, teller, goal=goal, now=now) for each in report.below],
    }


def _title(step: FollowUp, teller: Teller) -> str:
    w, what = teller.w, teller.w[f"if_{step.condition}"]
    if step.link is not None:
        what = w["step_link"].format(what=what, link=step.link + 1)
    if step.at_once:
        return w["step_at_once"].format(what=what)
    return w["step_after"].format(what=what, after=span(step.after, language=teller.language))


def _figures(report: StepReport, w: Words, *, goal: bool) -> list[Row]:
    counted, figures = report.counted, report.figures
    if counted is None:
        return []
    waiting = counted.pending + counted.held + counted.unknown
    found = [
        (w["matched"], number(counted.recipients)),
        (w["sent"], number(counted.sent)),
        (w["delivered"], number(counted.delivered)),
        (w["clicked"], number(counted.human_clicks)),
    ]
    if waiting:
        found.insert(1, (w["on_its_way"], number(waiting)))
    if goal:
        found.append((w["converted"], number(figures.converted)))
        found.append((w["revenue"], won(figures.value)))
    return [*found, (w["cost"], won(figures.cost))]


def _dropped(report: StepReport, teller: Teller) -> list[Row]:
    """Those who matched and get nothing, the most frequent reason first."""
    refused = {} if report.counted is None else report.counted.refused
    return [
        (plain(reason, teller.language).text, number(count))
        for reason, count in Counter(refused).most_common()
    ]


def _ahead(report: StepReport, teller: Teller, *, now: datetime) -> str:
    if report.step.at_once:
        runs = report.counted is not None and report.counted.status == "running"
        return teller.w["watches"] if runs else ""
    ahead = report.ahead
    if ahead is None or not ahead.messages:
        return ""
    return _words_of(ahead, teller, now=now)


def _words_of(ahead: Ahead, teller: Teller, *, now: datetime) -> str:
    count = number(ahead.messages)
    if ahead.next_at is None:
        return teller.w["ahead_paused"].format(count=count)
    if ahead.next_at <= now:
        return teller.w["ahead_now"].format(count=count)
    return teller.w["ahead"].format(count=count, at=teller.when(ahead.next_at))


def _total(name: str, figures: Figures, *, goal: bool) -> dict[str, str]:
    return {
        "name": name,
        "sent": number(figures.sent),
        "cost": won(figures.cost),
        "conversions": number(figures.conversions) if goal else "",
        "revenue": won(figures.value) if goal else "",
        "roi": roi(figures.value, figures.cost) if goal else "",
    }
