"""Gives planned batches their numbers, and their texts the tracking codes that need them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from functions.domain.batch import Batch, BatchMeta, Recipient, Source
from functions.domain.ids import BatchNumber
from functions.domain.link_mark import fill
from functions.domain.message import BatchState
from functions.domain.planning import DraftBatch, DraftMessage, Route
from functions.domain.pricing import unit_price

CodeOf = Callable[[BatchNumber, int, int], str]
"""The tracking code of (batch, ordinal, link)."""


def number_batches(  # noqa: PLR0913  # each is a fact of every batch
    drafts: Sequence[DraftBatch],
    route: Route,
    *,
    first: BatchNumber,
    source: Source,
    code_of: CodeOf,
    now: datetime,
    expires: datetime,
) -> tuple[Batch, ...]:
    """Make batches of the drafts, with consecutive numbers from ``first`` on."""
    return tuple(
        _batch(
            draft,
            _meta(draft, route, BatchNumber(first + i), source=source, now=now, expires=expires),
            links=len(route.template.links),
            code_of=code_of,
        )
        for i, draft in enumerate(drafts)
    )


def _meta(
    draft: DraftBatch,
    route: Route,
    number: BatchNumber,
    *,
    source: Source,
    now: datetime,
    expires: datetime,
) -> BatchMeta:
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
        expires=expires,
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
        variables={
            name: fill(value, links, code_of=code) for name, value in composed.variables.items()
        },
    )
