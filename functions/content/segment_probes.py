"""Collects the different conditions of many audiences, and asks each of them once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TypeVar

from functions.content.people_columns import ACTIVITY_FILE, PEOPLE_FILE
from functions.domain.activity import ActivityKey
from functions.domain.segment_window import Days

_PROBES_A_STATEMENT = 8
"""So many sets are made in one pass: 31 KB each for 250,000 people, in each thread. With 60 they
outgrow the processor's cache, and a pass takes twice the time of several small ones."""

_SOURCE = "WITH source AS (FROM read_parquet(?))"
_BETWEEN = "day BETWEEN ? AND ?"
_Asked = TypeVar("_Asked")

Keys = tuple[ActivityKey, ...]
Slot = int
"""The number of a probe, in the order in which they were asked for."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A boolean expression of SQL, with a ``?`` for each parameter."""

    sql: str
    parameters: tuple[object, ...] = ()


def joined(conditions: Sequence[Condition], word: str) -> Condition:
    """Put AND or OR between conditions, of which there is at least one."""
    sql = f" {word} ".join(f"({each.sql})" for each in conditions)
    return Condition(sql, _flat(each.parameters for each in conditions))


@dataclass(frozen=True, slots=True)
class Amount:
    """An aggregate of the rows of one person in some days, and what is asked of it.

    In the SQL of ``test`` the amount is written ``{}``.
    """

    sql: str
    days: Days
    test: Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A question to one file of a shard: one row, with the people of each slot as BLOB or NULL.

    The path of the file goes before the other parameters.
    """

    file: str
    sql: str
    parameters: tuple[object, ...]
    slots: tuple[Slot, ...]


@dataclass(slots=True)
class Probes:
    """What is asked of a shard so far."""

    count: int = 0
    _people: dict[Condition, Slot] = field(default_factory=dict)
    _days: dict[Keys, dict[Days, Slot]] = field(default_factory=dict)
    _amounts: dict[Keys, dict[Amount, Slot]] = field(default_factory=dict)

    def of_people(self, condition: Condition) -> Slot:
        """Ask for those whose row in the people's file fits."""
        return self._slot(self._people, condition)

    def of_days(self, keys: Keys, days: Days) -> Slot:
        """Ask for those who have a row of the keys on one of the days."""
        return self._slot(self._days.setdefault(keys, {}), days)

    def of_amounts(self, keys: Keys, amount: Amount) -> Slot:
        """Ask for those who have rows of the keys, and an amount that passes."""
        return self._slot(self._amounts.setdefault(keys, {}), amount)

    def statements(self, people: int) -> Iterator[Statement]:
        """All questions to a shard of so many people."""
        for condition, slot in self._people.items():
            yield _of_person(condition, slot, people)
        for keys, by_days in self._days.items():
            for days in _chunks(by_days):
                yield _of_days(keys, days, people)
        for keys, by_amount in self._amounts.items():
            for amounts in _chunks(by_amount):
                yield _of_amounts(keys, amounts, people)

    def _slot(self, slots: dict[_Asked, Slot], asked: _Asked) -> Slot:
        if asked not in slots:
            slots[asked] = self.count
            self.count += 1
        return slots[asked]


def _chunks(slots: Mapping[_Asked, Slot]) -> Iterator[dict[_Asked, Slot]]:
    rest = iter(slots.items())
    while chunk := dict(islice(rest, _PROBES_A_STATEMENT)):
        yield chunk


def _of_person(condition: Condition, slot: Slot, people: int) -> Statement:
    """Only the columns that it names are read, and those who do not fit are left out on the way."""
    return Statement(
        file=PEOPLE_FILE,
        sql=f"{_SOURCE} SELECT {_set_of('true', people)} FROM source WHERE {condition.sql}",
        parameters=condition.parameters,
        slots=(slot,),
    )


def _of_days(keys: Keys, slots: Mapping[Days, Slot], people: int) -> Statement:
    sets = ", ".join(_set_of(_BETWEEN, people) for _ in slots)
    rows = _rows(keys, slots)
    return Statement(
        file=ACTIVITY_FILE,
        sql=f"{_SOURCE} SELECT {sets} FROM source WHERE {rows.sql}",
        parameters=(*_flat((days.first, days.last) for days in slots), *rows.parameters),
        slots=tuple(slots.values()),
    )


def _of_amounts(keys: Keys, slots: Mapping[Amount, Slot], people: int) -> Statement:
    tests = [each.test.sql.replace("{}", f"a{place}") for place, each in enumerate(slots)]
    sets = ", ".join(_set_of(test, people) for test in tests)
    amounts = ", ".join(
        f"coalesce({each.sql} FILTER (WHERE {_BETWEEN}), 0) AS a{place}"
        for place, each in enumerate(slots)
    )
    rows = _rows(keys, [each.days for each in slots])
    by_person = f"SELECT person, {amounts} FROM source WHERE {rows.sql} GROUP BY person"
    return Statement(
        file=ACTIVITY_FILE,
        sql=f"{_SOURCE} SELECT {sets} FROM ({by_person})",
        parameters=(
            *_flat(each.test.parameters for each in slots),
            *_flat((each.days.first, each.days.last) for each in slots),
            *rows.parameters,
        ),
        slots=tuple(slots.values()),
    )


def _set_of(condition: str, people: int) -> str:
    return f"(bitstring_agg(person, 0, {people - 1}) FILTER (WHERE {condition}))::BLOB"


def _rows(keys: Keys, windows: Iterable[Days]) -> Condition:
    """Which rows are needed at all: those of the keys, in the days that some window has."""
    windows = tuple(windows)
    span = min(days.first for days in windows), max(days.last for days in windows)
    values = ", ".join("?" for _ in keys)
    return Condition(
        f"event = ? AND name = ? AND value IN ({values}) AND {_BETWEEN}",
        (keys[0].event, keys[0].name, *(key.value for key in keys), *span),
    )


def _flat(parameters: Iterable[tuple[object, ...]]) -> tuple[object, ...]:
    return tuple(chain.from_iterable(parameters))
