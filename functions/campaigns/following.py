"""Follow-ups: looks who of a part's people gets the next step, and hands them to the one door.

A step is a campaign of its own, whose parts are what the looks found. A part of a step is named
after the part that it follows and the look's number, and written once: so the row that lets people
into a step is also what keeps them from coming into it again. A look that comes twice, late, or at
the same time as another finds the row of the newest look, and judges only whom that left.

People are looked at with one timer for a part and step, however many they are; what happens at
once is looked at when the worker that records it says so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.contracts.campaign_jobs import FollowJob
from functions.contracts.errors import Unavailable
from functions.contracts.queues import Job, PlanJob
from functions.domain.batch import Batch, BatchMeta, Recipient
from functions.domain.campaign import Campaign, CampaignStatus, Gate, Part, gate_of, narrowest
from functions.domain.family import ONLY_PART, child_of
from functions.domain.follow_up import (
    Condition,
    Followed,
    FollowUp,
    Look,
    Match,
    child_id,
    look,
    step_of,
)
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.planning import Person
from functions.domain.replies import BatchReplies
from functions.domain.standing import Standing

_MAX_TRIES = 20
_NO_LOOKS_LEFT = 10_000


class Campaigns(Protocol):
    """The store of campaigns."""

    def get(self, campaign_id: CampaignId) -> Campaign | None:
        """Read one campaign."""

    def ensure(self, campaign: Campaign) -> bool:
        """Write a new campaign, where it is not there."""

    def mark_open(self, campaign: Campaign) -> None:
        """Have a campaign checked, and its goal looked for, from now on."""

    def part(self, campaign_id: CampaignId, part: str) -> Part | None:
        """Read one part."""

    def last_look(self, campaign_id: CampaignId, part: str) -> Part | None:
        """Read what the newest look at a part of the parent found."""

    def add_part(self, part: Part) -> bool:
        """Write what a look found; False when another look was quicker."""


class Batches(Protocol):
    """The store of batches."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch."""

    def meta(self, number: BatchNumber, *, consistent: bool = False) -> BatchMeta | None:
        """Read what never changes of a batch."""

    def standings(
        self, numbers: Sequence[BatchNumber], *, outcomes: bool = False
    ) -> Sequence[Standing]:
        """Read what became of many batches."""


class People(Protocol):
    """Slices of people."""

    def save(self, key: str, people: Iterable[Person]) -> None:
        """Write people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowDeps:
    """What a look needs.

    ``replies`` reads the answers to batches, by their sizes. ``people_again`` finds recipients
    as they are now, each in its place. ``fresh`` makes a new name.
    """

    campaigns: Campaigns
    batches: Batches
    people: People
    replies: Callable[[Mapping[BatchNumber, int]], Mapping[BatchNumber, BatchReplies]]
    people_again: Callable[[Sequence[Recipient]], Sequence[Person]]
    enqueue: Callable[[Sequence[Job]], None]
    enqueue_at: Callable[[Job, datetime, datetime], None]
    fresh: Callable[[str], str]


def follow(job: FollowJob, *, deps: FollowDeps, now: datetime) -> Part | None:
    """Look once; gives what was written, or None when there was nothing to write.

    While the campaign that is followed is paused nothing is done: who resumes it has it looked at
    again. Once it, or one that it follows, is cancelled, nothing is done any more.
    """
    parent = deps.campaigns.get(CampaignId(job.campaign_id))
    step = None if parent is None else step_of(parent.follow_ups, job.step)
    if parent is None or step is None or _gate(parent, deps) is not Gate.OPEN:
        return None
    group = deps.campaigns.part(parent.campaign_id, job.part)
    if group is None or not group.batches or (job.batch and job.batch not in group.batches):
        return None
    child = _child(parent, step, deps=deps, now=now)
    if child.status is CampaignStatus.CANCELLED:
        return None
    for _ in range(_MAX_TRIES):
        last = deps.campaigns.last_look(child.campaign_id, group.part)
        found = _look(job, group, step, last, deps=deps, now=now)
        part = _part(child, group, last, found, deps=deps)
        if part is None or deps.campaigns.add_part(part):
            _get_on(part or last, deps=deps)
            if found.next_at is not None:
                deps.enqueue_at(job, found.next_at, now)
            return part
    msg = "The step is being looked at by others."
    raise Unavailable(msg)


def _gate(campaign: Campaign, deps: FollowDeps) -> Gate:
    """Whether a campaign may be followed: it, and what it follows itself."""
    gates = [gate_of(campaign.status)]
    while campaign.parent is not None:
        above = deps.campaigns.get(campaign.parent)
        if above is None:
            break
        gates.append(gate_of(above.status))
        campaign = above
    return narrowest(gates)


def _child(parent: Campaign, step: FollowUp, *, deps: FollowDeps, now: datetime) -> Campaign:
    known = deps.campaigns.get(child_id(parent.campaign_id, step.branch))
    if known is not None:
        return known
    child = child_of(parent, step, now=now)
    deps.campaigns.ensure(child)
    return child


def _look(  # what is looked at, and how far earlier looks came
    job: FollowJob,
    group: Part,
    step: FollowUp,
    last: Part | None,
    *,
    deps: FollowDeps,
    now: datetime,
) -> Look:
    sizes = dict(zip(group.batches, group.batch_sizes, strict=True))
    first = 0
    if job.batch:
        number = BatchNumber(job.batch)
        place = group.batches.index(number)
        first, sizes = sum(group.batch_sizes[:place]), {number: group.batch_sizes[place]}
    standings = {each.number: each for each in deps.batches.standings(tuple(sizes), outcomes=True)}
    if set(standings) != set(sizes):
        msg = f"batches of part {group.part} of {group.campaign_id} are not there"
        raise LookupError(msg)
    replies = deps.replies(sizes) if step.condition.fact is Condition.REPLIED else {}
    followed = [
        _followed(standings[number], replies.get(number), deps=deps, now=now) for number in sizes
    ]
    done = 0 if last is None else last.done
    return look(followed, step, done=done, now=now, first=first)


def _followed(
    standing: Standing, replies: BatchReplies | None, *, deps: FollowDeps, now: datetime
) -> Followed:
    # What its messages wait for matters only while one does.
    meta = deps.batches.meta(standing.number) if standing.state.unsettled else None
    return Followed(
        standing=standing,
        replies=replies or BatchReplies.none(len(standing.state)),
        expires=now if meta is None else meta.expires,
        not_before=None if meta is None else meta.not_before,
    )


def _part(
    child: Campaign, group: Part, last: Part | None, found: Look, *, deps: FollowDeps
) -> Part | None:
    """What a look is to write; None when it judged nobody."""
    if found.done == (0 if last is None else last.done):
        return None
    number = 0 if last is None else int(last.part.rpartition("-")[2]) + 1
    if number >= _NO_LOOKS_LEFT:
        msg = f"part {group.part} of {group.campaign_id} was looked at too often"
        raise LookupError(msg)
    people = _people(found.matches, deps=deps)
    name = f"{group.part}-{number:04d}"
    # Under a name of its own: a rival's people may differ, and only one part row counts.
    key = f"parts/{child.campaign_id}/{name}-{deps.fresh('p')}"
    if people:
        deps.people.save(key, people)
        # A check that found everyone settled has forgotten the step.
        deps.campaigns.mark_open(child)
    return Part(
        campaign_id=child.campaign_id,
        part=name,
        size=len(people),
        people_key=key if people else "",
        next_cursor=None,
        planned=not people,
        seen=found.seen,
        done=found.done,
    )


def _people(matches: Sequence[Match], *, deps: FollowDeps) -> list[Person]:
    batches = {number: _loaded(number, deps) for number in {each.batch for each in matches}}
    recipients = [batches[each.batch].recipients[each.ordinal] for each in matches]
    people = deps.people_again(recipients) if recipients else ()
    return [
        person if match.dropped is None else replace(person, dropped=match.dropped)
        for match, person in zip(matches, people, strict=True)
    ]


def _loaded(number: BatchNumber, deps: FollowDeps) -> Batch:
    batch = deps.batches.load(number)
    if batch is None:
        msg = f"batch {number} is not there"
        raise LookupError(msg)
    return batch


def _get_on(part: Part | None, *, deps: FollowDeps) -> None:
    """Have a part planned; also when the look that wrote it died before it said so."""
    if part is not None and not part.planned:
        deps.enqueue([PlanJob(campaign_id=part.campaign_id, part=part.part)])


def look_sooner(meta: BatchMeta, *, deps: FollowDeps, now: datetime) -> None:
    """Have the timed steps that follow a batch looked at, which was released before its moment.

    Their timers count from that moment. Doing so twice is harmless.
    """
    if meta.not_before is None or meta.not_before <= now:
        return
    parent = deps.campaigns.get(CampaignId(meta.source.source_id))
    steps = () if parent is None else parent.follow_ups
    jobs = [
        FollowJob(
            campaign_id=meta.source.source_id,
            part=meta.source.part or ONLY_PART,
            step=each.branch,
            batch=meta.number,
        )
        for each in steps
        if not each.at_once
    ]
    if jobs:
        deps.enqueue(jobs)
