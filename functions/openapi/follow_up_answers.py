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
