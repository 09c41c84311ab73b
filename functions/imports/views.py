"""Imports as callers see them."""

from collections.abc import Mapping

from functions.domain.contact_file import ContactImport, FileFault, ImportStatus
from functions.imports.texts import FILE_TEXTS
from functions.runtime.http import Json


def import_view(contact_import: ContactImport) -> Json:
    """The state of an import, without any value of the file."""
    return {
        "import_id": contact_import.import_id,
        "filename": contact_import.filename,
        "kind": str(contact_import.kind),
        "status": str(contact_import.status),
        "columns": [
            {"name": each.name, "field": str(each.field)} for each in contact_import.columns
        ],
        "created_at": contact_import.created.isoformat(),
        "progress": {
            "bytes_total": contact_import.size_bytes,
            "bytes_done": _bytes_done(contact_import),
        },
        "counts": contact_import.counts.as_dict(),
        "undone": _undone(contact_import),
        "problem": _problem(contact_import.fault, contact_import.fault_columns),
    }


def upload_view(url: str) -> Json:
    """How the file is handed over."""
    return {"method": "PUT", "url": url, "headers": {}}


def _bytes_done(contact_import: ContactImport) -> int:
    if contact_import.status in (
        ImportStatus.DRY_RUN_DONE,
        ImportStatus.DONE,
        ImportStatus.UNDOING,
        ImportStatus.UNDONE,
    ):
        return contact_import.size_bytes
    file_format, size_bytes = contact_import.file_format, contact_import.size_bytes
    if file_format is None or not file_format.length:
        return 0
    return min(size_bytes * contact_import.position.offset // file_format.length, size_bytes)


def _undone(contact_import: ContactImport) -> Mapping[str, int] | None:
    if contact_import.status not in (ImportStatus.UNDOING, ImportStatus.UNDONE):
        return None
    return contact_import.undone.as_dict()


def _problem(fault: FileFault | None, columns: tuple[str, ...]) -> Mapping[str, object] | None:
    if fault is None:
        return None
    text = FILE_TEXTS[fault]
    return {
        "code": str(fault),
        "message": text.english,
        "message_ko": text.korean,
        "columns": list(columns),
    }
