"""Body of the calls that release, cancel and give up what is held."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from functions.contracts.http_base import Body, Identifier
from functions.domain.reason import HoldReason

MAX_MESSAGES = 10_000


class HeldPost(Body):
    """Which held messages: up to 10,000 by their ids, or those of a campaign, of a reason, or both.

    ``reason`` narrows ids as well. ``cursor`` is the ``next_cursor`` of an answer that was not all.
    """

    message_ids: (
        Annotated[
            list[Annotated[str, Field(max_length=30)]],
            Field(min_length=1, max_length=MAX_MESSAGES),
        ]
        | None
    ) = None
    campaign_id: Identifier | None = None
    reason: Annotated[HoldReason, Field(strict=False)] | None = None
    cursor: Annotated[str, Field(max_length=1000)] | None = None

    @model_validator(mode="after")
    def _says_which(self) -> "HeldPost":
        if self.message_ids is None and self.campaign_id is None and self.reason is None:
            code = "one_of"
            msg = "Give message_ids, campaign_id or reason."
            raise PydanticCustomError(code, msg)
        if self.message_ids is not None and (self.campaign_id or self.cursor):
            code = "one_of"
            msg = "Give message_ids alone, or with a reason."
            raise PydanticCustomError(code, msg)
        return self
