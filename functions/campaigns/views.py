"""How campaigns, their explanations and forecasts look in answers."""

from datetime import datetime, timedelta

from functions.campaigns.experiment_views import definition_view
from functions.campaigns.follow_up_views import steps_view
from functions.campaigns.safety_views import safety_view
from functions.campaigns.why import Look, Why
from functions.contracts.goal_document import goal_to_json
from functions.contracts.look_document import look_to_json
from functions.contracts.rate_document import rate_to_json
from functions.domain.best_time import HOUR
from functions.domain.campaign import Campaign, Outcome, Way
from functions.domain.holdout import Arm, percent_of, withheld
from functions.domain.ids import ContactId, MessageNumber
from functions.domain.message import MessageStatus
from functions.domain.pace import Estimate
from functions.domain.reason import HoldReason
from functions.domain.recipients import Recipients, SkipReason, Source, SourceKind
from functions.domain.simulation import Forecast
from functions.runtime.http import Json

SKIPPED = "skipped"
"""Stands where a message's status does, of somebody who is no recipient."""


def campaign_view(campaign: Campaign) -> Json:
    """A campaign's definition, and where it stands."""
    return {
        "campaign_id": campaign.campaign_id,
        "name": campaign.name,
        "status": campaign.status,
        "template_id": campaign.template_id,
        "template_version": campaign.template_version,
        "sender_id": campaign.sender_id,
        "recipients": recipients_view(campaign.recipients),
        "variables": dict(campaign.variables),
        "priority": campaign.priority,
        "when_capped": campaign.when_capped,
        "swap": None if campaign.swap is None else _way_view(campaign.swap),
        "channel": "best" if campaign.ways else None,
        "ways": [_way_view(each) for each in campaign.ways],
        "explore_percent": campaign.explore if campaign.ways else None,
        "created": campaign.created.isoformat(),
        "send_at": None if campaign.send_at is None else campaign.send_at.isoformat(),
        "at_local": None if campaign.at_local is None else f"{campaign.at_local:%H:%M}",
        "send_time": None if campaign.best_within is None else "best",
        "best_within_hours": hours_of(campaign),
        "recurs": campaign.recurs,
        "refresh_first": campaign.refresh_first,
        "coupon_pool": campaign.coupon_pool,
        "goal": goal_to_json(campaign.goal),
        "experiment": definition_view(campaign.experiment),
        "holdout_percent": percent_of(0 if campaign.holdout is None else campaign.holdout.share),
        "follow_ups": steps_view(campaign.follow_ups),
        "parent": campaign.parent,
        "step": campaign.step or None,
        "series": campaign.series,
        "rate": rate_to_json(campaign.rate),
        "launched": None if campaign.launched is None else campaign.launched.isoformat(),
        "safety": safety_view(campaign.safety),
    }


def hours_of(campaign: Campaign) -> int | None:
    """How many hours it may wait for the best time of each."""
    return None if campaign.best_within is None else campaign.best_within // HOUR


def estimate_view(found: Estimate, *, now: datetime) -> Json:
    """How long it takes from now on by the limits alone; null where that is not known."""
    lane, seconds = found.lane, found.seconds
    return {
        "messages": found.messages,
        "seconds": seconds,
        "done_at": None if seconds is None else (now + timedelta(seconds=seconds)).isoformat(),
        "rate": None if lane is None else rate_to_json(lane.rate),
        "limited_by": None if lane is None else lane.kind,
    }


def _way_view(way: Way) -> Json:
    return {
        "template_id": way.template_id,
        "template_version": way.template_version,
        "sender_id": way.sender_id,
    }


def why_view(campaign: Campaign, contact_id: ContactId, found: Why) -> Json:
    """What became of somebody, and each look of the door."""
    return {
        "campaign_id": campaign.campaign_id,
        "contact_id": contact_id,
        "part": None if found.part is None else found.part.part,
        **_standing(found),
        "held_out": _held_out(campaign, found),
        "excluded_by": None if found.excluded is None else source_view(found.excluded),
        "planned": None if found.planned is None else _look(found.planned),
        "best_time": _best_time(found.outcome),
        "best_channel": _best_channel(found.outcome),
        "dispatched": [_look(look) for look in found.dispatched],
    }


def _held_out(campaign: Campaign, found: Why) -> Json | None:
    """By which setting somebody gets nothing, so that it shows what came about; else null."""
    arm = None if found.batch is None else found.batch.meta.arm
    holdout = campaign.holdout
    if holdout is None or withheld(arm) is None:
        return None
    if arm is Arm.HELD_OUT:
        return {"by": "campaign", "percent": percent_of(holdout.share), "name": None}
    group = holdout.globally
    percent = None if group is None else percent_of(group.share)
    return {"by": "policy", "percent": percent, "name": None if group is None else group.name}


def _best_time(outcome: Outcome | None) -> Json | None:
    """Why it waits for its hour; null where it does not."""
    if outcome is None or outcome.choice is None:
        return None
    choice = outcome.choice
    return {
        "at": choice.at.isoformat(),
        "because": choice.because,
        "own_openings": choice.openings,
    }


def _best_channel(outcome: Outcome | None) -> Json | None:
    """Why it goes by its channel; null where there is one way only."""
    if outcome is None or outcome.channel is None:
        return None
    choice = outcome.channel
    return {
        "channel": choice.channel,
        "because": choice.by,
        "own_messages": choice.messages,
        "own_openings": choice.openings,
        "passed_over": [
            {"channel": channel, "reason": reason} for channel, reason in choice.passed_over
        ],
    }


def _standing(found: Why) -> Json:
    if found.batch is not None:
        state = found.batch.state.state_of(found.ordinal)
        number = MessageNumber(batch=found.batch.meta.number, ordinal=found.ordinal)
        return {"status": state.status, "reason": state.reason, "message_id": str(number)}
    if found.excluded is not None:
        return {"status": SKIPPED, "reason": SkipReason.EXCLUDED, "message_id": None}
    if found.outcome is None or found.outcome.reason is None:
        return {"status": MessageStatus.PENDING, "reason": None, "message_id": None}
    held = isinstance(found.outcome.reason, HoldReason)
    status = MessageStatus.HELD if held else MessageStatus.REFUSED
    return {"status": status, "reason": found.outcome.reason, "message_id": None}


def _look(look: Look) -> Json:
    return look_to_json(look.case, at=look.at)


def recipients_view(recipients: Recipients) -> Json:
    """Who a campaign is for."""
    return {
        "include": [source_view(each) for each in recipients.include],
        "exclude": [source_view(each) for each in recipients.exclude],
    }


def source_view(source: Source) -> Json:
    """One source; ``run_id`` names the refresh of an audience that is used."""
    return {
        "kind": source.kind,
        "group": source.name if source.kind is SourceKind.GROUP else None,
        "audience": source.name if source.kind is SourceKind.AUDIENCE else None,
        "run_id": None if source.pin is None else source.pin.run_id,
    }


def forecast_view(simulation_id: str, forecast: Forecast, *, complete: bool) -> Json:
    """What a campaign would do."""
    return {
        "simulation_id": simulation_id,
        "complete": complete,
        "recipients": forecast.recipients,
        "ready": forecast.ready,
        "held": sum(forecast.held.values()),
        "held_by_reason": dict(forecast.held),
        "refused": sum(forecast.refused.values()),
        "refused_by_reason": dict(forecast.refused),
        "skipped": sum(forecast.skipped.values()),
        "skipped_by_reason": dict(forecast.skipped),
        "by_hour": dict(forecast.hours),
        "by_type": dict(forecast.types),
        "by_best_time": dict(forecast.choices),
        "by_channel": dict(forecast.channels),
        "by_best_channel": dict(forecast.chosen_by),
        "cost": {"minor": forecast.cost_minor, "currency": "KRW"},
    }
