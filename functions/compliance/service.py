"""Makes the compliance record of a day: part by part, then the seal.

A part is written under a name of its own and counts once the day's row says so, under a
condition: a worker that dies or is called twice leaves at most an object that nobody refers to.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from functions.compliance.ports import ComplianceDeps
from functions.contracts.message_evidence import evidence_of_message
from functions.contracts.queues import RecordJob
from functions.domain.compliance import BATCHES_PER_PART, DayRecord, due_day
from functions.domain.ids import BatchNumber
from functions.domain.record_chain import (
    GENESIS,
    Line,
    Link,
    canonical,
    head_of,
    link_of,
    message_line,
    seal_of,
    signed,
    to_sign,
)


def start(*, deps: ComplianceDeps, now: datetime) -> date | None:
    """Put the day whose turn it is to work, or to work again; gives the day. Harmless to repeat."""
    day = due_day(deps.records.newest(), today=now.astimezone(deps.zone).date())
    if day is not None:
        deps.enqueue(RecordJob(day=day.isoformat()))
    return day


def work(job: RecordJob, *, deps: ComplianceDeps, now: datetime) -> DayRecord | None:
    """Write the next part of a day and go on with the one after it; None when it is not its turn.

    After the seal it goes on with the next day that is due, if there is one.
    """
    day, newest = date.fromisoformat(job.day), deps.records.newest()
    if not _is_next(day, newest):
        return None
    begun = newest if newest is not None and newest.sealed is None else None
    link = GENESIS if newest is None else newest.link.digest
    after = _with_part(begun or DayRecord(day=day, link=Link(digest=link)), deps=deps, now=now)
    if not deps.records.advance(begun, after):
        return None
    if after.sealed is None:
        deps.enqueue(job)
    else:
        start(deps=deps, now=now)
    return after


def _is_next(day: date, newest: DayRecord | None) -> bool:
    if newest is None:
        return True
    return day == (newest.day if newest.sealed is None else newest.day + timedelta(days=1))


def _with_part(record: DayRecord, *, deps: ComplianceDeps, now: datetime) -> DayRecord:
    batches = deps.batches.looked_at(record.day, after=record.last_batch, limit=BATCHES_PER_PART)
    part = _Part(record, deps=deps)
    file = deps.records.put_part(record.day, part.lines(batches, now=now))
    return record.with_part(
        file,
        link=part.link,
        last_batch=max((record.last_batch, *batches)),
        sealed=None if batches else now,
    )


class _Part:
    """Writes the lines of one part; ``link`` is where the chain stands after them."""

    def __init__(self, record: DayRecord, *, deps: ComplianceDeps) -> None:
        self.link = record.link
        self._day = record.day
        self._deps = deps

    def lines(self, batches: tuple[BatchNumber, ...], *, now: datetime) -> Iterator[bytes]:
        """The head when nothing was written yet, the messages, the seal when there are no more."""
        deps = self._deps
        if self.link.seq == 0:
            after = self.link.digest
            yield self._written(
                head_of(self._day, zone=deps.zone.key, key_id=deps.key_id(), after=after)
            )
        for number in batches:
            for evidence in self._messages(number):
                yield self._written(message_line(evidence, self.link))
        if not batches:
            sealed = now.astimezone(deps.zone).isoformat(timespec="seconds")
            seal = seal_of(self._day, sealed=sealed, key_id=deps.key_id(), after=self.link)
            yield self._written(signed(seal, deps.sign(to_sign(seal))))

    def _messages(self, number: BatchNumber) -> Iterator[dict[str, Any]]:
        """The evidence of each message of a batch that was looked at on the day."""
        batch = self._deps.batches.load(number)
        if batch is None:
            return
        rounds = self._deps.batches.evidence(number)
        of_day = [r for r in rounds if r.at.astimezone(self._deps.zone).date() == self._day]
        for ordinal in sorted({ordinal for each in of_day for ordinal in each.cases}):
            evidence = evidence_of_message(batch, ordinal, rounds)
            contact_id = evidence.pop("contact_id")
            # The record is kept when the contact is erased.
            subject = None if contact_id is None else self._deps.subject_of(contact_id)
            yield {"subject": subject, **evidence}

    def _written(self, line: Line) -> bytes:
        self.link = link_of(line)
        return canonical(line) + b"\n"
