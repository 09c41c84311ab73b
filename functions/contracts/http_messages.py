"""Bodies of the message calls."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from functions.contracts.http_address import DomesticPhoneText
from functions.contracts.http_base import Body, Identifier, Moment, Values

MAX_RECIPIENTS = 1000


class RecipientPost(Body):
    """One recipient: a contact, or a phone number. ``variables`` are this one's own."""

    contact_id: Identifier | None = None
    phone: DomesticPhoneText | None = None
    variables: Values = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_address(self) -> "RecipientPost":
        if (self.contact_id is None) == (self.phone is None):
            code = "one_of"
            msg = "Give either contact_id or phone."
            raise PydanticCustomError(code, msg)
        return self


class MessagesPost(Body):
    """A message to 1 to 1,000 recipients, at once or at ``send_at``."""

    template_id: Identifier
    template_version: Annotated[int, Field(ge=1)]
    sender_id: Identifier
    to: Annotated[list[RecipientPost], Field(min_length=1, max_length=MAX_RECIPIENTS)]
    variables: Values = Field(default_factory=dict)
    send_at: Moment | None = None
