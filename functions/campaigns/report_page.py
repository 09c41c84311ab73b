"""Writes the report page: templates with every value escaped, no scripts, nothing foreign."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from functions.campaigns import report_drawing as drawing, report_words as words
from functions.campaigns.budgeting import Budget
from functions.campaigns.follow_ups import Family
from functions.campaigns.measuring import measured
from functions.campaigns.recorded import Recorded
from functions.campaigns.report_experiment import experiment_card
from functions.campaigns.report_experiment_words import EXPERIMENT_WORDS
from functions.campaigns.report_figures import (
    comparison,
    money,
    number,
    percent,
    steps,
    tiles,
    won,
)
from functions.campaigns.report_holdout import holdout_card
from functions.campaigns.report_holdout_words import HOLDOUT_WORDS
from functions.campaigns.report_reasons import plain
from functions.campaigns.report_steps import steps_card
from functions.campaigns.report_steps_words import STEPS_WORDS
from functions.campaigns.report_teller import Teller
from functions.campaigns.reporting import WholeReport
from functions.content.html_page import Pages
from functions.domain.breakdown import Hour, by_hour
from functions.domain.campaign import Campaign
from functions.domain.channel_names import CHANNEL_NAMES
from functions.domain.date_words import minute
from functions.domain.language import ENGLISH
from functions.runtime.pages import page_headers

_FOLDER = Path(__file__).parent / "templates"
_STYLE = (_FOLDER / "report.css").read_text("utf-8")
WORDS: Mapping[str, words.Words] = {
    language: {
        **own,
        **EXPERIMENT_WORDS[language],
        **STEPS_WORDS[language],
        **HOLDOUT_WORDS[language],
    }
    for language, own in words.WORDS.items()
}
_PAGES = Pages(folder=_FOLDER, words=WORDS, style=_STYLE)
HEADERS: Mapping[str, str] = page_headers(_STYLE, forms=False)
_LIVE = frozenset({"running", "paused", "cancelling", "scheduled"})
_FRESH_S = 5
_BATCHES_A_SECOND = 100
"""A page that renews itself reads a hundred batches a second at most, whatever its campaign."""
_FEW_HOURS = 8
"""So many rows are shown without asking."""
_OUTCOMES = ("sent", "held", "refused", "failed", "unknown", "pending", "cancelled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a page shows, as of a moment, and until when its link works.

    ``recorded`` is what was seen of the campaign's experiment, ``family`` what came of its
    follow-ups, ``budget`` what pays for it, if it has some.
    """

    campaign: Campaign
    whole: WholeReport
    now: datetime
    expires: datetime
    recorded: Recorded | None = None
    family: Family | None = None
    budget: Budget | None = None


def report_page(shown: Shown, *, language: str, zone: ZoneInfo) -> str:
    """Write a campaign's report."""
    campaign, whole = shown.campaign, shown.whole
    w, goal = WORDS[language], campaign.goal is not None
    times = drawing.Times(whole, w, language=language, zone=zone)
    funnel = steps(whole, goal=goal)

    def when(moment: datetime) -> str:
        return minute(moment, language=language, zone=zone)

    teller, family = Teller(w, language, when), shown.family
    held_out = measured(campaign, whole, family)

    return _PAGES.render(
        "report.html",
        language,
        heading=campaign.name,
        status=words.STATUSES[language][whole.totals.status],
        live=whole.totals.status in _LIVE,
        renew_s=max(_FRESH_S, whole.totals.batches // _BATCHES_A_SECOND),
        launched=None if campaign.launched is None else when(campaign.launched),
        as_of=when(shown.now),
        expires=when(shown.expires),
        goal=goal,
        tiles=tiles(whole, w, goal=goal),
        funnel=[(each.name, number(each.people), each.of_all, each.of_previous) for each in funnel],
        funnel_chart=drawing.funnel(funnel, w),
        curve=times.curve(),
        lines=times.names(),
        opened=times.opened(),
        later=times.later(),
        hours=[_hour(each, language, zone) for each in by_hour(whole.moments, zone)],
        few_hours=_FEW_HOURS,
        channels=comparison(
            {CHANNEL_NAMES[language][name]: each for name, each in whole.by_channel.items()},
            goal=goal,
        ),
        variants=comparison(whole.by_variant, goal=goal),
        ab=None if shown.recorded is None else experiment_card(campaign, shown.recorded, teller),
        follow_ups=None if family is None else steps_card(family, teller, goal=goal, now=shown.now),
        holdout=None if held_out is None else holdout_card(held_out, w),
        links=_links(whole, w),
        links_chart=drawing.links(whole.links, w) if len(whole.links) > 1 else "",
        reasons=_reasons(whole, language),
        money=[*money(whole, w, goal=goal), *_budget(shown.budget, w)],
        reactions=_reactions(whole, w),
        sum=[(w[name], number(_counts(whole)[name])) for name in _OUTCOMES],
        recipients=number(whole.totals.recipients),
        adds_up=whole.totals.accounted == whole.totals.recipients,
    )


def fault(status: HTTPStatus, *, language: str) -> str:
    """Write that there is no report to be seen, without a word of why inside."""
    known = words.FAULTS[language]
    late = status not in known and status >= HTTPStatus.INTERNAL_SERVER_ERROR
    place = HTTPStatus.SERVICE_UNAVAILABLE if late else status
    heading, text = known.get(place, known[HTTPStatus.NOT_FOUND])
    return _PAGES.render("report_fault.html", language, heading=heading, text=text)


def _hour(hour: Hour, language: str, zone: ZoneInfo) -> list[str]:
    local = hour.start.astimezone(zone)
    counts = (hour.sent, hour.delivered, hour.opened, hour.converted)
    date = f"{local:%-d %b}" if language == ENGLISH else f"{local:%-m}월 {local:%-d}일"
    return [
        f"{date} {local:%H}:00",
        *(number(count) if count else "" for count in counts),
    ]


def _budget(budget: Budget | None, w: words.Words) -> list[tuple[str, str]]:
    if budget is None:
        return []
    reserved = budget.amount - budget.left
    return [(w["budget"], won(budget.amount)), (w["reserved"], won(reserved))]


def _links(whole: WholeReport, w: words.Words) -> list[dict[str, str]]:
    return [
        {
            "place": str(place),
            "address": each.address or w["unnamed_link"],
            "people": number(each.people),
            "share": percent(each.people, each.sent),
        }
        for place, each in enumerate(whole.links, start=1)
    ]


def _reasons(whole: WholeReport, language: str) -> list[dict[str, Any]]:
    """Those who did not get it, by what became of them, the most frequent reason first."""
    totals = whole.totals
    groups = {
        "refused": totals.refused,
        "held": totals.held_by_reason,
        "failed_title": totals.failed,
        "skipped": totals.skipped,
    }
    return [
        {
            "title": WORDS[language][name],
            "total": number(sum(counts.values())),
            "rows": [
                (plain(reason, language), number(count))
                for reason, count in Counter(counts).most_common()
            ],
        }
        for name, counts in groups.items()
        if sum(counts.values())
    ]


def _reactions(whole: WholeReport, w: words.Words) -> list[tuple[str, str]]:
    totals = whole.totals
    return [
        (w["opted_out"], f"{number(totals.opted_out)} · {percent(totals.opted_out, totals.sent)}"),
        (w["complained"], number(totals.complained)),
        (w["machine"], number(totals.machine_clicks)),
        (w["unclear"], number(totals.unknown_clicks)),
    ]


def _counts(whole: WholeReport) -> dict[str, int]:
    totals = whole.totals
    return {
        "sent": totals.sent,
        "held": totals.held,
        "refused": sum(totals.refused.values()),
        "failed": sum(totals.failed.values()),
        "unknown": totals.unknown,
        "pending": totals.pending,
        "cancelled": totals.cancelled,
    }
