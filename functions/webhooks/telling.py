"""Tells a webhook what it has not been told yet of a batch.

A job names a webhook and a batch, never an event: what is to be told is derived from the batch's
rows whenever it is looked at. So nothing is lost with a job as long as another comes, and every
step may be repeated:

- what was told is noted after the receiver took it: dying in between tells it again, with the
  same ids;
- a try that failed leaves a job for later first, and then notes when that is due: until then
  other jobs of the same batch leave it alone;
- two jobs at once tell some events twice, and what each noted is joined.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from functions.contracts.webhook_jobs import TellJob
from functions.domain.ids import BatchNumber
from functions.domain.message_event import MessageEvent, events_of
from functions.domain.webhook import Webhook, WebhookId
from functions.domain.webhook_replay import place_of
from functions.domain.webhook_retry import LONGEST_S, next_try
from functions.domain.webhook_told import NOTHING_TOLD, Told
from functions.webhooks.ports import KnownMark, TellDeps
from functions.webhooks.posting import Posted, post_all, take_turn


class Outcome(StrEnum):
    """What a job came to."""

    OFF = "off"
    """There is no such webhook, or it is switched off."""
    LEFT = "left"
    """Another job waits that tells it."""
    NOTHING = "nothing"
    TOLD = "told"
    PARTLY = "partly"
    """Time was up; another job goes on."""
    SHUT = "shut"
    """The receiver fails and is left alone for now."""
    FAILED = "failed"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a job came to, for the log."""

    outcome: Outcome
    events: int = 0
    posts: int = 0
    status: int = 0
    trouble: str = ""


def tell(job: TellJob, *, deps: TellDeps, now: datetime) -> Report:
    """Tell what is new of a batch. Safe to call at any time, any number of times."""
    webhook = deps.post.webhooks.get(WebhookId(job.webhook_id))
    if webhook is None or not webhook.enabled:
        return Report(outcome=Outcome.OFF)
    mark = deps.marks.of(webhook.webhook_id, BatchNumber(job.batch))
    if _is_left_to_another(job, mark, now=now):
        return Report(outcome=Outcome.LEFT)
    fresh = _fresh(webhook, BatchNumber(job.batch), mark.told, deps=deps, now=now)
    if not fresh:
        return Report(outcome=Outcome.NOTHING)
    turn = take_turn(webhook, deps=deps.post, now=now)
    if turn is None:
        again = _put_off(job, deps=deps, now=now)
        _remember(job, NOTHING_TOLD, again, deps=deps, now=now)
        return Report(outcome=Outcome.GIVEN_UP if again is None else Outcome.SHUT)
    posted = post_all(webhook, fresh, turn, deps=deps.post, now=now)
    return _end(job, posted, len(fresh), deps=deps, now=now)


def _is_left_to_another(job: TellJob, mark: KnownMark, *, now: datetime) -> bool:
    """Whether a job waits that will tell it.

    One that is due too far ahead was noted by a clock that was wrong, and is not waited for.
    """
    waits_s = mark.due - int(now.timestamp())
    return job.due < mark.due and 0 < waits_s <= LONGEST_S


def _fresh(
    webhook: Webhook, batch: BatchNumber, told: Told, *, deps: TellDeps, now: datetime
) -> Sequence[MessageEvent]:
    facts = deps.facts(batch)
    if facts is None:
        return ()
    fresh = [
        event
        for event in events_of(facts)
        if webhook.wants(event.type, event.at, now=now) and not told.has(event)
    ]
    return sorted(fresh, key=place_of)


def _end(job: TellJob, posted: Posted, wanted: int, *, deps: TellDeps, now: datetime) -> Report:
    told, said = NOTHING_TOLD.having(posted.told), posted.said
    again, outcome = None, Outcome.TOLD
    if said.gone:
        outcome = Outcome.OFF
    elif not said.taken:
        # Whoever took a part is well: it is the first failure of the rest.
        failed = replace(job, attempt=0, since=0) if posted.told else job
        again = _put_off(failed, deps=deps, now=now, asked_s=said.asked_s)
        outcome = Outcome.GIVEN_UP if again is None else Outcome.FAILED
    elif len(posted.told) < wanted:
        deps.later(TellJob(webhook_id=job.webhook_id, batch=job.batch), now, now)
        outcome = Outcome.PARTLY
    _remember(job, told, again, deps=deps, now=now)
    entry = posted.entry(f"batch {job.batch}", attempt=job.attempt, again=again, now=now)
    deps.log.add(WebhookId(job.webhook_id), entry)
    return Report(
        outcome=outcome,
        events=len(posted.told),
        posts=posted.posts,
        status=said.status,
        trouble=said.trouble,
    )


def _put_off(
    job: TellJob, *, deps: TellDeps, now: datetime, asked_s: int | None = None
) -> datetime | None:
    """Leave a job for later, and tell when it comes; None: it was given up."""
    since = job.since or int(now.timestamp())
    at = next_try(
        attempt=job.attempt, since=since, now=now, jitter=deps.post.jitter, asked_s=asked_s
    )
    if at is None:
        deps.given_up(TellJob(webhook_id=job.webhook_id, batch=job.batch))
        return None
    due = int(at.timestamp())
    deps.later(replace(job, attempt=job.attempt + 1, since=since, due=due), at, now)
    return at


def _remember(
    job: TellJob, told: Told, again: datetime | None, *, deps: TellDeps, now: datetime
) -> None:
    due = 0 if again is None else int(again.timestamp())
    webhook_id, batch = WebhookId(job.webhook_id), BatchNumber(job.batch)
    deps.marks.add(webhook_id, batch, told, due=due, now=now)
