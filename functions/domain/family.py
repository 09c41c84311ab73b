"""Campaigns that follow others: a step's campaign, and a request that is followed as one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from functions.domain.batch import Batch, BatchMeta
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.follow_up import FollowUp, child_id, triggers_of
from functions.domain.ids import CampaignId
from functions.domain.policy import WhenCapped
from functions.domain.recipients import Recipients
from functions.domain.safety import Safety

ONLY_PART = "000000"
"""Of a request."""
_NOBODY = Recipients(include=())
_NO_RULES = Safety(ramp=None, rules=None)


def has_purse(campaign: Campaign) -> bool:
    """Whether a budget pays for a campaign's messages, its own or its family's."""
    return campaign.safety.budget is not None or campaign.safety.from_family


def purse_of(campaign: Campaign) -> CampaignId | None:
    """The campaign whose budget pays for this one's messages; None: there is no budget."""
    if not has_purse(campaign):
        return None
    if not campaign.safety.from_family:
        return campaign.campaign_id
    return CampaignId(campaign.campaign_id.removesuffix(f"-{campaign.step}"))


def child_of(parent: Campaign, step: FollowUp, *, now: datetime) -> Campaign:
    """Make the campaign of a step. It runs at once, for whomever looks find."""
    capped = parent.when_capped
    path = f"{parent.step}-{step.branch}".removeprefix("-")
    return Campaign(
        campaign_id=child_id(parent.campaign_id, step.branch),
        name=parent.name,
        template_id=step.template_id,
        template_version=step.template_version,
        sender_id=step.sender_id,
        recipients=_NOBODY,
        variables={**parent.variables, **step.variables},
        created=now,
        priority=parent.priority,
        # What a swap sends instead is the parent's.
        when_capped=WhenCapped.SKIP if capped is WhenCapped.SWAP else capped,
        status=CampaignStatus.LAUNCHED,
        launched=now,
        safety=replace(_NO_RULES, from_family=has_purse(parent)),
        rate=parent.rate,
        goal=parent.goal,
        follow_ups=step.follow_ups,
        parent=parent.campaign_id,
        step=path,
    )


def request_as_campaign(
    meta: BatchMeta,
    follow_ups: Sequence[FollowUp],
    *,
    variables: Mapping[str, str | float | bool],
    now: datetime,
) -> Campaign:
    """Make a request with follow-ups a campaign, which looks and reports find as every other.

    ``meta`` is of one of its batches.
    """
    return Campaign(
        campaign_id=CampaignId(meta.source.source_id),
        name=meta.source.source_id,
        template_id=meta.template_id,
        template_version=meta.template_version,
        sender_id=meta.sender_id,
        recipients=_NOBODY,
        variables=variables,
        created=now,
        status=CampaignStatus.LAUNCHED,
        launched=now,
        safety=_NO_RULES,
        follow_ups=tuple(follow_ups),
    )


def part_of_request(request_id: str, metas: Sequence[BatchMeta]) -> Part:
    """Everyone of a request: a part that is planned."""
    return Part(
        campaign_id=CampaignId(request_id),
        part=ONLY_PART,
        size=sum(each.size for each in metas),
        people_key="",
        next_cursor=None,
        planned=True,
        batches=tuple(each.number for each in metas),
        batch_sizes=tuple(each.size for each in metas),
    )


def with_triggers(batches: Sequence[Batch], follow_ups: Sequence[FollowUp]) -> tuple[Batch, ...]:
    """Note at new batches what is followed at once."""
    letters = triggers_of(follow_ups)
    return tuple(replace(each, meta=replace(each.meta, triggers=letters)) for each in batches)
