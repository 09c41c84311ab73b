"""Writes the people of a shard into two Parquet files, and asks DuckDB who is in which audience.

The only module that imports DuckDB: workers that import it have it in their layer.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Any

import duckdb

from functions.content.people_columns import (
    ACTIVITY_FILE,
    PEOPLE_FILE,
    PEOPLE_TYPES,
    SQL_TYPE_BY_KIND,
    Kind,
    column_of,
)
from functions.content.segment_sql import Plan, ShardShape, compile_all
from functions.domain.contact import AttributeValue
from functions.domain.ids import ContactId
from functions.domain.person_set import PersonSet
from functions.domain.segment import Node, Subject
from functions.domain.segment_window import day_written_in

_ACTIVITY_TYPES = {
    "person": "INTEGER",
    "event": "VARCHAR",
    "name": "VARCHAR",
    "value": "VARCHAR",
    "day": "DATE[]",
    "count": "INTEGER[]",
    "sum_minor": "BIGINT[]",
}
_ROWS_A_GROUP = 61_440
"""Small enough that the rows of one key are read with few others, and both cores get some."""
_FORMAT = f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROWS_A_GROUP})"
_KIND_BY_TYPE = {str: Kind.TEXT, int: Kind.WHOLE, float: Kind.REAL, bool: Kind.TRUTH}


@dataclass(frozen=True, slots=True)
class Preview:
    """How many people are in an audience, and the first of them."""

    count: int
    contact_ids: tuple[ContactId, ...]


class Engine:
    """A DuckDB in memory, that spills into ``folder`` what does not fit."""

    def __init__(self, folder: Path, *, threads: int = 2, memory_mb: int = 1_024) -> None:
        self._folder = folder
        self._duckdb = duckdb.connect(
            config={
                "threads": threads,
                "memory_limit": f"{memory_mb}MB",
                "temp_directory": str(folder / "spill"),
                "preserve_insertion_order": True,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )

    def close(self) -> None:
        """Give the memory back."""
        self._duckdb.close()

    def write_shard(self, people: Iterable[Subject], shard: Path) -> ShardShape:
        """Write both files of a shard into the folder ``shard``; people are numbered as they come.

        Memory does not grow with the people: they pass through files of JSON lines.
        """
        shard.mkdir(parents=True, exist_ok=True)
        spools = _Spools(self._folder)
        with spools.open() as (profiles, activity):
            count = _spool(people, profiles, activity, spools.columns)
        self._copy_people(spools, shard / PEOPLE_FILE)
        self._copy_activity(spools, shard / ACTIVITY_FILE)
        spools.remove()
        return ShardShape(people=count, columns=frozenset(spools.columns))

    def shape_of(self, shard: Path) -> ShardShape:
        """How many people a shard has, and which columns."""
        path = str(shard / PEOPLE_FILE)
        sql = (
            "SELECT list(name), any_value(num_rows)"
            " FROM parquet_schema(?), (SELECT num_rows FROM parquet_file_metadata(?))"
        )
        ((names, people),) = self._rows(sql, path, path)
        return ShardShape(people=people, columns=frozenset(names))

    def evaluate(
        self, shard: Path, definitions: Mapping[str, Node], *, today: date
    ) -> dict[str, PersonSet]:
        """Find the people of each audience. Raises LookupError as ``compile_all`` does."""
        plan = compile_all(definitions, self.shape_of(shard), today=today)
        return plan.members(self._answers(plan, shard))

    def contact_ids(self, shard: Path, people: PersonSet) -> list[ContactId]:
        """The ids of these people, in the order of their numbers."""
        sql = "SELECT contact_id FROM read_parquet(?) ORDER BY person"
        ids = [contact_id for (contact_id,) in self._rows(sql, str(shard / PEOPLE_FILE))]
        return [each for each in people.of(ids) if each]

    def forget(self, shard: Path, contact_id: ContactId) -> bool:
        """Empty a person's row and drop their activity; False when there is no such person.

        The number stays, so that the others keep theirs.
        """
        people, activity = shard / PEOPLE_FILE, shard / ACTIVITY_FILE
        sql = "SELECT person FROM read_parquet(?) WHERE contact_id = ?"
        found = self._rows(sql, str(people), contact_id)
        for (person,) in found:
            columns = ", ".join(
                f"CASE WHEN person <> {int(person)} THEN {name} END AS {name}"
                for name in self._columns(people)
            )
            self._rewrite(f"SELECT person, {columns} FROM source ORDER BY person", people)
            self._rewrite(f"SELECT * FROM source WHERE person <> {int(person)}", activity)
        return bool(found)

    def _columns(self, path: Path) -> list[str]:
        rows = self._rows("DESCRIBE SELECT * FROM read_parquet(?)", str(path))
        return [row[0] for row in rows if row[0] != "person"]

    def _rewrite(self, query: str, path: Path) -> None:
        fresh = path.with_suffix(".fresh")
        self._duckdb.execute(
            f"COPY (WITH source AS (FROM read_parquet(?)) {query}) TO {_quoted(fresh)} {_FORMAT}",
            [str(path)],
        )
        fresh.replace(path)

    def preview(
        self, shards: Sequence[Path], node: Node, *, today: date, most: int = 20
    ) -> Preview:
        """Count the people of an audience in all shards, and name the first of them."""
        count, found = 0, list[ContactId]()
        for shard in shards:
            people = self.evaluate(shard, {"": node}, today=today)[""]
            count += people.count
            found += self._some_ids(shard, people.first(most - len(found)))
        return Preview(count, tuple(found))

    def _some_ids(self, shard: Path, numbers: Sequence[int]) -> list[ContactId]:
        if not numbers:
            return []
        sql = (
            "SELECT contact_id FROM read_parquet(?) WHERE person IN (SELECT unnest(?::INTEGER[]))"
            " ORDER BY person"
        )
        rows = self._rows(sql, str(shard / PEOPLE_FILE), list(numbers))
        return [contact_id for (contact_id,) in rows]

    def _answers(self, plan: Plan, shard: Path) -> Iterator[Sequence[bytes | None]]:
        for statement in plan.statements:
            parameters = map(_as_list, statement.parameters)
            (row,) = self._rows(statement.sql, str(shard / statement.file), *parameters)
            yield row

    def _rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self._duckdb.execute(sql, parameters).fetchall()

    def _copy_people(self, spools: "_Spools", path: Path) -> None:
        types = PEOPLE_TYPES | spools.columns
        self._copy("SELECT * FROM source ORDER BY person", spools.profiles, types, path)

    def _copy_activity(self, spools: "_Spools", path: Path) -> None:
        rows = (
            "SELECT person, event, name, value, unnest(day) AS day, unnest(count) AS count,"
            " unnest(sum_minor) AS sum_minor FROM source"
        )
        query = f"SELECT * FROM ({rows}) ORDER BY event, name, value, person, day"
        self._copy(query, spools.activity, _ACTIVITY_TYPES, path)

    def _copy(self, query: str, spool: Path, types: Mapping[str, str], path: Path) -> None:
        columns = ", ".join(f"{name}: '{sql_type}'" for name, sql_type in types.items())
        source = f"read_json(?, format = 'newline_delimited', columns = {{{columns}}})"
        self._duckdb.execute(
            f"COPY (WITH source AS (FROM {source}) {query}) TO {_quoted(path)}"  # our own columns
            f" {_FORMAT}",
            [str(spool)],
        )


class _Spools:
    """The files that people pass through, and the columns that their attributes need."""

    def __init__(self, folder: Path) -> None:
        self.profiles, self.activity = folder / "people.jsonl", folder / "activity.jsonl"
        self.columns: dict[str, str] = {}

    @contextmanager
    def open(self) -> Iterator[tuple[IO[str], IO[str]]]:
        with (
            self.profiles.open("w", encoding="utf-8") as profiles,
            self.activity.open("w", encoding="utf-8") as activity,
        ):
            yield profiles, activity

    def remove(self) -> None:
        self.profiles.unlink()
        self.activity.unlink()


def _spool(
    people: Iterable[Subject], profiles: IO[str], activity: IO[str], columns: dict[str, str]
) -> int:
    count = 0
    for count, subject in enumerate(people, 1):  # the last number is how many
        profiles.write(_line(_profile(count - 1, subject, columns)))
        activity.writelines(map(_line, _activity(count - 1, subject)))
    return count


def _line(row: Mapping[str, object]) -> str:
    return json.dumps(row, separators=(",", ":")) + "\n"


def _profile(person: int, subject: Subject, columns: dict[str, str]) -> dict[str, object]:
    row: dict[str, object] = {
        "person": person,
        "contact_id": subject.contact_id,
        "locale": subject.locale,
        "zone": subject.zone,
        "groups": sorted(subject.groups),
        "consents": sorted(subject.consents),
        "reachable": sorted(subject.reachable),
    }
    for name, value in subject.attributes.items():
        for kind, written in _written(value):
            column = column_of(kind, name)
            columns.setdefault(column, SQL_TYPE_BY_KIND[kind])
            row[column] = written
    return row


def _written(value: AttributeValue) -> Iterator[tuple[Kind, AttributeValue]]:
    yield _KIND_BY_TYPE[type(value)], value
    if isinstance(value, str) and (day := day_written_in(value)):
        yield Kind.DAY, day.isoformat()


def _activity(person: int, subject: Subject) -> Iterator[dict[str, object]]:
    for key, totals in subject.activity.items():
        yield {
            "person": person,
            "event": key.event,
            "name": key.name,
            "value": key.value,
            "day": [each.day.isoformat() for each in totals],
            "count": [each.count for each in totals],
            "sum_minor": [each.sum_minor for each in totals],
        }


def _as_list(parameter: object) -> object:
    return list(parameter) if isinstance(parameter, tuple) else parameter


def _quoted(path: Path) -> str:
    """A path as a literal: COPY takes no parameter for it."""
    return "'" + str(path).replace("'", "''") + "'"
