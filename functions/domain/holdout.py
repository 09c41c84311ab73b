"""Who of a campaign's people gets nothing, so that it shows what the campaign brought about.

Of everybody with a profile who is found, a share is held out: by a row of seats of its own
(``domain/allotment.py``), taken in the order of a keyed hash that has nothing to do with variants.
An address is one person here: who shares a number with somebody shares the fate. Before that,
whoever is in the company's group (``GlobalGroup``) is left out of all advertising.

Somebody held out passes the same door and is composed the same text as everybody. What comes of it
is a shadow: a message that is refused from its first moment on, and beside which it is counted what
its person did.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from functions.domain.allotment import allotted, row_of
from functions.domain.ids import ContactId
from functions.domain.reason import RefusalReason

PER_UNIT = 1_000
"""Shares are counted in thousandths: 25 is 2.5 %."""
MOST = 500
PLACES = 1 << 64
T = TypeVar("T")


class Arm(StrEnum):
    """In which group of the comparison a message is; one without is of those who are sent it."""

    HELD_OUT = "held_out"
    HELD_OUT_GLOBALLY = "held_out_globally"
    ASIDE = "aside"
    """Gets the message and is not compared: a number of nobody known, or who tests for us."""


_REASONS = {
    Arm.HELD_OUT: RefusalReason.HELD_OUT,
    Arm.HELD_OUT_GLOBALLY: RefusalReason.HELD_OUT_GLOBALLY,
}


def withheld(arm: Arm | None) -> RefusalReason | None:
    """Why messages of this arm never leave; None: they do."""
    return None if arm is None else _REASONS.get(arm)


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalGroup:
    """A share of all people who get no advertising at all, the same ones in every campaign.

    Who is in it follows from the ``name`` and the contact's id: another name draws anew, a larger
    share takes in more and lets nobody go. ``version`` is that of the policy that a campaign took
    it from.
    """

    name: str
    share: int
    version: int = 0

    def has(self, place: int) -> bool:
        """Whether somebody is in it, by their place (0 to 2**64 - 1, even)."""
        return place * PER_UNIT < self.share * PLACES

    def takes(
        self,
        contact_id: ContactId | None,
        *,
        seeds: Collection[str],
        place_of: Callable[[str, ContactId], int],
    ) -> bool:
        """Whether somebody is in it; who has no profile, or tests for the company, never is."""
        if contact_id is None or contact_id in seeds:
            return False
        return self.has(place_of(self.name, contact_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdout:
    """Whom a campaign holds out: a share of its own, and the company's group as at its launch."""

    share: int = 0
    globally: GlobalGroup | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Up to where seats were given when a slice was found.

    So many ``seats`` were taken, and so many people were not held out, in the slices before and
    in this one.
    """

    seats_before: int = 0
    kept_before: int = 0
    seats: int = 0
    kept: int = 0

    @property
    def following(self) -> "Drawn":
        """Where the next slice begins."""
        return Drawn(
            seats_before=self.seats_before + self.seats, kept_before=self.kept_before + self.kept
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the draw needs to know of somebody: the address (None: none), and who is left aside."""

    address: Hashable | None
    aside: bool
    globally: bool


def arms_of(
    people: Sequence[T],
    *,
    share: int,
    first: int,
    known: Callable[[T], Known],
    rank: Callable[[T], bytes],
) -> tuple[tuple[Arm | None, ...], int]:
    """The arm of each of a slice's people, and how many seats they took from ``first`` on."""
    facts = [known(each) for each in people]
    addresses = [
        place if fact.address is None else fact.address for place, fact in enumerate(facts)
    ]
    arm_by_address: dict[Hashable, Arm | None] = {}
    for address, fact in zip(addresses, facts, strict=True):
        if fact.globally:
            arm_by_address[address] = Arm.HELD_OUT_GLOBALLY
    for address, fact in zip(addresses, facts, strict=True):
        if fact.aside:
            arm_by_address.setdefault(address, Arm.ASIDE)
    seated: dict[Hashable, T] = {}
    for address, person in zip(addresses, people, strict=True):
        if address not in arm_by_address:
            seated.setdefault(address, person)
    holders = list(seated.values())
    row = _row(share, first=first, count=len(holders))
    for address, seat in zip(seated, allotted(holders, row, rank=rank), strict=True):
        arm_by_address[address] = Arm.HELD_OUT if seat else None
    return tuple(arm_by_address[each] for each in addresses), len(holders)


def _row(share: int, *, first: int, count: int) -> tuple[int, ...]:
    """So many seats: 1 for each that is held out."""
    return row_of((PER_UNIT - share, share), first=first, count=count) if share else (0,) * count


def share_of(percent: float) -> int:
    """Thousandths of a percentage with at most one decimal."""
    return round(percent * PER_UNIT / 100)


def percent_of(share: int) -> float:
    """The percentage of thousandths."""
    return share * 100 / PER_UNIT
