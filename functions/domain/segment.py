"""Audiences: who belongs, said as a tree of conditions over what is known of one person.

One tree has three evaluators that must agree: ``segment_match`` for one person, SQL for all
(``content/segment_sql``), and the tests' own. What they agree upon:

- A condition on an attribute that the person lacks, or that is of another type than the condition
  asks for, does not hold. True and false are no numbers; 1 and 1.0 are the same number.
- ``NoneOf`` is plain negation: a person who lacks the attribute is in ``not city = "Seoul"``.
- Texts are compared as they are, character by character, case included.
- Who never did something did it 0 times, for a sum of 0, on 0 days, and has no first and no last.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from functions.domain.activity import ENGAGEMENT, ActivityKey, DayTotal
from functions.domain.contact import AttributeValue
from functions.domain.ids import ContactId
from functions.domain.segment_window import FromTo, Window, is_relative

MAX_DEPTH = 10
MAX_NODES = 200
MAX_LISTED = 10_000
"""So many values may stand in one list."""
MAX_CHOICES = 100
"""So many values of a property may a condition on behaviour take."""
MAX_NAME_CHARS = 200
MAX_TEXT_CHARS = 1_000
MAX_AMOUNT = 10**15
"""Counts and sums (minor units) in conditions are at most so large."""


class Op(StrEnum):
    """How a number is compared with the one of the condition."""

    EQUALS = "equals"
    LESS = "less"
    AT_MOST = "at_most"
    MORE = "more"
    AT_LEAST = "at_least"


class Measure(StrEnum):
    """What is asked of an event: how often, how much, on how many days, or on which day."""

    COUNT = "count"
    SUM = "sum"
    DAYS = "days"
    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Compare:
    """The number stands so to ``value``."""

    op: Op
    value: int | float


@dataclass(frozen=True, slots=True)
class Between:
    """The number is from ``low`` to ``high``, both included."""

    low: int | float
    high: int | float


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value is one of these: equal in type and value."""

    values: tuple[AttributeValue, ...]


@dataclass(frozen=True, slots=True)
class Contains:
    """The text has this in it."""

    text: str


@dataclass(frozen=True, slots=True)
class StartsWith:
    """The text begins with this."""

    text: str


@dataclass(frozen=True, slots=True)
class Exists:
    """There is a value, of whatever type."""


@dataclass(frozen=True, slots=True)
class Within:
    """The date (of an attribute: the text that begins with one) lies in the window."""

    window: Window


NumberTest = Compare | Between
AttributeTest = NumberTest | OneOf | Contains | StartsWith | Exists | Within


@dataclass(frozen=True, slots=True)
class All:
    """Every one holds; of no conditions, so does this: that is everyone."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one holds; of no conditions, nobody's."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Not one holds."""

    nodes: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Attribute:
    """The person's attribute of this name passes the test."""

    name: str
    test: AttributeTest


@dataclass(frozen=True, slots=True)
class InGroup:
    """The person is in the user group."""

    group: str


@dataclass(frozen=True, slots=True)
class LocaleIs:
    """The person's locale is this one."""

    locale: str


@dataclass(frozen=True, slots=True)
class HasConsent:
    """The consent, such as ``sms:advertising``, is in force."""

    consent: str


@dataclass(frozen=True, slots=True)
class Reachable:
    """There is an address for the channel that may be written to."""

    channel: str


@dataclass(frozen=True, slots=True)
class Where:
    """Only occurrences whose property ``name`` has one of the values. It must be declared."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the person did, or what became of messages, in the window (always, when None).

    The test is a ``Within`` for the first and the last day, and of whole numbers otherwise.
    """

    event: str
    where: Where | None
    window: Window | None
    measure: Measure
    test: NumberTest | Within

    @property
    def keys(self) -> tuple[ActivityKey, ...]:
        """Under which keys that activity is kept."""
        if self.where is None:
            return (ActivityKey(self.event),)
        values = dict.fromkeys(self.where.values)
        return tuple(ActivityKey(self.event, self.where.name, value) for value in values)


DID = Compare(Op.AT_LEAST, 1)
"""The test of a count that asks only whether it happened."""


@dataclass(frozen=True, slots=True)
class InAudience:
    """The person is in another audience; ``of`` is its definition once that is looked up."""

    audience_id: str
    of: "Node | None" = None


Group = All | AnyOf | NoneOf
Leaf = Attribute | InGroup | LocaleIs | HasConsent | Reachable | Behaviour
Node = Group | Leaf | InAudience

EVERYONE, NOBODY = All(()), AnyOf(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One person as audiences see them. Numbers are finite, whole ones of at most 64 bits.

    Each sequence of days has a day once, in any order, and only days with a count of 1 or more.
    """

    contact_id: ContactId
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict, repr=False)
    groups: frozenset[str] = frozenset()
    locale: str = "ko"
    zone: str = ""
    consents: frozenset[str] = frozenset()
    reachable: frozenset[str] = frozenset()
    activity: Mapping[ActivityKey, Sequence[DayTotal]] = field(default_factory=dict, repr=False)


def inner_nodes(node: Node) -> tuple[Node, ...]:
    """The nodes directly below: of a group its conditions, of an audience its definition."""
    match node:
        case All(nodes) | AnyOf(nodes) | NoneOf(nodes):
            return nodes
        case InAudience(of=definition) if definition is not None:
            return (definition,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it."""
    yield node
    for inner in inner_nodes(node):
        yield from walk(inner)


def moves_daily(node: Node) -> bool:
    """Whether a window in it is relative: its members change though nobody does anything."""
    return any(is_relative(window) for each in walk(node) for window in _windows(each))


def asks_about_messages(node: Node) -> bool:
    """Whether it asks what became of messages, which is known of all at once only."""
    return any(isinstance(each, Behaviour) and each.event in ENGAGEMENT for each in walk(node))


def is_settled(node: Node) -> bool:
    """Whether it asks about fixed days alone that have both ends: once answered, it stays so."""
    windows = [window for each in walk(node) for window in _windows(each)]
    return bool(windows) and all(
        isinstance(window, FromTo) and window.end is not None for window in windows
    )


def _windows(node: Node) -> tuple[Window | None, ...]:
    match node:
        case Behaviour(window=window, test=Within(tested)):
            return (window, tested)
        case Behaviour(window=window):
            return (window,)
        case Attribute(test=Within(window)):
            return (window,)
        case _:
            return ()
