"""A campaign's goal as JSON: how the API shows it, and how it is stored."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from functions.domain.goal import Goal, TouchRule

_HOUR = timedelta(hours=1)


def goal_to_json(goal: Goal | None) -> dict[str, Any] | None:
    """Write a goal; None where there is none."""
    if goal is None:
        return None
    return {
        "event": goal.event,
        "window_hours": goal.window // _HOUR,
        "touch": str(goal.touch),
    }


def goal_from_json(document: Mapping[str, Any] | None) -> Goal | None:
    """Read a goal back."""
    if document is None:
        return None
    return Goal(
        event=document["event"],
        window=int(document["window_hours"]) * _HOUR,
        touch=TouchRule(document["touch"]),
    )
