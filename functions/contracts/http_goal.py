"""Bodies of the calls about what campaigns are to bring about."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import Body
from functions.contracts.http_events import EventName
from functions.domain.goal import LONGEST, SHORTEST, USUAL_WINDOW, Goal, TouchRule

_HOUR = timedelta(hours=1)


class GoalPost(Body):
    """An event that a campaign is to bring about, within so many hours after the touch.

    ``touch`` says how far a message must have got to count: ``delivered``, ``opened`` or
    ``clicked`` (by a person, not a machine).
    """

    event: EventName
    window_hours: Annotated[int, Field(ge=SHORTEST // _HOUR, le=LONGEST // _HOUR)] = (
        USUAL_WINDOW // _HOUR
    )
    touch: Annotated[TouchRule, Field(strict=False)] = TouchRule.CLICKED

    @property
    def goal(self) -> Goal:
        """What it says."""
        return Goal(event=self.event, window=self.window_hours * _HOUR, touch=self.touch)


class GoalPut(Body):
    """What a campaign is to bring about; null: nothing that is counted."""

    goal: GoalPost | None
