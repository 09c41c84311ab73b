"""Openings of standalone links: rows that end by themselves, and what they were counted to.

A collection has what was seen of one link in one slice of time, so that a link which everybody
opens at once moves on from one to the next, and no row is ever written a second time.
"""

from collections.abc import Iterable, Iterator
from hashlib import blake2s

from functions.domain.hits import KEPT_FOR
from functions.domain.link_openings import Counted, Opened
from functions.storage.base import written
from functions.storage.link_rows import LinkItem
from functions.storage.packing import pack, unpack

_NAME_BYTES = 8


class OpeningStore:
    """Keeps openings and their counts, and gives them back."""

    def add(self, slug: str, start: int, opened: Iterable[Opened]) -> None:
        """Keep openings of a slice; adding the same again is harmless."""
        found = sorted(set(opened))
        packed = pack(found)
        LinkItem(
            _seen(slug, start),
            blake2s(packed, digest_size=_NAME_BYTES).hexdigest(),
            packed=packed,
            expires_at=found[-1].at + int(KEPT_FOR.total_seconds()),
        ).save()

    def of(self, slug: str, start: int) -> Iterator[Opened]:
        """What was seen in a slice, consistently; the same opening perhaps more than once."""
        for row in LinkItem.query(_seen(slug, start), consistent_read=True):
            yield from (Opened(*each) for each in unpack(row.packed))

    def put_count(self, slug: str, start: int, counted: Counted) -> None:
        """Keep what a slice was counted to, unless somebody has counted more in it."""
        item = LinkItem(_counts(slug), _name(start), counted=list(counted), total=counted.total)
        fewer = LinkItem.total.does_not_exist() | (LinkItem.total <= counted.total)
        written(lambda: item.save(condition=fewer))

    def counts(self, slug: str, start: int, end: int) -> dict[int, Counted]:
        """What the slices that began from ``start`` to before ``end`` were counted to."""
        names = LinkItem.name.between(_name(start), _name(end - 1))
        rows = LinkItem.query(_counts(slug), names, consistent_read=True)
        return {int(row.name): Counted(*row.counted) for row in rows}


def _seen(slug: str, start: int) -> str:
    return f"seen#{slug}#{start}"


def _counts(slug: str) -> str:
    return f"counts#{slug}"


def _name(start: int) -> str:
    return f"{max(start, 0):010d}"
