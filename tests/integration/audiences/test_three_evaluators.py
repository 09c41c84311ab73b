"""One definition, three ways to find who it means: Python, DuckDB, and SQLite (tests only)."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from functions.content.people_file import Engine
from functions.domain.segment import (
    EVERYONE,
    NOBODY,
    All,
    Attribute,
    Behaviour,
    Compare,
    InAudience,
    InGroup,
    Measure,
    Node,
    NoneOf,
    OneOf,
    Op,
    Subject,
    Within,
)
from functions.domain.segment_explain import explain
from functions.domain.segment_match import compile_for
from functions.domain.segment_reference import resolve
from functions.domain.segment_window import EarlierThan, FromTo, LastDays
from tests.cdnow import LAST_DAY, shoppers
from tests.segment_sqlite import Sqlite
from tests.segments import TODAY, definitions, subjects

_DEFINITIONS = 8
"""So many at once, on the same people."""


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = Engine(tmp_path_factory.mktemp("duckdb"))
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def shard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shard")


def by_python(people: Sequence[Subject], node: Node, today: date) -> list[int]:
    matches = compile_for(node, today)
    return [number for number, subject in enumerate(people) if matches(subject)]


@settings(max_examples=40, deadline=None, suppress_health_check=[*HealthCheck], derandomize=True)
@given(
    st.lists(subjects(), min_size=1, max_size=20),
    st.lists(definitions(), min_size=_DEFINITIONS, max_size=_DEFINITIONS),
)
def test_all_three_find_the_same_people(
    engine: Engine, shard: Path, people: list[Subject], nodes: list[Node]
) -> None:
    engine.write_shard(people, shard)
    sqlite = Sqlite(people, TODAY)

    found = engine.evaluate(shard, dict(enumerate(nodes)), today=TODAY)  # type: ignore[arg-type]

    for name, node in enumerate(nodes):
        expected = by_python(people, node, TODAY)
        assert list(found[name].numbers()) == expected, node  # type: ignore[index]
        assert sorted(sqlite.people(node)) == expected, node


@settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
@given(subjects(), definitions())
def test_explaining_agrees_with_matching(subject: Subject, node: Node) -> None:
    explained = explain(node, subject, today=TODAY)

    assert explained.value == compile_for(node, TODAY)(subject)


@pytest.mark.parametrize("size", [1, 7, 8, 9, 64, 65])
def test_everyone_nobody_and_one(engine: Engine, tmp_path: Path, size: int) -> None:
    people = [
        Subject(contact_id=f"c{each}", attributes={"n": each})  # type: ignore[arg-type]
        for each in range(size)
    ]
    engine.write_shard(people, tmp_path)
    last = Attribute("n", OneOf((size - 1,)))

    found = engine.evaluate(tmp_path, {"all": EVERYONE, "none": NOBODY, "one": last}, today=TODAY)

    assert [found[each].count for each in ("all", "none", "one")] == [size, 0, 1]
    assert list(found["one"].numbers()) == [size - 1]
    assert engine.contact_ids(tmp_path, found["one"]) == [f"c{size - 1}"]


def test_a_shard_of_nobody(engine: Engine, tmp_path: Path) -> None:
    engine.write_shard([], tmp_path)

    found = engine.evaluate(tmp_path, {"all": EVERYONE, "vip": InGroup("vip")}, today=TODAY)

    assert [people.count for people in found.values()] == [0, 0]
    assert engine.preview([tmp_path], EVERYONE, today=TODAY).contact_ids == ()


def test_a_long_list_is_looked_up(engine: Engine, tmp_path: Path) -> None:
    people = [
        Subject(contact_id="c", attributes={"n": each, "t": f"x'{each}", "f": each + 0.5})  # type: ignore[arg-type]
        for each in range(30)
    ]
    engine.write_shard(people, tmp_path)
    long = range(20, 10_020)
    nodes: dict[str, Node] = {
        "n": Attribute("n", OneOf(tuple(long))),
        "t": Attribute("t", OneOf(tuple(f"x'{each}" for each in long))),
        "f": Attribute("f", OneOf(tuple(each + 0.5 for each in long))),
    }

    found = engine.evaluate(tmp_path, nodes, today=TODAY)

    assert [list(each.numbers()) for each in found.values()] == [list(range(20, 30))] * 3


def test_a_preview_counts_all_shards_and_names_the_first(engine: Engine, tmp_path: Path) -> None:
    shards = [tmp_path / "0", tmp_path / "1"]
    for number, path in enumerate(shards):
        people = [
            Subject(contact_id=f"{number}-{each}", attributes={"n": each})  # type: ignore[arg-type]
            for each in range(15)
        ]
        engine.write_shard(people, path)

    preview = engine.preview(shards, Attribute("n", Compare(Op.AT_LEAST, 5)), today=TODAY, most=12)

    assert preview.count == 20
    assert preview.contact_ids == (*(f"0-{each}" for each in range(5, 15)), "1-5", "1-6")


def bought(measure: Measure, test: object, window: object = None) -> Behaviour:
    return Behaviour("purchase", None, window, measure, test)  # type: ignore[arg-type]


_REAL: list[Node] = [
    bought(Measure.COUNT, Compare(Op.AT_LEAST, 1), LastDays(days)) for days in (1, 30, 90, 365)
]
_REAL += [bought(Measure.COUNT, Compare(op, n)) for op in Op for n in (0, 1, 2, 5)]
_REAL += [bought(Measure.SUM, Compare(op, 10_000), LastDays(180)) for op in Op]
_REAL += [bought(Measure.DAYS, Compare(op, 3), FromTo(date(1997, 2, 1), None)) for op in Op]
_REAL += [
    bought(measure, Within(window))
    for measure in (Measure.FIRST, Measure.LAST)
    for window in (
        LastDays(90),
        EarlierThan(400),
        FromTo(date(1997, 3, 1), date(1997, 3, 31)),
        FromTo(None, date(1997, 1, 1)),
    )
]
_REAL += [All((a, NoneOf((b,)))) for a, b in zip(_REAL, _REAL[5:], strict=False)]


def test_all_three_agree_on_real_purchases(engine: Engine, tmp_path: Path) -> None:
    people, today = shoppers(), LAST_DAY + timedelta(days=1)
    engine.write_shard(people, tmp_path)
    sqlite = Sqlite(people, today)

    found = engine.evaluate(tmp_path, {str(n): e for n, e in enumerate(_REAL)}, today=today)

    for name, node in enumerate(_REAL):
        expected = by_python(people, node, today)
        assert list(found[str(name)].numbers()) == expected, node
        assert sorted(sqlite.people(node)) == expected, node
    assert any(0 < each.count < len(people) for each in found.values())


def test_audiences_are_joined_and_taken_from_one_another(engine: Engine, tmp_path: Path) -> None:
    people = [
        Subject(contact_id="c", groups=frozenset(groups))  # type: ignore[arg-type]
        for groups in ((), ("a",), ("b",), ("a", "b"))
    ]
    engine.write_shard(people, tmp_path)
    base: dict[str, Node] = {"a": InGroup("a"), "b": InGroup("b")}
    a, b = InAudience("a"), InAudience("b")
    made: dict[str, Node] = {
        "both": resolve(All((a, b)), base),
        "only_a": resolve(All((a, NoneOf((b,)))), base),
    }

    found = engine.evaluate(tmp_path, made, today=TODAY)

    assert list(found["both"].numbers()) == [3]
    assert list(found["only_a"].numbers()) == [1]
