"""Checks that campaigns under way add up, and puts work whose job was lost on its way again.

A job may be lost for good: deleted by hand, or forgotten by its queue after four days. So each
hour every campaign under way is counted from its rows. Where nothing has moved for an hour though
something should have, its jobs are made anew; all of them may be done twice. When the provider is
out of reach nothing moves either, so each further hour counts twice as long.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from functions.campaigns.service import FIRST_PART
from functions.campaigns.unfollowed import LAST_PART, PART_DIGITS, unfollowed
from functions.contracts.campaign_jobs import CheckJob, FollowJob, SweepJob
from functions.contracts.queues import Job, LaunchJob, PlanJob, ResolveJob, SendJob
from functions.domain.batch import Batch, BatchMeta
from functions.domain.campaign import Campaign, CampaignStatus, Part
from functions.domain.evidence import Evidence
from functions.domain.goal import Goal
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.message import BatchState, Send
from functions.domain.reconciliation import (
    MOST_FAULTS,
    PARTS_PER_CHUNK,
    Chunk,
    ChunkCheck,
    Counted,
    Fault,
    FaultKind,
    counted,
    next_look,
    progress,
)

T = TypeVar("T")
R = TypeVar("R")


class Campaigns(Protocol):
    """The store of campaigns."""

    def get(self, campaign_id: CampaignId) -> Campaign | None:
        """Read one campaign."""

    def parts_between(self, campaign_id: CampaignId, first: int, last: int) -> tuple[Part, ...]:
        """Read the parts of these numbers."""


class OpenCampaigns(Protocol):
    """Which campaigns are under way, and what the last check found."""

    def all(self) -> Iterator[CampaignId]:
        """Every campaign under way."""

    def forget(self, campaign_id: CampaignId) -> None:
        """Note that a campaign is over."""

    def checks(self, campaign_id: CampaignId) -> tuple[ChunkCheck, ...]:
        """What was found last of each chunk."""

    def save_check(self, campaign_id: CampaignId, check: ChunkCheck) -> None:
        """Write what was found of a chunk."""


class Batches(Protocol):
    """The store of batches."""

    def states(self, numbers: Sequence[BatchNumber]) -> Mapping[BatchNumber, BatchState]:
        """Read the states of many batches."""

    def meta(self, number: BatchNumber, *, consistent: bool = False) -> BatchMeta | None:
        """Read what never changes of a batch."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch; None when a row is missing."""

    def evidence(self, number: BatchNumber) -> tuple[Evidence, ...]:
        """Read what was looked at."""


class Spread(Protocol):
    """Does something with each value, several at a time where that is quicker."""

    def __call__(self, work: Callable[[T], R], values: Iterable[T], /) -> Iterable[R]:
        """Give the results in the values' order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckingDeps:
    """What a check needs. ``start`` puts a batch on its way at its moment.

    ``spread`` does something with each value, several at a time: a million messages are 5,000
    batches to look at. ``close_goal`` is for a campaign that is over at a moment.
    """

    campaigns: Campaigns
    open: OpenCampaigns
    batches: Batches
    start: Callable[[BatchMeta, datetime], None]
    enqueue: Callable[[Sequence[Job]], None]
    spread: Spread
    close_goal: Callable[[CampaignId, Goal, datetime], None]


def sweep(job: SweepJob, *, deps: CheckingDeps) -> int:
    """Have every campaign under way checked; tells how many there are."""
    jobs = [CheckJob(campaign_id=each, patience_s=job.patience_s) for each in deps.open.all()]
    deps.enqueue(jobs)
    return len(jobs)


def check(job: CheckJob, *, deps: CheckingDeps, now: datetime) -> ChunkCheck | None:
    """Check a chunk of a campaign, and have the next one checked; None when there is none."""
    campaign_id = CampaignId(job.campaign_id)
    campaign = deps.campaigns.get(campaign_id)
    if campaign is None:
        return None
    earlier = {each.chunk: each for each in deps.open.checks(campaign_id)}
    before = sum(each.recipients for number, each in earlier.items() if number < job.chunk)
    look = _Look(campaign=campaign, job=job, before=before, deps=deps, now=now)
    found = earlier.get(job.chunk)
    # A follow-up that was settled may have found more people.
    if found is None or not found.settled or job.asked or campaign.parent is not None:
        found = look.checked(found)
        deps.open.save_check(campaign_id, found)
    if not found.last:
        deps.enqueue([replace(job, chunk=job.chunk + 1)])
    elif found.settled and all(earlier[each].settled for each in earlier if each < job.chunk):
        if campaign.pursued is not None:
            deps.close_goal(campaign_id, campaign.pursued, now)
        deps.open.forget(campaign_id)
    return found


_OVER = (CampaignStatus.EXPIRED, CampaignStatus.ENDED)
_WITH_PARTS = (CampaignStatus.LAUNCHED, CampaignStatus.PAUSED, CampaignStatus.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at a chunk of a campaign; ``before`` it come so many recipients."""

    campaign: Campaign
    job: CheckJob
    before: int
    deps: CheckingDeps
    now: datetime

    def checked(self, before: ChunkCheck | None) -> ChunkCheck:
        """Count the chunk; mend it where nothing moves that should."""
        chunk = self._chunk()
        numbers = [number for part in chunk.parts for number in part.batches]
        states = self.deps.batches.states(numbers) if numbers else {}
        found = counted(chunk, states)
        moved = progress(
            None if before is None else before.progress,
            f"{self.campaign.version} {found.marker}",
            now=self.now,
        )
        mended: Counter[str] = Counter()
        faults = list(found.faults)
        if moved.stands_still(usual=self._patience, now=self.now):
            mended, lasting = self._mended(chunk, found, states)
            faults += lasting
        if mended:
            moved = moved.mended(now=self.now)
        return ChunkCheck(
            chunk=chunk.number,
            last=not chunk.follows,
            at=self.now,
            # Whoever asked waits for this number, also when another look came in between.
            asked=max(self.job.asked, 0 if before is None else before.asked),
            status=str(self.campaign.status),
            recipients=found.recipients,
            counts=found.counts,
            faults=tuple(faults[:MOST_FAULTS]),
            more_faults=max(0, len(faults) - MOST_FAULTS),
            mended=mended,
            settled=self._settled(chunk, found) and not faults,
            progress=moved,
        )

    @property
    def _patience(self) -> timedelta:
        return timedelta(seconds=self.job.patience_s)

    def _chunk(self) -> Chunk:
        if self.campaign.status not in _WITH_PARTS:
            return Chunk(number=self.job.chunk, parts=(), follows=False)
        first = self.job.chunk * PARTS_PER_CHUNK
        last = first + PARTS_PER_CHUNK
        numbered = self.campaign.parent is None
        # Of a follow-up there may be gaps.
        until = last if numbered else LAST_PART
        found = self.deps.campaigns.parts_between(self.campaign.campaign_id, first, until)
        parts = tuple(part for part in found if int(part.part[:PART_DIGITS]) < last)
        follows = len(parts) < len(found)
        return Chunk(number=self.job.chunk, parts=parts, follows=follows, numbered=numbered)

    def _settled(self, chunk: Chunk, found: Counted) -> bool:
        status = self.campaign.status
        if status in _OVER:
            return True
        if status not in _WITH_PARTS or found.unplanned or found.open:
            return False
        # Of a cancelled campaign nobody looks for more recipients.
        if status is CampaignStatus.CANCELLED:
            return True
        if chunk.numbered or chunk.follows:
            return chunk.unresolved is None
        return unfollowed(self.campaign, campaigns=self.deps.campaigns) is None

    def _mended(
        self, chunk: Chunk, found: Counted, states: Mapping[BatchNumber, BatchState]
    ) -> tuple[Counter[str], list[Fault]]:
        """Make anew the jobs that were lost; also what no job would bring to an end."""
        match self.campaign.status:
            case CampaignStatus.SCHEDULED:
                return self._launched_again(), []
            case CampaignStatus.CANCELLED:
                parts = {*found.unplanned, *_parts_of(chunk, found.open)}
                return self._enqueued(self._plan_jobs(sorted(parts))), []
            case CampaignStatus.LAUNCHED:
                jobs = [
                    *self._plan_jobs(self._due(chunk)),
                    *self._resolve_jobs(chunk),
                    *(() if chunk.follows else self._follow_jobs()),
                ]
                mended = self._enqueued(jobs)
                started, lasting = self._started(chunk, found.open, states)
                return mended + started, lasting
            case _:
                return Counter(), []

    def _launched_again(self) -> Counter[str]:
        send_at = self.campaign.send_at
        if send_at is None or send_at + self._patience > self.now:
            return Counter()
        job = LaunchJob(campaign_id=self.campaign.campaign_id, version=self.campaign.version)
        return self._enqueued([job])

    def _due(self, chunk: Chunk) -> list[str]:
        """The parts to be planned now; the first one once more where some wait for a decision.

        That is where the chain of looks at an experiment begins anew, if it was lost.
        """
        experiment = self.campaign.experiment
        undecided = experiment is not None and experiment.chosen is None
        due = [each.part for each in chunk.parts if not each.planned]
        waiting = {each.part for each in chunk.parts if each.waits} if undecided else set()
        first = [FIRST_PART] if waiting else []
        return [*first, *(part for part in due if part not in waiting)]

    def _plan_jobs(self, parts: Iterable[str]) -> list[Job]:
        return [PlanJob(campaign_id=self.campaign.campaign_id, part=each) for each in parts]

    def _resolve_jobs(self, chunk: Chunk) -> list[Job]:
        part = chunk.unresolved
        if part is None:
            return []
        cursor = chunk.parts[-1].next_cursor if chunk.parts else None
        found = self.before + sum(each.size for each in chunk.parts)
        campaign_id = self.campaign.campaign_id
        return [ResolveJob(campaign_id=campaign_id, part=part, cursor=cursor, found=found)]

    def _follow_jobs(self) -> list[Job]:
        left = unfollowed(self.campaign, campaigns=self.deps.campaigns)
        if left is None or self.campaign.parent is None or left.since > self.now:
            return []
        step = self.campaign.step[-1]
        return [
            FollowJob(campaign_id=self.campaign.parent, part=each, step=step) for each in left.parts
        ]

    def _enqueued(self, jobs: Sequence[Job]) -> Counter[str]:
        if jobs:
            self.deps.enqueue(jobs)
        return Counter(job.KIND for job in jobs)

    def _started(
        self,
        chunk: Chunk,
        numbers: Iterable[BatchNumber],
        states: Mapping[BatchNumber, BatchState],
    ) -> tuple[Counter[str], list[Fault]]:
        """Start the batches whose job should have come by now."""
        waiting = tuple(numbers)
        looked = self.deps.spread(lambda each: self._started_one(each, states[each]), waiting)
        started: Counter[str] = Counter()
        lasting: list[Fault] = []
        for number, found in zip(waiting, looked, strict=True):
            if isinstance(found, FaultKind):
                (part,) = _parts_of(chunk, [number])
                size = len(states[number])
                lasting.append(Fault(kind=found, part=part, batch=number, expected=size, found=0))
            elif found is not None:
                started[SendJob.KIND] += 1
        return started, lasting

    def _started_one(self, number: BatchNumber, state: BatchState) -> BatchMeta | FaultKind | None:
        overdue = self._overdue(number, state)
        if isinstance(overdue, BatchMeta):
            self.deps.start(overdue, self.now)
        return overdue

    def _overdue(self, number: BatchNumber, state: BatchState) -> BatchMeta | FaultKind | None:
        """The batch that is to be started; what is wrong with it; None when its time is ahead."""
        meta = self.deps.batches.meta(number)
        if meta is None:
            return FaultKind.BATCH_MISSING
        released = state.ordinals(Send.RELEASED, Send.SENDING, Send.UNKNOWN)
        if meta.not_before is not None and not released and meta.not_before > self.now:
            return None
        looks = self.deps.batches.evidence(number)
        if next_look(meta, state, looks) + self._patience > self.now:
            return None
        if self.deps.batches.load(number) is None:
            return FaultKind.BATCH_MISSING
        return replace(meta, not_before=None)


def _parts_of(chunk: Chunk, numbers: Iterable[BatchNumber]) -> list[str]:
    wanted = set(numbers)
    return [part.part for part in chunk.parts if wanted.intersection(part.batches)]
