"""Tells a webhook again what happened within a range of time.

The events are derived again from the rows, with the ids that they had. Each job tells some and
notes how far it came, on the condition that nobody else did; then the next one goes on. A job that
dies midway is repeated, and so are the events that it told.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.contracts.errors import Conflict, InvalidInput, NotFound
from functions.contracts.webhook_jobs import ReplayJob
from functions.domain.ids import BatchNumber
from functions.domain.message_event import BatchFacts, MessageEvent, events_of
from functions.domain.webhook import Webhook, WebhookId
from functions.domain.webhook_replay import (
    EVENTS_A_STEP,
    LONGEST,
    Replay,
    ReplayStatus,
    first_day,
)
from functions.domain.webhook_retry import next_try
from functions.webhooks.ports import Log, PostDeps
from functions.webhooks.posting import Posted, post_all, take_turn


class Replays(Protocol):
    """The store of replays: the newest of each webhook."""

    def of(self, webhook_id: WebhookId) -> Replay | None:
        """Read it, consistently."""

    def save(self, webhook_id: WebhookId, replay: Replay) -> bool:
        """Write it in place of its version; False when somebody else wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDeps:
    """What replaying needs.

    ``on``: this stack tells webhooks. ``numbers`` tells which batches were made within a range:
    from the first up to and not including the last. ``batches`` gives the next ones of a replay,
    ``facts`` what happened to those of them that have events in its range.
    """

    post: PostDeps
    replays: Replays
    numbers: Callable[[datetime, datetime], tuple[int, int]]
    batches: Callable[[Replay], Sequence[BatchNumber]]
    facts: Callable[[Sequence[BatchNumber], range], Iterable[BatchFacts]]
    log: Log
    later: Callable[[ReplayJob, datetime, datetime], None]
    zone: ZoneInfo
    on: bool


def start(
    webhook_id: str,
    *,
    replay_id: str,
    between: tuple[datetime, datetime],
    types: Iterable[str] | None,
    deps: ReplayDeps,
    now: datetime,
) -> Replay:
    """Begin a replay.

    Raises InvalidInput, NotFound, Conflict ``webhooks_off``, ``webhook_off`` or
    ``replay_running``.
    """
    first, last = between[0], min(between[1], now)
    _check(first, last)
    webhook = _webhook(webhook_id, deps)
    if not deps.on:
        raise Conflict("This stack was deployed without webhooks.", code="webhooks_off")
    if not webhook.enabled:
        raise Conflict("The webhook is switched off.", code="webhook_off")
    known = deps.replays.of(webhook.webhook_id)
    if known is not None and known.status is ReplayStatus.RUNNING:
        raise _running()
    wanted = frozenset(types or webhook.since_by_type)
    low, high = map(BatchNumber, deps.numbers(first, last))
    replay = Replay(
        replay_id=replay_id,
        first=int(first.timestamp()),
        last=int(last.timestamp()),
        types=wanted,
        started=int(now.timestamp()),
        low=low,
        high=high,
        day=first_day(first, wanted, zone=deps.zone),
        last_day=last.astimezone(deps.zone).date(),
        version=0 if known is None else known.version,
    )
    if not deps.replays.save(webhook.webhook_id, replay):
        raise _running()
    deps.later(ReplayJob(webhook_id=webhook_id, replay_id=replay_id, step=0), now, now)
    return replay


def find(webhook_id: str, *, deps: ReplayDeps) -> Replay:
    """Read the newest replay of a webhook. Raises NotFound."""
    found = deps.replays.of(_webhook(webhook_id, deps).webhook_id)
    if found is None:
        raise NotFound("Nothing was ever replayed to this webhook.")
    return found


def stop(webhook_id: str, *, deps: ReplayDeps, now: datetime) -> Replay:
    """Stop it; what is being sent arrives. Raises NotFound, Conflict ``busy``."""
    found = find(webhook_id, deps=deps)
    if found.status is not ReplayStatus.RUNNING:
        return found
    stopped = found.ending(ReplayStatus.STOPPED, now=now)
    if not deps.replays.save(WebhookId(webhook_id), stopped):
        raise Conflict("The replay gets on at this moment; try again.", code="busy")
    return stopped


def get_on(job: ReplayJob, *, deps: ReplayDeps, now: datetime) -> Replay | None:
    """Do the next step of a replay; None when it is not its turn."""
    webhook_id = WebhookId(job.webhook_id)
    replay = deps.replays.of(webhook_id)
    if replay is None or replay.replay_id != job.replay_id:
        return None
    if replay.status is not ReplayStatus.RUNNING or replay.step < job.step:
        return None
    if replay.step > job.step:
        if replay.step == job.step + 1:
            # Whoever got this far may have died before the next job was there.
            deps.later(_next(job, replay), now, now)
        return None
    webhook = deps.post.webhooks.get(webhook_id)
    if webhook is None or not webhook.enabled:
        deps.replays.save(webhook_id, replay.ending(ReplayStatus.STOPPED, now=now))
        return None
    return _step(job, replay, webhook, deps=deps, now=now)


def _step(
    job: ReplayJob, replay: Replay, webhook: Webhook, *, deps: ReplayDeps, now: datetime
) -> Replay | None:
    replay, numbers = _onward(replay, deps=deps)
    if not numbers:
        return _end(replay, ReplayStatus.DONE, webhook, deps=deps, now=now)
    numbers, events = _portion(replay, numbers, deps=deps)
    if not events:
        return _go_on(job, replay.past((), whole=numbers[-1]), webhook, deps=deps, now=now)
    turn = take_turn(webhook, deps=deps.post, now=now)
    if turn is None:
        return _put_off(job, replay, webhook, None, deps=deps, now=now)
    posted = post_all(webhook, events, turn, deps=deps.post, now=now)
    if not posted.told:
        return _put_off(job, replay, webhook, posted, deps=deps, now=now)
    _log(job, posted, None, deps=deps, now=now)
    left = events[len(posted.told) :]
    whole = BatchNumber(left[0].message.number.batch - 1) if left else numbers[-1]
    return _go_on(job, replay.past(posted.told, whole=whole), webhook, deps=deps, now=now)


def _onward(replay: Replay, *, deps: ReplayDeps) -> tuple[Replay, Sequence[BatchNumber]]:
    """Go past days with nothing left; gives the next batches, none at the end."""
    while True:
        numbers = deps.batches(replay)
        if numbers or replay.is_past_days:
            return replay, numbers
        replay = replay.on_next_day()


def _portion(
    replay: Replay, numbers: Sequence[BatchNumber], *, deps: ReplayDeps
) -> tuple[Sequence[BatchNumber], Sequence[MessageEvent]]:
    """Of the next batches as many as have enough events, and these events."""
    found = deps.facts(numbers, range(replay.first, replay.last))
    by_number = {facts.meta.number: facts for facts in found}
    events: list[MessageEvent] = []
    looked_at: list[BatchNumber] = []
    for number in numbers:
        looked_at.append(number)
        if number in by_number:
            events += replay.picked(events_of(by_number[number]))
        if len(events) >= EVENTS_A_STEP:
            break
    return looked_at, events


def _go_on(
    job: ReplayJob, replay: Replay, webhook: Webhook, *, deps: ReplayDeps, now: datetime
) -> Replay | None:
    if not deps.replays.save(webhook.webhook_id, replay):
        return None
    deps.later(_next(job, replay), now, now)
    return replay


def _next(job: ReplayJob, replay: Replay) -> ReplayJob:
    return ReplayJob(webhook_id=job.webhook_id, replay_id=job.replay_id, step=replay.step)


def _put_off(
    job: ReplayJob,
    replay: Replay,
    webhook: Webhook,
    posted: Posted | None,
    *,
    deps: ReplayDeps,
    now: datetime,
) -> Replay | None:
    since = job.since or int(now.timestamp())
    asked_s = None if posted is None else posted.said.asked_s
    at = next_try(
        attempt=job.attempt, since=since, now=now, jitter=deps.post.jitter, asked_s=asked_s
    )
    if posted is not None:
        _log(job, posted, at, deps=deps, now=now)
    if at is None:
        return _end(replay, ReplayStatus.FAILED, webhook, deps=deps, now=now)
    deps.later(replace(job, attempt=job.attempt + 1, since=since), at, now)
    return replay


def _end(
    replay: Replay, status: ReplayStatus, webhook: Webhook, *, deps: ReplayDeps, now: datetime
) -> Replay:
    ended = replay.ending(status, now=now)
    deps.replays.save(webhook.webhook_id, ended)
    return ended


def _log(
    job: ReplayJob, posted: Posted, again: datetime | None, *, deps: ReplayDeps, now: datetime
) -> None:
    entry = posted.entry(f"replay {job.replay_id}", attempt=job.attempt, again=again, now=now)
    deps.log.add(WebhookId(job.webhook_id), entry)


def _webhook(webhook_id: str, deps: ReplayDeps) -> Webhook:
    found = deps.post.webhooks.get(WebhookId(webhook_id))
    if found is None:
        raise NotFound("There is no such webhook.")
    return found


def _check(first: datetime, last: datetime) -> None:
    if last <= first:
        raise InvalidInput.field("/to", "out_of_range", "Use a moment after the first.")
    if last - first > LONGEST:
        message = f"A replay goes over {LONGEST.days} days at most."
        raise InvalidInput.field("/to", "out_of_range", message)


def _running() -> Conflict:
    return Conflict("A replay to this webhook is running.", code="replay_running")
