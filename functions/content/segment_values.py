"""Conditions on attributes and amounts as SQL, exact for whole numbers and fractions alike."""

from collections.abc import Iterable, Sequence
from datetime import date
from math import ceil, floor

from functions.content.people_columns import Kind, column_of
from functions.content.segment_probes import Condition, joined
from functions.domain.contact import AttributeValue
from functions.domain.segment import (
    Attribute,
    AttributeTest,
    Between,
    Compare,
    Contains,
    Exists,
    NumberTest,
    OneOf,
    Op,
    StartsWith,
    Within,
)

_INT64 = 1 << 63
_FEW = 50
"""So many values are compared one by one; more go through a hash table."""
_SIGN_BY_OP = {Op.EQUALS: "=", Op.LESS: "<", Op.AT_MOST: "<=", Op.MORE: ">", Op.AT_LEAST: ">="}
_LIST_TYPE_BY_KIND = {Kind.TEXT: "VARCHAR[]", Kind.WHOLE: "BIGINT[]", Kind.REAL: "DOUBLE[]"}
_Number = int | float


def attribute_condition(node: Attribute, columns: frozenset[str], today: date) -> Condition | None:
    """Write a condition on an attribute; None when nobody can fulfil it."""
    found = [
        condition
        for kind in Kind
        if column_of(kind, node.name) in columns
        and (condition := _of_kind(kind, column_of(kind, node.name), node.test, today))
    ]
    return joined(found, "OR") if found else None


def _of_kind(kind: Kind, column: str, test: AttributeTest, today: date) -> Condition | None:
    match test:
        case Exists():
            return Condition(f"{column} IS NOT NULL")
        case OneOf(values):
            return _one_of(kind, column, values)
        case Compare() | Between():
            return _number(kind, column, test)
        case _:
            return _text_or_day(kind, column, test, today)


def _text_or_day(
    kind: Kind, column: str, test: Contains | StartsWith | Within, today: date
) -> Condition | None:
    match test:
        case Contains(text) if kind is Kind.TEXT:
            return Condition(f"contains({column}, ?)", (text,))
        case StartsWith(text) if kind is Kind.TEXT:
            return Condition(f"starts_with({column}, ?)", (text,))
        case Within(window) if kind is Kind.DAY:
            days = window.days_at(today)
            return Condition(f"{column} BETWEEN ? AND ?", (days.first, days.last))
        case _:
            return None


def _one_of(kind: Kind, column: str, values: Sequence[AttributeValue]) -> Condition | None:
    fitting = tuple(dict.fromkeys(_fitting(kind, values)))
    if not fitting:
        return None
    if len(fitting) <= _FEW:
        return Condition(f"{column} IN ({', '.join('?' for _ in fitting)})", fitting)
    listed = f"{column} IN (SELECT unnest(?::{_LIST_TYPE_BY_KIND[kind]}))"
    return Condition(listed, (fitting,))


def _fitting(kind: Kind, values: Iterable[AttributeValue]) -> Iterable[AttributeValue]:
    """The values that a column of the kind can hold, in its type."""
    for value in values:
        match value:
            case bool() if kind is Kind.TRUTH:
                yield value
            case str() if kind is Kind.TEXT:
                yield value
            case bool() | str():
                pass
            case _ if kind is Kind.WHOLE and value == floor(value) and _is_int64(floor(value)):
                yield floor(value)
            case _ if kind is Kind.REAL and float(value) == value:
                yield float(value)


def _number(kind: Kind, column: str, test: NumberTest) -> Condition | None:
    if kind is Kind.WHOLE:
        return _whole(column, test)
    return _fraction(column, test) if kind is Kind.REAL else None


def _whole(column: str, test: NumberTest) -> Condition | None:
    """Whole numbers lie from one whole number to another, whatever they are compared with."""
    low, high = -_INT64, _INT64 - 1
    for op, value in _comparisons(test):
        least, most = _whole_bounds(op, value)
        low = low if least is None else max(low, least)
        high = high if most is None else min(high, most)
    return Condition(f"{column} BETWEEN ? AND ?", (low, high)) if low <= high else None


def _whole_bounds(op: Op, value: _Number) -> tuple[int | None, int | None]:
    match op:
        case Op.EQUALS:
            return ceil(value), floor(value)
        case Op.LESS:
            return None, ceil(value) - 1
        case Op.AT_MOST:
            return None, floor(value)
        case Op.MORE:
            return floor(value) + 1, None
        case Op.AT_LEAST:
            return ceil(value), None


def amount_condition(column: str, test: NumberTest) -> Condition:
    """Compare a count or a sum with the whole numbers of the test."""
    comparisons = _comparisons(test)
    sql = " AND ".join(f"{column} {_SIGN_BY_OP[op]} ?" for op, _ in comparisons)
    return Condition(sql, tuple(value for _, value in comparisons))


def _fraction(column: str, test: NumberTest) -> Condition | None:
    written = [_real(column, op, value) for op, value in _comparisons(test)]
    known = [each for each in written if each]
    return joined(known, "AND") if len(known) == len(written) else None


def _real(column: str, op: Op, value: _Number) -> Condition | None:
    """Compare with a fraction; a whole number beyond 2^53 may have none that is equal to it."""
    near = float(value)
    if near == value:
        return Condition(f"{column} {_SIGN_BY_OP[op]} ?", (near,))
    if op is Op.EQUALS:
        return None
    if op in (Op.LESS, Op.AT_MOST):
        return Condition(f"{column} {'<' if near > value else '<='} ?", (near,))
    return Condition(f"{column} {'>=' if near > value else '>'} ?", (near,))


def _comparisons(test: NumberTest) -> tuple[tuple[Op, _Number], ...]:
    if isinstance(test, Between):
        return (Op.AT_LEAST, test.low), (Op.AT_MOST, test.high)
    return ((test.op, test.value),)


def _is_int64(number: int) -> bool:
    return -_INT64 <= number < _INT64
