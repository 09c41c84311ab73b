"""A person's goal events as bytes."""

import json
import zlib
from collections.abc import Sequence
from typing import Any

from functions.domain.attribution import GoalEvent, Touch
from functions.domain.ids import BatchNumber, MessageNumber


def log_to_bytes(events: Sequence[GoalEvent]) -> bytes:
    """Write events with their touches, compressed."""
    rows = [
        [
            each.key,
            each.name,
            each.at,
            each.minor,
            int(each.from_page),
            each.look,
            [list(touch) for touch in each.touches],
            [number.packed for number in each.left],
            *([[number.packed for number in each.untouched]] if each.untouched else []),
        ]
        for each in events
    ]
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode())


def log_from_bytes(packed: bytes | None) -> tuple[GoalEvent, ...]:
    """Read them back; nothing gives none."""
    rows: list[Any] = json.loads(zlib.decompress(packed)) if packed else []
    return tuple(
        GoalEvent(
            key=key,
            name=name,
            at=at,
            minor=minor,
            from_page=bool(from_page),
            look=look,
            touches=tuple(Touch(at, BatchNumber(batch), place) for at, batch, place in touches),
            left=tuple(MessageNumber.unpack(each) for each in left),
            # Only where a campaign holds people out.
            untouched=tuple(MessageNumber.unpack(each) for each in untouched[0])
            if untouched
            else (),
        )
        for key, name, at, minor, from_page, look, touches, left, *untouched in rows
    )
