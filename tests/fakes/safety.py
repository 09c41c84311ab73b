"""Budgets and watches of campaigns, in memory beside the fake campaigns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.campaigns.ports import SafetyPorts, Slice
from functions.domain.budget import Planned, Purse
from functions.domain.campaign import Campaign, Part
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.policy import LAW_ALONE, Policy
from functions.domain.stop_rules import Counts
from tests.fakes.campaigns import FakeCampaigns


@dataclass
class FakeSafetyStore:
    campaigns: FakeCampaigns
    purses: dict[CampaignId, Purse] = field(default_factory=dict)
    turns: dict[CampaignId, int] = field(default_factory=dict)
    looks: list[Counts] = field(default_factory=list)

    def open_purse(self, campaign_id: CampaignId, amount: int) -> None:
        self.purses.setdefault(campaign_id, Purse(left=amount))

    def purse(self, campaign_id: CampaignId) -> Purse | None:
        return self.purses.get(campaign_id)

    def mark_planned_within(self, part: Part, *, purse: CampaignId) -> Planned:
        if self.campaigns.parts_by_name[part.campaign_id, part.part].planned:
            return Planned.TAKEN
        known = self.purses[purse]
        if known.left < part.cost:
            return Planned.OVER
        self.campaigns.mark_planned(part)
        self.purses[purse] = replace(known, left=known.left - part.cost)
        return Planned.DONE

    def give_back(self, campaign_id: CampaignId, purse: Purse, amount: int) -> bool:
        known = self.purses[campaign_id]
        if known.given_back != purse.given_back:
            return False
        left = known.left + amount - known.given_back
        self.purses[campaign_id] = Purse(left=left, given_back=amount)
        return True

    def change_budget(self, before: Campaign, after: Campaign) -> bool:
        if not self.campaigns.change(before, after):
            return False
        more = (after.safety.budget or 0) - (before.safety.budget or 0)
        purse = self.purses[before.campaign_id]
        self.purses[before.campaign_id] = replace(purse, left=purse.left + more)
        return True

    def turn(self, campaign_id: CampaignId) -> int:
        return self.turns.get(campaign_id, 0)

    def note_look(self, campaign_id: CampaignId, turn: int, counts: Counts) -> bool:
        if self.turn(campaign_id) >= turn:
            return False
        self.turns[campaign_id] = turn
        self.looks.append(counts)
        return True


@dataclass
class FakeBindings:
    bound: dict[str, tuple[BatchNumber, ...]] = field(default_factory=dict)

    def __call__(
        self, request_id: str, numbers: Sequence[BatchNumber], now: datetime
    ) -> Sequence[BatchNumber]:
        return self.bound.setdefault(request_id, tuple(numbers))


def safety_ports(
    campaigns: FakeCampaigns,
    *,
    slice_up_to: Callable[[Campaign, str | None, int], Slice] | None = None,
    people: int = 0,
    store: FakeSafetyStore | None = None,
    policy: Callable[[], Policy] = lambda: LAW_ALONE,
) -> SafetyPorts:
    """What keeping campaigns safe needs, where a test is about something else."""

    def nobody(campaign: Campaign, cursor: str | None, most: int) -> Slice:
        return Slice(people=(), next_cursor=None)

    return SafetyPorts(
        store=store or FakeSafetyStore(campaigns),
        slice_up_to=slice_up_to or nobody,
        people_count=lambda: people,
        policy_now=policy,
    )
