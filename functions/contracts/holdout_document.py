"""Whom a campaign holds out, and how seats were drawn for it, as JSON in its rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.domain.holdout import Drawn, GlobalGroup, Holdout

Json = dict[str, Any]


def holdout_to_json(holdout: Holdout | None) -> Json | None:
    """Write it; None where nobody is held out."""
    if holdout is None:
        return None
    return {"share": holdout.share, "globally": _from_group(holdout.globally)}


def holdout_from_json(document: Mapping[str, Any] | None) -> Holdout | None:
    """Read it back; a campaign from before there was any holds nobody out."""
    if document is None:
        return None
    return Holdout(share=document["share"], globally=_to_group(document["globally"]))


def _from_group(group: GlobalGroup | None) -> list[Any] | None:
    return None if group is None else [group.name, group.share, group.version]


def _to_group(row: Sequence[Any] | None) -> GlobalGroup | None:
    return None if row is None else GlobalGroup(name=row[0], share=row[1], version=row[2])


def drawn_to_json(drawn: Drawn | None) -> list[int] | None:
    """Write up to where seats were given; None where none are."""
    if drawn is None:
        return None
    return [drawn.seats_before, drawn.kept_before, drawn.seats, drawn.kept]


def drawn_from_json(row: Sequence[int] | None) -> Drawn | None:
    """Read it back."""
    if row is None:
        return None
    seats_before, kept_before, seats, kept = row
    return Drawn(seats_before=seats_before, kept_before=kept_before, seats=seats, kept=kept)
