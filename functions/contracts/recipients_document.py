"""Recipients as JSON: in a campaign's row, and in a simulation's job."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.domain.recipients import Pin, Recipients, Source, SourceKind


def recipients_to_json(recipients: Recipients) -> dict[str, Any]:
    """Write both lists."""
    return {
        "include": [_from_source(each) for each in recipients.include],
        "exclude": [_from_source(each) for each in recipients.exclude],
    }


def recipients_from_json(document: Mapping[str, Any]) -> Recipients:
    """Read both lists."""
    return Recipients(
        include=tuple(_to_source(*each) for each in document["include"]),
        exclude=tuple(_to_source(*each) for each in document["exclude"]),
    )


def _from_source(source: Source) -> list[Any]:
    pin = None if source.pin is None else [source.pin.run_id, source.pin.shards]
    return [str(source.kind), source.name, pin]


def _to_source(kind: str, name: str, pin: Sequence[Any] | None) -> Source:
    used = None if pin is None else Pin(run_id=pin[0], shards=pin[1])
    return Source(kind=SourceKind(kind), name=name, pin=used)
