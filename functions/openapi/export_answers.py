"""What the calls about exports answer; see ``answers``."""

from datetime import date

from pydantic import AwareDatetime, BaseModel

from functions.domain.export import ExportFormat, RunStatus
from functions.domain.message_event import EventType


class ExportDefinition(BaseModel):
    """What is exported; ``types`` and ``campaigns`` are null for all.

    ``next_run`` is null where it runs on demand only.
    """

    name: str
    format: ExportFormat
    types: list[EventType] | None
    campaigns: list[str] | None
    hour: int | None
    rewrite_days: int
    look_back_days: int
    version: int
    next_run: AwareDatetime | None


class ExportPage(BaseModel):
    """A page of exports; ``next_cursor`` is null at the end."""

    items: list[ExportDefinition]
    next_cursor: str | None


class ExportRun(BaseModel):
    """Some days being written anew. ``events`` is known at the end."""

    run_id: str
    export: str
    first_day: date
    last_day: date
    status: RunStatus
    started: AwareDatetime
    finished: AwareDatetime | None
    events: int | None


class ExportRuns(BaseModel):
    """The newest runs."""

    items: list[ExportRun]
    next_cursor: None


class ExportDay(BaseModel):
    """What is in a day's files. ``derived_at`` is when the run that wrote them began.

    ``complete`` says that the day was over by then, though receipts and clicks may still come.
    ``zone`` is that of the day; moments in files are in UTC.
    """

    schema_version: int
    export: str
    day: date
    zone: str
    revision: int
    derived_at: AwareDatetime
    complete: bool
    format: ExportFormat
    events: int
    counts: dict[EventType, int]


class ExportDays(BaseModel):
    """Days that were written."""

    items: list[ExportDay]
    next_cursor: None


class ExportFile(BaseModel):
    """A file; ``url`` gives it to whoever has it, for 15 minutes."""

    key: str
    events: int
    size_bytes: int
    sha256: str
    url: str


class ExportFiles(ExportDay):
    """A day with its files."""

    files: list[ExportFile]
