"""What has exports run, among the jobs that need DuckDB."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportDueJob:
    """Run an export by itself on a day, unless its definition has another ``version`` by now."""

    KIND: ClassVar[str] = "exports.due"
    VERSION: ClassVar[int] = 1
    export: str
    version: int
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportScanJob:
    """Find the events of a slice of batches."""

    KIND: ClassVar[str] = "exports.scan"
    VERSION: ClassVar[int] = 1
    export: str
    run_id: str
    slice: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportWriteJob:
    """Write a file of a day."""

    KIND: ClassVar[str] = "exports.write"
    VERSION: ClassVar[int] = 1
    export: str
    run_id: str
    day: str
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLookJob:
    """Look whether a run came to its end, and wake it up where it did not."""

    KIND: ClassVar[str] = "exports.look"
    VERSION: ClassVar[int] = 1
    export: str
    run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTidyJob:
    """Delete the files of a day that are in use no more."""

    KIND: ClassVar[str] = "exports.tidy"
    VERSION: ClassVar[int] = 1
    export: str
    day: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportForgetJob:
    """Forget somebody in files that were written.

    ``contact_ids`` is a JSON list of the ids that the person has and had, ``messages`` one of
    pairs of batch and ordinal (-1: some of the batch). ``asked`` is epoch seconds; ``again`` when
    it is to be done once more.
    """

    KIND: ClassVar[str] = "exports.forget"
    VERSION: ClassVar[int] = 1
    contact_ids: str
    messages: str
    asked: int
    again: bool = True


ExportJob = (
    ExportDueJob | ExportScanJob | ExportWriteJob | ExportLookJob | ExportTidyJob | ExportForgetJob
)
