"""What only the calls about a safe launch need, so that workers do without."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from functions.domain.ids import BatchNumber
from functions.storage.audit import AuditStore
from functions.storage.requests import RequestStore


@cache
def audit() -> AuditStore:
    """The access log, which also tells who approved what."""
    return AuditStore()


def bind(request_id: str, numbers: Sequence[BatchNumber], now: datetime) -> tuple[BatchNumber, ...]:
    """Bind a request to batches, once; gives those it is bound to."""
    return RequestStore().claim(request_id, numbers, now=now)
