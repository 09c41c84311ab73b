"""Keeps what is planned of a campaign within its budget.

A part's cost is taken from what is left in the very write that makes its plan the part's. What a
part costs that does not fit is never taken: the campaign pauses, and nothing of the part leaves.
"""

from functions.campaigns.moving import moved
from functions.campaigns.ports import CampaignDeps
from functions.domain.budget import Planned, Purse, never_left
from functions.domain.campaign import Campaign, Part
from functions.domain.campaign_control import stopped
from functions.domain.holdout import withheld
from functions.domain.planning import Plan
from functions.domain.pricing import unit_price
from functions.domain.stop_rules import StopReason


def open_purse(campaign: Campaign, *, deps: CampaignDeps) -> None:
    """Begin with the budget of a new campaign, if it has one; doing so twice is harmless."""
    if campaign.safety.budget is not None:
        deps.safety.store.open_purse(campaign.campaign_id, campaign.safety.budget)


def affordable(campaign: Campaign, drafted: Plan, *, deps: CampaignDeps) -> bool:
    """Whether there seems to be enough left for a plan; if not, the campaign is paused.

    Looked at before anything of the plan is written; ``mark_planned`` makes sure of it.
    """
    if campaign.safety.budget is None:
        return True
    leaving = [each for each in drafted.batches if withheld(each.arm) is None]
    cost = sum(unit_price(each.message_type).minor * len(each.messages) for each in leaving)
    if cost <= _left(campaign, deps=deps) or cost <= _left_after_returns(campaign, deps=deps):
        return True
    _stop(campaign, deps=deps)
    return False


def mark_planned(campaign: Campaign, part: Part, *, deps: CampaignDeps) -> bool:
    """Make this plan the part's; False where another came first, or there is not enough left.

    In the latter case the campaign is paused.
    """
    if campaign.safety.budget is None:
        return deps.campaigns.mark_planned(part)
    outcome = deps.safety.store.mark_planned_within(part)
    if outcome is Planned.OVER:
        _stop(campaign, deps=deps)
    return outcome is Planned.DONE


def _left(campaign: Campaign, *, deps: CampaignDeps) -> int:
    return _purse(campaign, deps).left


def _left_after_returns(campaign: Campaign, *, deps: CampaignDeps) -> int:
    """What was refused at the last look, or cancelled, costs nothing: it comes back first."""
    purse = _purse(campaign, deps)
    parts = deps.campaigns.parts(campaign.campaign_id)
    numbers = [number for part in parts for number in part.batches]
    amount = never_left(deps.batches.standings(numbers))
    if amount > purse.given_back:
        deps.safety.store.give_back(campaign.campaign_id, purse, amount)
    return _left(campaign, deps=deps)


def _purse(campaign: Campaign, deps: CampaignDeps) -> Purse:
    purse = deps.safety.store.purse(campaign.campaign_id)
    if purse is None:
        msg = f"the budget of {campaign.campaign_id} is not there"
        raise LookupError(msg)
    return purse


def _stop(campaign: Campaign, *, deps: CampaignDeps) -> None:
    parts = len(deps.campaigns.parts(campaign.campaign_id))
    moved(
        campaign.campaign_id,
        lambda each: stopped(each, StopReason.BUDGET_REACHED, parts=parts),
        deps=deps,
    )
