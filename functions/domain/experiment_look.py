"""What a look at an experiment counts, and what is decided from all looks.

A part of the campaign is weighed once: at the first look at which nine tenths of each variant's
messages of it are final, or at the last look. So what a look says never changes, and the decision
follows from the looks alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, log

from functions.domain.clicks import Visitor
from functions.domain.experiment import Criteria, Experiment, Inconclusive, Metric, Rule
from functions.domain.message import MessageState, is_open
from functions.domain.odds_process import Block, log_e
from functions.domain.reaction import Reaction
from functions.domain.standing import Standing

LARGEST_OPEN_PERCENT = 10
"""A part is final when no more of each variant's messages are not."""


@dataclass(frozen=True, slots=True)
class Count:
    """Messages of a variant that were sent and whose window is over; hits, and hits of the guard.

    ``open`` are those that may still be sent, or whose window is not over.
    """

    sent: int = 0
    hits: int = 0
    guarded: int = 0
    open: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(
            self.sent + other.sent,
            self.hits + other.hits,
            self.guarded + other.guarded,
            self.open + other.open,
        )

    @property
    def rate(self) -> float:
        """Hits per message."""
        return self.hits / self.sent if self.sent else 0.0

    @property
    def is_final(self) -> bool:
        """Whether it says enough."""
        return self.open * 100 <= LARGEST_OPEN_PERCENT * (self.open + self.sent)


Table = Mapping[str, Count]
"""The count of each variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found: the parts that it weighed.

    ``chain`` is the chain of jobs that made it. It is ``last`` when the deadline is over, and
    ``complete`` when nobody is left to be weighed.
    """

    number: int
    at: datetime
    chain: int
    parts: Mapping[str, Table]
    last: bool = False
    complete: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """How an experiment stands after some looks.

    ``p_value`` may be read after every look. It is for "the leader is better than all others", and
    counts that each of the variants might have been in its place.
    """

    totals: Mapping[str, Count]
    leader: str
    p_value: float
    barred: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why it is over, and with what."""

    rule: Rule
    winner: str | None
    chosen: str | None


def count(standing: Standing, criteria: Criteria, *, at: datetime) -> Count:
    """Count a batch as it is at a moment."""
    total = Count()
    # Clicks and events are timed from then, also where the batch was planned long before.
    began = datetime.fromtimestamp(standing.state.created, tz=UTC)
    for ordinal in range(len(standing.state)):
        state = standing.state.state_of(ordinal)
        if state.sent_at is None:
            total += Count(open=int(is_open(state.status, state.reason)))
        elif state.sent_at + criteria.window + criteria.grace > at:
            total += Count(open=1)
        else:
            until = state.sent_at + criteria.window
            hit = _happened(criteria.metric, standing, ordinal, state, began=began, until=until)
            guarded = criteria.guard is not None and _happened(
                criteria.guard, standing, ordinal, state, began=began, until=until
            )
            total += Count(sent=1, hits=int(hit), guarded=int(guarded))
    return total


def _happened(  # facts of one message
    metric: Metric,
    standing: Standing,
    ordinal: int,
    state: MessageState,
    *,
    began: datetime,
    until: datetime,
) -> bool:
    match metric:
        case Metric.CLICKED:
            elapsed_s = standing.clicks.first(ordinal, Visitor.HUMAN)
            return elapsed_s is not None and began + timedelta(seconds=elapsed_s) <= until
        case Metric.DELIVERED:
            receipt = state.receipt
            return receipt is not None and receipt.delivered and receipt.at <= until
        case Metric.CONVERTED:
            elapsed_s = standing.outcomes.converted(ordinal)
            return elapsed_s is not None and began + timedelta(seconds=elapsed_s) <= until
        case Metric.OPTED_OUT:
            # When that was is not kept: what is known when the part is weighed counts.
            return standing.reactions.has(ordinal, Reaction.OPTED_OUT)


def weighed(table: Table, names: Sequence[str], *, last: bool) -> Table | None:
    """A part as it counts for ever; None where it is too early. What is open then never counts."""
    counts = {name: table.get(name, Count()) for name in names}
    if not last and not all(each.is_final for each in counts.values()):
        return None
    return {name: Count(each.sent, each.hits, each.guarded) for name, each in counts.items()}


def standings(experiment: Experiment, looks: Sequence[Look]) -> Standings:
    """Who leads, and how certain that is."""
    names = experiment.names
    tables = tables_of(looks)
    totals = {name: sum((t[name] for t in tables), Count()) for name in names}
    leader = max(names, key=lambda name: totals[name].rate)
    weakest = min(log_e(blocks_of(tables, leader, other)) for other in names if other != leader)
    return Standings(
        totals=totals,
        leader=leader,
        p_value=min(1.0, len(names) * exp(-weakest)) if weakest > 0 else 1.0,
        barred=_barred(experiment, tables, leader),
    )


def tables_of(looks: Sequence[Look]) -> list[Table]:
    """Everything that was weighed, part by part."""
    return [table for look in looks for _, table in sorted(look.parts.items())]


def blocks_of(tables: Sequence[Table], one: str, other: str) -> list[Block]:
    """One variant beside another, part by part."""
    pairs = ((table[one], table[other]) for table in tables)
    return [Block(a.sent, a.hits, b.sent, b.hits) for a, b in pairs]


def _barred(experiment: Experiment, tables: Sequence[Table], name: str) -> bool:
    """Whether a variant makes more people opt out than the control, beyond chance."""
    control = experiment.names[0]
    if experiment.criteria.guard is None or name == control:
        return False
    pairs = ((table[name], table[control]) for table in tables)
    blocks = [Block(a.sent, a.guarded, b.sent, b.guarded) for a, b in pairs]
    return log_e(blocks) >= _threshold(experiment)


def _threshold(experiment: Experiment) -> float:
    """Bonferroni's: each of the variants might have been the one that wins by chance.

    V. Vovk, R. Wang, E-values: calibration, combination and applications, Ann. Statist. 49, 2021:
    the average of e-values is one, and no less than the greatest divided by their number.
    """
    return log(len(experiment.variants) / experiment.criteria.significance)


def verdict(experiment: Experiment, looks: Sequence[Look]) -> Verdict | None:
    """What is decided after these looks; None: wait for the next."""
    if not looks:
        return None
    found = standings(experiment, looks)
    criteria = experiment.criteria
    enough = all(each.sent >= criteria.min_sample for each in found.totals.values())
    if enough and found.p_value <= criteria.significance:
        if not found.barred:
            return Verdict(rule=Rule.SIGNIFICANT, winner=found.leader, chosen=found.leader)
        return Verdict(rule=Rule.GUARD, winner=None, chosen=_otherwise(experiment, looks, found))
    if looks[-1].last or looks[-1].complete:
        rule = Rule.DEADLINE if looks[-1].last else Rule.ALL_MEASURED
        return Verdict(rule=rule, winner=None, chosen=_otherwise(experiment, looks, found))
    return None


def _otherwise(experiment: Experiment, looks: Sequence[Look], found: Standings) -> str | None:
    match experiment.criteria.inconclusive:
        case Inconclusive.ASK:
            return None
        case Inconclusive.CONTROL:
            return experiment.names[0]
        case Inconclusive.BEST:
            tables = tables_of(looks)
            allowed = [each for each in experiment.names if not _barred(experiment, tables, each)]
            return max(allowed, key=lambda name: found.totals[name].rate)
