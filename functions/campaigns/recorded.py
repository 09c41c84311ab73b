"""Reads what was seen of a campaign's experiment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from functions.contracts.experiment_record import Draw
from functions.domain.campaign import Campaign
from functions.domain.experiment import Experiment
from functions.domain.experiment_look import Look
from functions.domain.experiment_result import VariantResult, results, seen
from functions.domain.ids import CampaignId


class Experiments(Protocol):
    """The store of what was seen of experiments."""

    def looks(self, campaign_id: CampaignId) -> Sequence[Look]:
        """Read all looks, in order."""

    def draws(self, campaign_id: CampaignId) -> Sequence[Draw]:
        """Read what was drawn for each part, in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An experiment, and what was seen of it: looks, or in adaptive mode draws."""

    experiment: Experiment
    looks: Sequence[Look] = ()
    draws: Sequence[Draw] = ()

    @property
    def results(self) -> tuple[VariantResult, ...]:
        """What the variants came to: by the looks, or as the last draw knew them."""
        if self.experiment.is_tested:
            return results(self.experiment, self.looks)
        return seen(self.experiment, self.draws[-1].counts if self.draws else None)


def recorded(campaign: Campaign, *, store: Experiments) -> Recorded | None:
    """Read it; None where there is no experiment."""
    experiment = campaign.experiment
    if experiment is None:
        return None
    if experiment.is_tested:
        return Recorded(experiment=experiment, looks=store.looks(campaign.campaign_id))
    return Recorded(experiment=experiment, draws=store.draws(campaign.campaign_id))
