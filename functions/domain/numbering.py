"""Gives planned batches their numbers, and their texts the tracking codes that need them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from functions.domain.batch import Batch, BatchMeta, Recipient, Source
from functions.domain.ids import BatchNumber
from functions.domain.link_mark import fill
from functions.domain.message import BatchState
from functions.domain.planning import DraftBatch, DraftMessage
from functions.domain.pricing import unit_price

CodeOf = Callable[[BatchNumber, int, int], str]
"""The tracking code of (batch, ordinal, link)."""


def number_batches(
    drafts: Sequence[DraftBatch],
    *,
    first: BatchNumber,
    source: Source,
    code_of: CodeOf,
    now: datetime,
    start: datetime | None = None,
) -> tuple[Batch, ...]:
    """Make batches of the drafts, with consecutive numbers from ``first`` on.

    ``start`` is when the messages should start (None: now); it decides when they are given up.
    """
    return tuple(
        _batch(
            draft,
            _meta(draft, BatchNumber(first + i), source=source, now=now, start=start or now),
            links=len(draft.route.template.links),
            code_of=code_of,
        )
        for i, draft in enumerate(drafts)
    )


def _meta(
    draft: DraftBatch, number: BatchNumber, *, source: Source, now: datetime, start: datetime
) -> BatchMeta:
    route = draft.route
    return BatchMeta(
        number=number,
        source=source,
        channel=route.channel,
        purpose=route.purpose,
        message_type=draft.message_type,
        unit_price=unit_price(draft.message_type),
        sender_id=route.sender.sender_id,
        template_id=route.template.template_id,
        template_version=route.template.version,
        size=len(draft.messages),
        created=now,
        not_before=draft.start_at,
        expires=route.expires(start),
        priority=route.priority,
        when_capped=route.when_capped,
    )


def _batch(draft: DraftBatch, meta: BatchMeta, *, links: int, code_of: CodeOf) -> Batch:
    recipients = tuple(
        _recipient(message, meta.number, ordinal, links=links, code_of=code_of)
        for ordinal, message in enumerate(draft.messages)
    )
    # Receipts are timed from when the batch may leave: they have room for 22 days only.
    began = draft.start_at or meta.created
    state = BatchState.fresh((message.send for message in draft.messages), now=began)
    return Batch(meta=meta, recipients=recipients, state=state)


def _recipient(
    message: DraftMessage, number: BatchNumber, ordinal: int, *, links: int, code_of: CodeOf
) -> Recipient:
    def code(link: int) -> str:
        return code_of(number, ordinal, link)

    composed = message.composed
    return Recipient(
        contact_id=message.person.contact_id,
        phone=message.person.phone,
        text=fill(composed.text, links, code_of=code),
        subject=composed.subject,
        recent_version=0 if message.person.recent is None else message.person.recent.version,
        variables={
            name: fill(value, links, code_of=code) for name, value in composed.variables.items()
        },
    )
