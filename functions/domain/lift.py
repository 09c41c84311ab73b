"""What a campaign brought about: those who were to get it against those who were held out.

By intention: everybody counts in the group that chance put them in, whether or not their message
left, arrived or was opened. An event counts that came in the goal's window after the message began,
whichever message it is put down to. So nothing that happens after the draw can make the groups
differ but the campaign itself.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from functions.domain.breakdown import Told
from functions.domain.difference import Estimate, Sums, of_means, of_shares
from functions.domain.holdout import Arm
from functions.domain.interval import Share, share_of
from functions.domain.outcome import BatchOutcomes

LEAST_PEOPLE = 30
"""In each group: of fewer nothing is said."""
LEAST_BUYERS = 20
"""Who converted, in each group: of fewer nothing is said about revenue. A few large orders decide
there, and the interval would be right less often than it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People of an arm: how many did what the goal asks for, and of what value, in minor units.

    ``squares`` sums the squares of what each person brought in.
    """

    people: int = 0
    converted: int = 0
    minor: int = 0
    squares: int = 0

    def __add__(self, other: "Group") -> "Group":
        return Group(
            people=self.people + other.people,
            converted=self.converted + other.converted,
            minor=self.minor + other.minor,
            squares=self.squares + other.squares,
        )

    @property
    def rate(self) -> Share | None:
        """Which part converted."""
        return share_of(self.converted, self.people)

    @property
    def each(self) -> float | None:
        """What each person brought in on average."""
        return self.minor / self.people if self.people else None

    @property
    def sums(self) -> Sums:
        """Of what people brought in."""
        return Sums(count=self.people, total=self.minor, squares=self.squares)


def groups_of(batches: Iterable[Told], *, window: timedelta | None) -> dict[Arm | None, Group]:
    """Count the arms of a campaign whose goal has this window; without one only people."""
    found: defaultdict[Arm | None, Group] = defaultdict(Group)
    for meta, standing in batches:
        found[meta.arm] += group_of(len(standing.state), standing.outcomes, window=window)
    return dict(found)


def group_of(people: int, outcomes: BatchOutcomes, *, window: timedelta | None) -> Group:
    """Count the people of a batch."""
    if window is None:
        return Group(people=people)
    within_s = int(window.total_seconds())
    minor_by_ordinal: defaultdict[int, int] = defaultdict(int)
    for credit in outcomes.credits:
        if credit.happened and credit.elapsed_s < within_s:
            minor_by_ordinal[credit.ordinal] += credit.minor
    return Group(
        people=people,
        converted=len(minor_by_ordinal),
        minor=sum(minor_by_ordinal.values()),
        squares=sum(each * each for each in minor_by_ordinal.values()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How much more there is of something, for each person and for all who were to get it.

    ``relative`` is in units of what the others did; None where they did nothing.
    """

    each: Estimate
    relative: float | None
    all: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """What came about; None where the groups are too small to say.

    ``roi`` is the revenue that came about beyond the cost, in units of the cost; None also without
    any cost.
    """

    conversion: Change | None = None
    revenue: Change | None = None
    roi: Estimate | None = None


def lift_of(treated: Group, base: Group, *, cost: int) -> Lift:
    """Compare those who were to get it, which cost so much in all, with those held out."""
    revenue = _revenue(treated, base)
    return Lift(
        conversion=_conversion(treated, base),
        revenue=revenue,
        roi=revenue.all.beyond(cost) if revenue is not None and cost > 0 else None,
    )


def _conversion(treated: Group, base: Group) -> Change | None:
    if min(treated.people, base.people) < LEAST_PEOPLE:
        return None
    found = of_shares(treated.converted, treated.people, base.converted, base.people)
    return _change(found, base.converted / base.people, treated.people)


def _revenue(treated: Group, base: Group) -> Change | None:
    if min(treated.converted, base.converted) < LEAST_BUYERS:
        return None
    return _change(of_means(treated.sums, base.sums), base.minor / base.people, treated.people)


def _change(found: Estimate | None, usual: float, people: int) -> Change | None:
    if found is None:
        return None
    relative = found.seen / usual if usual > 0 else None
    return Change(each=found, relative=relative, all=found.times(people))
