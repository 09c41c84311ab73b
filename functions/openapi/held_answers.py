"""What the calls about held messages answer; see ``answers``."""

from pydantic import AwareDatetime, BaseModel

from functions.domain.channel import Channel, Purpose
from functions.domain.reason import HoldReason
from functions.openapi.contact_answers import Page
from functions.openapi.message_answers import Source


class HeldMessage(BaseModel):
    """A message that waits: why, since when, and until when at the earliest.

    At ``expires`` it is given up, which is no later than its class lives. ``contact_id`` is null
    for a number that belongs to nobody known, and after an erasure.
    """

    message_id: str
    contact_id: str | None
    channel: Channel
    purpose: Purpose
    reason: HoldReason
    since: AwareDatetime
    until: AwareDatetime | None
    expires: AwareDatetime
    source: Source


class HeldPage(Page):
    """A page of held messages; ``next_cursor`` is null at the end."""

    items: list[HeldMessage]


class HeldSummary(BaseModel):
    """How many messages wait, by why; not ``complete`` when there are too many to count."""

    messages: int
    by_reason: dict[HoldReason, int]
    complete: bool


class HeldQueued(BaseModel):
    """How many messages are on their way to be changed, if they are still held by then.

    ``next_cursor`` goes into the same call when these were not all.
    """

    queued: int
    next_cursor: str | None
