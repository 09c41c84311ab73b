"""Bodies of the calls about how fast messages may leave."""

from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import Body
from functions.domain.pace import Per, Rate


class RatePost(Body):
    """At most so many messages a period, evenly spread over it."""

    messages: Annotated[int, Field(ge=1, le=10_000_000)]
    per: Annotated[Per, Field(strict=False)]

    @property
    def rate(self) -> Rate:
        """What it says."""
        return Rate(messages=self.messages, per=self.per)


class RatePut(Body):
    """How fast messages may leave at most; null: as fast as they can."""

    rate: RatePost | None
