"""What became of a batch's messages, as activity of the people they were for.

Told under the reserved events of ``activity``, broken out by campaign. A machine's opening of a
link is no click.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from functions.domain.activity import (
    CAMPAIGN,
    CLICKED,
    DELIVERED,
    REPLIED,
    SENT,
    ActivityKey,
    DayTotal,
)
from functions.domain.batch import Recipient
from functions.domain.clicks import BatchClicks, Visitor
from functions.domain.ids import ContactId
from functions.domain.message import BatchState
from functions.domain.replies import BatchReplies

Told = tuple[ActivityKey, DayTotal]


def engagement(
    recipients: tuple[Recipient, ...],
    state: BatchState,
    clicks: BatchClicks,
    replies: BatchReplies,
    *,
    source: str,
    zone: ZoneInfo,
) -> Iterator[tuple[ContactId, list[Told]]]:
    """For each person of a batch what became of the message; who got none is left out."""
    for ordinal, recipient in enumerate(recipients):
        told = list(_told(ordinal, state, clicks, replies, source=source, zone=zone))
        if told and recipient.contact_id is not None:
            yield recipient.contact_id, told


def _told(
    ordinal: int,
    state: BatchState,
    clicks: BatchClicks,
    replies: BatchReplies,
    *,
    source: str,
    zone: ZoneInfo,
) -> Iterator[Told]:
    found = state.state_of(ordinal)
    if found.sent_at is None:
        return
    moments = [(SENT, found.sent_at)]
    if found.receipt is not None and found.receipt.delivered:
        moments.append((DELIVERED, found.receipt.at))
    made = datetime.fromtimestamp(state.created, tz=UTC)
    for event, elapsed_s in (
        (CLICKED, clicks.first(ordinal, Visitor.HUMAN)),
        (REPLIED, replies.first(ordinal)),
    ):
        if elapsed_s is not None:
            moments.append((event, made + timedelta(seconds=elapsed_s)))
    for event, at in moments:
        total = DayTotal(day=at.astimezone(zone).date(), count=1, sum_minor=0, last=at)
        yield ActivityKey(event), total
        yield ActivityKey(event, CAMPAIGN, source), total
