"""How follow-ups look in answers."""

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from functions.campaigns.follow_ups import Family, StepReport
from functions.campaigns.step_forecasts import StepForecast
from functions.domain.breakdown import Figures
from functions.domain.follow_up import FollowUp
from functions.domain.pricing import CURRENCY
from functions.domain.simulation import Forecast
from functions.runtime.http import Json

_MINUTE = timedelta(minutes=1)


def steps_view(follow_ups: Sequence[FollowUp]) -> list[Json]:
    """The steps that follow a message, as they were asked for."""
    return [
        _step(each)
        | {
            "template_id": each.template_id,
            "template_version": each.template_version,
            "sender_id": each.sender_id,
            "variables": dict(each.variables),
            "follow_ups": steps_view(each.follow_ups),
        }
        for each in follow_ups
    ]


def tree_view(reports: Sequence[StepReport]) -> list[Json]:
    """What came of each step, and of those below it."""
    return [
        _step(each.step)
        | {"campaign_id": each.campaign_id, "looked_at": each.seen, "paused_because": each.because}
        | _figures(each)
        | _came_of(each.figures)
        | _ahead(each)
        | {"follow_ups": tree_view(each.below)}
        for each in reports
    ]


def family_view(family: Family | None) -> Json | None:
    """A campaign's messages and those of all its steps together; None where none follows."""
    if family is None:
        return None
    whole = family.whole
    return {"sent": whole.sent, "delivered": whole.delivered, **_came_of(whole)}


def _came_of(figures: Figures) -> Json:
    return {
        "conversions": figures.conversions,
        "value": {"minor": figures.value, "currency": CURRENCY},
        "cost": {"minor": figures.cost, "currency": CURRENCY},
    }


def _ahead(report: StepReport) -> Json:
    ahead = report.ahead
    next_at = None if ahead is None else ahead.next_at
    return {
        "not_looked_at": None if ahead is None else ahead.messages,
        "next_look": None if next_at is None else next_at.isoformat(),
    }


def step_forecasts_view(forecasts: Sequence[StepForecast]) -> list[Json]:
    """What each step would do at most, and by the rates that were assumed."""
    return [
        _step(each.step)
        | {
            "at_most": _bound(each.at_most),
            "assumed_percent": None if each.share is None else float(each.share * 100),
            "expected": None if each.share is None else _expected(each.at_most, each.share),
            "follow_ups": step_forecasts_view(each.below),
        }
        for each in forecasts
    ]


def _bound(forecast: Forecast) -> Json:
    return {
        "messages": _messages(forecast),
        "held": sum(forecast.held.values()),
        "refused_by_reason": dict(forecast.refused),
        "by_type": dict(forecast.types),
        "cost": {"minor": forecast.cost_minor, "currency": CURRENCY},
    }


def _expected(forecast: Forecast, share: Fraction) -> Json:
    return {
        "messages": round(_messages(forecast) * share),
        "cost": {"minor": round(forecast.cost_minor * share), "currency": CURRENCY},
    }


def _messages(forecast: Forecast) -> int:
    return forecast.ready + sum(forecast.held.values())


def _step(step: FollowUp) -> Json:
    return {
        "if": step.condition,
        "after_minutes": None if step.at_once else step.after // _MINUTE,
        "link": step.link,
    }


def _figures(report: StepReport) -> Json:
    counted = report.counted
    if counted is None:
        return {
            "status": None,
            "matched": 0,
            "dropped": 0,
            "dropped_by_reason": {},
            "sent": 0,
            "delivered": 0,
            "clicked": 0,
            "converted": 0,
            "waiting": 0,
            "failed": 0,
            "cancelled": 0,
        }
    return {
        "status": counted.status,
        "matched": counted.recipients,
        "dropped": sum(counted.refused.values()),
        "dropped_by_reason": dict(counted.refused),
        "sent": counted.sent,
        "delivered": counted.delivered,
        "clicked": counted.human_clicks,
        "converted": report.figures.converted,
        "waiting": counted.pending + counted.held + counted.unknown,
        "failed": sum(counted.failed.values()),
        "cancelled": counted.cancelled,
    }
