"""Whether one person is in an audience: the tree becomes a function, made once per day."""

import operator
from collections.abc import Callable, Iterator, Mapping
from datetime import date

from functions.domain.activity import DayTotal
from functions.domain.segment import (
    DID,
    All,
    AnyOf,
    Attribute,
    AttributeTest,
    Behaviour,
    Between,
    Compare,
    Contains,
    Exists,
    Group,
    HasConsent,
    InAudience,
    InGroup,
    LocaleIs,
    Measure,
    Node,
    NoneOf,
    NumberTest,
    OneOf,
    Op,
    Reachable,
    StartsWith,
    Subject,
    Within,
    walk,
)
from functions.domain.segment_window import ALWAYS, Days, day_written_in

Match = Callable[[Subject], bool]
Number = int | float
Measured = int | date | None

_COMPARISON_BY_OP: Mapping[Op, Callable[[Number, Number], bool]] = {
    Op.EQUALS: operator.eq,
    Op.LESS: operator.lt,
    Op.AT_MOST: operator.le,
    Op.MORE: operator.gt,
    Op.AT_LEAST: operator.ge,
}


def compile_for(node: Node, today: date) -> Match:
    """Make the function that says who is in it on ``today``, the tenant's local date.

    Raises LookupError for an audience within it that was not looked up.
    """
    match node:
        case All(nodes) | AnyOf(nodes) | NoneOf(nodes):
            return _group(type(node), _compiled(nodes, today))
        case InAudience(audience_id, of=definition):
            if definition is None:
                raise LookupError(audience_id)
            return compile_for(definition, today)
        case Attribute(name, test):
            return _attribute(name, test, today)
        case Behaviour():
            return _behaviour(node, today)
        case _:
            return _membership(node)


def _compiled(nodes: tuple[Node, ...], today: date) -> tuple[Match, ...]:
    """The cheap ones first: mostly they decide."""
    return tuple(compile_for(node, today) for node in sorted(nodes, key=_cost))


def _cost(node: Node) -> int:
    return sum(10 if isinstance(each, Behaviour) else 1 for each in walk(node))


def _group(kind: type[Group], tests: tuple[Match, ...]) -> Match:
    if kind is All:
        return _all(tests)
    return _any(tests) if kind is AnyOf else _not(_any(tests))


def _all(tests: tuple[Match, ...]) -> Match:
    def every(subject: Subject) -> bool:
        for test in tests:  # noqa: SIM110  # a generator costs twice the time
            if not test(subject):
                return False
        return True

    return tests[0] if len(tests) == 1 else every


def _any(tests: tuple[Match, ...]) -> Match:
    def some(subject: Subject) -> bool:
        for test in tests:  # noqa: SIM110  # likewise
            if test(subject):
                return True
        return False

    return tests[0] if len(tests) == 1 else some


def _not(test: Match) -> Match:
    return lambda subject: not test(subject)


def _membership(node: InGroup | LocaleIs | HasConsent | Reachable) -> Match:
    match node:
        case InGroup(group):
            return lambda subject: group in subject.groups
        case LocaleIs(locale):
            return lambda subject: subject.locale == locale
        case HasConsent(consent):
            return lambda subject: consent in subject.consents
        case Reachable(channel):
            return lambda subject: channel in subject.reachable


def _attribute(name: str, test: AttributeTest, today: date) -> Match:
    match test:
        case Exists():
            return lambda subject: name in subject.attributes
        case OneOf(values):
            return _one_of(name, values)
        case Compare() | Between():
            return _number(name, passes(test))
        case Within(window):
            return _dated(name, window.days_at(today))
        case Contains() | StartsWith():
            return _text(name, test)


def _one_of(name: str, values: tuple[object, ...]) -> Match:
    texts = frozenset(each for each in values if isinstance(each, str))
    truths = frozenset(each for each in values if isinstance(each, bool))
    numbers = frozenset(each for each in values if not isinstance(each, str | bool))

    def equal(subject: Subject) -> bool:
        value = subject.attributes.get(name)
        kind = type(value)
        if kind is str:
            return value in texts
        return value in (truths if kind is bool else numbers)

    return equal


def _number(name: str, test: Callable[[Number], bool]) -> Match:
    def passing(subject: Subject) -> bool:
        value = subject.attributes.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return test(value)
        return False

    return passing


def _text(name: str, test: Contains | StartsWith) -> Match:
    text = test.text

    def containing(subject: Subject) -> bool:
        value = subject.attributes.get(name)
        return isinstance(value, str) and text in value

    def starting(subject: Subject) -> bool:
        value = subject.attributes.get(name)
        return isinstance(value, str) and value.startswith(text)

    return containing if isinstance(test, Contains) else starting


def _dated(name: str, days: Days) -> Match:
    first, last = days.first, days.last

    def dated(subject: Subject) -> bool:
        value = subject.attributes.get(name)
        day = day_written_in(value) if isinstance(value, str) else None
        return day is not None and first <= day <= last

    return dated


def passes(test: NumberTest) -> Callable[[Number], bool]:
    """Make the function that says whether a number passes."""
    if isinstance(test, Between):
        low, high = test.low, test.high
        return lambda number: low <= number <= high
    compare, value = _COMPARISON_BY_OP[test.op], test.value
    return lambda number: compare(number, value)


def _behaviour(node: Behaviour, today: date) -> Match:
    if node.measure is Measure.COUNT and node.test == DID:
        return _did(node, today)
    measure = measured(node, today)
    if isinstance(node.test, Within):
        days = node.test.window.days_at(today)
        return lambda subject: (day := measure(subject)) is not None and day in days  # type: ignore[operator]  # first and last are days
    test = passes(node.test)
    return lambda subject: test(measure(subject))  # type: ignore[arg-type]  # the others are numbers


def _did(node: Behaviour, today: date) -> Match:
    keys, days = node.keys, _days(node, today)
    first, last = days.first, days.last

    def did(subject: Subject) -> bool:
        activity = subject.activity
        for key in keys:
            for each in activity.get(key, ()):
                if first <= each.day <= last:
                    return True
        return False

    return did


def measured(node: Behaviour, today: date) -> Callable[[Subject], Measured]:
    """Make the function that counts, sums or dates what a person did in the window."""
    keys, days = node.keys, _days(node, today)
    first, last = days.first, days.last

    def happened(subject: Subject) -> Iterator[DayTotal]:
        activity = subject.activity
        for key in keys:
            for each in activity.get(key, ()):
                if first <= each.day <= last:
                    yield each

    fold = _FOLD_BY_MEASURE[node.measure]
    return lambda subject: fold(happened(subject))


_FOLD_BY_MEASURE: Mapping[Measure, Callable[[Iterator[DayTotal]], Measured]] = {
    Measure.COUNT: lambda totals: sum([each.count for each in totals]),
    Measure.SUM: lambda totals: sum([each.sum_minor for each in totals]),
    Measure.DAYS: lambda totals: len({each.day for each in totals}),
    Measure.FIRST: lambda totals: min([each.day for each in totals], default=None),
    Measure.LAST: lambda totals: max([each.day for each in totals], default=None),
}


def _days(node: Behaviour, today: date) -> Days:
    return ALWAYS if node.window is None else node.window.days_at(today)
