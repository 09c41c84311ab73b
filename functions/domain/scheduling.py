"""A plan whose messages wait for a moment."""

from dataclasses import replace
from datetime import datetime

from functions.domain.message import Send
from functions.domain.planning import Plan
from functions.domain.reason import HoldReason


def scheduled(drafted: Plan, *, start_at: datetime) -> Plan:
    """Hold every batch that would start at once until ``start_at``."""
    held = Send.held(HoldReason.SCHEDULED)
    batches = tuple(
        batch
        if batch.start_at is not None
        else replace(
            batch,
            start_at=start_at,
            messages=tuple(replace(message, send=held) for message in batch.messages),
        )
        for batch in drafted.batches
    )
    return replace(drafted, batches=batches)
