"""Writes events into files of the formats of exports, by DuckDB.

The same events give the same bytes. Workers that import this have DuckDB in their layer.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
    typed = _typed(columns)
    source = f"read_json(?, format = 'newline_delimited', compression = 'gzip', columns = {typed})"
    with _database(to.parent) as database:
        query = f"SELECT * FROM {source} {_sorted(order)}"  # noqa: S608  # our own names
        _copy(database, query, to, format_, [[str(path) for path in lines]])


def write_without(
    ids: Collection[str],
    file: Path,
    to: Path,
    format_: ExportFormat,
    columns: Mapping[str, str],
    order: Sequence[str],
) -> int:
    """Write a file anew without the ids of these people; tells in how many events they were.

    Nothing is written when they were in none.
    """
    typed = _typed(columns)
    source = {
        ExportFormat.PARQUET: "read_parquet(?)",
        ExportFormat.CSV: (
            "read_csv(?, header = true, compression = 'gzip', allow_quoted_nulls = false,"
            f" columns = {typed})"
        ),
        ExportFormat.JSON: (
            f"read_json(?, format = 'newline_delimited', compression = 'gzip', columns = {typed})"
        ),
    }[format_]
    theirs = "list_contains(?::VARCHAR[], contact_id)"
    with _database(to.parent) as database:
        counted = f"SELECT count(*) FROM {source} WHERE {theirs}"  # noqa: S608  # our own names
        found = database.execute(counted, [str(file), sorted(ids)]).fetchone()
        if found is None or not found[0]:
            return 0
        blank = f"CASE WHEN {theirs} THEN NULL ELSE contact_id END AS contact_id"
        query = f"SELECT * REPLACE ({blank}) FROM {source} {_sorted(order)}"  # noqa: S608
        _copy(database, query, to, format_, [sorted(ids), str(file)])
        return int(found[0])


@contextmanager
def _database(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    database = duckdb.connect(
        config={
            "threads": 2,
            "memory_limit": f"{_MEMORY_MB}MB",
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": True,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    try:
        yield database
    finally:
        database.close()


def _typed(columns: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}: '{sql_type}'" for name, sql_type in columns.items()) + "}"


def _sorted(order: Sequence[str]) -> str:
    return f"ORDER BY {', '.join(order)}"


def _copy(
    database: duckdb.DuckDBPyConnection,
    query: str,
    to: Path,
    format_: ExportFormat,
    parameters: Sequence[object],
) -> None:
    """COPY takes no parameter for the path."""
    literal = "'" + str(to).replace("'", "''") + "'"
    database.execute(f"COPY ({query}) TO {literal} ({_OPTIONS_BY_FORMAT[format_]})", parameters)
