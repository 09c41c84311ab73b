"""What was seen of an experiment, as JSON: in its rows, and for whoever checks it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from functions.contracts.experiment_document import canonical, sha256
from functions.domain.experiment_look import Count, Look

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """What adaptive mode knew when it planned a part, and how many people got which variant."""

    part: str
    at: datetime
    counts: Mapping[str, Count]
    people: Mapping[str, int]


def look_to_json(look: Look) -> Json:
    """Write a look: for each part it weighed, [sent, hits, guard's hits] of each variant."""
    return {
        "look": look.number,
        "at": look.at.isoformat(),
        "chain": look.chain,
        "last": look.last,
        "complete": look.complete,
        "parts": {part: _from_table(table) for part, table in sorted(look.parts.items())},
    }


def look_from_json(document: Mapping[str, Any]) -> Look:
    """Read it back."""
    return Look(
        number=document["look"],
        at=datetime.fromisoformat(document["at"]),
        chain=document["chain"],
        last=document["last"],
        complete=document["complete"],
        parts={part: _to_table(table) for part, table in document["parts"].items()},
    )


def record_of(looks: Iterable[Look]) -> str:
    """The hash of all that was seen."""
    return sha256(canonical([look_to_json(each) for each in looks]))


def draw_to_json(draw: Draw) -> Json:
    """Write what adaptive mode did."""
    return {
        "part": draw.part,
        "at": draw.at.isoformat(),
        "counts": _from_table(draw.counts),
        "people": dict(draw.people),
    }


def draw_from_json(document: Mapping[str, Any]) -> Draw:
    """Read it back."""
    return Draw(
        part=document["part"],
        at=datetime.fromisoformat(document["at"]),
        counts=_to_table(document["counts"]),
        people=document["people"],
    )


def _from_table(table: Mapping[str, Count]) -> Json:
    return {name: [each.sent, each.hits, each.guarded] for name, each in sorted(table.items())}


def _to_table(document: Mapping[str, Any]) -> dict[str, Count]:
    return {name: Count(*values) for name, values in document.items()}
