"""Puts jobs into queues: ten a request, and no failure goes unnoticed."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from functions.contracts.codec import to_body
from functions.contracts.errors import Unavailable
from functions.contracts.queues import Job, Queue
from functions.contracts.webhook_jobs import ReplayJob, TellJob
from functions.runtime.aws import sqs
from functions.runtime.settings import queue_url

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef as Entry

_BATCH = 10
MAX_DELAY_S = 900
"""The longest that SQS keeps a message back."""


def send(jobs: Iterable[Job], *, to: Queue, delay_s: int = 0) -> None:
    """Put the jobs into the queue, each invisible for ``delay_s`` seconds (0 to 900).

    Those of one webhook share a group: while many of them are worked off, SQS gives the others'
    out first (fair queues). Raises Unavailable when an entry is refused twice.
    """
    _send(((to_body(job), _group_of(job)) for job in jobs), queue_url(to), delay_s)


def send_bodies(bodies: Iterable[str], *, to: Queue, delay_s: int = 0) -> None:
    """Put bodies of jobs into the queue as they are; see ``send``."""
    _send(((body, "") for body in bodies), queue_url(to), delay_s)


def give_up(job: Job, *, of: Queue) -> None:
    """Put a job among the dead letters of its queue, from where people bring it back.

    Raises Unavailable.
    """
    _send([(to_body(job), "")], _dead_letters_url(of), 0)


def _group_of(job: Job) -> str:
    return job.webhook_id if isinstance(job, TellJob | ReplayJob) else ""


def _send(jobs: Iterable[tuple[str, str]], url: str, delay_s: int) -> None:
    for chunk in _chunks(jobs):
        entries = [_entry(i, body, group, delay_s) for i, (body, group) in enumerate(chunk)]
        failed = _send_batch(url, entries)
        if failed and _send_batch(url, failed):
            msg = f"the queue {url.rpartition('/')[2]} refused {len(failed)} messages"
            raise Unavailable(msg)


def _entry(i: int, body: str, group: str, delay_s: int) -> "Entry":
    entry: Entry = {"Id": str(i), "MessageBody": body, "DelaySeconds": delay_s}
    if group:
        entry["MessageGroupId"] = group
    return entry


def _send_batch(url: str, entries: "Sequence[Entry]") -> "list[Entry]":
    answer = sqs().send_message_batch(QueueUrl=url, Entries=entries)
    refused = {failure["Id"] for failure in answer.get("Failed", ())}
    return [entry for entry in entries if entry["Id"] in refused]


def depth_of(queue: Queue, *, dead: bool = False) -> tuple[int, int]:
    """How many messages a queue, or its dead-letter queue, has that wait and that are in flight.

    The numbers are about right. A dead-letter queue is named after its queue.
    """
    url = _dead_letters_url(queue) if dead else queue_url(queue)
    names: list[QueueAttributeNameType] = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
    ]
    found = sqs().get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    waiting, in_flight = (int(found[name]) for name in names)
    return waiting, in_flight


def _dead_letters_url(queue: Queue) -> str:
    return queue_url(queue) + "-dlq"


def _chunks(jobs: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    iterator = iter(jobs)
    while chunk := list(islice(iterator, _BATCH)):
        yield chunk
