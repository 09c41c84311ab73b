"""Everything that is known of a person, as plain JSON."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from functions.domain.access_log import Access
from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.attribution import GoalEvent, number_of
from functions.domain.batch import Batch
from functions.domain.consent import ConsentRecord
from functions.domain.contact import Contact, Email, Phone
from functions.domain.ids import MessageNumber
from functions.domain.suppression import Scope

_OF_NOBODY = frozenset({"subject", "ip_hash", "previous", "phone_hash"})
"""Hashes that mean nothing to the person."""


def export(
    contact: Contact,
    evidence: Iterable[ConsentRecord],
    messages: Iterable[tuple[MessageNumber, Batch]],
    accesses: Iterable[Access],
    *,
    activity: Mapping[ActivityKey, Sequence[DayTotal]],
    now: datetime,
) -> dict[str, Any]:
    """Put together what the stores gave."""
    return {
        "exported": now.isoformat(),
        "profile": plain(contact),
        "consents": [plain(record) for record in evidence],
        "messages": [_message(number, batch) for number, batch in messages],
        "activity": [
            plain(key) | {"days": [plain(total) for total in totals]}
            for key, totals in activity.items()
        ],
        "accesses": [plain(access) for access in accesses],
    }


def goal_event(event: GoalEvent) -> dict[str, Any]:
    """An event that is a campaign's goal, and the messages that it is put down to."""
    return {
        "name": event.name,
        "at": datetime.fromtimestamp(event.at, tz=UTC).isoformat(),
        "value_minor": event.minor,
        "messages": [str(number_of(touch)) for touch in event.touches],
    }


def _message(number: MessageNumber, batch: Batch) -> dict[str, Any]:
    state = batch.state.state_of(number.ordinal)
    return {
        "message_id": str(number),
        "channel": batch.meta.channel,
        "class": batch.meta.purpose,
        "source": plain(batch.meta.source),
        "created": batch.meta.created.isoformat(),
        "recipient": plain(batch.recipients[number.ordinal]),
        "state": plain(state),
    }


def plain(value: Any) -> Any:  # noqa: ANN401, PLR0911  # any value, by its kind
    """A value of the domain as JSON: records as objects, moments as text."""
    match value:
        case Phone():
            return value.e164
        case Email():
            return value.address
        case date():  # and moments, which are dates to Python
            return value.isoformat()
        case Scope():
            return str(value)
        case Mapping():
            return {str(key): plain(each) for key, each in value.items()}
        case tuple() | list() | frozenset():
            return [plain(each) for each in value]
        case _:
            return _fields(value) if dataclasses.is_dataclass(value) else value


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401  # any dataclass
    names = (each.name for each in dataclasses.fields(value))
    return {name: plain(getattr(value, name)) for name in names if name not in _OF_NOBODY}
