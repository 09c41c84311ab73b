"""Bodies of the event calls."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from functions.contracts.http_base import PRINTABLE, Body, Identifier, Moment, Name, Values
from functions.domain.activity import MAX_PROPERTIES, RESERVED
from functions.domain.pricing import CURRENCY

MAX_EVENTS = 500
EVENT_NAME = r"^[A-Za-z가-힣][A-Za-z0-9가-힣._:-]{0,63}$"
_MOST_MINOR = 10**12


def _not_reserved(name: object) -> object:
    if isinstance(name, str) and name.startswith(RESERVED):
        code, msg = "reserved", "Names that begin with $ are kept for our own events."
        raise PydanticCustomError(code, msg)
    return name


def _of_the_tenant(currency: str) -> str:
    if currency != CURRENCY:
        code, msg = "other_currency", f"Amounts are in {CURRENCY}."
        raise PydanticCustomError(code, msg)
    return currency


def _different(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        code, msg = "duplicate", "A property stands there twice."
        raise PydanticCustomError(code, msg)
    return names


EventName = Annotated[str, Field(pattern=EVENT_NAME), BeforeValidator(_not_reserved)]
"""What happened, such as ``purchase``."""


class MoneyPost(Body):
    """An amount in minor units of the tenant's currency; the won has none, so whole won."""

    minor: Annotated[int, Field(ge=-_MOST_MINOR, le=_MOST_MINOR)]
    currency: Annotated[str, AfterValidator(_of_the_tenant)]


class EventPost(Body):
    """What a contact did. ``time`` defaults to now.

    ``event_id`` is the caller's; of one contact the same id is counted once in 7 days. Only
    declared properties are kept, each with at most 64 characters.
    """

    event_id: Annotated[str, Field(min_length=1, max_length=128), PRINTABLE]
    contact_id: Identifier
    name: EventName
    time: Moment | None = None
    value: MoneyPost | None = None
    properties: Values = Field(default_factory=dict)


class EventBatch(Body):
    """Up to 500 events; when one cannot be taken, none is."""

    events: Annotated[list[EventPost], Field(min_length=1, max_length=MAX_EVENTS)]


class EventTypePut(Body):
    """The properties of an event whose values are counted each; all others are not kept."""

    properties: Annotated[list[Name], Field(max_length=MAX_PROPERTIES), AfterValidator(_different)]
