"""Coupons: pools of codes, each handed to one person, one to each person of a pool.

A pool is two logs that only grow. The codes are numbered from 0 as they are added; the grants say,
in the same order, whose the next numbers are. A grant begins where the one before it ended, and
whoever writes one has read all before it; so no number is granted twice, and nobody is granted
two, whatever dies, is repeated or races.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from functions.domain.ids import AddressHash, CampaignId, ContactId, CouponPoolId
from functions.domain.pricing import Money

Holder = NewType("Holder", str)
"""Whose a code is: a known contact, or a number that belongs to nobody known."""
NOBODY = Holder("")
"""Stands where somebody was who was erased."""
MAX_CODES = 1_000_000
"""Codes of one pool."""
MAX_CHUNK = 1_000
"""Codes of one row: with 64 characters each, far below the 400 KB of an item."""
MAX_GRANT = 2_000
"""People of one grant, for the same reason."""
_FAR = 5_000
"""Numbers that lie so far apart are read by themselves."""
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{3,63}")
_CONTACT = "id:"


@dataclass(frozen=True, slots=True, kw_only=True)
class CouponPool:
    """A pool's definition.

    From ``expires`` on no code is handed out and none is redeemed. ``worth`` is what a code gives,
    for people to read. ``event`` is what a redemption is called among a person's events; when
    fewer than ``warn_below`` codes are left, the pool is said to run low.
    """

    pool_id: CouponPoolId
    name: str
    created: datetime
    event: str
    expires: datetime | None = None
    worth: Money | None = None
    warn_below: int = 0

    def expired(self, moment: datetime) -> bool:
        """Whether its codes are worth nothing any more at a moment."""
        return self.expires is not None and moment >= self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Codes that were added together, in order; the first has the number ``first``."""

    first: int
    codes: tuple[str, ...] = field(repr=False)

    @property
    def end(self) -> int:
        """The number of the next chunk's first code."""
        return self.first + len(self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Who has the codes from number ``first`` on, and for which campaign's part they got them."""

    first: int
    campaign_id: CampaignId
    part: str
    at: datetime
    holders: tuple[Holder, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """A code that was used: when, when we were told, for which order of what value."""

    number: int
    at: datetime
    told: datetime
    order: str | None = None
    minor: int = 0


@dataclass(slots=True)
class Granted:
    """A pool's grants as far as they were read. ``taken`` is the next number to be granted."""

    number_by_holder: dict[Holder, int] = field(default_factory=dict, repr=False)
    taken: int = 0

    def add(self, grants: Iterable[Grant]) -> None:
        """Read on. Raises ValueError when a grant is missing in between."""
        for grant in grants:
            if grant.first != self.taken:
                msg = f"a grant at {self.taken} is missing"
                raise ValueError(msg)
            numbers = range(grant.first, grant.first + len(grant.holders))
            self.number_by_holder |= zip(grant.holders, numbers, strict=True)
            self.taken += len(grant.holders)

    def lacking(self, holders: Sequence[Holder]) -> tuple[Holder, ...]:
        """Those who have no code yet, in order, each once."""
        known = self.number_by_holder
        return tuple(each for each in dict.fromkeys(holders) if each not in known)

    def next_grant(self, holders: Sequence[Holder], *, added: int) -> tuple[Holder, ...]:
        """Those who get the next codes, of a pool with so many in all: the first that lack one."""
        return self.lacking(holders)[: min(max(added - self.taken, 0), MAX_GRANT)]


def holder_of_contact(contact_id: ContactId) -> Holder:
    """A known contact as holder."""
    return Holder(_CONTACT + contact_id)


def holder_of_address(hashed: AddressHash) -> Holder:
    """The owner of a number that belongs to nobody known."""
    return Holder("tel:" + hashed)


def contact_of(holder: Holder) -> ContactId | None:
    """Which contact a holder is; None for others."""
    if not holder.startswith(_CONTACT):
        return None
    return ContactId(holder.removeprefix(_CONTACT))


def is_code(text: str) -> bool:
    """Whether a text can be a code.

    >>> [is_code(each) for each in ("SPRING-7F3K", "abc", "A B C D", "-ABC")]
    [True, False, False, False]
    """
    return _CODE.fullmatch(text) is not None


def spans(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last of the numbers that lie close enough to be read together.

    >>> list(spans([7, 3, 900_000, 900_001]))
    [(3, 7), (900000, 900001)]
    """
    first = last = None
    for number in sorted(numbers):
        if first is None or last is None:
            first = number
        elif number - last > _FAR:
            yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last
