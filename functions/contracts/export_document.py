"""Exports, their runs and what runs found, as JSON: as they are stored, and the manifest."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from functions.contracts.event_document import VERSION
from functions.domain.export import Chunk, DayFiles, EventFile, Export, ExportFormat
from functions.domain.message_event import EventType

Json = dict[str, Any]


def export_to_json(export: Export) -> Json:
    """Write what is exported."""
    return {
        "name": export.name,
        "format": export.format.value,
        "types": [each.value for each in EventType if each in export.types],
        "sources": sorted(export.sources),
        "hour": export.hour,
        "rewrite_days": export.rewrite_days,
        "look_back_days": export.look_back_days,
        "version": export.version,
        "deleted": export.deleted,
    }


def export_from_json(document: Mapping[str, Any]) -> Export:
    """Read it back."""
    return Export(
        name=document["name"],
        format=ExportFormat(document["format"]),
        types=frozenset(map(EventType, document["types"])),
        sources=frozenset(document["sources"]),
        hour=None if document["hour"] is None else int(document["hour"]),
        rewrite_days=int(document["rewrite_days"]),
        look_back_days=int(document["look_back_days"]),
        version=int(document["version"]),
        deleted=document.get("deleted", False),
    )


def chunk_to_json(chunk: Chunk) -> Json:
    """Write what a slice found of a day."""
    return {"day": chunk.day.isoformat(), "key": chunk.key, "counts": _counts(chunk.counts)}


def chunk_from_json(document: Mapping[str, Any]) -> Chunk:
    """Read it back."""
    return Chunk(
        day=date.fromisoformat(document["day"]),
        key=document["key"],
        counts=_counts_back(document["counts"]),
    )


def file_to_json(file: EventFile) -> Json:
    """Write a file that was written."""
    return {
        "day": file.day.isoformat(),
        "number": file.number,
        "key": file.key,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256,
        "counts": _counts(file.counts),
    }


def file_from_json(document: Mapping[str, Any]) -> EventFile:
    """Read it back."""
    return EventFile(
        day=date.fromisoformat(document["day"]),
        number=int(document["number"]),
        key=document["key"],
        size_bytes=int(document["size_bytes"]),
        sha256=document["sha256"],
        counts=_counts_back(document["counts"]),
    )


def manifest(name: str, found: DayFiles, *, zone: str) -> Json:
    """Say which files are a day, for readers."""
    counts = found.counts()
    return {
        "schema_version": VERSION,
        "export": name,
        "day": found.day.isoformat(),
        "zone": zone,
        "revision": found.revision,
        "derived_at": _iso(found.derived),
        "complete": found.complete,
        "format": found.format.value,
        "events": sum(counts.values()),
        "counts": _counts(counts),
        "files": [
            {
                "key": each.key,
                "events": sum(each.counts.values()),
                "size_bytes": each.size_bytes,
                "sha256": each.sha256,
            }
            for each in found.files
        ],
    }


def _counts(counts: Mapping[EventType, int]) -> dict[str, int]:
    return {each.value: counts[each] for each in EventType if counts.get(each)}


def _counts_back(stored: Mapping[str, Any]) -> dict[EventType, int]:
    return {EventType(kind): int(count) for kind, count in stored.items()}


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
