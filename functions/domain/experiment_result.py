"""What an experiment's variants came to, and how certain that is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from functions.domain.experiment import Experiment
from functions.domain.experiment_look import Count, Look, blocks_of, tables_of
from functions.domain.interval import Share, share_of
from functions.domain.odds_interval import Difference, difference


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantResult:
    """A variant as it was weighed.

    ``rate`` has the interval of a single look, on which no decision is based. ``difference`` is to
    the control, and holds for all variants at all looks together.
    """

    name: str
    count: Count
    rate: Share | None = None
    difference: Difference | None = None


def results(experiment: Experiment, looks: Sequence[Look]) -> tuple[VariantResult, ...]:
    """What an experiment that is tested came to so far, variant by variant."""
    tables, control = tables_of(looks), experiment.names[0]
    # Each of the others is compared, so each may miss with a part of the chance only.
    error = experiment.criteria.significance / (len(experiment.names) - 1)
    found = []
    for name in experiment.names:
        count = sum((table[name] for table in tables), Count())
        blocks = tuple(blocks_of(tables, name, control))
        found.append(
            VariantResult(
                name=name,
                count=count,
                rate=share_of(count.hits, count.sent),
                difference=None if name == control else difference(blocks, error=error),
            )
        )
    return tuple(found)


def seen(experiment: Experiment, counts: Mapping[str, Count] | None) -> tuple[VariantResult, ...]:
    """What was known of variants whose shares depend on it: figures, without a claim."""
    known = counts or {}
    return tuple(
        VariantResult(name=name, count=known.get(name, Count())) for name in experiment.names
    )
