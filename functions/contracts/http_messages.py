"""Bodies of the message calls."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from functions.contracts.http_address import DomesticPhoneText
from functions.contracts.http_base import Body, Identifier, Moment, Values
from functions.contracts.http_contacts import Group
from functions.contracts.http_follow_ups import FollowUps

MAX_RECIPIENTS = 1000


class RecipientPost(Body):
    """One recipient: a contact, a phone number, or all of a group or an audience.

    ``variables`` are this one's own. Groups and audiences may add up to 1,000 people; more are for
    a campaign.
    """

    contact_id: Identifier | None = None
    phone: DomesticPhoneText | None = None
    group: Group | None = None
    audience: Identifier | None = None
    variables: Values = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_address(self) -> "RecipientPost":
        given = (self.contact_id, self.phone, self.group, self.audience)
        if sum(each is not None for each in given) != 1:
            code = "one_of"
            msg = "Give one of contact_id, phone, group and audience."
            raise PydanticCustomError(code, msg)
        return self


class MessagesPost(Body):
    """A message to 1 to 1,000 recipients, at once or at ``send_at``.

    ``follow_ups`` are what they get next, by what becomes of their message.
    """

    template_id: Identifier
    template_version: Annotated[int, Field(ge=1)]
    sender_id: Identifier
    to: Annotated[list[RecipientPost], Field(min_length=1, max_length=MAX_RECIPIENTS)]
    variables: Values = Field(default_factory=dict)
    send_at: Moment | None = None
    follow_ups: FollowUps = Field(default_factory=list)
