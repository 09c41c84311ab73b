"""Looks and draws of experiments, in memory."""

import hashlib
from dataclasses import dataclass, field

from functions.campaigns.ports import ExperimentPorts
from functions.contracts.experiment_record import Draw
from functions.domain.experiment_look import Look
from functions.domain.ids import CampaignId
from functions.domain.planning import Person


@dataclass
class FakeExperiments:
    found: dict[tuple[CampaignId, int], Look] = field(default_factory=dict)
    drawn: dict[tuple[CampaignId, str], Draw] = field(default_factory=dict)

    def looks(self, campaign_id: CampaignId) -> tuple[Look, ...]:
        own = [each for key, each in self.found.items() if key[0] == campaign_id]
        return tuple(sorted(own, key=lambda each: each.number))

    def add_look(self, campaign_id: CampaignId, look: Look) -> bool:
        return self.found.setdefault((campaign_id, look.number), look) is look

    def draws(self, campaign_id: CampaignId) -> tuple[Draw, ...]:
        own = [each for key, each in self.drawn.items() if key[0] == campaign_id]
        return tuple(sorted(own, key=lambda each: each.part))

    def draw(self, campaign_id: CampaignId, part: str) -> Draw | None:
        return self.drawn.get((campaign_id, part))

    def add_draw(self, campaign_id: CampaignId, draw: Draw) -> bool:
        return self.drawn.setdefault((campaign_id, draw.part), draw) is draw


def rank(campaign_id: CampaignId, person: Person) -> bytes:
    return hashlib.sha256(f"{campaign_id}\n{person.contact_id}".encode()).digest()


def experiment_ports(store: FakeExperiments | None = None) -> ExperimentPorts:
    return ExperimentPorts(store=store or FakeExperiments(), rank=rank)
