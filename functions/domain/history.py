"""Which messages of a campaign went to whom, noted for many people at once.

A note for each person would cost a write for each message. The notes of a part of a campaign are
grouped into pages instead, by the person's mark: reading somebody's history reads the pages of one
bucket and picks the person's entries. A mark is a keyed hash, so a page names nobody.

A mark has 96 bits: two of a hundred million people share one with a chance of 1 in 10 ** 13.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from struct import Struct
from typing import NewType

from functions.domain.ids import BatchNumber, CampaignId, ContactId, MessageNumber

Mark = NewType("Mark", bytes)
_MARK_BYTES = 12
_ENTRY = Struct(f">{_MARK_BYTES - 1}sIB")
"""What the bucket does not say of the mark, batch, ordinal."""


def mark_of(contact_id: ContactId, key: bytes) -> Mark:
    """The hash that stands for a person; ``key`` is secret, at most 64 bytes."""
    return Mark(blake2b(contact_id.encode(), key=key, digest_size=_MARK_BYTES).digest())


def bucket_of(mark: Mark) -> int:
    """Which of the 256 buckets a person's entries are in."""
    return mark[0]


def month_of(moment: datetime) -> str:
    """The month (of UTC, ``yyyymm``) in which a message stands in histories."""
    return moment.astimezone(UTC).strftime("%Y%m")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageName:
    """Names the pages of a part; their order is that of the months."""

    month: str
    campaign_id: CampaignId
    part: str

    def __str__(self) -> str:
        return f"{self.month}#{self.campaign_id}#{self.part}"


def month_in(name: str) -> str:
    """The month that the name of a page begins with."""
    return name.partition("#")[0]


def pages(notes: Iterable[tuple[Mark, MessageNumber]]) -> Mapping[int, bytes]:
    """Write notes down; pages by bucket. The same notes make the same pages."""
    found: defaultdict[int, bytearray] = defaultdict(bytearray)
    for mark, number in notes:
        found[bucket_of(mark)] += _ENTRY.pack(mark[1:], number.batch, number.ordinal)
    return {bucket: bytes(page) for bucket, page in found.items()}


def numbers_in(page: bytes, mark: Mark) -> Iterator[MessageNumber]:
    """A person's messages on a page of their bucket."""
    for place in _places(page, mark):
        _, batch, ordinal = _ENTRY.unpack_from(page, place)
        yield MessageNumber(batch=BatchNumber(batch), ordinal=ordinal)


def without(page: bytes, mark: Mark) -> bytes:
    """The page without a person's entries."""
    left = bytearray(page)
    for place in reversed(tuple(_places(page, mark))):
        del left[place : place + _ENTRY.size]
    return bytes(left)


def _places(page: bytes, mark: Mark) -> Iterator[int]:
    wanted = mark[1:]
    place = page.find(wanted)
    while place >= 0:
        if place % _ENTRY.size == 0:
            yield place
        place = page.find(wanted, place + 1)
