"""How events enter: decorators for queue consumers and ticks, directly under Chalice's.

Chalice's own middleware does not run for handlers of a blueprint in Lambda (aws/chalice#1566),
so everything that cuts across sits here.
"""

import gc
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache, wraps
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, cast

from chalice.app import CloudWatchEvent, DynamoDBEvent, SQSEvent

from functions.contracts.codec import ContractError, from_body
from functions.contracts.errors import Unavailable
from functions.contracts.queues import Job
from functions.runtime import observe
from functions.runtime.clock import utc_now, wall_now
from functions.runtime.lateness import tell_late

BatchItemFailures = dict[str, list[dict[str, str]]]
JobT = TypeVar("JobT", bound=Job)
JobT_contra = TypeVar("JobT_contra", bound=Job, contravariant=True)

_UNREAD = "unread"
_GARBAGE = (20_000, 20, 100)
"""Objects that a batch of 200 makes are looked at once or twice, not thirty times."""


class TryLater(Exception):
    """The record cannot be handled now; it comes back after the queue's visibility time."""


def on_jobs(
    handle: Callable[..., None],
) -> Callable[[SQSEvent], BatchItemFailures]:
    """Decode each record, hand it over as ``handle(job, now=…)``, report those that failed.

    A record that cannot be read is reported failed as well, and so ends in the dead-letter
    queue, where an alarm looks. One log line a record.
    """

    @wraps(handle)
    def consume(event: SQSEvent) -> BatchItemFailures:
        records: list[dict[str, Any]] = event.to_dict()["Records"]
        tell_late(records, now=wall_now())
        failed = [record["messageId"] for record in records if not _handled(handle, record)]
        return _failures(failed)

    return consume


def _handled(handle: Callable[..., None], record: dict[str, Any]) -> bool:
    started = time.perf_counter()
    facts: dict[str, object] = {"kind": _UNREAD, "sqs_message_id": record["messageId"]}

    def work() -> None:
        job: Job = from_body(record["body"])
        facts["kind"] = job.KIND
        handle(job, now=utc_now())

    outcome = _outcome(work, facts)
    _leave_what_is_loaded()
    observe.info(
        "queue.record",
        outcome=outcome,
        received=_received(record),
        ms=_ms_since(started),
        **facts,
    )
    return outcome is Outcome.DONE


@cache
def _leave_what_is_loaded() -> None:
    """Have the garbage collector look no more at what the first record loaded, once a process.

    It would go over every module, class and client again and again, a seventh of all CPU time.
    """
    gc.freeze()
    gc.set_threshold(*_GARBAGE)


class HandleMany(Protocol[JobT_contra]):
    """Handles the jobs of one group. Handling some of them again must do no harm."""

    def __call__(self, jobs: Sequence[JobT_contra], /, *, now: datetime) -> None:
        """Do the work, or raise."""
        ...


class _Read(NamedTuple, Generic[JobT]):
    message_id: str
    job: JobT


def on_job_groups(
    *,
    key: Callable[[JobT], Hashable],
    kind: type[JobT] | None = None,
    finish: Callable[[], None] | None = None,
) -> Callable[[HandleMany[JobT]], Callable[[SQSEvent], BatchItemFailures]]:
    """Decode the records of an event and hand those of one ``key`` over together.

    ``handle_many(jobs, now=…)`` is called once a group. When it fails, the jobs of that group
    are tried one by one, so that a poison record fails alone; not when a part that we need does
    not answer (Unavailable, TryLater), which would fail each of them. One log line a call.
    With ``kind``, a job of any other is poison. ``finish`` is called once after all groups, and
    what it raises has all records come again.
    """

    def decorate(handle_many: HandleMany[JobT]) -> Callable[[SQSEvent], BatchItemFailures]:
        @wraps(handle_many)
        def consume(event: SQSEvent) -> BatchItemFailures:
            groups: dict[Hashable, list[_Read[JobT]]] = {}
            records: list[dict[str, Any]] = event.to_dict()["Records"]
            tell_late(records, now=wall_now())
            failed = [
                record["messageId"]
                for record in records
                if not _sorted_in(groups, record, kind=kind, key=key)
            ]
            for group in groups.values():
                failed += _failed_of(handle_many, group)
            if finish is not None and _outcome(finish, {"kind": "finish"}) is not Outcome.DONE:
                failed = [record["messageId"] for record in records]
            return _failures(failed)

        return consume

    return decorate


def _sorted_in(
    groups: dict[Hashable, list[_Read[JobT]]],
    record: dict[str, Any],
    *,
    kind: type[JobT] | None,
    key: Callable[[JobT], Hashable],
) -> bool:
    def work() -> None:
        job = cast("JobT", from_body(record["body"]))
        if kind is not None and not isinstance(job, kind):
            msg = f"{job.KIND} does not belong here"
            raise ContractError(msg)
        groups.setdefault(key(job), []).append(_Read(record["messageId"], job))

    outcome = _outcome(work, {"kind": _UNREAD, "sqs_message_id": record["messageId"]})
    if outcome is not Outcome.DONE:
        observe.info(
            "queue.record",
            outcome=outcome,
            sqs_message_id=record["messageId"],
            received=_received(record),
        )
    return outcome is Outcome.DONE


def _failed_of(handle_many: HandleMany[JobT], group: Sequence[_Read[JobT]]) -> list[str]:
    started = time.perf_counter()
    ids = [read.message_id for read in group]
    facts: dict[str, object] = {"kind": group[0].job.KIND, "sqs_message_ids": ids}
    outcome = _outcome(lambda: handle_many([read.job for read in group], now=utc_now()), facts)
    observe.info(
        "queue.group",
        outcome=outcome,
        records=len(ids),
        ms=_ms_since(started),
        **facts,
    )
    if outcome is Outcome.DONE:
        return []
    if outcome is Outcome.LATER or len(group) == 1:
        return ids
    return [failed for read in group for failed in _failed_of(handle_many, [read])]


class Outcome(StrEnum):
    """What became of a record."""

    DONE = "done"
    LATER = "later"
    POISON = "poison"
    FAILED = "failed"


def _outcome(work: Callable[[], None], facts: dict[str, object]) -> Outcome:
    # The message's id in the line lets `./allim dlq show` find why a dead letter failed.
    try:
        work()
    except ContractError:
        observe.fault("queue.record.unreadable", **facts)
        observe.count({"PoisonMessages": 1})
        return Outcome.POISON
    except TryLater as reason:
        observe.info("queue.record.later", why=str(reason), **facts)
        return Outcome.LATER
    except Unavailable as reason:
        observe.warn("queue.record.later", why=str(reason), **facts)
        return Outcome.LATER
    except Exception:  # noqa: BLE001  # the edge: the queue retries, then dead-letters
        observe.fault("queue.record.failed", **facts)
        return Outcome.FAILED
    return Outcome.DONE


def _received(record: dict[str, Any]) -> object:
    return record.get("attributes", {}).get("ApproximateReceiveCount")


def _failures(message_ids: Sequence[str]) -> BatchItemFailures:
    return {"batchItemFailures": [{"itemIdentifier": each} for each in message_ids]}


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 1)


def on_tick(handle: Callable[..., None]) -> Callable[[CloudWatchEvent], None]:
    """Call ``handle(now=…)``; one log line a tick."""

    @wraps(handle)
    def tick(event: CloudWatchEvent) -> None:
        now: datetime = utc_now()
        handle(now=now)
        observe.info("tick", rule=event.source, at=now.isoformat())

    return tick


def on_changes(handle: Callable[..., None]) -> Callable[[DynamoDBEvent], None]:
    """Call ``handle(keys, now=…)`` with the keys of the rows that changed; one log line a call.

    What it raises goes on, so that the stream brings all of them again.
    """

    @wraps(handle)
    def consume(event: DynamoDBEvent) -> None:
        started = time.perf_counter()
        keys = [_plain(record["dynamodb"]["Keys"]) for record in event.to_dict()["Records"]]
        handle(keys, now=utc_now())
        observe.info("stream.records", records=len(keys), ms=_ms_since(started))

    return consume


def _plain(key: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {name: value for name, typed in key.items() for value in typed.values()}
