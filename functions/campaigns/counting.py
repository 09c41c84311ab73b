"""Counts what became of a part's messages by variant, from their rows."""

from datetime import datetime

from functions.campaigns.ports import CampaignDeps
from functions.domain.campaign import Part
from functions.domain.experiment import Criteria, Metric
from functions.domain.experiment_look import Count, count


def counted_by_variant(
    part: Part, criteria: Criteria, *, deps: CampaignDeps, at: datetime
) -> dict[str, Count]:
    """Count a planned part as it is at a moment; a variant that nobody got is left out."""
    found: dict[str, Count] = {}
    converted = criteria.metric is Metric.CONVERTED
    variant_of = dict(zip(part.batches, part.batch_variants, strict=True))
    for standing in deps.batches.standings(part.batches, outcomes=converted):
        name = variant_of[standing.number]
        found[name] = found.get(name, Count()) + count(standing, criteria, at=at)
    return found
