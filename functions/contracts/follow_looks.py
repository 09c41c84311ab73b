"""When the steps that follow a part are first looked at."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from functions.contracts.campaign_jobs import FollowJob
from functions.domain.batch import BatchMeta
from functions.domain.follow_up import FollowUp
from functions.domain.ids import CampaignId


def first_looks(
    campaign_id: CampaignId,
    part: str,
    follow_ups: Sequence[FollowUp],
    metas: Iterable[BatchMeta],
    *,
    now: datetime,
) -> Iterator[tuple[FollowJob, datetime]]:
    """The looks at new batches, each no later than the first message is due."""
    leaves = [max(now, each.not_before or now) for each in metas]
    if not leaves:
        return
    for step in follow_ups:
        if not step.at_once:
            yield _job(campaign_id, part, step), min(leaves) + step.after


def looks_again(
    campaign_id: CampaignId, part: str, follow_ups: Sequence[FollowUp], *, now: datetime
) -> Iterator[tuple[FollowJob, datetime]]:
    """A look now at every step, for a part whose looks may have been lost."""
    for step in follow_ups:
        yield _job(campaign_id, part, step), now


def _job(campaign_id: CampaignId, part: str, step: FollowUp) -> FollowJob:
    return FollowJob(campaign_id=campaign_id, part=part, step=step.branch)
