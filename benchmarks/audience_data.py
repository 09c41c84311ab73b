"""Audiences and people that a seed makes, for the bench."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb

from functions.content.people_columns import ACTIVITY_FILE, PEOPLE_FILE, Kind, column_of
from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.ids import ContactId
from functions.domain.segment import (
    DID,
    All,
    AnyOf,
    Attribute,
    AttributeTest,
    Behaviour,
    Between,
    Compare,
    Exists,
    HasConsent,
    InGroup,
    Measure,
    Node,
    NoneOf,
    OneOf,
    Op,
    StartsWith,
    Subject,
    Where,
)
from functions.domain.segment_window import FromTo, LastDays

TODAY = date(2026, 11, 26)
SHARDS, PEOPLE_A_SHARD, ROWS_A_SHARD = 4, 250_000, 2_500_000
_EVENTS = (
    "purchase",
    "view",
    "cart",
    "search",
    "login",
    "review",
    "refund",
    "share",
    "$sent",
    "$clicked",
)
_CITIES = ("서울", "부산", "대구", "인천", "광주", "대전", "울산", "세종", "수원", "제주")


def an_audience(number: int) -> Node:
    """An audience of eight conditions, four of them on behaviour; each number's are its own."""
    random = Random(number)
    profile: list[Node] = [
        Attribute("city", OneOf(tuple(random.sample(_CITIES, 5)))),
        Attribute("age", _between(random, 15, 70)),
        AnyOf((Attribute("grade", _grade(random)), InGroup(f"group{random.randrange(5)}"))),
        random.choice((HasConsent("sms:advertising"), Attribute("points", _more(random)))),
    ]
    behaviour: list[Node] = [
        _did(random, LastDays(random.randrange(60, 300))),
        NoneOf((_did(random, LastDays(random.randrange(1, 10))),)),
        _measured(random, Measure.COUNT, Compare(Op.AT_MOST, random.randrange(3, 9))),
        AnyOf(
            (
                _measured(
                    random, Measure.SUM, Compare(Op.AT_LEAST, random.randrange(1, 50) * 1_000)
                ),
                Attribute("joined", Exists()),
            )
        ),
    ]
    return All((*profile, *behaviour))


def _between(random: Random, low: int, high: int) -> Between:
    first, last = sorted(random.sample(range(low, high), 2))
    return Between(first, last + 10)


def _grade(random: Random) -> AttributeTest:
    return StartsWith(random.choice("ABC"))


def _more(random: Random) -> AttributeTest:
    return Compare(Op.MORE, random.random() * 100)


def _did(random: Random, window: LastDays) -> Behaviour:
    return Behaviour(random.choice(_EVENTS), None, window, Measure.COUNT, DID)


def _measured(random: Random, measure: Measure, test: Compare) -> Behaviour:
    where = random.choice((None, None, Where("category", (f"c{random.randrange(5)}",))))
    days = random.randrange(20, 300)
    first = TODAY - timedelta(days=days)
    window = random.choice((LastDays(days), FromTo(first, first + timedelta(days=90))))
    return Behaviour(random.choice(_EVENTS), where, window, measure, test)


def audiences(count: int) -> dict[str, Node]:
    """So many audiences, all different."""
    return {f"aud_{number}": an_audience(number) for number in range(count)}


def a_person(random: Random) -> Subject:
    """Make a person with ten rows of activity."""
    activity: dict[ActivityKey, list[DayTotal]] = {}
    for _ in range(10):
        name = random.choice(("", "category"))
        value = f"c{random.randrange(5)}" if name else ""
        key = ActivityKey(random.choice(_EVENTS), name, value)
        activity.setdefault(key, []).append(_a_total(random))
    return Subject(
        contact_id=ContactId("c"),
        attributes={
            "city": random.choice(_CITIES),
            "age": random.randrange(10, 80),
            "grade": random.choice("ABCD"),
            "points": random.random() * 100,
        },
        groups=frozenset({f"group{random.randrange(5)}"}),
        consents=frozenset({"sms:advertising"}),
        activity=activity,
    )


def _a_total(random: Random) -> DayTotal:
    day = TODAY - timedelta(days=random.randrange(1, 330))
    last = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return DayTotal(
        day=day, count=random.randrange(1, 4), sum_minor=random.randrange(90_000), last=last
    )


def make_shards(folder: Path) -> list[Path]:
    """Write the shards with DuckDB alone, as ``Engine.write_shard`` lays them out."""
    shards = [folder / f"shard-{number}" for number in range(SHARDS)]
    with duckdb.connect(config={"threads": 2, "temp_directory": str(folder / "spill")}) as database:
        for number, shard in enumerate(shards):
            shard.mkdir()
            for sql, name in (
                (_people_sql(number), PEOPLE_FILE),
                (_activity_sql(number), ACTIVITY_FILE),
            ):
                database.execute(
                    f"COPY ({sql}) TO '{shard / name}'"
                    " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 61440)"
                )
    return shards


def _people_sql(seed: int) -> str:
    cities = ", ".join(f"'{city}'" for city in _CITIES)
    return f"""
        SELECT i::INTEGER AS person, 'c-{seed}-' || i AS contact_id, 'ko' AS locale,
            'Asia/Seoul' AS zone, ['group' || hash(i, {seed}, 1) % 5] AS groups,
            CASE WHEN hash(i, {seed}, 2) % 10 < 7 THEN ['sms:advertising'] ELSE [] END::VARCHAR[]
                AS consents,
            ['sms'] AS reachable,
            ([{cities}])[(hash(i, {seed}, 3) % 10 + 1)::BIGINT] AS {column_of(Kind.TEXT, "city")},
            (10 + hash(i, {seed}, 4) % 70)::BIGINT AS {column_of(Kind.WHOLE, "age")},
            (['A', 'B', 'C', 'D'])[(hash(i, {seed}, 5) % 4 + 1)::BIGINT]
                AS {column_of(Kind.TEXT, "grade")},
            (hash(i, {seed}, 6) % 100000) / 1000 AS {column_of(Kind.REAL, "points")}
        FROM range({PEOPLE_A_SHARD}) AS made (i)"""


def _activity_sql(seed: int) -> str:
    events = ", ".join(f"'{event}'" for event in _EVENTS)
    return f"""
        SELECT person, event, name, CASE name WHEN '' THEN '' ELSE value END AS value, day,
            sum(count)::INTEGER AS count, sum(sum_minor)::BIGINT AS sum_minor
        FROM (
            SELECT (hash(i, {seed}, 1) % {PEOPLE_A_SHARD})::INTEGER AS person,
                ([{events}])[(hash(i, {seed}, 2) % {len(_EVENTS)} + 1)::BIGINT] AS event,
                CASE WHEN hash(i, {seed}, 3) % 2 = 0 THEN '' ELSE 'category' END AS name,
                'c' || hash(i, {seed}, 4) % 5 AS value,
                DATE '{TODAY}' - (1 + hash(i, {seed}, 5) % 330)::INTEGER AS day,
                1 + hash(i, {seed}, 6) % 3 AS count, hash(i, {seed}, 7) % 90000 AS sum_minor
            FROM range({ROWS_A_SHARD}) AS made (i))
        GROUP BY ALL ORDER BY event, name, value, person, day"""
