"""Puts the receipts feature together."""

import hmac
from functools import cache

from functions.channels.registry import PROVIDERS, callback_reader
from functions.receipts.service import ReceiptDeps
from functions.runtime.aws import derived_token
from functions.storage.batches import BatchStore


@cache
def deps() -> ReceiptDeps:
    """What merging needs."""
    return ReceiptDeps(batches=BatchStore(), reader=callback_reader)


def providers() -> tuple[str, ...]:
    """Providers that may call back."""
    return PROVIDERS


def webhook_token(provider: str) -> str:
    """The secret part of the path that a provider calls."""
    return derived_token("webhook/" + provider)


def knows_token(provider: str, token: str) -> bool:
    """Whether the path's secret part is that provider's."""
    return provider in PROVIDERS and hmac.compare_digest(
        webhook_token(provider).encode(), token.encode()
    )
