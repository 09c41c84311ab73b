"""Campaigns and their follow-ups read together, in memory; it counts how often it is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from functions.domain.breakdown import Told
from functions.domain.campaign import Campaign, Part
from functions.domain.ids import BatchNumber, CampaignId
from tests.fakes.campaigns import FakeCampaigns
from tests.fakes.stores import FakeBatches


@dataclass
class FakeFamilies:
    known: FakeCampaigns
    asked: list[str] = field(default_factory=list)

    def campaigns(self, ids: Sequence[CampaignId]) -> Mapping[CampaignId, Campaign]:
        self.asked.append("campaigns")
        found = {each: self.known.get(each) for each in ids}
        return {name: each for name, each in found.items() if each is not None}

    def parts(self, ids: Sequence[CampaignId]) -> Mapping[CampaignId, Sequence[Part]]:
        self.asked.append("parts")
        return {each: self.known.parts(each) for each in ids}


@dataclass
class FakeTold:
    """Batches as reports read them."""

    batches: FakeBatches
    asked: list[int] = field(default_factory=list)

    def read(self, numbers: Sequence[BatchNumber], *, outcomes: bool) -> list[Told]:
        self.asked.append(len(numbers))
        standings = self.batches.standings(numbers, outcomes=outcomes)
        return [Told(self.batches.batches[each.number].meta, each) for each in standings]
