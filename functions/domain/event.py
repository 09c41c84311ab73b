"""What a person did, as the company's systems report it, and which of its properties count."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from functions.domain.contact import AttributeValue
from functions.domain.ids import ContactId

MAX_AGE = timedelta(days=30)
"""Events may be reported so late."""
CLOCK_SKEW = timedelta(minutes=5)
"""So far a caller's clock may be ahead of ours."""
REPEATABLE_FOR = timedelta(days=7)
"""So long a repeated event is known by its id and not counted again."""
WORKED_OFF_WITHIN = timedelta(days=4)
"""So long a report waits in the queue at most; a later one is not counted, for its events may
have been counted before and their ids be forgotten."""
KEY_BYTES = 6
MAX_VALUE_CHARS = 64
"""The longest value of a declared property."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event. ``key`` is what stands for its id; ``minor`` is money in minor units.

    ``properties`` are the declared ones, as texts.
    """

    key: int
    name: str
    at: datetime
    minor: int = 0
    properties: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def day(self, zone: ZoneInfo) -> date:
        """The day it happened on, by the clocks of a zone."""
        return self.at.astimezone(zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEvents:
    """Events of one person that were reported together."""

    contact_id: ContactId
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTypes:
    """The properties that are broken out, by the event's name; ``version`` counts changes."""

    version: int = 0
    properties_by_name: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def declared(
        self, name: str, properties: Mapping[str, AttributeValue]
    ) -> tuple[tuple[str, str], ...]:
        """What of an event's properties is kept, as texts."""
        names = self.properties_by_name.get(name, ())
        return tuple((each, value_text(properties[each])) for each in names if each in properties)

    def changed(self, name: str, properties: Iterable[str]) -> "EventTypes":
        """The next version, in which this event has these properties."""
        declared = {**self.properties_by_name, name: tuple(properties)}
        return replace(self, version=self.version + 1, properties_by_name=declared)


def event_key(event_id: str) -> int:
    """What stands for an event's id: 48 bits, so that two of one person's hardly ever agree."""
    digest = hashlib.blake2b(event_id.encode(), digest_size=KEY_BYTES).digest()
    return int.from_bytes(digest, "big")


def value_text(value: AttributeValue) -> str:
    """A property's value as the text that is counted.

    >>> [value_text(each) for each in ("shoes", 3, 3.0, 2.5, True)]
    ['shoes', '3', '3', '2.5', 'true']
    """
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return json.dumps(value)
