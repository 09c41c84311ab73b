"""The report page's card of people who are held out: the groups, and what came about.

Everything is a text by now; the template only puts it in its place.
"""

from collections.abc import Callable, Mapping
from typing import Any

from functions.campaigns.measuring import Measured
from functions.campaigns.report_figures import NOTHING, number, points, signed, won
from functions.campaigns.report_intervals import Whisker, intervals
from functions.campaigns.report_words import Words
from functions.domain.difference import Estimate
from functions.domain.lift import Group, Lift

_PERCENT = 100
_Write = Callable[[float], str]
_Cell = tuple[str, str]
_ROWS = ("ho_points", "ho_count", "ho_revenue", "ho_roi")


def holdout_card(found: Measured, w: Words) -> dict[str, Any]:
    """Everything that the card shows."""
    return {
        "title": w["ho" if found.holdout.share else "ho_of_all"],
        "said": _said(found, w),
        "goal": found.goal is not None,
        "chart": _chart(found.arms, w),
        "rows": [_row(w[f"ho_{name}"], group) for name, group in found.arms.items()],
        "effects": _effects(found, w),
        "programme": found.programme is not None,
    }


def _said(found: Measured, w: Words) -> str:
    if found.goal is None:
        return w["ho_no_goal"]
    lift = found.lift or found.programme
    change = None if lift is None else lift.conversion
    if change is None:
        return w["ho_few"]
    each = change.each
    name = "ho_more" if each.low > 0 else "ho_less" if each.high < 0 else "ho_even"
    # Against people without any advertising it is not this campaign's doing.
    return w[name if found.lift is not None else "ho_all"].format(
        seen=_points(each.seen),
        low=_points(each.low),
        high=_points(each.high),
        count=number(round(change.all.seen)),
    )


def _chart(groups: Mapping[str, Group], w: Words) -> str:
    whiskers = [
        Whisker(w[f"ho_{name}"], group.rate.low, group.rate.seen, group.rate.high)
        for name, group in groups.items()
        if group.rate is not None
    ]
    return intervals(whiskers, name=w["ho_rate"])


def _row(name: str, group: Group) -> dict[str, str]:
    rate = group.rate
    return {
        "name": name,
        "people": number(group.people),
        "converted": number(group.converted),
        "rate": NOTHING if rate is None else _rate(rate.seen),
        "interval": NOTHING if rate is None else f"{_rate(rate.low)} – {_rate(rate.high)}",
        "each": NOTHING if group.each is None else won(round(group.each)),
    }


def _effects(found: Measured, w: Words) -> dict[str, Any] | None:
    """What came about, a row each, and against whom, a column each; None where nobody is."""
    lifts = {"ho_campaign": found.lift, "ho_programme": found.programme}
    columns = {w[name]: _effect(each) for name, each in lifts.items() if each is not None}
    if not columns:
        return None
    return {
        "columns": list(columns),
        "rows": [(w[name], [each[name] for each in columns.values()]) for name in _ROWS],
    }


def _effect(lift: Lift) -> dict[str, _Cell]:
    conversion, revenue = lift.conversion, lift.revenue
    each = None if conversion is None else conversion.each
    count = None if conversion is None else conversion.all
    return {
        "ho_points": _cell(each, _points),
        "ho_count": _cell(count, lambda value: number(round(value))),
        "ho_revenue": _cell(None if revenue is None else revenue.all, _money),
        "ho_roi": _cell(lift.roi, _return),
    }


def _cell(value: Estimate | None, write: _Write) -> _Cell:
    """What was seen, and the interval."""
    if value is None:
        return NOTHING, ""
    return write(value.seen), f"{write(value.low)} – {write(value.high)}"


def _points(share: float) -> str:
    return points(share, decimals=2)


def _money(minor: float) -> str:
    return won(round(minor))


def _return(units: float) -> str:
    return f"{signed(_PERCENT * units)}%"


def _rate(share: float) -> str:
    return f"{_PERCENT * share:.2f}%"
