"""Puts webhooks together."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache, partial

from functions.contracts.queues import Queue
from functions.contracts.webhook_jobs import ReplayJob, TellJob
from functions.domain.ids import BatchNumber
from functions.domain.message_event import BatchFacts
from functions.domain.public_address import is_loopback, is_public
from functions.domain.webhook import Webhook
from functions.domain.webhook_replay import Replay
from functions.runtime import queues
from functions.runtime.aws import derived_key
from functions.runtime.clock import wall_now
from functions.runtime.ids import jittered
from functions.runtime.outside import NotAllowed, Outside
from functions.runtime.settings import LOCAL_STAGE, stage, tenant_zone, webhooks_are_on
from functions.runtime.web import NoAnswer, NotConnected
from functions.storage.batches import BatchStore
from functions.storage.batches_between import BatchesBetween
from functions.storage.breakers import BreakerStore
from functions.storage.later import send_job_at
from functions.storage.webhook_log import TryLog
from functions.storage.webhook_marks import MarkStore
from functions.storage.webhook_replays import ReplayStore
from functions.storage.webhooks import WebhookStore
from functions.webhooks.ports import PostDeps, Said, TellDeps
from functions.webhooks.replaying import ReplayDeps
from functions.webhooks.service import WebhookDeps

_BATCHES_A_STEP = 100
_EVER = range(1 << 40)


@cache
def deps() -> WebhookDeps:
    """What the API needs."""
    return WebhookDeps(post=_post_deps(), on=webhooks_are_on(), local=_is_local())


@cache
def tell_deps() -> TellDeps:
    """What telling needs."""
    return TellDeps(
        post=_post_deps(),
        marks=MarkStore(),
        facts=_facts,
        log=log(),
        later=_later,
        given_up=partial(queues.give_up, of=Queue.WEBHOOKS),
    )


@cache
def replay_deps() -> ReplayDeps:
    """What replaying needs."""
    return ReplayDeps(
        post=_post_deps(),
        replays=ReplayStore(),
        numbers=BatchesBetween().numbers,
        batches=_batches,
        facts=BatchesBetween().read,
        log=log(),
        later=_later,
        zone=tenant_zone(),
        on=webhooks_are_on(),
    )


@cache
def log() -> TryLog:
    """The log of tries."""
    return TryLog()


@cache
def _post_deps() -> PostDeps:
    return PostDeps(
        connect=partial(OutsideLine, allowed=_is_near_or_public if _is_local() else is_public),
        keys_of=_keys_of,
        webhooks=WebhookStore(),
        breakers=BreakerStore(),
        jitter=jittered,
        clock=wall_now,
    )


class OutsideLine:
    """A connection to a receiver, which says in a word what went wrong."""

    def __init__(self, url: str, *, allowed: Callable[[str], bool]) -> None:
        self._outside = Outside(url, allowed=allowed)

    def post(self, body: bytes, headers: Mapping[str, str]) -> Said:
        """Send one request."""
        try:
            answer = self._outside.post(body, headers)
        except NotAllowed:
            return Said(trouble="not_public")
        except NotConnected:
            return Said(trouble="not_connected")
        except NoAnswer:
            return Said(trouble="no_answer")
        return Said(status=answer.status, asked_s=answer.retry_after_s)

    def close(self) -> None:
        """End it."""
        self._outside.close()


def _is_near_or_public(address: str) -> bool:
    """What may be called on the local stage: also this machine."""
    return is_loopback(address) or is_public(address)


def _keys_of(webhook: Webhook, now: datetime) -> Sequence[bytes]:
    # Derived, so that nothing is kept that could leak; see runtime/derive.py.
    return [
        derived_key(f"webhook-secret/{webhook.webhook_id}/{number}")
        for number in webhook.secrets(now=now)
    ]


def _facts(number: BatchNumber) -> BatchFacts | None:
    return next(_newest_facts().read([number], _EVER), None)


@cache
def _newest_facts() -> BatchesBetween:
    return BatchesBetween(consistent=True)


def _batches(replay: Replay) -> Sequence[BatchNumber]:
    if replay.is_past_days:
        end = min(replay.high, replay.batch + _BATCHES_A_STEP)
        return [BatchNumber(each) for each in range(replay.batch, end)]
    after = BatchNumber(max(replay.batch - 1, 0))
    found = BatchStore().looked_at(replay.day, after=after, limit=_BATCHES_A_STEP)
    return [each for each in found if each < replay.low]


def _later(job: TellJob | ReplayJob, at: datetime, now: datetime) -> None:
    send_job_at(job, to=Queue.WEBHOOKS, at=at, now=now)


def _is_local() -> bool:
    return stage() == LOCAL_STAGE
