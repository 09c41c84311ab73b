"""Looks again at the events of all whom a campaign went to: what is then known, counts.

It mends what came late (a receipt, a click) or was judged anew, and follows a goal that was
changed. When nothing of that happened it finds what is written, and writes nothing.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.activity.attributing import AttributionDeps, Holder, attribute_again
from functions.contracts.goal_jobs import AttributeJob
from functions.domain.attribution import GoalLog
from functions.domain.batch import Recipient
from functions.domain.campaign import Part
from functions.domain.ids import BatchNumber, CampaignId, ContactId, MessageNumber


class Campaigns(Protocol):
    """The store of campaigns."""

    def part(self, campaign_id: CampaignId, part: str) -> Part | None:
        """Read one part."""

    def parts(self, campaign_id: CampaignId) -> tuple[Part, ...]:
        """Read all parts."""


class Logs(Protocol):
    """Whose goal events there are."""

    def of_people(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, GoalLog]:
        """Read the events of many people; who has none is left out."""

    def beside(self, number: BatchNumber) -> Mapping[MessageNumber, GoalLog]:
        """Read the events beside the messages of a batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAgainDeps:
    """What looking again needs."""

    campaigns: Campaigns
    recipients: Callable[[BatchNumber], Sequence[Recipient]]
    logs: Logs
    attribution: AttributionDeps
    enqueue: Callable[[Sequence[AttributeJob]], None]


def look_again(job: AttributeJob, *, deps: LookAgainDeps, now: datetime) -> int:
    """Look again at a batch, or have all of a part or campaign looked at; tells at how many."""
    campaign_id = CampaignId(job.campaign_id)
    if not job.part:
        parts = deps.campaigns.parts(campaign_id)
        deps.enqueue([AttributeJob(campaign_id=campaign_id, part=each.part) for each in parts])
        return 0
    if not job.batch:
        # By batch, so that a job stays short though everybody bought.
        part = deps.campaigns.part(campaign_id, job.part)
        batches = () if part is None else part.batches
        deps.enqueue([replace(job, batch=number) for number in batches])
        return 0
    holders = _holders(BatchNumber(job.batch), deps=deps)
    for holder in holders:
        attribute_again(holder, deps=deps.attribution, now=now)
    return len(holders)


def _holders(number: BatchNumber, *, deps: LookAgainDeps) -> Collection[Holder]:
    """Who of a batch's recipients has events that are goals."""
    people = [each.contact_id for each in deps.recipients(number) if each.contact_id is not None]
    return [*deps.logs.of_people(people), *deps.logs.beside(number)]
