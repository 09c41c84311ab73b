"""The schema of events, version 1: every field, what it means, and which events have it.

Within a version fields, event types and values of closed lists are only added, and a reader
ignores what it does not know. What would break a reader makes the next version, which is told
beside this one until nobody reads it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from functions.contracts.event_document import VERSION
from functions.domain.channel import Channel, Purpose
from functions.domain.message_event import EventType
from functions.domain.reason import FailureReason, RefusalReason
from functions.domain.text_size import MessageType

_ALL = frozenset(EventType)
_SOURCES = ("campaign", "request", "test")


class ValueType(StrEnum):
    """How a field is written."""

    TEXT = "text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    """ISO 8601 in UTC, to the second; in columns a timestamp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventField:
    """A field. Only events ``of`` these types have it, of others it is null.

    ``nullable`` says that it may be null of these, too; ``among`` are its values, where closed.
    """

    name: str
    meaning: str
    type: ValueType = ValueType.TEXT
    of: frozenset[EventType] = _ALL
    nullable: bool = False
    among: tuple[str, ...] = ()


_T = EventType
MEANING_BY_TYPE = {
    _T.SENT: "A provider took the message",
    _T.DELIVERED: "The carrier says so",
    _T.FAILED: "The provider did not take it, the carrier did not deliver it, or its time was over",
    _T.REFUSED: "The one door kept it from leaving, after it had been put into a batch",
    _T.CANCELLED: "Somebody cancelled it, or its campaign, before it left",
    _T.UNKNOWN: "Perhaps sent: the provider could not say, and nobody asks again",
    _T.CLICKED: "A person opened one of its links for the first time",
    _T.CLICKED_BY_MACHINE: "A scanner or a preview opened one of its links for the first time",
    _T.REPLIED: "The person wrote back for the first time",
    _T.OPTED_OUT: "It made the person opt out",
    _T.COMPLAINED: "It made the person complain",
    _T.CONVERTED: "An event of its campaign's goal is put down to it by the last touch",
}
FIELDS = (
    EventField(name="schema_version", type=ValueType.INTEGER, meaning="Version of this table"),
    EventField(
        name="event_id",
        meaning="The same whenever the event is told; of two tellings the later holds",
    ),
    EventField(name="type", meaning="What happened", among=tuple(EventType)),
    EventField(name="occurred_at", type=ValueType.MOMENT, meaning="When, in UTC"),
    EventField(name="message_id", meaning="As the API shows it"),
    EventField(
        name="contact_id",
        nullable=True,
        meaning="Of the person; null for a number of nobody known, and once the person is erased",
    ),
    EventField(name="source", meaning="What made the message", among=_SOURCES),
    EventField(name="source_id", meaning="Id of the campaign, request or step that made it"),
    EventField(
        name="origin_id",
        meaning="Id of the campaign or request that the step hangs below; else as `source_id`",
    ),
    EventField(
        name="step",
        nullable=True,
        meaning="Which follow-up: a letter a level, `y` (it happened) or `n` (it did not): `y-n`",
    ),
    EventField(name="channel", meaning="How it travels", among=tuple(Channel)),
    EventField(name="purpose", meaning="Advertising or not", among=tuple(Purpose)),
    EventField(name="message_type", meaning="What is charged", among=tuple(MessageType)),
    EventField(name="sender_id", meaning="From whom"),
    EventField(name="template_id", meaning="With which text"),
    EventField(name="template_version", type=ValueType.INTEGER, meaning="In which version"),
    EventField(
        name="variant", nullable=True, meaning="Which variant of a campaign that has several"
    ),
    EventField(
        name="account",
        nullable=True,
        meaning="Account at the provider; null where a batch went in several rounds, or in none",
    ),
    EventField(
        name="reason",
        of=frozenset({_T.REFUSED, _T.FAILED, _T.UNKNOWN}),
        meaning="Why, see [reasons](errors.md#reasons-of-messages)",
        among=tuple(dict.fromkeys((*RefusalReason, *FailureReason))),
    ),
    EventField(
        name="had_left",
        type=ValueType.BOOLEAN,
        of=frozenset({_T.FAILED}),
        meaning="Whether a provider had taken it: then it has a `message.sent`, too",
    ),
    EventField(
        name="links",
        of=frozenset({_T.CLICKED}),
        meaning="Places of the links that the person has opened by now: `0`, `0,2`; may be empty "
        "for messages of before links were told apart",
    ),
    EventField(
        name="goal",
        of=frozenset({_T.CONVERTED}),
        nullable=True,
        meaning="Name of the event that converted; null when the campaign is gone",
    ),
    EventField(
        name="value_minor",
        type=ValueType.INTEGER,
        of=frozenset({_T.CONVERTED}),
        meaning="Its value in minor units",
    ),
    EventField(
        name="price_minor",
        type=ValueType.INTEGER,
        of=frozenset({_T.SENT, _T.FAILED}),
        meaning="Price in minor units. What a carrier reports as failed is not charged: its "
        "failure has the negative price, so the sum is what was spent",
    ),
    EventField(
        name="currency",
        of=frozenset({_T.SENT, _T.FAILED, _T.CONVERTED}),
        meaning="ISO 4217; the won has no minor unit",
    ),
)


def json_schema() -> dict[str, Any]:
    """The schema of an event's document as JSON Schema (2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Event of a message, version {VERSION}",
        "type": "object",
        "properties": {each.name: _property(each) for each in FIELDS},
        "required": [each.name for each in FIELDS],
    }


_JSON_BY_TYPE: dict[ValueType, dict[str, Any]] = {
    ValueType.TEXT: {"type": "string"},
    ValueType.INTEGER: {"type": "integer"},
    ValueType.BOOLEAN: {"type": "boolean"},
    ValueType.MOMENT: {"type": "string", "format": "date-time"},
}


def _property(field: EventField) -> dict[str, Any]:
    found: dict[str, Any] = {"description": field.meaning, **_JSON_BY_TYPE[field.type]}
    if field.name == "schema_version":
        found["const"] = VERSION
    if field.nullable or field.of != _ALL:
        found["type"] = [found["type"], "null"]
    return found
