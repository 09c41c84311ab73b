"""A third evaluator, to be independent of the other two: SQLite over plain long tables.

Each node becomes a query for the people of whom it is true. Values are told apart by a column
that says their type; windows are compared as texts; nothing is shared or optimised.
"""

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta

from functions.domain.segment import (
    All,
    AnyOf,
    Attribute,
    Behaviour,
    Between,
    Compare,
    Contains,
    Exists,
    HasConsent,
    InAudience,
    InGroup,
    LocaleIs,
    Measure,
    Node,
    NoneOf,
    OneOf,
    Op,
    StartsWith,
    Subject,
    Within,
)
from functions.domain.segment_window import EarlierThan, LastDays, Window

_TYPE = {str: "text", int: "number", float: "number", bool: "truth"}
_SIGN = {Op.EQUALS: "=", Op.LESS: "<", Op.AT_MOST: "<=", Op.MORE: ">", Op.AT_LEAST: ">="}
_MEASURE = {
    Measure.COUNT: "coalesce(sum(count), 0)",
    Measure.SUM: "coalesce(sum(sum_minor), 0)",
    Measure.DAYS: "count(DISTINCT day)",
    Measure.FIRST: "min(day)",
    Measure.LAST: "max(day)",
}
_IS_DATE = (
    "value GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND substr(value, 11, 1) IN"
    " ('', 'T', ' ') AND date(substr(value, 1, 10), '+0 days') = substr(value, 1, 10)"
)


class Sqlite:
    def __init__(self, people: Sequence[Subject], today: date) -> None:
        self.today = today
        self.db = sqlite3.connect(":memory:")
        self.db.executescript(
            "CREATE TABLE person (person INTEGER PRIMARY KEY, locale TEXT);"
            "CREATE TABLE attribute (person INTEGER, name TEXT, type TEXT, value);"
            "CREATE TABLE mark (person INTEGER, kind TEXT, word TEXT);"
            "CREATE TABLE activity (person INTEGER, event, name, value, day, count, sum_minor);"
            "CREATE INDEX by_person ON activity (person, event, name);"
        )
        for number, subject in enumerate(people):
            self._add(number, subject)

    def _add(self, number: int, subject: Subject) -> None:
        self.db.execute("INSERT INTO person VALUES (?, ?)", (number, subject.locale))
        rows = [(number, name, _TYPE[type(v)], v) for name, v in subject.attributes.items()]
        self.db.executemany("INSERT INTO attribute VALUES (?, ?, ?, ?)", rows)
        marks = [
            *((number, "group", word) for word in subject.groups),
            *((number, "consent", word) for word in subject.consents),
            *((number, "channel", word) for word in subject.reachable),
        ]
        self.db.executemany("INSERT INTO mark VALUES (?, ?, ?)", marks)
        totals = [
            (number, k.event, k.name, k.value, each.day.isoformat(), each.count, each.sum_minor)
            for k, several in subject.activity.items()
            for each in several
        ]
        self.db.executemany("INSERT INTO activity VALUES (?, ?, ?, ?, ?, ?, ?)", totals)

    def people(self, node: Node) -> set[int]:  # noqa: PLR0911  # one line a node
        match node:
            case All(nodes):
                return set.intersection(self._everyone(), *map(self.people, nodes))
            case AnyOf(nodes):
                return set().union(*map(self.people, nodes))
            case NoneOf(nodes):
                return self._everyone() - set().union(*map(self.people, nodes))
            case InAudience(of=definition):
                return self.people(definition)
            case Attribute(name, test):
                return self._attribute(name, test)
            case Behaviour():
                return self._behaviour(node)
            case LocaleIs(locale):
                return self._ask("SELECT person FROM person WHERE locale = ?", locale)
            case _:
                return self._mark(node)

    def _ask(self, sql: str, *values: object) -> set[int]:
        return {person for (person,) in self.db.execute(sql, values)}

    def _everyone(self) -> set[int]:
        return self._ask("SELECT person FROM person")

    def _mark(self, node: Node) -> set[int]:
        kind = {InGroup: "group", HasConsent: "consent"}.get(type(node), "channel")
        (word,) = (getattr(node, each) for each in node.__slots__)
        return self._ask("SELECT person FROM mark WHERE kind = ? AND word = ?", kind, word)

    def _attribute(self, name: str, test: object) -> set[int]:
        if isinstance(test, OneOf):
            return set().union(*(self._equal(name, value) for value in test.values))
        sql, values = self._test(test)
        return self._ask(f"SELECT person FROM attribute WHERE name = ? AND {sql}", name, *values)

    def _equal(self, name: str, value: object) -> set[int]:
        sql = "SELECT person FROM attribute WHERE name = ? AND type = ? AND value = ?"
        return self._ask(sql, name, _TYPE[type(value)], value)

    def _test(self, test: object) -> tuple[str, tuple[object, ...]]:
        match test:
            case Exists():
                return "1", ()
            case Contains(text):
                return "type = 'text' AND (? = '' OR instr(value, ?) > 0)", (text, text)
            case StartsWith(text):
                return "type = 'text' AND substr(value, 1, length(?)) = ?", (text, text)
            case Within(window):
                sql, values = self._window("substr(value, 1, 10)", window)
                return f"type = 'text' AND {_IS_DATE} AND {sql}", values
            case _:
                sql, values = _number("value", test)
                return f"type = 'number' AND {sql}", values

    def _behaviour(self, node: Behaviour) -> set[int]:
        rows, values = "event = ?", [node.event]
        if node.where is None:
            rows += " AND name = ''"
        else:
            rows += f" AND name = ? AND value IN ({', '.join('?' for _ in node.where.values)})"
            values += [node.where.name, *node.where.values]
        if node.window is not None:
            sql, more = self._window("day", node.window)
            rows, values = f"{rows} AND {sql}", [*values, *more]
        measured = (
            f"SELECT person.person, (SELECT {_MEASURE[node.measure]} FROM activity"
            f" WHERE activity.person = person.person AND {rows}) AS value FROM person"
        )
        if isinstance(node.test, Within):
            test, more = self._window("value", node.test.window)
        else:
            test, more = _number("value", node.test)
        return self._ask(f"SELECT person FROM ({measured}) WHERE {test}", *values, *more)

    def _window(self, column: str, window: Window) -> tuple[str, tuple[object, ...]]:
        match window:
            case LastDays(days):
                first = self.today - timedelta(days=days)
                return f"{column} >= ? AND {column} < ?", (str(first), str(self.today))
            case EarlierThan(days):
                return f"{column} < ?", (str(self.today - timedelta(days=days)),)
            case _:
                ends = str(window.start or "0000"), str(window.end or "9999-99")
                return f"{column} >= ? AND {column} <= ?", ends


def _number(column: str, test: object) -> tuple[str, tuple[object, ...]]:
    match test:
        case Compare(op, value):
            return f"{column} {_SIGN[op]} ?", (value,)
        case Between(low, high):
            return f"{column} >= ? AND {column} <= ?", (low, high)
