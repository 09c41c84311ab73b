"""Bodies of the calls about exports."""

from datetime import date
from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import Body, Identifier
from functions.domain.export import (
    MAX_LOOK_BACK_DAYS,
    MAX_REWRITE_DAYS,
    USUAL_LOOK_BACK_DAYS,
    USUAL_REWRITE_DAYS,
    ExportFormat,
)
from functions.domain.message_event import EventType

_EARLIEST = date(2000, 1, 1)


class ExportPut(Body):
    """What is exported.

    ``types`` of events and ``campaigns`` (or requests, or steps), null for all. ``hour`` of the
    company's clock at which it runs each day, null for on demand only; then it writes the last
    ``rewrite_days`` days anew. Events are looked for at messages that were made at most
    ``look_back_days`` days before.
    """

    format: Annotated[ExportFormat, Field(strict=False)]
    types: (
        Annotated[
            list[Annotated[EventType, Field(strict=False)]],
            Field(min_length=1, max_length=len(EventType)),
        ]
        | None
    ) = None
    campaigns: Annotated[list[Identifier], Field(min_length=1, max_length=100)] | None = None
    hour: Annotated[int, Field(ge=0, le=23)] | None = None
    rewrite_days: Annotated[int, Field(ge=1, le=MAX_REWRITE_DAYS)] = USUAL_REWRITE_DAYS
    look_back_days: Annotated[int, Field(ge=1, le=MAX_LOOK_BACK_DAYS)] = USUAL_LOOK_BACK_DAYS


class ExportRunPost(Body):
    """The days of the company's calendar to write, at most 31; the last one may be today."""

    first_day: Annotated[date, Field(strict=False, ge=_EARLIEST)]
    last_day: Annotated[date, Field(strict=False)]
