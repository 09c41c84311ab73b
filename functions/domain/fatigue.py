"""Frequency caps: how many advertisements a person may get in which time.

A person's recent advertisements are one small row (``Recent``). Sending adds an entry on the
condition that the row is the one that was looked at, so the caps are exact however many workers
send at once, and cost nothing beyond the write that the history needs anyway.
"""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from functions.domain.channel import Channel

MAX_RULES = 20
MAX_TAGS = 3
HORIZON = timedelta(days=31)
"""The longest window of a rule; older entries are moved out of the row."""
_CHANNELS = tuple(Channel)
"""Their order is stored: append only."""
_NO_TAG = 0
_ENTRY_BYTES = 5 + 4 + 1 + 4 + 4 + 2 * MAX_TAGS
_DAY = timedelta(days=1)


class Period(StrEnum):
    """How a rule's window is measured: by the clock, or by days of the person's calendar."""

    ROLLING_HOURS = "rolling_hours"
    CALENDAR_DAYS = "calendar_days"
    CALENDAR_WEEKS = "calendar_weeks"


class Same(StrEnum):
    """What the counted messages have in common with the one that is to be sent."""

    ANYTHING = "anything"
    TEMPLATE = "template"
    SOURCE = "source"


def short_hash(text: str) -> int:
    """Thirty-two bits that stand for a template or source in a person's row."""
    return zlib.crc32(text.encode())


def tag_hash(tag: str) -> int:
    """Sixteen bits that stand for a tag; never 0."""
    return zlib.crc32(tag.encode()) % 0xFFFF + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """Places of a cap that only campaigns of this priority or a higher one may take."""

    priority: int
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """At most ``most`` advertisements in ``length`` periods, of those that match.

    ``same`` SOURCE keeps a minimum interval between messages of one campaign or journey,
    TEMPLATE keeps the same message from coming again.
    """

    name: str
    most: int
    period: Period
    length: int
    channel: Channel | None = None
    tag: str | None = None
    same: Same = Same.ANYTHING
    reserves: tuple[Reserve, ...] = ()

    def places(self, priority: int) -> int:
        """How many advertisements a campaign of this priority sees room for."""
        kept = sum(each.places for each in self.reserves if priority < each.priority)
        return max(self.most - kept, 0)

    def began(self, now: datetime, zone: ZoneInfo) -> datetime:
        """When the window that ends now began; entries at or after it count."""
        if self.period is Period.ROLLING_HOURS:
            # An entry exactly as old as the window is out of it.
            return now - timedelta(hours=self.length) + timedelta(seconds=1)
        local = now.astimezone(zone)
        if self.period is Period.CALENDAR_DAYS:
            days = self.length - 1
        else:
            days = local.weekday() + 7 * (self.length - 1)
        return _midnight(local, -days, zone)

    def leaves(self, entry: datetime, zone: ZoneInfo) -> datetime:
        """When an entry of this moment will no longer count."""
        if self.period is Period.ROLLING_HOURS:
            return entry + timedelta(hours=self.length)
        local = entry.astimezone(zone)
        if self.period is Period.CALENDAR_DAYS:
            return _midnight(local, self.length, zone)
        return _midnight(local, 7 * self.length - local.weekday(), zone)


def _midnight(local: datetime, days: int, zone: ZoneInfo) -> datetime:
    """The beginning of a day of the zone's calendar, so many days from this one."""
    return datetime.combine(local.date() + days * _DAY, time.min, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One advertisement in a person's row: which message, when, and what rules look at."""

    number: int
    at: int
    channel: Channel
    template: int
    source: int
    tags: tuple[int, ...] = ()

    @property
    def moment(self) -> datetime:
        """When it was sent."""
        return datetime.fromtimestamp(self.at, tz=UTC)

    def pack(self) -> bytes:
        """The entry as 24 bytes."""
        tags = (*self.tags, *([_NO_TAG] * MAX_TAGS))[:MAX_TAGS]
        return b"".join(
            (
                self.number.to_bytes(5, "big"),
                self.at.to_bytes(4, "big"),
                _CHANNELS.index(self.channel).to_bytes(1, "big"),
                self.template.to_bytes(4, "big"),
                self.source.to_bytes(4, "big"),
                *(tag.to_bytes(2, "big") for tag in tags),
            )
        )

    @classmethod
    def unpack(cls, packed: bytes) -> "Entry":
        """Read an entry back."""
        numbers = [int.from_bytes(packed[i : i + 2], "big") for i in range(18, _ENTRY_BYTES, 2)]
        return cls(
            number=int.from_bytes(packed[0:5], "big"),
            at=int.from_bytes(packed[5:9], "big"),
            channel=_CHANNELS[packed[9]],
            template=int.from_bytes(packed[10:14], "big"),
            source=int.from_bytes(packed[14:18], "big"),
            tags=tuple(number for number in numbers if number != _NO_TAG),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """A person's recent advertisements, oldest first, and the version of the row (0: none)."""

    entries: tuple[Entry, ...] = ()
    version: int = 0

    def pack(self) -> bytes:
        """The entries as bytes, for storage."""
        return b"".join(entry.pack() for entry in self.entries)

    @classmethod
    def unpack(cls, packed: bytes, *, version: int) -> "Recent":
        """Read the entries back."""
        starts = range(0, len(packed), _ENTRY_BYTES)
        entries = tuple(Entry.unpack(packed[i : i + _ENTRY_BYTES]) for i in starts)
        return cls(entries=entries, version=version)

    def without(self, number: int) -> "Recent":
        """The row without this message's entry."""
        return replace(self, entries=tuple(e for e in self.entries if e.number != number))

    def has(self, number: int) -> bool:
        """Whether this message has its entry already."""
        return any(entry.number == number for entry in self.entries)

    def with_entry(self, entry: Entry) -> "Recent":
        """The row after sending one more; its version is the next."""
        entries = tuple(sorted((*self.entries, entry), key=lambda each: each.at))
        return replace(self, entries=entries, version=self.version + 1)

    def split(self, *, now: datetime) -> tuple["Recent", tuple[int, ...]]:
        """The row without what no rule looks at any more, and the numbers of those messages."""
        horizon = int((now - HORIZON).timestamp())
        old = tuple(entry.number for entry in self.entries if entry.at < horizon)
        kept = tuple(entry for entry in self.entries if entry.at >= horizon)
        return replace(self, entries=kept), old


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What rules look at of the advertisement that is to be sent."""

    channel: Channel
    template: int
    source: int
    priority: int
    tags: tuple[str, ...] = ()
    tag_hashes: tuple[int, ...] = field(default=())

    def entry(self, number: int, *, now: datetime) -> Entry:
        """The entry that sending it now adds."""
        return Entry(
            number=number,
            at=int(now.timestamp()),
            channel=self.channel,
            template=self.template,
            source=self.source,
            tags=self.tag_hashes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Capped:
    """A cap that is reached: which one, how many counted, and when there is room again.

    ``until`` is None where there never will be: the cap, or what reserves leave of it, is nought.
    """

    cap: Cap
    counted: int
    until: datetime | None


def capped(
    entries: Sequence[Entry],
    caps: Iterable[Cap],
    offer: Offer,
    *,
    own: int | None,
    now: datetime,
    zone: ZoneInfo,
) -> Capped | None:
    """Say which cap keeps the offer back the longest; None when there is room in all.

    ``own`` is the message's own number: its entry, made by an earlier attempt, does not count.
    """
    found: Capped | None = None
    for cap in caps:
        reached = _reached(entries, cap, offer, own=own, now=now, zone=zone)
        if reached is not None and (found is None or _later(reached, found)):
            found = reached
    return found


def _later(one: Capped, other: Capped) -> bool:
    if other.until is None:
        return False
    return one.until is None or one.until > other.until


def _reached(
    entries: Sequence[Entry],
    cap: Cap,
    offer: Offer,
    *,
    own: int | None,
    now: datetime,
    zone: ZoneInfo,
) -> Capped | None:
    if not _concerns(cap, offer):
        return None
    began_s = cap.began(now, zone).timestamp()
    counted = [
        entry.at
        for entry in entries
        # The clock of another worker may be ahead: what lies in the future counts as well.
        if entry.at >= began_s and entry.number != own and _matches(entry, cap, offer)
    ]
    places = cap.places(offer.priority)
    if len(counted) < places:
        return None
    if places == 0:
        return Capped(cap=cap, counted=len(counted), until=None)
    # Room comes when so many have left the window that fewer than ``places`` remain.
    leaver = sorted(counted)[len(counted) - places]
    until = cap.leaves(datetime.fromtimestamp(leaver, tz=UTC), zone)
    return Capped(cap=cap, counted=len(counted), until=until)


def _concerns(cap: Cap, offer: Offer) -> bool:
    return cap.channel in (None, offer.channel) and (cap.tag is None or cap.tag in offer.tags)


def _matches(entry: Entry, cap: Cap, offer: Offer) -> bool:
    if cap.channel not in (None, entry.channel):
        return False
    if cap.tag is not None and tag_hash(cap.tag) not in entry.tags:
        return False
    if cap.same is Same.TEMPLATE:
        return entry.template == offer.template
    return cap.same is Same.ANYTHING or entry.source == offer.source
