"""Why one person is in an audience, or not: the value of every node, and what it saw."""

from dataclasses import dataclass, field
from datetime import date

from functions.domain.contact import AttributeValue
from functions.domain.segment import (
    Attribute,
    Behaviour,
    InAudience,
    Node,
    Subject,
    inner_nodes,
)
from functions.domain.segment_match import compile_for, measured
from functions.domain.segment_reference import WORD_BY_GROUP


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A node's value for a person.

    ``pointer`` is its place in the definition's JSON; behind ``/audience`` it goes on in the
    definition of the other audience. ``saw`` is the attribute's value, or what was measured of the
    behaviour, and None where there was nothing, or where the node's own value says it all.
    """

    pointer: str
    node: Node = field(repr=False)
    value: bool
    saw: AttributeValue | date | None = field(repr=False)
    nodes: tuple["Explained", ...]


def explain(node: Node, subject: Subject, *, today: date, pointer: str = "") -> Explained:
    """Evaluate every node, also those that ``compile_for`` would pass over.

    Raises LookupError for an audience within it that was not looked up.
    """
    value = compile_for(node, today)(subject)
    nodes = tuple(
        explain(inner, subject, today=today, pointer=below)
        for inner, below in zip(inner_nodes(node), _pointers(node, pointer), strict=True)
    )
    saw = _seen(node, subject, today)
    return Explained(pointer=pointer, node=node, value=value, saw=saw, nodes=nodes)


def _pointers(node: Node, pointer: str) -> tuple[str, ...]:
    if isinstance(node, InAudience):
        return (f"{pointer}/audience",)
    word = WORD_BY_GROUP.get(type(node))
    return tuple(f"{pointer}/{word}/{place}" for place in range(len(inner_nodes(node))))


def _seen(node: Node, subject: Subject, today: date) -> AttributeValue | date | None:
    match node:
        case Attribute(name):
            return subject.attributes.get(name)
        case Behaviour():
            return measured(node, today)(subject)
        case _:
            return None
