"""Batches as reports read them: the rows of hundreds of batches at once.

A report of 100,000 messages reads 1,500 rows, or 2,000 with conversions. They are read past
PynamoDB, which spends ten times the CPU on them, and 100 a request, some requests at once.
"""

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from functions.domain.breakdown import Told
from functions.domain.clicks import BatchClicks
from functions.domain.ids import MAIN_ACCOUNT, AccountName, BatchNumber
from functions.domain.message import BatchState
from functions.domain.outcome import BatchOutcomes
from functions.domain.pricing import Money
from functions.domain.reaction import Reactions
from functions.domain.standing import Standing
from functions.runtime.spread import spread
from functions.runtime.table_calls import table_calls
from functions.storage.batch_meta import meta_from_json
from functions.storage.batches import OUTCOMES, unpack_rounds
from functions.storage.wire import KEYS_A_REQUEST, get_rows, number, read_rows

_META, _STATE, _CLICKS = "META", "STATE", "CLICKS"
_KINDS = (_META, _STATE, _CLICKS)
_ATTRIBUTES = ("batch", "kind", "meta", "c", "s", "r", "w", "k", "o", "m", "g")

Row = Mapping[str, Mapping[str, Any]]


class ToldStore:
    """Reads batches for reports."""

    def read(self, numbers: Sequence[BatchNumber], *, outcomes: bool) -> list[Told]:
        """Read batches, consistently, in this order; those that are not there are left out.

        ``outcomes`` are read only where asked for. Raises Unavailable.
        """
        table_calls()
        kinds = (*_KINDS, OUTCOMES) if outcomes else _KINDS
        keys = [
            {"batch": number(batch), "kind": {"S": kind}} for batch in numbers for kind in kinds
        ]
        slices = [keys[at : at + KEYS_A_REQUEST] for at in range(0, len(keys), KEYS_A_REQUEST)]
        rows = {
            (int(row["batch"]["N"]), row["kind"]["S"]): row
            for found in spread(_rows, slices)
            for row in found
        }
        return [
            _told(batch, rows)
            for batch in numbers
            if (batch, _META) in rows and (batch, _STATE) in rows
        ]


def _rows(keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return list(get_rows("batches", keys, read_rows, attributes=_ATTRIBUTES))


def _told(batch: BatchNumber, rows: Mapping[tuple[int, str], Row]) -> Told:
    meta = meta_from_json(batch, json.loads(rows[batch, _META]["meta"]["S"]))
    clicks, outcomes = rows.get((batch, _CLICKS), {}), rows.get((batch, OUTCOMES), {})
    return Told(meta, standing_of(batch, meta.unit_price, rows[batch, _STATE], clicks, outcomes))


def standing_of(
    batch: BatchNumber, unit_price: Money, state: Row, clicks: Row, outcomes: Row
) -> Standing:
    """Read how a batch stands from its rows; those that it may lack are empty."""
    unpacked = BatchState(
        created=int(state["c"]["N"]),
        slots=_bytes(state, "s"),
        rounds=unpack_rounds(_bytes(state, "r")),
        account=AccountName(state["w"]["S"]) if "w" in state else MAIN_ACCOUNT,
    )
    return Standing(
        number=batch,
        state=unpacked,
        clicks=_clicks(clicks, len(unpacked)),
        unit_price=unit_price,
        reactions=Reactions(_bytes(clicks, "o"), _bytes(clicks, "m")),
        outcomes=BatchOutcomes.unpack(_bytes(outcomes, "g")),
    )


def _clicks(row: Row, size: int) -> BatchClicks:
    if not row:
        return BatchClicks.none(size)
    return BatchClicks.unpack(_bytes(row, "s"), size, links=_bytes(row, "k"))


def _bytes(row: Row, name: str) -> bytes:
    return b64decode(row[name]["B"]) if name in row else b""
