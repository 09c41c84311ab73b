"""The notices that consent calls for: which, and by which day.

정보통신망법 art. 50(7) with decree art. 62의2: the result of consent, refusal or withdrawal within
14 days. Art. 50(8) with decree art. 62의3: confirmation every two years from the day of consent,
by the same calendar date. Days are those of the tenant's zone.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import TypeGuard

from functions.domain.consent import (
    Basis,
    Consent,
    ConsentAction,
    ConsentKey,
    ConsentRecord,
    months_after,
)
from functions.domain.ids import ContactId
from functions.domain.import_undo import UNDO_PREFIX

RESULT_DAYS = 14
"""Decree art. 62의2: the result is told within so many days."""
CONFIRM_YEARS = 2
"""Decree art. 62의3: so often a consent is confirmed."""
EARLY_MONTHS = 6
"""A confirmation counts for the date that it precedes by at most so many months."""
SHARDS = 4
"""Parts of a day, so that no partition of the index takes everyone's notices of one day."""
_LEAP_DAY = 29


class NoticeKind(StrEnum):
    """What a notice tells."""

    RESULT = "result"
    CONFIRM = "confirm"


class NoticeState(StrEnum):
    """Where a notice stands. One that is not sent in time is overdue, which its day tells."""

    DUE = "due"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice to one person.

    ``action`` was said at ``said`` about ``key``, by the row of evidence ``seq``. ``due`` is the
    last day that is in time. ``request_id`` is of the request that was made for it, ``message_id``
    and ``sent`` are the proof that its message was accepted.
    """

    kind: NoticeKind
    contact_id: ContactId
    key: ConsentKey
    action: ConsentAction
    said: datetime
    due: date
    seq: int
    state: NoticeState = NoticeState.DUE
    request_id: str | None = None
    message_id: str | None = None
    sent: datetime | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        """Its name among the person's notices: a consent has one confirmation ahead."""
        if self.kind is NoticeKind.RESULT:
            return f"{self.kind}#{self.seq:08d}"
        return confirm_name(self.key)

    def overdue(self, today: date) -> bool:
        """Whether its day has passed and nothing was sent."""
        return self.state is not NoticeState.SENT and self.due < today


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A part of the due list: the notices in one state of one day and shard."""

    state: NoticeState
    day: date
    shard: int


def confirm_name(key: ConsentKey) -> str:
    """The name of the confirmation that lies ahead of a consent."""
    return f"{NoticeKind.CONFIRM}#{key}"


def shard_of(contact_id: ContactId) -> int:
    """Which part of its day a person's notice is in."""
    return hashlib.sha256(contact_id.encode()).digest()[0] % SHARDS


def notices_of(
    records: Iterable[ConsentRecord], in_force: Mapping[ConsentKey, Consent], *, zone: tzinfo
) -> tuple[Notice, ...]:
    """The notices that these new rows of one person call for; ``in_force`` is after them."""
    results, newest = [], {}
    for record in records:
        if record.basis is Basis.EXPLICIT:
            newest[record.key] = record
        results.append(result_notice(record, zone=zone))
    confirms = [
        confirm_notice(record, in_force.get(key), zone=zone) for key, record in newest.items()
    ]
    return tuple(each for each in (*results, *confirms) if each is not None)


def result_notice(record: ConsentRecord, *, zone: tzinfo) -> Notice | None:
    """The notice of the result, for what the person said.

    A confirmation is no answer of theirs, a transaction is no consent, and who undoes an import
    corrects what the person never said. An import tells of the
    past: what was said more than 14 days before was the duty of the earlier system.
    """
    if record.action is ConsentAction.CONFIRM or record.basis is not Basis.EXPLICIT:
        return None
    if record.source.startswith(UNDO_PREFIX):
        return None
    recorded = record.recorded.astimezone(zone).date()
    due = record.at.astimezone(zone).date() + timedelta(days=RESULT_DAYS)
    if record.action is ConsentAction.IMPORT and due < recorded:
        return None
    return Notice(
        kind=NoticeKind.RESULT,
        contact_id=record.contact_id,
        key=record.key,
        action=record.action,
        said=record.at,
        due=max(due, recorded),
        seq=record.seq,
    )


def confirm_notice(
    record: ConsentRecord, consent: Consent | None, *, zone: tzinfo
) -> Notice | None:
    """The next confirmation of what is in force once ``record`` is the newest row about it."""
    if not needs_confirmation(consent):
        return None
    confirmed = None if consent.confirmed is None else consent.confirmed.astimezone(zone).date()
    due = confirmation_day(
        consent.at.astimezone(zone).date(),
        confirmed=confirmed,
        today=record.recorded.astimezone(zone).date(),
    )
    return Notice(
        kind=NoticeKind.CONFIRM,
        contact_id=record.contact_id,
        key=record.key,
        action=ConsentAction.GRANT,
        said=consent.at,
        due=due,
        seq=record.seq,
    )


def needs_confirmation(consent: Consent | None) -> TypeGuard[Consent]:
    """Whether a consent is one that has to be confirmed: agreed to, and not withdrawn."""
    return consent is not None and consent.granted and consent.basis is Basis.EXPLICIT


def confirmation_day(consented: date, *, confirmed: date | None, today: date) -> date:
    """The day by which a consent has to be confirmed next, never one before ``today``.

    >>> confirmation_day(date(2024, 2, 29), confirmed=None, today=date(2024, 3, 1))
    datetime.date(2026, 2, 28)
    """
    answered = consented if confirmed is None else _answered(consented, confirmed)
    number = 1
    while (day := anniversary(consented, number)) <= answered or day < today:
        number += 1
    return day


def anniversary(consented: date, number: int) -> date:
    """The ``number``-th day of confirmation; 29 February becomes the 28th in common years."""
    year = consented.year + CONFIRM_YEARS * number
    try:
        return consented.replace(year=year)
    except ValueError:
        return consented.replace(year=year, day=_LEAP_DAY - 1)


def _answered(consented: date, confirmed: date) -> date:
    """The day of confirmation that this one counts for: soon to come, or else just passed."""
    number = 1
    while anniversary(consented, number) < confirmed:
        number += 1
    coming = anniversary(consented, number)
    early = confirmed < _months_before(coming, EARLY_MONTHS)
    return anniversary(consented, number - 1) if early else coming


def _months_before(day: date, months: int) -> date:
    moment = months_after(datetime(day.year, day.month, day.day), -months)  # noqa: DTZ001  # a day
    return moment.date()
