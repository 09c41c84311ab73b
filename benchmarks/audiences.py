"""``make bench-audiences``: whether audiences are right, how fast they are found, what many cost.

Figures are in build/bench/audiences.json. The people are made by DuckDB from a seed: a million of
them with ten million rows of activity, in shards of a quarter of a million.
"""

import gc
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from rich.table import Table

from benchmarks import imports, refresh, refresh_stack
from benchmarks.audience_data import (
    PEOPLE_A_SHARD,
    TODAY,
    a_person,
    an_audience,
    audiences,
    make_shards,
)
from benchmarks.main import write
from functions.content.people_columns import ACTIVITY_FILE, PEOPLE_FILE, Kind, column_of
from functions.content.people_file import Engine
from functions.domain.segment import (
    DID,
    All,
    Attribute,
    Behaviour,
    Between,
    Compare,
    HasConsent,
    Measure,
    Node,
    NoneOf,
    OneOf,
    Op,
    Subject,
)
from functions.domain.segment_match import compile_for
from functions.domain.segment_window import LastDays
from infra.packaging.layout import REPOSITORY
from infra.progress import console, step
from tests.segment_sqlite import Sqlite
from tests.segments import TODAY as TESTED_DAY, definitions, subjects

_RESULT = REPOSITORY / "build" / "bench" / "audiences.json"
_AUDIENCES, _MANY, _ROUNDS = 20, 50, 5
_WRITTEN_PEOPLE = 50_000


def main() -> None:
    """Measure everything, print it, write it down."""
    figures: dict[str, Any] = {"load_average": os.getloadavg()[0]}
    with step("Three evaluators on definitions at random"):
        figures |= compare_evaluators()
    with step("One person in pure Python"):
        figures["one_person_us_20_audiences"] = one_person_us()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with step("A million people with ten million rows of activity"):
            shards = make_shards(folder)
        with an_engine(folder) as engine:
            figures |= measure_shards(engine, shards)
            figures |= measure_writing(engine, folder)
        figures |= compare_with_sql(folder, shards)
    figures["peak_rss_mb"] = peak_rss_mb()
    figures |= refresh.measure()
    with step("An import of a million rows, and one of 1 GiB cut in the middle"):
        figures |= imports.measure(gibibyte=True)
    with step("20,000 people and 20 audiences through the local stack"):
        figures |= refresh_stack.measure()
    show(figures)
    write(figures, _RESULT)


def show(figures: dict[str, Any]) -> None:
    """Print the table."""
    table = Table("figure", "measured", title="Audiences")
    for name, value in figures.items():
        table.add_row(name, str(value))
    console.print(table)


@contextmanager
def an_engine(folder: Path) -> Iterator[Engine]:
    """Open DuckDB as a Lambda does."""
    engine = Engine(folder)
    try:
        yield engine
    finally:
        engine.close()


def compare_evaluators(rounds: int = 200, a_round: int = 10) -> dict[str, int]:
    """Count the definitions that were checked, those that chose some people, and mismatches."""
    told = {"definitions_checked": 0, "definitions_that_choose": 0, "sql_mismatches": 0}
    with tempfile.TemporaryDirectory() as name, an_engine(Path(name)) as engine:

        @settings(
            max_examples=rounds,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=[*HealthCheck],
        )
        @given(
            st.lists(subjects(), min_size=10, max_size=20),
            st.lists(definitions(), min_size=a_round, max_size=a_round),
        )
        def compare(people: list[Subject], nodes: list[Node]) -> None:
            engine.write_shard(people, Path(name))
            named = {str(number): node for number, node in enumerate(nodes)}
            found = engine.evaluate(Path(name), named, today=TESTED_DAY)
            sqlite = Sqlite(people, TESTED_DAY)
            for each, node in named.items():
                matches = compile_for(node, TESTED_DAY)
                expected = [place for place, subject in enumerate(people) if matches(subject)]
                same = list(found[each].numbers()) == expected == sorted(sqlite.people(node))
                told["definitions_checked"] += 1
                told["definitions_that_choose"] += 0 < len(expected) < len(people)
                told["sql_mismatches"] += not same

        compare()
    return told


def one_person_us() -> float:
    """Microseconds for 20 audiences, mean over people of ten rows of activity each."""
    random = Random(1)
    people = [a_person(random) for _ in range(1_000)]
    matches = [compile_for(node, TODAY) for node in audiences(_AUDIENCES).values()]
    rounds = [
        _timed(lambda: [match(subject) for subject in people for match in matches])
        for _ in range(_ROUNDS)
    ]
    return round(statistics.median(rounds) / len(people) * 1e6, 1)


def measure_shards(engine: Engine, shards: Sequence[Path]) -> dict[str, Any]:
    """Time refreshing 1, 20 and 50 audiences, and a preview."""
    with step("Audiences of a million people"):
        seconds = {
            count: _median(lambda count=count: _refresh(engine, shards, audiences(count)))  # type: ignore[misc]  # bound now
            for count in (1, _AUDIENCES, _MANY)
        }
        node = an_audience(3)
        preview = _median(lambda: engine.preview(shards, node, today=TODAY))
    people = len(shards) * PEOPLE_A_SHARD
    return {
        "evaluate_1m_1_s": round(seconds[1], 3),
        "evaluate_1m_20_s": round(seconds[_AUDIENCES], 2),
        "evaluate_1m_50_s": round(seconds[_MANY], 2),
        "person_audiences_per_s": round(people * _AUDIENCES / seconds[_AUDIENCES]),
        "preview_1m_s": round(preview, 3),
    }


def _refresh(engine: Engine, shards: Sequence[Path], named: dict[str, Node]) -> list[int]:
    return [
        len(people.numbers())
        for shard in shards
        for people in engine.evaluate(shard, named, today=TODAY).values()
    ]


def measure_writing(engine: Engine, folder: Path) -> dict[str, Any]:
    """Time a refresh with its snapshot: people become files, and audiences are found in them."""
    random = Random(2)
    people = [a_person(random) for _ in range(_WRITTEN_PEOPLE)]
    shard = folder / "written"
    with step("A snapshot, and the audiences in it"):
        writing = _median(lambda: engine.write_shard(people, shard), 3)
        one, many = (
            _median(lambda count=count: _refresh(engine, [shard], audiences(count)), 3)  # type: ignore[misc]  # bound now
            for count in (1, _MANY)
        )
    return {
        "write_people_per_s": round(_WRITTEN_PEOPLE / writing),
        "ratio_50_vs_1_in_a_shard": round((writing + many) / (writing + one), 2),
        "ratio_50_vs_1_without_snapshot": round(many / one, 2),
    }


_COMPARED = All(
    (
        Attribute("city", OneOf(("서울", "부산"))),
        Attribute("age", Between(20, 39)),
        HasConsent("sms:advertising"),
        Behaviour("view", None, LastDays(90), Measure.COUNT, DID),
        NoneOf((Behaviour("purchase", None, LastDays(14), Measure.COUNT, DID),)),
        Behaviour("cart", None, LastDays(180), Measure.COUNT, Compare(Op.AT_LEAST, 2)),
    )
)


def _by_hand() -> str:
    """Ask the same as ``_COMPARED``, as an engineer would write it."""
    key = "event = '{}' AND name = '' AND value = '' AND day BETWEEN DATE '{}' AND DATE '{}'"
    yesterday = TODAY - timedelta(days=1)
    rows = {
        event: key.format(event, TODAY - timedelta(days=days), yesterday)
        for event, days in (("view", 90), ("purchase", 14), ("cart", 180))
    }
    return f"""
        SELECT person FROM read_parquet(?) AS people
        WHERE {column_of(Kind.TEXT, "city")} IN ('서울', '부산')
            AND {column_of(Kind.WHOLE, "age")} BETWEEN 20 AND 39
            AND list_contains(consents, 'sms:advertising')
            AND person IN (SELECT person FROM read_parquet($2) WHERE {rows["view"]})
            AND person NOT IN (SELECT person FROM read_parquet($2) WHERE {rows["purchase"]})
            AND person IN (SELECT person FROM read_parquet($2) WHERE {rows["cart"]}
                GROUP BY person HAVING sum(count) >= 2)
        ORDER BY person""".replace("read_parquet(?)", "read_parquet($1)")


def compare_with_sql(folder: Path, shards: Sequence[Path]) -> dict[str, Any]:
    """Time one audience against SQL written by hand, in turns; both end with all row numbers.

    The best of the rounds counts: what else runs on the machine hits one or the other.
    """
    ours, theirs = list[float](), list[float]()
    config = {"threads": 2, "memory_limit": "1024MB", "temp_directory": str(folder / "spill")}
    with an_engine(folder) as engine, duckdb.connect(config=config) as database, step("By hand"):
        for _ in range(2 * _ROUNDS):
            found = list[list[int]]()
            ours.append(_timed(lambda found=found: found.extend(_found(engine, shards))))  # type: ignore[misc]  # bound now
            asked = list[list[int]]()
            theirs.append(_timed(lambda asked=asked: asked.extend(_asked(database, shards))))  # type: ignore[misc]  # bound now
            if found != asked:
                msg = "the SQL by hand finds other people"
                raise ValueError(msg)
    return {
        "one_audience_s": round(min(ours), 3),
        "one_audience_by_hand_s": round(min(theirs), 3),
        "ratio_to_duckdb": round(min(ours) / min(theirs), 2),
    }


def _found(engine: Engine, shards: Sequence[Path]) -> list[list[int]]:
    return [
        list(engine.evaluate(shard, {"": _COMPARED}, today=TODAY)[""].numbers()) for shard in shards
    ]


def _asked(database: duckdb.DuckDBPyConnection, shards: Sequence[Path]) -> list[list[int]]:
    sql = _by_hand()
    return [
        [
            person
            for (person,) in database.execute(
                sql, [str(shard / PEOPLE_FILE), str(shard / ACTIVITY_FILE)]
            ).fetchall()
        ]
        for shard in shards
    ]


def peak_rss_mb() -> int:
    """The most memory that this process had."""
    (line,) = (
        line
        for line in Path("/proc/self/status").read_text("utf-8").splitlines()
        if line.startswith("VmHWM")
    )
    return int(line.split()[1]) // 1024


def _median(work: Callable[[], object], rounds: int = _ROUNDS) -> float:
    return statistics.median(_timed(work) for _ in range(rounds))


def _timed(work: Callable[[], object]) -> float:
    gc.collect()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
