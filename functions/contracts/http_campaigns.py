"""Bodies of the campaign calls."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from functions.contracts.http_base import PRINTABLE, Body, Identifier, Line, Values
from functions.contracts.http_contacts import Group

MAX_DIRECT = 10_000


class RecipientsPost(Body):
    """Who a campaign is for: everyone, a group, or up to 10,000 contact ids and numbers."""

    everyone: bool = False
    group: Group | None = None
    direct: (
        Annotated[
            list[Annotated[str, Field(min_length=1, max_length=64), PRINTABLE]],
            Field(min_length=1, max_length=MAX_DIRECT),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _one_kind(self) -> "RecipientsPost":
        if [self.everyone, self.group is not None, self.direct is not None].count(True) != 1:
            code = "one_of"
            msg = "Give one of everyone, group and direct."
            raise PydanticCustomError(code, msg)
        return self


class CampaignPost(Body):
    """A campaign as a draft."""

    name: Line
    template_id: Identifier
    template_version: Annotated[int, Field(ge=1)]
    sender_id: Identifier
    recipients: RecipientsPost
    variables: Values = Field(default_factory=dict)
