"""Live membership: in which audiences a person is, since when, and which they left."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.domain.ids import AudienceId

LEFT_KEPT_FOR = timedelta(days=30)
"""So long it is remembered that somebody left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A person's stay in an audience of ``version``; ``left`` is None while it lasts."""

    version: int
    since: datetime
    left: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether the person is in an audience as it was defined in ``version``."""

    version: int
    inside: bool


Stays = Mapping[AudienceId, Stay]


@dataclass(frozen=True, slots=True, kw_only=True)
class StayRow:
    """The stays of a person as they were read; version 0 when there is no row."""

    stays: Stays
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The stays after a look, and what changed by it."""

    stays: Stays
    entered: tuple[AudienceId, ...] = ()
    left: tuple[AudienceId, ...] = ()


def move(stays: Stays, verdicts: Mapping[AudienceId, Verdict], *, now: datetime) -> Moved:
    """Hold the stays against what is true now.

    Audiences without a verdict are live no more and are dropped; so is what was left long ago.
    A verdict on an older version than the stay's changes nothing.

    >>> inside = {AudienceId("a"): Verdict(version=1, inside=True)}
    >>> move({}, inside, now=datetime(2026, 11, 26)).entered
    ('a',)
    """
    after: dict[AudienceId, Stay] = {}
    for audience_id, verdict in verdicts.items():
        stay = _after(stays.get(audience_id), verdict, now=now)
        if stay is not None:
            after[audience_id] = stay
    was, is_now = _inside(stays), _inside(after)
    return Moved(
        stays=after,
        entered=tuple(sorted(is_now - was)),
        left=tuple(sorted((was - is_now) & verdicts.keys())),
    )


def _after(known: Stay | None, verdict: Verdict, *, now: datetime) -> Stay | None:
    if known is not None and known.version > verdict.version:
        return known
    was_inside = known is not None and known.left is None
    if known is None or (verdict.inside and not was_inside):
        return Stay(version=verdict.version, since=now) if verdict.inside else None
    if was_inside and not verdict.inside:
        return replace(known, version=verdict.version, left=now)
    if known.left is not None and now - known.left > LEFT_KEPT_FOR:
        return None
    return replace(known, version=verdict.version)


def _inside(stays: Stays) -> set[AudienceId]:
    return {audience_id for audience_id, stay in stays.items() if stay.left is None}
