"""How what a campaign brought about looks in its report."""

from functions.campaigns.measuring import Measured
from functions.contracts.goal_document import goal_to_json
from functions.domain.difference import Estimate
from functions.domain.holdout import percent_of
from functions.domain.interval import CONFIDENCE, Share
from functions.domain.lift import Change, Group, Lift
from functions.domain.pricing import CURRENCY
from functions.runtime.http import Json

_DECIMALS, _SHARES, _COUNTS = 4, 6, 1


def measured_view(found: Measured | None) -> Json | None:
    """The groups and how they differ; null for a campaign that holds nobody out."""
    if found is None:
        return None
    group = found.holdout.globally
    return {
        "percent": percent_of(found.holdout.share),
        "global": None
        if group is None
        else {
            "name": group.name,
            "percent": percent_of(group.share),
            "policy_version": group.version,
        },
        "goal": goal_to_json(found.goal),
        "confidence": CONFIDENCE,
        "cost": _money(found.cost),
        "arms": [{"arm": name, **_arm(each)} for name, each in found.arms.items()],
        "lift": _lift(found.lift),
        "programme_lift": _lift(found.programme),
    }


def _arm(group: Group) -> Json:
    return {
        "people": group.people,
        "converted": group.converted,
        "conversion_rate": _estimate(group.rate, _SHARES),
        "revenue": _money(group.minor),
        "revenue_per_person": None if group.each is None else round(group.each, _DECIMALS),
    }


def _lift(lift: Lift | None) -> Json | None:
    if lift is None:
        return None
    return {
        "enough": lift.conversion is not None,
        "conversion": _change(lift.conversion, decimals=_SHARES, of_all=_COUNTS),
        "enough_for_revenue": lift.revenue is not None,
        "revenue": _change(lift.revenue, decimals=_DECIMALS, of_all=0),
        "currency": CURRENCY,
        "incremental_roi": _estimate(lift.roi, _DECIMALS),
    }


def _change(change: Change | None, *, decimals: int, of_all: int) -> Json | None:
    if change is None:
        return None
    relative = change.relative
    return {
        "per_person": _estimate(change.each, decimals),
        "relative": None if relative is None else round(relative, _DECIMALS),
        "incremental": _estimate(change.all, of_all),
    }


def _estimate(found: Estimate | Share | None, decimals: int) -> Json | None:
    if found is None:
        return None
    values = {"seen": found.seen, "low": found.low, "high": found.high}
    return {name: round(each, decimals or None) for name, each in values.items()}


def _money(minor: int) -> Json:
    return {"minor": minor, "currency": CURRENCY}
