"""Gives planned batches their numbers, and their texts the tracking codes that need them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from functions.domain.batch import Batch, BatchMeta, Recipient, Source
from functions.domain.holdout import withheld
from functions.domain.ids import BatchNumber
from functions.domain.link_mark import fill
from functions.domain.message import BatchState
from functions.domain.planning import DraftBatch, DraftMessage
from functions.domain.preference_token import fill as fill_token
from functions.domain.pricing import FREE, unit_price

CodeOf = Callable[[BatchNumber, int, int], str]
"""The tracking code of (batch, ordinal, link)."""
TokenOf = Callable[[BatchNumber, int, datetime], str]
"""The preference page's token of (batch, ordinal), for a message that may leave from then on."""


def number_batches(  # noqa: PLR0913  # one for each kind of mark
    drafts: Sequence[DraftBatch],
    *,
    first: BatchNumber,
    source: Source,
    code_of: CodeOf,
    token_of: TokenOf,
    now: datetime,
    start: datetime | None = None,
) -> tuple[Batch, ...]:
    """Make batches of the drafts, with consecutive numbers from ``first`` on.

    ``start`` is when the messages should start (None: when they begin); it decides when they
    are given up.
    """
    return tuple(
        _batch(
            draft,
            _meta(
                draft,
                BatchNumber(first + i),
                source=source,
                now=now,
                start=start or draft.begins or now,
            ),
            links=len(draft.route.template.links),
            code_of=code_of,
            token_of=token_of,
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
        unit_price=unit_price(draft.message_type) if withheld(draft.arm) is None else FREE,
        sender_id=route.sender.sender_id,
        template_id=route.template.template_id,
        template_version=route.template.version,
        size=len(draft.messages),
        created=now,
        not_before=draft.start_at,
        expires=route.expires(start),
        priority=route.priority,
        when_capped=route.when_capped,
        variant=route.variant,
        arm=draft.arm,
    )


def _batch(
    draft: DraftBatch, meta: BatchMeta, *, links: int, code_of: CodeOf, token_of: TokenOf
) -> Batch:
    # Receipts and clicks have room for 22 days only.
    began = meta.began

    def filled(text: str, *, ordinal: int) -> str:
        text = fill(text, links, code_of=lambda link: code_of(meta.number, ordinal, link))
        return fill_token(text, token_of=lambda: token_of(meta.number, ordinal, began))

    recipients = tuple(
        _kept_back(message)
        if meta.shadow
        else _recipient(message, partial(filled, ordinal=ordinal))
        for ordinal, message in enumerate(draft.messages)
    )
    state = BatchState.fresh((message.send for message in draft.messages), now=began)
    return Batch(meta=meta, recipients=recipients, state=state)


def _kept_back(message: DraftMessage) -> Recipient:
    """Somebody who is held out; of the text that never leaves nothing is kept."""
    return Recipient(contact_id=message.person.contact_id, phone=message.person.phone, text="")


def _recipient(message: DraftMessage, filled: Callable[[str], str]) -> Recipient:
    composed = message.composed
    return Recipient(
        contact_id=message.person.contact_id,
        phone=message.person.phone,
        text=filled(composed.text),
        subject=composed.subject and filled(composed.subject),
        recent_version=0 if message.person.recent is None else message.person.recent.version,
        variables={name: filled(value) for name, value in composed.variables.items()},
    )
