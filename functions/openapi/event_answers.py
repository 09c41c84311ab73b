"""What the event calls answer, for the description of the API only."""

from typing import Literal

from pydantic import BaseModel


class EventsAccepted(BaseModel):
    """The events are queued; properties that are not declared were left out."""

    accepted: int
    undeclared_properties: int


class DeclaredEvent(BaseModel):
    """An event, and the properties whose values are counted each."""

    name: str
    properties: list[str]


class PageEventAccepted(BaseModel):
    """What the page told is queued."""

    accepted: Literal[True]


class EventTypes(BaseModel):
    """All event types; there is never a next page."""

    items: list[DeclaredEvent]
    next_cursor: None
