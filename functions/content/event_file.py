"""Writes events into files of the formats of exports, by DuckDB.

The same events give the same bytes. Workers that import this have DuckDB in their layer.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from functions.domain.export import ExportFormat

_ROWS_A_GROUP = 122_880
_MEMORY_MB = 400
_OPTIONS_BY_FORMAT = {
    ExportFormat.CSV: "FORMAT csv, HEADER, COMPRESSION gzip",
    ExportFormat.JSON: "FORMAT json, COMPRESSION gzip",
    ExportFormat.PARQUET: f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROWS_A_GROUP}",
}


def write_events(
    lines: Sequence[Path],
    to: Path,
    format_: ExportFormat,
    columns: Mapping[str, str],
    order: Sequence[str],
) -> None:
    """Write the events of files of JSON lines, packed by gzip, as one file, sorted.

    ``columns`` are their fields with types of SQL. What does not fit the memory spills onto the
    disk, beside ``to``.
    """
    database = duckdb.connect(
        config={
            "threads": 2,
            "memory_limit": f"{_MEMORY_MB}MB",
            "temp_directory": str(to.parent / "spill"),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        typed = ", ".join(f"{name}: '{sql_type}'" for name, sql_type in columns.items())
        source = (
            "read_json(?, format = 'newline_delimited', compression = 'gzip',"
            f" columns = {{{typed}}})"
        )
        query = f"SELECT * FROM {source} ORDER BY {', '.join(order)}"  # noqa: S608  # our own names
        options = _OPTIONS_BY_FORMAT[format_]
        literal = "'" + str(to).replace("'", "''") + "'"
        database.execute(f"COPY ({query}) TO {literal} ({options})", [[str(p) for p in lines]])
    finally:
        database.close()
