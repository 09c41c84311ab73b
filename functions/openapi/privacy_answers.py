"""What the calls about rights over data answer, for the description of the API only."""

from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel

from functions.domain.erasure import ErasureStatus


class Kept(BaseModel):
    """What the law or good manners ask to keep, and under which hash."""

    consent_evidence: str
    suppressions: str


class Erasure(BaseModel):
    """An erasure, and once it is done its certificate: how many things of each kind were erased.

    ``subject`` is the keyed hash under which evidence is kept; it does not lead back to a name.
    """

    erasure_id: str
    status: ErasureStatus
    subject: str
    requested: AwareDatetime
    actor: str
    completed: AwareDatetime | None
    erased: dict[str, int]
    kept: Kept


class ErasurePage(BaseModel):
    """A page of erasures; ``next_cursor`` is null at the end."""

    items: list[Erasure]
    next_cursor: str | None


class Export(BaseModel):
    """Everything that is known of a person, as it is stored."""

    exported: AwareDatetime
    profile: dict[str, Any]
    consents: list[dict[str, Any]]
    messages: list[dict[str, Any]]
    activity: list[dict[str, Any]]
    goal_events: list[dict[str, Any]]
    accesses: list[dict[str, Any]]


class Access(BaseModel):
    """One look at personal data. ``subject`` is a hash, empty where a list was read."""

    at: AwareDatetime
    request_id: str
    key_id: str
    route: str
    status: int
    subject: str
    ip: str


class AccessPage(BaseModel):
    """A page of accesses, which may be empty though more follow; ``next_cursor`` tells."""

    items: list[Access]
    next_cursor: str | None


class RecordDay(BaseModel):
    """The compliance record of one day; ``sealed`` is null and ``files`` empty until its seal.

    ``digest`` is that of its last line. Put together, the files are one gzipped file of lines.
    """

    day: date
    messages: int
    sealed: AwareDatetime | None
    digest: str
    files: list[str]


class RecordMonth(BaseModel):
    """The days of a month, oldest first."""

    month: str
    items: list[RecordDay]


class RecordKey(BaseModel):
    """The public half of the key that signs the record, in PEM; ``key_id`` is in its seals."""

    key_id: str
    algorithm: str
    public_key: str
