"""What a simulation answers about follow-ups, for the description of the API only."""

from pydantic import BaseModel, Field

from functions.domain.follow_up import Condition
from functions.domain.reason import RefusalReason
from functions.domain.text_size import MessageType
from functions.openapi.message_answers import Money


class Bound(BaseModel):
    """What a step does if everybody matches."""

    messages: int
    held: int
    refused_by_reason: dict[RefusalReason, int]
    by_type: dict[MessageType, int]
    cost: Money


class Expected(BaseModel):
    """What a step does by the rates that were given."""

    messages: int
    cost: Money


class StepForecast(BaseModel):
    """A step of a simulation: at most, and by the rates given (null without)."""

    when: Condition = Field(alias="if")
    after_minutes: int | None
    link: int | None
    at_most: Bound
    assumed_percent: float | None
    expected: Expected | None
    follow_ups: list["StepForecast"]
