"""Campaigns, their parts and slices of people, in memory."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.domain.campaign import Campaign, Outcome, Part, PartForecast
from functions.domain.ids import CampaignId
from functions.domain.planning import Person
from functions.domain.reconciliation import ChunkCheck


@dataclass
class FakeCampaigns:
    campaigns: dict[CampaignId, Campaign] = field(default_factory=dict)
    parts_by_name: dict[tuple[CampaignId, str], Part] = field(default_factory=dict)
    marked: set[CampaignId] = field(default_factory=set)
    forecasts_by_name: dict[tuple[CampaignId, str, str], PartForecast] = field(default_factory=dict)

    @classmethod
    def of(cls, *campaigns: Campaign) -> "FakeCampaigns":
        return cls(campaigns={each.campaign_id: each for each in campaigns})

    def create(self, campaign: Campaign) -> None:
        self.campaigns[campaign.campaign_id] = campaign

    def ensure(self, campaign: Campaign) -> bool:
        return self.campaigns.setdefault(campaign.campaign_id, campaign) is campaign

    def mark_open(self, campaign: Campaign) -> None:
        self.marked.add(campaign.campaign_id)

    def last_look(self, campaign_id: CampaignId, part: str) -> Part | None:
        own = [each for each in self.parts(campaign_id) if each.part.startswith(f"{part}-")]
        return own[-1] if own else None

    def get(self, campaign_id: CampaignId) -> Campaign | None:
        return self.campaigns.get(campaign_id)

    def change(self, before: Campaign, after: Campaign) -> bool:
        known = self.campaigns.get(before.campaign_id)
        if known is None or known.version != before.version:
            return False
        self.campaigns[before.campaign_id] = replace(
            known,
            status=after.status,
            launched=after.launched,
            send_at=after.send_at,
            first_at=after.first_at,
            recipients=after.recipients,
            safety=after.safety,
            rate=after.rate,
            experiment=after.experiment,
            holdout=after.holdout,
            version=known.version + 1,
        )
        return True

    def part(self, campaign_id: CampaignId, part: str) -> Part | None:
        return self.parts_by_name.get((campaign_id, part))

    def parts(self, campaign_id: CampaignId) -> tuple[Part, ...]:
        own = [each for (owner, _), each in self.parts_by_name.items() if owner == campaign_id]
        return tuple(sorted(own, key=lambda each: each.part))

    def parts_between(self, campaign_id: CampaignId, first: int, last: int) -> tuple[Part, ...]:
        bounds = f"{first:06d}", f"{last:06d}"
        return tuple(
            each for each in self.parts(campaign_id) if bounds[0] <= each.part <= bounds[1]
        )

    def add_part(self, part: Part) -> bool:
        key = (part.campaign_id, part.part)
        if key in self.parts_by_name:
            return False
        self.parts_by_name[key] = part
        return True

    def add_both(self, part: Part, rest: Part) -> bool:
        if {(each.campaign_id, each.part) for each in (part, rest)} & set(self.parts_by_name):
            return False
        return self.add_part(part) and self.add_part(rest)

    def mark_planned(self, part: Part) -> bool:
        key = (part.campaign_id, part.part)
        if self.parts_by_name[key].planned:
            return False
        self.parts_by_name[key] = replace(part, planned=True)
        return True

    def save_forecast(self, campaign_id: CampaignId, simulation: str, found: PartForecast) -> None:
        self.forecasts_by_name[campaign_id, simulation, found.part] = found

    def forecasts(self, campaign_id: CampaignId, simulation: str) -> tuple[PartForecast, ...]:
        own = (campaign_id, simulation)
        found = [each for key, each in self.forecasts_by_name.items() if key[:2] == own]
        return tuple(sorted(found, key=lambda each: each.part))


@dataclass
class FakeOpenCampaigns:
    marked: set[CampaignId] = field(default_factory=set)
    found: dict[tuple[CampaignId, int], ChunkCheck] = field(default_factory=dict)

    def mark(self, campaign_id: CampaignId) -> None:
        self.marked.add(campaign_id)

    def forget(self, campaign_id: CampaignId) -> None:
        self.marked.discard(campaign_id)

    def all(self) -> Iterator[CampaignId]:
        return iter(sorted(self.marked))

    def checks(self, campaign_id: CampaignId) -> tuple[ChunkCheck, ...]:
        own = [each for key, each in self.found.items() if key[0] == campaign_id]
        return tuple(sorted(own, key=lambda each: each.chunk))

    def save_check(self, campaign_id: CampaignId, check: ChunkCheck) -> None:
        self.found[campaign_id, check.chunk] = check


@dataclass
class FakePeople:
    slices: dict[str, tuple[Person, ...]] = field(default_factory=dict)
    outcomes: dict[str, tuple[Outcome, ...]] = field(default_factory=dict)
    direct: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def save_direct(self, key: str, given: Sequence[str]) -> None:
        self.direct[key] = tuple(given)

    def load_direct(self, key: str) -> tuple[str, ...]:
        return self.direct[key]

    def save(self, key: str, people: Iterable[Person]) -> None:
        self.slices[key] = tuple(people)

    def load(self, key: str) -> tuple[Person, ...]:
        return self.slices[key]

    def delete(self, key: str) -> None:
        assert key, "S3 refuses an empty key"
        self.slices.pop(key, None)

    def save_outcomes(self, key: str, outcomes: Iterable[Outcome], *, at: datetime) -> None:
        self.outcomes[key] = tuple(outcomes)

    def load_outcomes(self, key: str) -> tuple[Outcome, ...]:
        return self.outcomes[key]
