"""Bodies of the audience calls."""

from typing import Annotated, Any, Literal

from pydantic import Field

from functions.contracts.http_base import Body, Identifier, Line

Definition = Annotated[
    dict[str, Any] | Annotated[str, Field(min_length=1, max_length=20_000)],
    Field(description="A tree of conditions, or the same as one line of text."),
]


class AudiencePost(Body):
    """An audience. ``live``: who enters and leaves is known within seconds, not only daily.

    ``refresh`` says whether it is answered every day or once; left out, an audience whose windows
    are all fixed is answered once, and any other every day.
    """

    name: Line
    definition: Definition
    live: bool = False
    refresh: Literal["daily", "once"] | None = None


class AudiencePreview(Body):
    """A definition to try out."""

    definition: Definition


class AudienceImport(Body):
    """A segment of another system, as its API gives it.

    ``activity`` is the event that stands for using the app (Pinpoint's Recency); ``audiences`` are
    those that source segments became, by the segments' ids. Without ``name``, the segment's.
    """

    format: Literal["pinpoint"]
    segment: dict[str, Any]
    name: Line | None = None
    activity: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    audiences: Annotated[dict[str, Identifier], Field(max_length=100)] = Field(default_factory=dict)
