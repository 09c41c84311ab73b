"""A refresh: one look at all people, from which every audience is answered.

The people are read in ``segments`` of the table, put into ``shards`` by the hash of their id, and
each shard is asked for all audiences at once. Both numbers grow with the table, so that a larger
one means more jobs and not larger ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from functions.domain.ids import AudienceId
from functions.domain.usage import NOTHING_USED, Usage

DAILY_AT = time(0, 10)
"""Of the tenant's day: relative windows end with yesterday, and the last events of it are in."""
LATE_AFTER = timedelta(hours=2)
"""A refresh that takes longer has come to a stop, or the table outgrew the workers."""
_ITEMS_A_SEGMENT = 100_000
"""Each segment writes a file a shard: half as many rows would be twice as many S3 requests."""
_ITEMS_A_SHARD = 500_000
"""Some 100,000 people with their rows: a file that a worker of 1 GB holds with ease."""
_MOST_SEGMENTS, _MOST_SHARDS = 1_000, 1_000


class RefreshStatus(StrEnum):
    """How far a refresh has come."""

    SCANNING = "scanning"
    BUILDING = "building"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    """One refresh. ``run_id`` begins with the moment, so that later ones sort later.

    The segments of people are numbered first, those of messages behind them. ``people`` and
    ``usage`` are known when it is done.
    """

    run_id: str
    day: date
    started: datetime
    people_segments: int
    message_segments: int
    shards: int
    status: RefreshStatus = RefreshStatus.SCANNING
    people: int = 0
    usage: Usage = NOTHING_USED
    finished: datetime | None = None

    @property
    def segments(self) -> int:
        """How many segments are read."""
        return self.people_segments + self.message_segments

    def late(self, now: datetime) -> bool:
        """Whether it should have been done by now."""
        return self.status is not RefreshStatus.DONE and now >= self.started + LATE_AFTER


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentProgress:
    """How far the reading of a segment has come: what is written, and where it goes on.

    ``files`` maps a shard to its files in order; ``position`` is None before the first chunk.
    """

    segment: int
    chunks: int = 0
    position: str | None = None
    finished: bool = False
    files: Mapping[int, tuple[str, ...]]
    usage: Usage = NOTHING_USED


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Members of an audience in a shard, and how that differs from the refresh before."""

    count: int
    entered: int
    left: int

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            count=self.count + other.count,
            entered=self.entered + other.entered,
            left=self.left + other.left,
        )


NOBODY = Counts(count=0, entered=0, left=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardResult:
    """What a shard answered."""

    shard: int
    people: int
    counts: Mapping[AudienceId, Counts]
    usage: Usage = NOTHING_USED


def run_id_at(moment: datetime, nonce: str) -> str:
    """Name a refresh so that names sort by time.

    >>> from datetime import UTC
    >>> run_id_at(datetime(2026, 11, 26, 0, 10, tzinfo=UTC), "k3")
    '20261126T001000-k3'
    """
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%S}-{nonce}"


def due_day(now: datetime, *, zone: ZoneInfo) -> date | None:
    """The tenant's day whose refresh is due or past; None before ten past midnight.

    Counted by the local clock: where a night has no such time, its next minute is later.
    """
    local = now.astimezone(zone)
    return local.date() if local.time() >= DAILY_AT else None


def segments_for(items: int) -> int:
    """In how many segments to read a table of so many rows."""
    return min(1 + items // _ITEMS_A_SEGMENT, _MOST_SEGMENTS)


def shards_for(items: int) -> int:
    """Into how many shards to put its people."""
    return min(1 + items // _ITEMS_A_SHARD, _MOST_SHARDS)
