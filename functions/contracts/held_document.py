"""Messages by number in the body of a job: each batch, and which of its ordinals as bits."""

import json
from collections.abc import Collection, Mapping

from functions.domain.ids import BatchNumber

Chosen = Mapping[BatchNumber, Collection[int] | None]
"""Ordinals by batch; None: all of the batch."""


def chosen_to_text(chosen: Chosen) -> str:
    """Write it; 100 full batches take 7 KB."""
    return json.dumps([[number, _mask(only)] for number, only in chosen.items()])


def chosen_from_text(text: str) -> dict[BatchNumber, frozenset[int] | None]:
    """Read it back."""
    return {BatchNumber(number): _ordinals(mask) for number, mask in json.loads(text)}


def _mask(only: Collection[int] | None) -> str:
    return "" if only is None else f"{sum(1 << ordinal for ordinal in set(only)):x}"


def _ordinals(mask: str) -> frozenset[int] | None:
    if not mask:
        return None
    bits = int(mask, 16)
    return frozenset(i for i in range(bits.bit_length()) if bits >> i & 1)
