"""What the API answers about people who are held out, for the description only."""

from typing import Literal

from pydantic import BaseModel, Field

from functions.contracts.http_goal import GoalPost
from functions.openapi.message_answers import Money


class HeldOut(BaseModel):
    """By which setting somebody gets nothing, so that it shows what came about."""

    by: Literal["campaign", "policy"]
    percent: float | None
    name: str | None


class GroupInForce(BaseModel):
    """The company's group of people who get no advertising, as it was at the launch."""

    name: str
    percent: float
    policy_version: int


class Estimated(BaseModel):
    """A value as it was seen, and the interval in which it truly is 19 times of 20."""

    seen: float
    low: float
    high: float


class ArmFigures(BaseModel):
    """People of a group, whatever became of their message.

    ``converted`` did what the goal asks for within its window after the message began, whichever
    message that is put down to; ``revenue`` is what of it was worth.
    """

    arm: Literal["sent", "held_out", "held_out_globally"]
    people: int
    converted: int
    conversion_rate: Estimated | None
    revenue: Money
    revenue_per_person: float | None


class Changed(BaseModel):
    """How much more for each person, in parts of what the others did, and for all of ``sent``."""

    per_person: Estimated
    relative: float | None
    incremental: Estimated


class LiftFigures(BaseModel):
    """What came about. Where a group is too small to say (``enough``) it is null.

    ``incremental_roi`` is the incremental revenue beyond the cost, in units of the cost.
    """

    enough: bool
    conversion: Changed | None
    enough_for_revenue: bool
    revenue: Changed | None
    currency: str
    incremental_roi: Estimated | None


class HoldoutReport(BaseModel):
    """A campaign compared with those whom it was kept from.

    ``lift`` is what this campaign brought about. ``programme_lift`` compares with people who get
    no advertising at all: it is what all campaigns together did. ``cost`` includes follow-ups.
    """

    percent: float = Field(ge=0, le=50)
    group: GroupInForce | None = Field(alias="global")
    goal: GoalPost | None
    confidence: float
    cost: Money
    arms: list[ArmFigures]
    lift: LiftFigures | None
    programme_lift: LiftFigures | None
