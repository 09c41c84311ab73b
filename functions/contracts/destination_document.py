"""Where a template's links lead, as the template's row keeps it and the redirect reads it."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from functions.domain.destination import Destination, Replaced

Utm = Mapping[str, str]


def destinations_to_text(destinations: Sequence[Destination], utm: Utm) -> str:
    """Write them as compact JSON, in the order of the links."""
    document = {"to": [destination_to_json(each) for each in destinations], "utm": dict(utm)}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def destinations_from_text(text: str) -> tuple[tuple[Destination, ...], Utm]:
    """Read what ``destinations_to_text`` wrote."""
    document = json.loads(text)
    return tuple(destination_from_json(each) for each in document["to"]), document["utm"]


def destination_to_json(destination: Destination) -> list[object]:
    """Write one as a list; the moment is epoch seconds."""
    until = None if destination.until is None else int(destination.until.timestamp())
    return [destination.url, destination.ios, destination.android, until]


def destination_from_json(stored: Sequence[object]) -> Destination:
    """Read what ``destination_to_json`` wrote. Raises ValueError when it is something else."""
    match stored:
        case [str(url), str() | None as ios, str() | None as android, int() | None as until]:
            ends = None if until is None else datetime.fromtimestamp(until, tz=UTC)
            return Destination(url=url, ios=ios, android=android, until=ends)
        case _:
            msg = "this is no destination"
            raise ValueError(msg)


def replaced_to_json(replaced: Replaced) -> list[object]:
    """Write an earlier destination as a list."""
    at = int(replaced.at.timestamp())
    return [replaced.place, destination_to_json(replaced.destination), at, replaced.key_id]


def replaced_from_json(stored: Sequence[Any]) -> Replaced:
    """Read what ``replaced_to_json`` wrote."""
    place, destination, at, key_id = stored
    return Replaced(
        place=place,
        destination=destination_from_json(destination),
        at=datetime.fromtimestamp(at, tz=UTC),
        key_id=key_id,
    )
