"""Puts the receipts feature together."""

import hmac
from collections.abc import Mapping, Sequence
from functools import cache

from functions.channels.registry import (
    HEARING,
    PROVIDERS,
    SIGNATURE_HEADERS,
    callback_reader,
)
from functions.contracts.queues import OptOutReceived, Queue
from functions.receipts.service import ReceiptDeps
from functions.runtime import queues
from functions.runtime.aws import derived_token
from functions.storage.announcing import AnnouncingBatches, collect, tell_collected
from functions.storage.triggers import follow_batch_at_once


@cache
def deps() -> ReceiptDeps:
    """What merging needs."""
    return ReceiptDeps(
        batches=AnnouncingBatches(collect),
        reader=callback_reader,
        opted_out=_opted_out,
        followed=follow_batch_at_once,
    )


def _opted_out(jobs: Sequence[OptOutReceived]) -> None:
    queues.send(jobs, to=Queue.OPTOUTS)


def finish() -> None:
    """Have webhooks told of the batches that reports were merged into. Raises Unavailable."""
    tell_collected()


def providers() -> tuple[str, ...]:
    """Providers that may call back."""
    return PROVIDERS


def webhook_token(provider: str) -> str:
    """The secret part of the path that a provider calls."""
    return derived_token("webhook/" + provider)


def signatures() -> dict[str, str]:
    """What to enter as signature where a provider sends one with each call."""
    return {each: derived_token("webhook-signature/" + each) for each in SIGNATURE_HEADERS}


def knows(provider: str, token: str, *, headers: Mapping[str, str]) -> bool:
    """Whether the path's secret part is that provider's, and its signature where it sends one."""
    if provider not in PROVIDERS or not _same(webhook_token(provider), token):
        return False
    header = SIGNATURE_HEADERS.get(provider)
    return header is None or _same(signatures()[provider], headers.get(header, ""))


def _same(ours: str, theirs: str) -> bool:
    return hmac.compare_digest(ours.encode(), theirs.encode())


def hears(provider: str) -> bool:
    """Whether its callbacks tell what people said, and not what became of messages."""
    return provider in HEARING
