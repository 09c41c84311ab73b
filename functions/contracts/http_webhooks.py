"""Bodies of the calls about webhooks."""

from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import PRINTABLE, Body, Moment
from functions.domain.message_event import EventType
from functions.domain.web_address import MAX_ADDRESS_CHARS

_Types = Annotated[
    list[Annotated[EventType, Field(strict=False)]],
    Field(min_length=1, max_length=len(EventType)),
]


class WebhookPut(Body):
    """Where it is told what happens to messages.

    ``url`` is an https address on the public internet. ``types`` are the events that are told.
    ``batch``: up to 100 events a request; else one.
    """

    url: Annotated[str, Field(min_length=1, max_length=MAX_ADDRESS_CHARS), PRINTABLE]
    types: _Types
    enabled: bool = True
    description: Annotated[str, Field(max_length=200), PRINTABLE] = ""
    batch: bool = True


class ReplayPost(Body):
    """What is to be told again: all that happened from ``from`` until just before ``to``.

    ``types``: only of these; all that the webhook is told when left out. At most 31 days.
    """

    from_: Annotated[Moment, Field(alias="from")]
    to: Moment
    types: _Types | None = None
