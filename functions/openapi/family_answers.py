"""What is answered about what came of follow-ups, for the description of the API only."""

from pydantic import AwareDatetime, BaseModel, Field

from functions.domain.follow_up import Condition
from functions.domain.stop_rules import StopReason
from functions.openapi.message_answers import Money


class FollowUpReport(BaseModel):
    """What came of a step, which is a campaign of its own.

    Of the messages ``looked_at``, ``matched`` met the condition; matched = dropped + sent + waiting
    + failed + cancelled. A step that follows at once looks at those only that match. ``status`` is
    null before it began. ``not_looked_at`` are to be looked at yet, the next at ``next_look`` at
    the earliest; null for a step that follows at once.
    """

    when: Condition = Field(alias="if")
    after_minutes: int | None
    link: int | None
    campaign_id: str
    status: str | None
    paused_because: StopReason | None
    looked_at: int
    matched: int
    dropped: int
    dropped_by_reason: dict[str, int]
    sent: int
    delivered: int
    clicked: int
    converted: int
    waiting: int
    failed: int
    cancelled: int
    conversions: int
    value: Money
    cost: Money
    not_looked_at: int | None
    next_look: AwareDatetime | None
    follow_ups: list["FollowUpReport"]


class FamilyTotals(BaseModel):
    """The messages of a campaign and of all its steps; an event is put down to one of them."""

    sent: int
    delivered: int
    conversions: int
    value: Money
    cost: Money
