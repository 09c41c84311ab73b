"""How messages look in answers."""

from collections.abc import Iterable
from datetime import datetime

from functions.domain.batch import Batch
from functions.domain.ids import MessageNumber
from functions.runtime.http import Json


def accepted_view(request_id: str, batches: Iterable[Batch]) -> Json:
    """The messages that a request made."""
    messages = [
        _short_view(batch, ordinal) for batch in batches for ordinal in range(batch.meta.size)
    ]
    return {"request_id": request_id, "messages": messages}


def _short_view(batch: Batch, ordinal: int) -> Json:
    recipient, state = batch.recipients[ordinal], batch.state.state_of(ordinal)
    return {
        "message_id": str(MessageNumber(batch=batch.meta.number, ordinal=ordinal)),
        "contact_id": recipient.contact_id,
        "phone": None if recipient.phone is None else recipient.phone.e164,
        "status": state.status,
        "reason": state.reason,
        "type": batch.meta.message_type,
    }


def message_view(batch: Batch, ordinal: int) -> Json:
    """A message with all that is known of it."""
    meta, state = batch.meta, batch.state.state_of(ordinal)
    recipient, receipt = batch.recipients[ordinal], state.receipt
    return _short_view(batch, ordinal) | {
        "source": {"kind": meta.source.kind, "id": meta.source.source_id},
        "channel": meta.channel,
        "purpose": meta.purpose,
        "sender_id": meta.sender_id,
        "template_id": meta.template_id,
        "template_version": meta.template_version,
        "text": recipient.text,
        "subject": recipient.subject,
        "price": {"minor": meta.unit_price.minor, "currency": meta.unit_price.currency},
        "created": meta.created.isoformat(),
        "not_before": _iso(meta.not_before),
        "sent": _iso(state.sent_at),
        "reported": None if receipt is None else _iso(receipt.at),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
