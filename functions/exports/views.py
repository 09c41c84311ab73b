"""Exports as callers see them."""

from collections.abc import Callable
from datetime import datetime

from functions.contracts.export_document import manifest
from functions.domain.export import DayFiles, Export, Run
from functions.domain.message_event import EventType
from functions.runtime.http import Json


def export_view(export: Export, *, next_run: datetime | None) -> Json:
    """What is exported; no types and no campaigns are all of them."""
    return {
        "name": export.name,
        "format": export.format,
        "types": [each for each in EventType if each in export.types] or None,
        "campaigns": sorted(export.sources) or None,
        "hour": export.hour,
        "rewrite_days": export.rewrite_days,
        "look_back_days": export.look_back_days,
        "version": export.version,
        "next_run": None if next_run is None else next_run.isoformat(),
    }


def run_view(run: Run) -> Json:
    """How far a run is."""
    return {
        "run_id": run.run_id,
        "export": run.export.name,
        "first_day": run.first.isoformat(),
        "last_day": run.last.isoformat(),
        "status": run.status,
        "started": run.started.isoformat(),
        "finished": None if run.finished is None else run.finished.isoformat(),
        "events": run.events if run.finished is not None else None,
    }


def day_view(name: str, found: DayFiles, *, zone: str) -> Json:
    """Which revision of a day is in use, without its files."""
    document = manifest(name, found, zone=zone)
    return {key: value for key, value in document.items() if key != "files"}


def files_view(name: str, found: DayFiles, *, zone: str, link: Callable[[str], str]) -> Json:
    """The manifest of a day, with a link to each file."""
    document = manifest(name, found, zone=zone)
    files = [{**each, "url": link(each["key"])} for each in document["files"]]
    return {**document, "files": files}
