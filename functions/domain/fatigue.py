"""Frequency caps: how many advertisements a person may get in which time.

A person's recent advertisements are one small row (``Recent``). Sending adds an entry on the
condition that the row is the one that was looked at, so the caps are exact however many workers
send at once, and cost nothing beyond the write that the history needs anyway.
"""

import math
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from struct import Struct
from typing import NamedTuple
from zoneinfo import ZoneInfo

from functions.domain.channel import Channel

MAX_RULES = 20
MAX_TAGS = 3
LONGEST = timedelta(days=31)
"""The longest window of a rule."""
HORIZON = LONGEST + timedelta(days=1)
"""Older entries are moved out of the row: 31 calendar days have more hours where clocks are set."""
_CHANNELS = tuple(Channel)
"""Their order is stored: append only."""
_PLACE_OF = {channel: place for place, channel in enumerate(_CHANNELS)}
_ROOMY, _WORTH_MOVING = 32, 8
"""Entries: with more than so many the row would leave its one write unit, and moving fewer than
so many old ones to their months is not worth the writes."""
_NO_TAG = 0
_TAGS = Struct(f">{MAX_TAGS}H")
_NO_TAGS = bytes(_TAGS.size)
_PACKED = Struct(f">BIIBII{_TAGS.size}s")
"""Number (five bytes), moment, channel, template, source, tags."""
_LOW_BITS, _LOW = 32, 0xFFFF_FFFF
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
        if not self.reserves:
            return self.most
        kept = sum(each.places for each in self.reserves if priority < each.priority)
        return max(self.most - kept, 0)

    def began(self, now: datetime, zone: ZoneInfo) -> datetime:
        """When the window that ends now began; entries at or after it count.

        Entries are of whole seconds, and one exactly as old as a rolling window is out of it.
        """
        if self.period is Period.ROLLING_HOURS:
            oldest = now - timedelta(hours=self.length)
            return oldest.replace(microsecond=0) + timedelta(seconds=1)
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


class Entry(NamedTuple):
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
        return _pack_all((self,))

    @classmethod
    def unpack(cls, packed: bytes) -> "Entry":
        """Read an entry back."""
        (entry,) = cls.unpack_all(packed)
        return entry

    @classmethod
    def unpack_all(cls, packed: bytes) -> "tuple[Entry, ...]":
        """Read entries that follow each other."""
        return tuple(
            [
                cls(
                    high << _LOW_BITS | low,
                    at,
                    _CHANNELS[channel],
                    template,
                    source,
                    () if tags == _NO_TAGS else _unpack_tags(tags),
                )
                for high, low, at, channel, template, source, tags in _PACKED.iter_unpack(packed)
            ]
        )


def _pack_all(entries: Iterable[Entry]) -> bytes:
    return b"".join(
        [
            _PACKED.pack(
                number >> _LOW_BITS,
                number & _LOW,
                at,
                _PLACE_OF[channel],
                template,
                source,
                _pack_tags(tags) if tags else _NO_TAGS,
            )
            for number, at, channel, template, source, tags in entries
        ]
    )


def _pack_tags(tags: tuple[int, ...]) -> bytes:
    return _TAGS.pack(*(*tags, *(_NO_TAG,) * MAX_TAGS)[:MAX_TAGS])


def _unpack_tags(packed: bytes) -> tuple[int, ...]:
    return tuple(tag for tag in _TAGS.unpack(packed) if tag != _NO_TAG)


class Recent(NamedTuple):
    """A person's recent advertisements, oldest first, and the version of the row (0: none)."""

    entries: tuple[Entry, ...] = ()
    version: int = 0

    def pack(self) -> bytes:
        """The entries as bytes, for storage."""
        return _pack_all(self.entries)

    @classmethod
    def unpack(cls, packed: bytes, *, version: int) -> "Recent":
        """Read the entries back."""
        return cls(entries=Entry.unpack_all(packed), version=version)

    def without(self, number: int) -> "Recent":
        """The row without this message's entry."""
        return self._replace(entries=tuple(e for e in self.entries if e.number != number))

    def has(self, number: int) -> bool:
        """Whether this message has its entry already."""
        return any(entry.number == number for entry in self.entries)

    def with_entry(self, entry: Entry) -> "Recent":
        """The row after sending one more; its version is the next."""
        entries = tuple(sorted((*self.entries, entry), key=lambda each: each.at))
        return Recent(entries, self.version + 1)

    def split(self, *, now: datetime) -> tuple["Recent", tuple[int, ...]]:
        """The row without what no rule looks at any more, and the numbers of those messages."""
        horizon = int((now - HORIZON).timestamp())
        old = tuple(entry.number for entry in self.entries if entry.at < horizon)
        kept = tuple(entry for entry in self.entries if entry.at >= horizon)
        return Recent(kept, self.version), old

    def crowded(self, *, now: datetime) -> bool:
        """Whether it is time to move what no rule looks at any more."""
        if len(self.entries) <= _ROOMY:
            return False
        _, old = self.split(now=now)
        return len(old) >= _WORTH_MOVING


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
        """The entry that sending it now adds. A begun second counts to its end, not less."""
        at = math.ceil(now.timestamp())
        return Entry(number, at, self.channel, self.template, self.source, self.tag_hashes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capped:
    """A cap that is reached: which one, how many counted, and when there is room again.

    ``until`` is None where there never will be: the cap, or what reserves leave of it, is nought.
    """

    cap: Cap
    counted: int
    until: datetime | None


class Span(NamedTuple):
    """A cap that concerns an offer: from when on entries count, and how many it has room for."""

    cap: Cap
    began_s: float
    places: int


def spans_of(
    caps: Iterable[Cap], offer: Offer, *, now: datetime, zone: ZoneInfo
) -> tuple[Span, ...]:
    """What the caps look at now: the same for everyone of a send in a zone."""
    return tuple(
        Span(cap, cap.began(now, zone).timestamp(), cap.places(offer.priority))
        for cap in caps
        if _concerns(cap, offer)
    )


def capped(
    entries: Sequence[Entry],
    spans: Iterable[Span],
    offer: Offer,
    *,
    own: int | None,
    zone: ZoneInfo,
) -> Capped | None:
    """Say which cap keeps the offer back the longest; None when there is room in all.

    ``own`` is the message's own number: its entry, made by an earlier attempt, does not count.
    """
    found: Capped | None = None
    for span in spans:
        reached = _reached(entries, span, offer, own, zone)
        if reached is not None and (found is None or _later(reached, found)):
            found = reached
    return found


def counting(recent: Recent, spans: Sequence[Span], offer: Offer) -> Recent:
    """The row with only those entries that count for some cap; the caps decide on it alike."""
    counted = tuple([entry for entry in recent.entries if _counts(entry, spans, offer)])
    return recent if len(counted) == len(recent.entries) else Recent(counted, recent.version)


def _counts(entry: Entry, spans: Iterable[Span], offer: Offer) -> bool:
    at = entry.at
    for cap, began_s, _ in spans:  # noqa: SIM110  # any() takes twice as long
        if at >= began_s and _matches(entry, cap, offer):
            return True
    return False


def _later(one: Capped, other: Capped) -> bool:
    if other.until is None:
        return False
    return one.until is None or one.until > other.until


def _reached(
    entries: Sequence[Entry], span: Span, offer: Offer, own: int | None, zone: ZoneInfo
) -> Capped | None:
    cap, began_s, places = span
    if len(entries) < places:
        return None
    counted = [
        entry.at
        for entry in entries
        # The clock of another worker may be ahead: what lies in the future counts as well.
        if entry.at >= began_s and entry.number != own and _matches(entry, cap, offer)
    ]
    if len(counted) < places:
        return None
    if places == 0:
        return Capped(cap=cap, counted=len(counted), until=None)
    # Room comes when so many have left the window that fewer than ``places`` remain.
    leaver = sorted(counted)[len(counted) - places]
    until = cap.leaves(datetime.fromtimestamp(leaver, tz=UTC), zone)
    return Capped(cap=cap, counted=len(counted), until=until)


def _concerns(cap: Cap, offer: Offer) -> bool:
    channel, tag = cap.channel, cap.tag
    return (channel is None or channel is offer.channel) and (tag is None or tag in offer.tags)


def _matches(entry: Entry, cap: Cap, offer: Offer) -> bool:
    if cap.channel is not None and cap.channel is not entry.channel:
        return False
    if cap.tag is not None and tag_hash(cap.tag) not in entry.tags:
        return False
    if cap.same is Same.TEMPLATE:
        return entry.template == offer.template
    return cap.same is Same.ANYTHING or entry.source == offer.source
