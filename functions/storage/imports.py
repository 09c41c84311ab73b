"""Imports: what was uploaded, how far it was read, and what came of it."""

from dataclasses import asdict
from typing import Any

from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.update import Action

from functions.domain.contact_file import (
    Column,
    ContactImport,
    Field,
    FileFault,
    FileFormat,
    FileKind,
    ImportCounts,
    ImportKind,
    ImportStatus,
    Position,
    UndoCounts,
)
from functions.domain.ids import ImportId
from functions.storage.base import Item, written


class ImportItem(Item):
    """One import. ``row`` is the last one done; it guards every step forward."""

    class Meta:
        """Short name of the table."""

        table = "imports"

    import_id = UnicodeAttribute(hash_key=True)
    status = UnicodeAttribute(null=True)
    filename = UnicodeAttribute(null=True)
    kind = UnicodeAttribute(null=True)
    created = UTCDateTimeAttribute(null=True)
    started = UTCDateTimeAttribute(null=True)
    size_bytes = NumberAttribute(null=True)
    etag = UnicodeAttribute(null=True)
    mapping = JSONAttribute(null=True)
    file_format = JSONAttribute(null=True)
    columns = JSONAttribute(null=True)
    row = NumberAttribute(null=True)
    offset = NumberAttribute(null=True)
    remembered = JSONAttribute(null=True)
    counts = JSONAttribute(null=True)
    error_parts = NumberAttribute(null=True)
    undone = JSONAttribute(null=True)
    problem = JSONAttribute(null=True)


class ImportStore:
    """Reads and writes imports."""

    def add(self, contact_import: ContactImport) -> None:
        """Write a new import that waits for its file."""
        ImportItem(
            contact_import.import_id,
            status=str(contact_import.status),
            filename=contact_import.filename,
            kind=str(contact_import.kind),
            mapping=dict(contact_import.mapping),
            created=contact_import.created,
            row=0,
        ).save(condition=ImportItem.import_id.does_not_exist())

    def get(self, import_id: ImportId) -> ContactImport | None:
        """Read one import, consistently."""
        try:
            return _to_import(ImportItem.get(import_id, consistent_read=True))
        except ImportItem.DoesNotExist:
            return None

    def advance(self, before: ContactImport, after: ContactImport) -> bool:
        """Store a step forward unless one was taken since ``before``; tells if it did so."""
        item = ImportItem(before.import_id)
        same = (ImportItem.row == before.position.row) & (ImportItem.status == str(before.status))
        return written(lambda: item.update(actions=_actions(after), condition=same))


def _actions(after: ContactImport) -> list[Action]:
    values: list[tuple[Any, object]] = [
        (ImportItem.status, str(after.status)),
        (ImportItem.started, after.started),
        (ImportItem.size_bytes, after.size_bytes),
        (ImportItem.etag, after.etag),
        (ImportItem.file_format, after.file_format and asdict(after.file_format)),
        (ImportItem.columns, [[str(each.field), each.name] for each in after.columns]),
        (ImportItem.row, after.position.row),
        (ImportItem.offset, after.position.offset),
        (ImportItem.remembered, asdict(after.remembered)),
        (ImportItem.counts, after.counts.as_dict()),
        (ImportItem.error_parts, after.error_parts),
        (ImportItem.undone, after.undone.as_dict()),
        (ImportItem.problem, after.fault and [str(after.fault), list(after.fault_columns)]),
    ]
    return [
        attribute.remove() if value is None else attribute.set(value) for attribute, value in values
    ]


def _to_import(item: ImportItem) -> ContactImport:
    fault, fault_columns = item.problem or (None, ())
    if item.created is None:
        msg = "an import without a date"
        raise ValueError(msg)
    return ContactImport(
        import_id=ImportId(item.import_id),
        filename=item.filename or "",
        kind=ImportKind(item.kind or ImportKind.CONTACTS),
        created=item.created,
        status=ImportStatus(item.status or ""),
        started=item.started,
        size_bytes=int(item.size_bytes or 0),
        etag=item.etag or "",
        mapping=item.mapping or {},
        columns=tuple(Column(field=Field(each), name=name) for each, name in item.columns or ()),
        file_format=_to_format(item.file_format) if item.file_format else None,
        position=Position(row=int(item.row or 0), offset=int(item.offset or 0)),
        remembered=Position(**(item.remembered or {})),
        counts=ImportCounts(**(item.counts or {})),
        error_parts=int(item.error_parts or 0),
        undone=UndoCounts(**(item.undone or {})),
        fault=None if fault is None else FileFault(fault),
        fault_columns=tuple(fault_columns),
    )


def _to_format(stored: dict[str, Any]) -> FileFormat:
    known = {"kind": FileKind.CSV, "keys": ()} | stored
    return FileFormat(**known | {"kind": FileKind(known["kind"]), "keys": tuple(known["keys"])})
