"""What is answered about follow-ups, for the description of the API only."""

from pydantic import BaseModel, Field

from functions.domain.contact import AttributeValue
from functions.domain.follow_up import Condition


class FollowUp(BaseModel):
    """A step; without ``after_minutes`` it follows as soon as what it waits for happens."""

    when: Condition = Field(alias="if")
    after_minutes: int | None
    link: int | None
    template_id: str
    template_version: int
    sender_id: str
    variables: dict[str, AttributeValue]
    follow_ups: list["FollowUp"]


class FollowUpReport(BaseModel):
    """What came of a step, which is a campaign of its own.

    Of the messages ``looked_at``, ``matched`` met the condition; matched = dropped + sent + waiting
    + failed + cancelled. A step that follows at once looks at those only that match. ``status`` is
    null before it began.
    """

    when: Condition = Field(alias="if")
    after_minutes: int | None
    link: int | None
    campaign_id: str
    status: str | None
    looked_at: int
    matched: int
    dropped: int
    dropped_by_reason: dict[str, int]
    sent: int
    delivered: int
    clicked: int
    waiting: int
    failed: int
    cancelled: int
    follow_ups: list["FollowUpReport"]
