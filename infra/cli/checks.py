"""Checks of campaigns on demand: asked for by a job, found in the campaign's rows."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.contracts.campaign_jobs import CheckJob
from functions.contracts.codec import to_body
from functions.contracts.queues import Queue

if TYPE_CHECKING:
    from collections.abc import Callable

    from infra.deploying.account import Account

_POLL_S = 1.0


class CheckError(Exception):
    """Why a campaign cannot be checked; the text is for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found of a whole campaign."""

    status: str
    recipients: int
    counts: dict[str, int]
    faults: list[str]
    more_faults: int
    mended: dict[str, int]
    settled: bool

    @property
    def adds_up(self) -> bool:
        """Whether everyone is accounted for once."""
        return sum(self.counts.values()) == self.recipients


@dataclass(frozen=True, slots=True)
class Checks:
    """Asks for checks of a stage's campaigns, with the operator's own credentials."""

    account: Account
    stage: str
    app: str = "allim"

    def check(
        self,
        campaign_id: str,
        *,
        patience: timedelta,
        deadline_s: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Checked:
        """Have a campaign checked, and wait for what is found. Raises CheckError."""
        if not self._item(campaign_id, "META"):
            msg = f"there is no campaign {campaign_id} here"
            raise CheckError(msg)
        asked = time.time_ns() // 1_000_000
        job = CheckJob(
            campaign_id=campaign_id, patience_s=int(patience.total_seconds()), asked=asked
        )
        self.account.sqs.send_message(QueueUrl=self._queue_url(), MessageBody=to_body(job))
        for _ in range(max(1, round(deadline_s / _POLL_S))):
            chunks = self._chunks(campaign_id, asked)
            if chunks:
                return _together(chunks)
            sleep(_POLL_S)
        msg = f"no answer within {deadline_s:.0f} s: is the queue {Queue.PLAN} worked off?"
        raise CheckError(msg)

    def _chunks(self, campaign_id: str, asked: int) -> list[dict[str, Any]]:
        """What was found of each chunk, once all have been looked at."""
        chunks: list[dict[str, Any]] = []
        while not chunks or not chunks[-1]["last"]:
            item = self._item(campaign_id, f"CHECK#{len(chunks):04d}")
            chunk = json.loads(item["found"]["S"]) if item else {}
            if chunk.get("asked", 0) < asked:
                return []
            chunks.append(chunk)
        return chunks

    def _item(self, campaign_id: str, kind: str) -> dict[str, Any]:
        table = f"{self.app}-{self.stage}-campaigns"
        try:
            answer = self.account.dynamodb.get_item(
                TableName=table,
                Key={"campaign_id": {"S": campaign_id}, "kind": {"S": kind}},
                ConsistentRead=True,
            )
        except ClientError as error:
            msg = f"the table {table} cannot be read: {error.response['Error']['Code']}"
            raise CheckError(msg) from error
        item: dict[str, Any] = answer.get("Item", {})
        return item

    def _queue_url(self) -> str:
        name = f"{self.app}-{self.stage}-{Queue.PLAN}"
        try:
            return self.account.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        except ClientError as error:
            msg = f"there is no queue {name} here: {error.response['Error']['Code']}"
            raise CheckError(msg) from error


def _together(chunks: list[dict[str, Any]]) -> Checked:
    counts: Counter[str] = Counter()
    mended: Counter[str] = Counter()
    for chunk in chunks:
        counts.update(chunk["counts"])
        mended.update(chunk["mended"])
    return Checked(
        status=chunks[-1]["status"],
        recipients=sum(chunk["recipients"] for chunk in chunks),
        counts=dict(counts),
        faults=[_says(*fault) for chunk in chunks for fault in chunk["faults"]],
        more_faults=sum(chunk["more_faults"] for chunk in chunks),
        mended=dict(mended),
        settled=all(chunk["settled"] for chunk in chunks),
    )


def _says(kind: str, part: str, batch: int | None, expected: int, found: int) -> str:
    where = f"part {part}" if batch is None else f"part {part}, batch {batch}"
    return f"{kind}: {where} has {found} where {expected} belong"
