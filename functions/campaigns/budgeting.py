"""Keeps what is planned of a campaign, and of the steps that follow it, within its budget.

A part's cost is taken from what is left in the very write that makes its plan the part's. What a
part costs that does not fit is never taken: the campaign (or the step) pauses, and nothing of the
part leaves. A family has one purse, which stands beside the campaign that it began with.
"""

from dataclasses import dataclass

from functions.campaigns.moving import moved
from functions.campaigns.ports import CampaignDeps
from functions.domain.budget import Planned, Purse, never_left
from functions.domain.campaign import Campaign, Part
from functions.domain.campaign_control import stopped
from functions.domain.family import purse_of
from functions.domain.follow_up import walk
from functions.domain.holdout import withheld
from functions.domain.ids import CampaignId
from functions.domain.planning import Plan
from functions.domain.pricing import unit_price
from functions.domain.stop_rules import StopReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A budget in won: whose it is, how much, and how much of it no plan has taken."""

    owner: CampaignId
    amount: int
    left: int


def budget_of(campaign: Campaign, *, deps: CampaignDeps) -> Budget | None:
    """The budget that pays for a campaign's messages; None: there is none, or none is open yet."""
    owner = purse_of(campaign)
    if owner is None:
        return None
    whose = campaign if owner == campaign.campaign_id else deps.campaigns.get(owner)
    purse = deps.safety.store.purse(owner)
    amount = None if whose is None else whose.safety.budget
    if amount is None or purse is None:
        return None
    return Budget(owner=owner, amount=amount, left=purse.left)


def open_purse(campaign: Campaign, *, deps: CampaignDeps) -> None:
    """Begin with the budget of a new campaign, if it has one; doing so twice is harmless."""
    if campaign.safety.budget is not None:
        deps.safety.store.open_purse(campaign.campaign_id, campaign.safety.budget)


def affordable(campaign: Campaign, drafted: Plan, *, deps: CampaignDeps) -> bool:
    """Whether there seems to be enough left for a plan; if not, the campaign is paused.

    Looked at before anything of the plan is written; ``mark_planned`` makes sure of it.
    """
    owner = purse_of(campaign)
    if owner is None:
        return True
    leaving = [each for each in drafted.batches if withheld(each.arm) is None]
    cost = sum(unit_price(each.message_type).minor * len(each.messages) for each in leaving)
    if cost <= _purse(owner, deps).left or cost <= _left_after_returns(owner, deps=deps):
        return True
    _stop(campaign, deps=deps)
    return False


def mark_planned(campaign: Campaign, part: Part, *, deps: CampaignDeps) -> bool:
    """Make this plan the part's; False where another came first, or there is not enough left.

    In the latter case the campaign is paused.
    """
    owner = purse_of(campaign)
    if owner is None:
        return deps.campaigns.mark_planned(part)
    outcome = deps.safety.store.mark_planned_within(part, purse=owner)
    if outcome is Planned.OVER:
        _stop(campaign, deps=deps)
    return outcome is Planned.DONE


def _left_after_returns(owner: CampaignId, *, deps: CampaignDeps) -> int:
    """What was refused at the last look, or cancelled, costs nothing: it comes back first."""
    purse = _purse(owner, deps)
    parts = [part for each in _family(owner, deps) for part in deps.campaigns.parts(each)]
    numbers = [number for part in parts for number in part.batches]
    amount = never_left(deps.batches.standings(numbers))
    if amount > purse.given_back:
        deps.safety.store.give_back(owner, purse, amount)
    return _purse(owner, deps).left


def _family(owner: CampaignId, deps: CampaignDeps) -> list[CampaignId]:
    """All campaigns that draw from a purse."""
    campaign = deps.campaigns.get(owner)
    follow_ups = () if campaign is None else campaign.follow_ups
    return [owner, *(own for own, _ in walk(owner, follow_ups))]


def _purse(owner: CampaignId, deps: CampaignDeps) -> Purse:
    purse = deps.safety.store.purse(owner)
    if purse is None:
        msg = f"the budget of {owner} is not there"
        raise LookupError(msg)
    return purse


def _stop(campaign: Campaign, *, deps: CampaignDeps) -> None:
    parts = len(deps.campaigns.parts(campaign.campaign_id))
    moved(
        campaign.campaign_id,
        lambda each: stopped(each, StopReason.BUDGET_REACHED, parts=parts),
        deps=deps,
    )
