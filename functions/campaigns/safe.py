"""Who may launch, resume and change a campaign: approval by a second key, tests, the budget.

Each check is made on the very version of the campaign that the move then changes.
"""

from dataclasses import replace
from datetime import datetime

from functions.campaigns import control
from functions.campaigns.experimenting import check_experiment
from functions.campaigns.finding import find
from functions.campaigns.moving import Move, moved
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.sizing import most_people
from functions.contracts.campaign_jobs import RampJob
from functions.contracts.errors import Conflict
from functions.domain.campaign import Campaign, CampaignStatus
from functions.domain.campaign_control import Immovable, why_over
from functions.domain.experiment import Experiment
from functions.domain.ids import CampaignId, KeyId
from functions.domain.safety import (
    Safety,
    approved,
    edited,
    may_reach,
    resumed,
    with_definition,
)
from functions.domain.stop_rules import BY_RULE

_NOT_BEGUN = (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED)


def launch(campaign_id: CampaignId, *, by: KeyId, deps: CampaignDeps, now: datetime) -> Campaign:
    """Launch a campaign that may be. Raises as ``control.launch``, and Conflict.

    Its codes are ``approval_required``, ``same_key`` for the key that approved it, and
    ``test_required``.
    """
    people = most_people(find(campaign_id, deps=deps).recipients, deps=deps)

    def ready(campaign: Campaign) -> Campaign:
        if campaign.status is CampaignStatus.DRAFT:
            _check_tested(campaign, deps=deps)
            _check_approved(campaign, people, deps=deps)
            _check_other_key(campaign, by)
        return campaign

    return control.launch(campaign_id, deps=deps, now=now, prepare=ready)


def resume(campaign_id: CampaignId, *, by: KeyId, deps: CampaignDeps, now: datetime) -> Campaign:
    """Let a campaign go on, over a stop rule too, which is noted. Raises as ``control.resume``.

    Conflict ``approval_required`` for one that reaches more people than it may.
    """
    people = sum(part.size for part in deps.campaigns.parts(campaign_id))
    before = find(campaign_id, deps=deps)

    def noted(campaign: Campaign) -> Campaign:
        if campaign.status is not CampaignStatus.PAUSED:
            return campaign
        most = max(people, campaign.safety.expected or 0)
        _check_approved(campaign, most, deps=deps)
        return replace(campaign, safety=resumed(campaign.safety, by=by, at=now))

    campaign = control.resume(campaign_id, deps=deps, prepare=noted)
    if before.safety.because in BY_RULE and campaign.safety.ramp_in_force is not None:
        # Who looked at the figures and went on need not wait for the step once more.
        deps.enqueue([RampJob(campaign_id=campaign_id, step=campaign.safety.step)])
    return campaign


def approve(campaign_id: CampaignId, *, by: KeyId, deps: CampaignDeps, now: datetime) -> Campaign:
    """Allow a campaign as it is, for about as many people as it has now; repeating is harmless.

    Raises NotFound, Conflict ``same_key`` for a key that took part in writing it, and the codes
    of ``control.pause`` for a campaign that is over.
    """
    parts = deps.campaigns.parts(campaign_id)
    counted = most_people(find(campaign_id, deps=deps).recipients, deps=deps)
    people = max(counted, sum(part.size for part in parts))

    def allow(campaign: Campaign) -> Campaign | Immovable:
        why = why_over(campaign)
        if why is not None:
            return why
        known = campaign.safety.approval
        if known is not None and (known.by, known.edition, known.people) == (
            by,
            campaign.safety.edition,
            people,
        ):
            return campaign
        safety = approved(campaign.safety, by=by, at=now, people=people)
        if safety is None:
            raise _same_key()
        return replace(campaign, safety=safety)

    return _changed(campaign_id, allow, deps=deps, now=now)


def put_safety(
    campaign_id: CampaignId, wanted: Safety, *, by: KeyId, deps: CampaignDeps, now: datetime
) -> Campaign:
    """Change ramp, stop rules and budget, and so void an approval; repeating it is harmless.

    Raises NotFound, Conflict: the codes of ``control.pause`` for a campaign that is over,
    ``budget_fixed`` where one that is launched would get a budget or lose it.
    """

    def change(campaign: Campaign) -> Campaign | Immovable:
        why = why_over(campaign)
        if why is not None:
            return why
        after = with_definition(campaign.safety, wanted)
        if after == campaign.safety:
            return campaign
        _check_budget(campaign, wanted)
        return replace(campaign, safety=edited(after, by=by))

    campaign = find(campaign_id, deps=deps)
    if campaign.status in _NOT_BEGUN and wanted.budget is not None:
        deps.safety.store.open_purse(campaign_id, campaign.safety.budget or 0)
    return _changed(campaign_id, change, deps=deps, now=now)


def put_experiment(
    campaign_id: CampaignId,
    wanted: Experiment,
    *,
    by: KeyId,
    deps: CampaignDeps,
    now: datetime,
) -> Campaign:
    """Change the rules of an experiment, and so void an approval; repeating it is harmless.

    Raises NotFound, InvalidInput, Conflict ``experiment_fixed`` from the launch on, when what was
    registered holds.
    """

    def change(campaign: Campaign) -> Campaign:
        if campaign.status not in _NOT_BEGUN:
            msg = "Since the launch the experiment is as it was registered."
            raise Conflict(msg, code="experiment_fixed")
        if campaign.experiment == wanted:
            return campaign
        after = replace(campaign, experiment=wanted, safety=edited(campaign.safety, by=by))
        check_experiment(after, deps=deps)
        return after

    return _changed(campaign_id, change, deps=deps, now=now)


def reschedule(
    campaign_id: CampaignId,
    send_at: datetime | None,
    *,
    by: KeyId,
    deps: CampaignDeps,
    now: datetime,
) -> Campaign:
    """Change when a campaign is launched, and so void an approval. Raises as ``control``."""

    def edit(campaign: Campaign) -> Campaign:
        if campaign.status not in _NOT_BEGUN or campaign.send_at == send_at:
            return campaign
        return replace(campaign, safety=edited(campaign.safety, by=by))

    return control.reschedule(campaign_id, send_at, deps=deps, now=now, prepare=edit)


def note_test(campaign_id: CampaignId, edition: int, *, deps: CampaignDeps, now: datetime) -> None:
    """Note that a test of this edition was sent."""

    def note(campaign: Campaign) -> Campaign:
        safety = campaign.safety
        newest = replace(safety, tested=max(safety.tested, edition))
        return replace(campaign, safety=newest)

    _changed(campaign_id, note, deps=deps, now=now)


def _changed(
    campaign_id: CampaignId,
    change: Move,
    *,
    deps: CampaignDeps,
    now: datetime,
) -> Campaign:
    campaign = moved(campaign_id, change, deps=deps)
    if campaign.status is CampaignStatus.SCHEDULED:
        # Its timer was set for the version before.
        control.set_off(campaign, deps=deps, now=now)
    return campaign


def _check_budget(campaign: Campaign, wanted: Safety) -> None:
    begun = campaign.status not in _NOT_BEGUN
    if begun and (campaign.safety.budget is None) != (wanted.budget is None):
        msg = "Once launched, a budget can be changed, but not given or taken away."
        raise Conflict(msg, code="budget_fixed")


def _check_tested(campaign: Campaign, *, deps: CampaignDeps) -> None:
    if (
        deps.safety.policy_now().test_before_launch
        and campaign.safety.tested < campaign.safety.edition
    ):
        msg = "The policy asks for a test of the campaign as it is now."
        raise Conflict(msg, code="test_required")


def _check_approved(campaign: Campaign, people: int, *, deps: CampaignDeps) -> None:
    if not may_reach(campaign.safety, people, above=deps.safety.policy_now().approval_above):
        msg = "Another key must approve the campaign as it is now."
        raise Conflict(msg, code="approval_required")


def _check_other_key(campaign: Campaign, by: KeyId) -> None:
    approval = campaign.safety.approval
    if approval is not None and approval.by == by:
        raise _same_key()


def _same_key() -> Conflict:
    msg = "Who approves a campaign neither writes nor launches it."
    return Conflict(msg, code="same_key")
