"""The dead-letter queues of a deployment: what is in them, why, and where it goes from there.

A body holds ids, but a provider's callback holds phone numbers: what is shown of a job are its
kind and those of its fields that name things, never what came from outside.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.contracts.codec import ContractError, from_body
from functions.contracts.queues import Queue

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

    from infra.deploying.account import Account

MOST = 1_000
"""So many dead letters are looked at by one command."""
_RECEIVE = 10
_HIDDEN_S = 120
"""So long nobody else sees what a command looks at; given back when it ends."""
_SHOWN_CHARS = 64
_FROM_OUTSIDE = frozenset({"body", "people", "to", "user_agent", "network", "purpose"})
_LOOK_BACK = timedelta(hours=1)
"""A message may have failed first so long before it was sent, by other clocks than SQS's."""


class DeadLetterError(Exception):
    """Why a command cannot be done; the text is for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many messages a queue and its dead-letter queue hold, about."""

    queue: Queue
    waiting: int
    dead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that failed five times. ``fields`` names what it is about, without content."""

    message_id: str
    body: str = field(repr=False)
    receipt: str = field(repr=False)
    sent: datetime
    received: int
    kind: str
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The dead-letter queues of a stage, with the operator's own credentials."""

    account: Account
    stage: str
    app: str = "allim"

    def counts(self) -> list[Count]:
        """Count what waits and what is dead in each queue. Raises DeadLetterError."""
        return [
            Count(queue=each, waiting=self._count(str(each)), dead=self._count(f"{each}-dlq"))
            for each in Queue
        ]

    @contextmanager
    def look(self, queue: Queue, *, most: int = MOST) -> Iterator[list[DeadLetter]]:
        """Take dead letters out of sight, and give those back that are still there at the end."""
        found = list(self._receive(self._url(f"{queue}-dlq"), most))
        try:
            yield found
        finally:
            self._give_back(queue, found)

    def redrive(self, queue: Queue, ids: Sequence[str] = ()) -> int:
        """Move dead letters (all, or those of these ids) back into their queue; tells how many.

        Sent before it is deleted: dying in between repeats work, which does no harm, and loses
        none. Raises DeadLetterError.
        """
        target = self._url(str(queue))
        return self._away(
            queue, ids, lambda each: self._sqs.send_message(QueueUrl=target, MessageBody=each.body)
        )

    def drop(self, queue: Queue, ids: Sequence[str] = ()) -> int:
        """Delete dead letters for good; tells how many. Raises DeadLetterError."""
        return self._away(queue, ids, lambda _: None)

    def reason(self, queue: Queue, letter: DeadLetter) -> str:
        """What the function's log says of the last failure; empty when it says nothing."""
        logs = self.account.session.client("logs", endpoint_url=self.account.endpoint_url)
        since = int((letter.sent - _LOOK_BACK).timestamp() * 1000)
        try:
            events = logs.filter_log_events(
                logGroupName=f"/aws/lambda/{self.app}-{self.stage}-{queue}",
                filterPattern=f'"{letter.message_id}"',
                startTime=since,
            )["events"]
        except ClientError:
            return ""
        lines = (_failure(event.get("message", ""), letter.message_id) for event in events)
        return next((line for line in reversed(list(lines)) if line), "")

    def _away(self, queue: Queue, ids: Sequence[str], first: Callable[[DeadLetter], object]) -> int:
        url, gone = self._url(f"{queue}-dlq"), set[str]()
        with self.look(queue) as letters:
            for letter in [each for each in letters if not ids or each.message_id in ids]:
                first(letter)
                self._sqs.delete_message(QueueUrl=url, ReceiptHandle=letter.receipt)
                letters.remove(letter)
                gone.add(letter.message_id)
        if missing := set(ids) - gone:
            msg = f"not among the dead letters of {queue}: {', '.join(sorted(missing))}"
            raise DeadLetterError(msg)
        return len(gone)

    def _receive(self, url: str, most: int) -> Iterator[DeadLetter]:
        seen = 0
        while seen < most:
            messages = self._sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=min(_RECEIVE, most - seen),
                VisibilityTimeout=_HIDDEN_S,
                # Asks all of SQS's servers, so that a short queue is not taken for an empty one.
                WaitTimeSeconds=1,
                AttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            ).get("Messages", [])
            if not messages:
                return
            seen += len(messages)
            yield from map(_letter, messages)

    def _give_back(self, queue: Queue, letters: Sequence[DeadLetter]) -> None:
        url = self._url(f"{queue}-dlq")
        for letter in letters:
            self._sqs.change_message_visibility(
                QueueUrl=url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
            )

    def _count(self, name: str) -> int:
        answer = self._sqs.get_queue_attributes(
            QueueUrl=self._url(name), AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    def _url(self, name: str) -> str:
        full = f"{self.app}-{self.stage}-{name}"
        try:
            return self._sqs.get_queue_url(QueueName=full)["QueueUrl"]
        except ClientError as error:
            msg = f"there is no queue {full} here: {error.response['Error']['Code']}"
            raise DeadLetterError(msg) from error

    @property
    def _sqs(self) -> SQSClient:
        return self.account.sqs


def _letter(message: MessageTypeDef) -> DeadLetter:
    attributes: Any = message.get("Attributes", {})
    kind, fields = _told(message["Body"])
    return DeadLetter(
        message_id=message["MessageId"],
        body=message["Body"],
        receipt=message["ReceiptHandle"],
        sent=datetime.fromtimestamp(int(attributes.get("SentTimestamp", 0)) / 1000, tz=UTC),
        received=int(attributes.get("ApproximateReceiveCount", 0)),
        kind=kind,
        fields=fields,
    )


def _told(body: str) -> tuple[str, dict[str, object]]:
    """The kind of a job and what it is about."""
    try:
        job = from_body(body)
    except ContractError:
        return "unreadable", {"characters": len(body)}
    data = json.loads(body)["data"]
    return job.KIND, {
        name: value
        for name, value in data.items()
        if name not in _FROM_OUTSIDE and len(str(value)) <= _SHOWN_CHARS
    }


def _failure(line: str, message_id: str) -> str:
    """The error and the last place of a log line that tells of a failure of this message."""
    try:
        said = json.loads(line)
    except ValueError:
        return ""
    told = {said.get("sqs_message_id"), *said.get("sqs_message_ids", ())}
    if "error" not in said or message_id not in told:
        return ""
    place = (said.get("stack") or ["?"])[-1]
    code = f" ({said['aws']})" if said.get("aws") else ""
    return f"{said['error']}{code} at {place}"
