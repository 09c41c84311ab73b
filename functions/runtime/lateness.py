"""Work that waited too long, told by who takes it at last.

An alarm on the age of each queue would cost for each; a consumer knows as well how old its work
is, and nothing is published while all is well.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from functions.contracts.queues import Queue
from functions.runtime import observe

_USUAL_S = 2_100
"""SQS may keep a message back for 900 s, and it may have failed once."""
_LATE_AFTER_S: Mapping[str, int] = {
    "imports": 3_900,
    "privacy": 3_900,
    "audiences": 3_900,
    "compliance": 3_900,
    "events": 1_200,
    # A refusal must be in force before the next message leaves.
    "optouts": 300,
}
_EVERY_SERVICE = "queues"
"""One metric for all, so that it costs one alarm."""


def late_after_s(queue: Queue) -> int:
    """So many seconds after it was sent a job of this queue is late."""
    return _LATE_AFTER_S.get(str(queue), _USUAL_S)


def tell_late(records: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Count the records of an event that waited too long. ``now`` is SQS's time, never moved."""
    late = [age_s for record in records if (age_s := _late_by(record, now)) is not None]
    if late:
        queue = _name(records[0])
        observe.warn("queue.late", queue=queue, records=len(late), oldest_s=max(late))
        observe.count({"WorkLate": len(late)}, service=_EVERY_SERVICE)


def _late_by(record: Mapping[str, Any], now: datetime) -> int | None:
    sent_ms = record.get("attributes", {}).get("SentTimestamp")
    queue = _queue_of(record)
    if sent_ms is None or queue is None:
        return None
    age_s = int(now.timestamp() - int(sent_ms) / 1000)
    return age_s if age_s >= late_after_s(queue) else None


def _queue_of(record: Mapping[str, Any]) -> Queue | None:
    name = _name(record)
    return next((queue for queue in Queue if name.endswith(f"-{queue}")), None)


def _name(record: Mapping[str, Any]) -> str:
    return str(record.get("eventSourceARN", "")).rpartition(":")[2]
