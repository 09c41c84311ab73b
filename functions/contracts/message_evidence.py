"""The evidence of one message as JSON: what the door looked at, and what became of it.

No personal data but the contact's id: no number, no name, no text.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from functions.contracts.look_document import look_to_json
from functions.domain.batch import Batch
from functions.domain.evidence import Evidence
from functions.domain.ids import MessageNumber


def evidence_of_message(batch: Batch, ordinal: int, evidence: Iterable[Evidence]) -> dict[str, Any]:
    """Write the evidence of the message of a batch at ``ordinal``."""
    meta, recipient = batch.meta, batch.recipients[ordinal]
    state = batch.state.state_of(ordinal)
    receipt = state.receipt
    return {
        "message_id": str(MessageNumber(batch=meta.number, ordinal=ordinal)),
        "contact_id": recipient.contact_id,
        "source": {"kind": meta.source.kind, "id": meta.source.source_id},
        "channel": meta.channel,
        "purpose": meta.purpose,
        "type": meta.message_type,
        "sender_id": meta.sender_id,
        "template_id": meta.template_id,
        "template_version": meta.template_version,
        "text_sha256": hashlib.sha256(recipient.text.encode()).hexdigest(),
        "status": state.status,
        "reason": state.reason,
        "sent": _iso(state.sent_at),
        "receipt": None
        if receipt is None
        else {"delivered": receipt.delivered, "reason": receipt.reason, "at": _iso(receipt.at)},
        "looks": [
            look_to_json(each.cases[ordinal], at=each.at)
            for each in evidence
            if ordinal in each.cases
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
