"""How follow-ups look in answers."""

from collections.abc import Sequence
from datetime import timedelta

from functions.campaigns.follow_ups import StepReport
from functions.domain.follow_up import FollowUp
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
        | {"campaign_id": each.campaign_id, "looked_at": each.seen}
        | _figures(each)
        | {"follow_ups": tree_view(each.below)}
        for each in reports
    ]


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
        "waiting": counted.pending + counted.held + counted.unknown,
        "failed": sum(counted.failed.values()),
        "cancelled": counted.cancelled,
    }
