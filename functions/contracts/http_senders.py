"""Bodies of the sender calls."""

from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import Body, Line
from functions.domain.channel import Channel
from functions.domain.sender import SenderStatus


class SenderPost(Body):
    """A sender to register: a number for SMS, a channel's ``pfId`` for Kakao.

    ``opt_out_number`` is the free 080 number; advertisements need it.
    """

    channel: Annotated[Channel, Field(strict=False)]
    address: Annotated[str, Field(min_length=1, max_length=64)]
    display_name: Line
    opt_out_number: Annotated[str, Field(max_length=20)] | None = None


class SenderReview(Body):
    """The outcome of checking that the number is registered (전기통신사업법 84의2)."""

    status: Annotated[SenderStatus, Field(strict=False)]
