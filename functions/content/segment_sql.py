"""Audiences as SQL for DuckDB: all conditions of all audiences in few passes over a shard.

Each different question is a *probe*: it gives the set of people for whom it holds, as bits. The
conditions of one group on a person's own row are one probe, which reads the columns that they
name; all probes of one kind of activity share the rows of its key. The trees are then worked out
by and, or and not of whole sets (``Plan.members``), which costs next to nothing. So the work
grows with the different questions, not with the audiences.

What the user wrote only ever travels as a parameter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from functions.content.segment_probes import Amount, Condition, Probes, Slot, Statement, joined
from functions.content.segment_values import amount_condition, attribute_condition
from functions.domain.person_set import PersonSet
from functions.domain.segment import (
    DID,
    All,
    AnyOf,
    Attribute,
    Behaviour,
    HasConsent,
    InAudience,
    InGroup,
    LocaleIs,
    Measure,
    Node,
    NoneOf,
    Reachable,
    Within,
)
from functions.domain.segment_match import passes
from functions.domain.segment_window import ALWAYS, Days

Formula = Callable[[Sequence[int], int], int]
"""Gives the bits of a node from those of all probes and those of everyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardShape:
    """How many people a shard has, and which columns its people's file."""

    people: int
    columns: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to ask a shard, and how its answers make audiences.

    ``probes`` is how many sets of people the statements give together.
    """

    people: int
    probes: int
    statements: tuple[Statement, ...]
    formulas: Mapping[str, Formula]

    def members(self, answers: Iterable[Sequence[bytes | None]]) -> dict[str, PersonSet]:
        """Who is in each audience, from the row that each of the statements gave."""
        bits = [0] * self.probes
        for statement, row in zip(self.statements, answers, strict=True):
            for slot, people in zip(statement.slots, row, strict=True):
                bits[slot] = int.from_bytes(people or b"", "big")
        everyone = (1 << self.people) - 1
        return {
            audience: PersonSet(formula(bits, everyone), self.people)
            for audience, formula in self.formulas.items()
        }


def compile_all(definitions: Mapping[str, Node], shape: ShardShape, *, today: date) -> Plan:
    """Make the plan that answers all definitions on ``today``, the tenant's local date.

    Raises LookupError for an audience within one of them that was not looked up.
    """
    compiler = _Compiler(shape, today)
    formulas = {audience: compiler.formula(node) for audience, node in definitions.items()}
    return Plan(
        people=shape.people,
        probes=compiler.probes.count,
        statements=tuple(compiler.probes.statements(shape.people)),
        formulas=formulas,
    )


def _nobody(bits: Sequence[int], everyone: int) -> int:  # noqa: ARG001  # as all formulas
    return 0


def _probe(slot: Slot) -> Formula:
    return lambda bits, _: bits[slot]


def _not(formula: Formula) -> Formula:
    return lambda bits, everyone: everyone & ~formula(bits, everyone)


def _and(formulas: Sequence[Formula]) -> Formula:
    def both(bits: Sequence[int], everyone: int) -> int:
        found = everyone
        for formula in formulas:
            found &= formula(bits, everyone)
        return found

    return both


def _or(formulas: Sequence[Formula]) -> Formula:
    def either(bits: Sequence[int], everyone: int) -> int:
        found = 0
        for formula in formulas:
            found |= formula(bits, everyone)
        return found

    return either


OnPerson = Attribute | InGroup | LocaleIs | HasConsent | Reachable
"""Conditions that the person's row in the people's file answers."""


class _Compiler:
    """Turns nodes into formulas and remembers the probes that they need."""

    def __init__(self, shape: ShardShape, today: date) -> None:
        self.probes = Probes()
        self._columns = shape.columns
        self._today = today

    def formula(self, node: Node) -> Formula:
        match node:
            case All(nodes):
                return _and(self._parts(nodes, "AND"))
            case AnyOf(nodes):
                return _or(self._parts(nodes, "OR"))
            case NoneOf(nodes):
                return _not(_or(self._parts(nodes, "OR")))
            case InAudience(audience_id, of=definition):
                if definition is None:
                    raise LookupError(audience_id)
                return self.formula(definition)
            case Behaviour():
                return self._behaviour(node)
            case _:
                return self._person((node,), "AND")

    def _parts(self, nodes: Sequence[Node], word: str) -> list[Formula]:
        """Those on the person's own row are asked together: one pass decides all of them."""
        own = tuple(each for each in nodes if isinstance(each, OnPerson))
        rest = [self.formula(each) for each in nodes if not isinstance(each, OnPerson)]
        return [self._person(own, word), *rest] if own else rest

    def _person(self, nodes: Sequence[OnPerson], word: str) -> Formula:
        conditions = [self._condition(each) for each in nodes]
        possible = [each for each in conditions if each is not None]
        if not possible or (word == "AND" and len(possible) < len(conditions)):
            return _nobody
        return _probe(self.probes.of_people(joined(possible, word)))

    def _condition(self, node: OnPerson) -> Condition | None:
        """Write it; None when nobody of the shard can fulfil it."""
        if isinstance(node, Attribute):
            return attribute_condition(node, self._columns, self._today)
        return _membership(node)

    def _behaviour(self, node: Behaviour) -> Formula:
        days = ALWAYS if node.window is None else node.window.days_at(self._today)
        if isinstance(node.test, Within):
            return self._dated(node, days, node.test.window.days_at(self._today))
        if node.measure is Measure.COUNT and node.test == DID:
            return _probe(self.probes.of_days(node.keys, days))
        holds_for_none = passes(node.test)(0)
        test = amount_condition("{}", node.test)
        if holds_for_none:  # ask for the others, since most people have no row at all
            test = Condition(f"NOT ({test.sql})", test.parameters)
        amount = Amount(_amount(node), days, test)
        probe = _probe(self.probes.of_amounts(node.keys, amount))
        return _not(probe) if holds_for_none else probe

    def _dated(self, node: Behaviour, days: Days, tested: Days) -> Formula:
        """The first (last) day lies in ``tested``: one is there, and none before (behind) it."""
        inside = _probe(self.probes.of_days(node.keys, days.both(tested)))
        outside = _before(tested) if node.measure is Measure.FIRST else _behind(tested)
        if outside is None:
            return inside
        return _and([inside, _not(_probe(self.probes.of_days(node.keys, days.both(outside))))])


def _before(days: Days) -> Days | None:
    if days.first == date.min:
        return None
    return Days(date.min, days.first - timedelta(days=1))


def _behind(days: Days) -> Days | None:
    if days.last == date.max:
        return None
    return Days(days.last + timedelta(days=1), date.max)


def _amount(node: Behaviour) -> str:
    match node.measure:
        case Measure.COUNT:
            return "sum(count)"
        case Measure.SUM:
            return "sum(sum_minor)"
        case _:
            return "count(*)" if len(node.keys) == 1 else "count(DISTINCT day)"


def _membership(node: InGroup | LocaleIs | HasConsent | Reachable) -> Condition:
    match node:
        case InGroup(group):
            return Condition("list_contains(groups, ?)", (group,))
        case LocaleIs(locale):
            return Condition("locale = ?", (locale,))
        case HasConsent(consent):
            return Condition("list_contains(consents, ?)", (consent,))
        case Reachable(channel):
            return Condition("list_contains(reachable, ?)", (channel,))
