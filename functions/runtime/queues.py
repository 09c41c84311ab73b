"""Puts jobs into queues: ten a request, and no failure goes unnoticed."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from functions.contracts.codec import to_body
from functions.contracts.errors import Unavailable
from functions.contracts.queues import Job, Queue
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

    Raises Unavailable when an entry is refused twice.
    """
    send_bodies((to_body(job) for job in jobs), to=to, delay_s=delay_s)


def send_bodies(bodies: Iterable[str], *, to: Queue, delay_s: int = 0) -> None:
    """Put bodies of jobs into the queue as they are; see ``send``."""
    for chunk in _chunks(bodies):
        entries: list[Entry] = [
            {"Id": str(i), "MessageBody": body, "DelaySeconds": delay_s}
            for i, body in enumerate(chunk)
        ]
        failed = _send_batch(to, entries)
        if failed and _send_batch(to, failed):
            msg = f"the queue {to} refused {len(failed)} messages"
            raise Unavailable(msg)


def _send_batch(queue: Queue, entries: "Sequence[Entry]") -> "list[Entry]":
    answer = sqs().send_message_batch(QueueUrl=queue_url(queue), Entries=entries)
    refused = {failure["Id"] for failure in answer.get("Failed", ())}
    return [entry for entry in entries if entry["Id"] in refused]


def depth_of(queue: Queue, *, dead: bool = False) -> tuple[int, int]:
    """How many messages a queue, or its dead-letter queue, has that wait and that are in flight.

    The numbers are about right. A dead-letter queue is named after its queue.
    """
    url = queue_url(queue) + ("-dlq" if dead else "")
    names: list[QueueAttributeNameType] = [
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
    ]
    found = sqs().get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    waiting, in_flight = (int(found[name]) for name in names)
    return waiting, in_flight


def _chunks(bodies: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(bodies)
    while chunk := list(islice(iterator, _BATCH)):
        yield chunk
