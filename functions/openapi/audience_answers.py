"""What the calls about audiences answer; see ``answers``."""

from datetime import date
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel

from functions.contracts.pinpoint_dimensions import Lack
from functions.contracts.pinpoint_segment import Effect
from functions.domain.refresh import RefreshStatus


class Membership(BaseModel):
    """Who was in it at the last refresh, against the one before.

    ``day`` is the tenant's day that relative windows were counted from.
    """

    run_id: str
    day: date
    at: AwareDatetime
    count: int
    entered: int
    left: int


class Audience(BaseModel):
    """An audience; ``members`` is null until it was answered."""

    audience_id: str
    name: str
    definition: dict[str, Any]
    text: str
    version: int
    live: bool
    refresh: Literal["daily", "once"]
    created: AwareDatetime
    changed: AwareDatetime
    members: Membership | None


class Untranslated(BaseModel):
    """A part of a segment that the audience lacks, or does not have exactly.

    ``effect``: the audience is ``wider`` or ``narrower`` than the segment without it, or about
    the same.
    """

    pointer: str
    code: Lack
    message: str
    effect: Effect


class ImportedAudience(Audience):
    """An audience that was a segment."""

    untranslated: list[Untranslated]


class AudiencePage(BaseModel):
    """A page of audiences; ``next_cursor`` is null at the end."""

    items: list[Audience]
    next_cursor: str | None


class Member(BaseModel):
    """Somebody in an audience."""

    contact_id: str


class MemberPage(BaseModel):
    """A page of members; ``next_cursor`` is null at the end."""

    items: list[Member]
    next_cursor: str | None


class AudienceEstimate(BaseModel):
    """``count`` of ``people``, give or take ``margin`` (95 %; 0 when ``exact``), and some of them.

    ``day`` is that of the refresh that was asked.
    """

    count: int
    exact: bool
    margin: int
    people: int
    day: date
    sample: list[Member]


class RefreshCost(BaseModel):
    """An amount in millionths of the currency, at AWS's list prices of us-east-1."""

    micros: int
    currency: str


class RefreshUsage(BaseModel):
    """What a refresh took of AWS: DynamoDB read units, workers' GB-seconds, S3 objects."""

    read_units: float
    gb_seconds: float
    files_written: int
    files_read: int
    cost: RefreshCost


class Refresh(BaseModel):
    """A refresh; until it is done ``people`` is 0, ``finished``, ``seconds``, ``usage`` null."""

    run_id: str
    status: RefreshStatus
    day: date
    started: AwareDatetime
    finished: AwareDatetime | None
    seconds: float | None
    people: int
    usage: RefreshUsage | None
    segments: int
    shards: int


class Explained(BaseModel):
    """A condition for one person: its place in the definition, whether it holds, what it saw."""

    pointer: str
    holds: bool
    saw: str | int | float | bool | None
    inner: list["Explained"]


class StayInAudience(BaseModel):
    """A live audience that a contact is in; ``left`` is null while they are."""

    audience_id: str
    name: str
    since: AwareDatetime
    left: AwareDatetime | None


class ContactAudiences(BaseModel):
    """The live audiences that a contact is in, and those left within 30 days."""

    within: list[StayInAudience]
    left: list[StayInAudience]
