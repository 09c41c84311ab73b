"""The figures of the report page as people read them: rates, money, rows of tables."""

from collections.abc import Mapping
from typing import NamedTuple

from functions.campaigns.report_words import Words
from functions.campaigns.reporting import WholeReport
from functions.domain.breakdown import Figures

NOTHING = "–"
_PERCENT = 100


class Step(NamedTuple):
    """A step of the funnel: how many got there, of all, and of those of the step before."""

    name: str
    people: int
    of_all: str
    of_previous: str


class Tile(NamedTuple):
    """A figure in large letters, and what it is a part of."""

    label: str
    value: str
    note: str = ""


def number(count: int) -> str:
    """Write a count."""
    return f"{'−' if count < 0 else ''}{abs(count):,}"


def signed(value: float, *, decimals: int = 0) -> str:
    """Write by how much something is more or less; nothing has no sign."""
    rounded = round(value, decimals)
    sign = "−" if rounded < 0 else "+" if rounded else ""
    return f"{sign}{abs(rounded):,.{decimals}f}"


def percent(part: int, whole: int) -> str:
    """Write a share; of nothing there is none."""
    return NOTHING if whole == 0 else f"{_PERCENT * part / whole:.1f}%"


def points(share: float, *, decimals: int) -> str:
    """Write a difference of shares in points, with its sign."""
    return signed(_PERCENT * share, decimals=decimals)


def won(minor: int) -> str:
    """Write an amount."""
    return f"{'−' if minor < 0 else ''}₩{abs(minor):,}"


def won_each(minor: int, count: int) -> str:
    """Write what each of so many costs."""
    return NOTHING if count == 0 else f"₩{minor / count:,.1f}"


def roi(value: int, cost: int) -> str:
    """Write what came back beyond the cost, in percent of the cost."""
    return NOTHING if cost == 0 else f"{signed(_PERCENT * (value - cost) / cost)}%"


def steps(whole: WholeReport, *, goal: bool) -> list[Step]:
    """The funnel; conversions are in it where the campaign has a goal."""
    totals = whole.totals
    counts = {
        "recipients": totals.recipients,
        "attempted": totals.sent + sum(totals.failed.values()) + totals.unknown,
        "delivered": totals.delivered,
        "clicked": totals.human_clicks,
    }
    if goal:
        counts["converted"] = whole.figures.converted
    before = [totals.recipients, *counts.values()]
    return [
        Step(name, count, percent(count, totals.recipients), percent(count, previous))
        for (name, count), previous in zip(counts.items(), before, strict=False)
    ]


def tiles(whole: WholeReport, w: Words, *, goal: bool) -> list[Tile]:
    """What is read first."""
    totals, figures = whole.totals, whole.figures
    clicked = f"{percent(totals.human_clicks, totals.delivered)} {w['of_delivered']}"
    found = [
        Tile(w["recipients"], number(totals.recipients)),
        Tile(
            w["delivered"],
            number(totals.delivered),
            f"{percent(totals.delivered, totals.recipients)} {w['of_recipients']}",
        ),
        Tile(w["clicked"], number(totals.human_clicks), clicked),
        Tile(
            w["cost"], won(figures.cost), f"{w['cost_each']} {won_each(figures.cost, totals.sent)}"
        ),
    ]
    if goal:
        converted = f"{percent(figures.converted, totals.delivered)} {w['of_delivered']}"
        found[3:3] = [Tile(w["converted"], number(figures.converted), converted)]
        found.append(
            Tile(w["revenue"], won(figures.value), f"{w['roi']} {roi(figures.value, figures.cost)}")
        )
    return found


def comparison(parts: Mapping[str, Figures], *, goal: bool) -> list[dict[str, str]]:
    """Rows of a table that compares parts of the messages."""
    return [
        {
            "name": name,
            "messages": number(each.messages),
            "sent": number(each.sent),
            "delivered": number(each.delivered),
            "failed": number(each.failed),
            "clicked": number(each.human_clicks),
            "rate": percent(each.human_clicks, each.delivered),
            "converted": number(each.converted) if goal else "",
            "cost": won(each.cost),
            "revenue": won(each.value) if goal else "",
        }
        for name, each in parts.items()
    ]


def money(whole: WholeReport, w: Words, *, goal: bool) -> list[tuple[str, str]]:
    """What it cost, and what it brought."""
    totals, figures = whole.totals, whole.figures
    found = [
        (w["money_cost"], won(figures.cost)),
        (w["cost_each"], won_each(figures.cost, totals.sent)),
        (w["cost_click"], won_each(figures.cost, totals.human_clicks)),
    ]
    if goal:
        found += [
            (w["revenue"], won(figures.value)),
            (w["cost_conversion"], won_each(figures.cost, figures.conversions)),
            (w["roi"], roi(figures.value, figures.cost)),
        ]
    return found
