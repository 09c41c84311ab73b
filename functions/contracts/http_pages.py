"""Bodies of the call that pages make about their visitors."""

from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import PRINTABLE, Body
from functions.contracts.http_events import EventName, MoneyPost

MAX_PAGE_BYTES = 2_048
MOST_MINOR = 10**9
"""Whoever has a link may say any amount: more than this is no purchase on a page."""


class PageMoney(MoneyPost):
    """An amount of 0 to 1,000,000,000 minor units of the tenant's currency."""

    minor: Annotated[int, Field(ge=0, le=MOST_MINOR)]


class PageEventPost(Body):
    """What the visitor of a page did. ``click`` is the code that the link gave to the page.

    ``event_id`` is yours, such as an order's; the same one counts once. Without it the event
    counts once a message.
    """

    click: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{11}$")]
    event: EventName
    event_id: Annotated[str, Field(min_length=1, max_length=128), PRINTABLE] | None = None
    value: PageMoney | None = None
