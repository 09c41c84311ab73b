"""The definition of an audience as JSON: ``docs/audiences.md`` tells its form."""

from collections.abc import Iterable
from typing import Any

from functions.contracts.errors import FieldError
from functions.contracts.segment_fields import Json
from functions.contracts.segment_reader import DefinitionReader
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
    HasConsent,
    InAudience,
    InGroup,
    LocaleIs,
    Measure,
    Node,
    NoneOf,
    NumberTest,
    OneOf,
    Reachable,
    StartsWith,
    Where,
    Within,
)
from functions.domain.segment_reference import WORD_BY_GROUP
from functions.domain.segment_window import EarlierThan, FromTo, LastDays, Window


class BadDefinition(ValueError):
    """A definition that cannot be used; ``errors`` are all that is wrong."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        super().__init__("The definition of the audience is invalid.")
        self.errors = tuple(errors)


def node_from_json(document: object, pointer: str = "") -> Node:
    """Read a definition that stands at ``pointer`` of a body. Raises BadDefinition."""
    reader = DefinitionReader()
    node = reader.node(document, pointer, 1)
    if node is None or reader.errors:
        raise BadDefinition(reader.errors)
    return node


def node_to_json(node: Node) -> Json:
    """Write a definition; an audience within it is written by its id."""
    match node:
        case All(nodes) | AnyOf(nodes) | NoneOf(nodes):
            return {WORD_BY_GROUP[type(node)]: [node_to_json(each) for each in nodes]}
        case Attribute(name, test):
            return {"attribute": name, **_test_to_json(test)}
        case Behaviour():
            return _behaviour_to_json(node)
        case _:
            return _named_to_json(node)


def _named_to_json(
    node: InGroup | LocaleIs | HasConsent | Reachable | InAudience,
) -> Json:
    match node:
        case InGroup(group):
            return {"group": group}
        case LocaleIs(locale):
            return {"locale": locale}
        case HasConsent(consent):
            return {"consent": consent}
        case Reachable(channel):
            return {"reachable": channel}
        case InAudience(audience_id):
            return {"audience": audience_id}


def _test_to_json(test: AttributeTest) -> Json:
    match test:
        case OneOf(values):
            return _choice_to_json(values)
        case Contains(text):
            return {"contains": text}
        case StartsWith(text):
            return {"starts_with": text}
        case Exists():
            return {"exists": True}
        case _:
            return _measure_test_to_json(test)


def _measure_test_to_json(test: NumberTest | Within) -> Json:
    match test:
        case Compare(op, value):
            return {str(op): value}
        case Between(low, high):
            return {"between": [low, high]}
        case Within(window):
            return {"within": _window_to_json(window)}


def _choice_to_json(values: tuple[Any, ...]) -> Json:
    return {"equals": values[0]} if len(values) == 1 else {"in": list(values)}


def _behaviour_to_json(node: Behaviour) -> Json:
    document: Json = {"event": node.event}
    if node.where is not None:
        document["where"] = _where_to_json(node.where)
    if node.window is not None:
        document["window"] = _window_to_json(node.window)
    if (node.measure, node.test) != (Measure.COUNT, DID):
        document |= {"measure": str(node.measure), **_measure_test_to_json(node.test)}
    return document


def _where_to_json(where: Where) -> Json:
    return {"property": where.name, **_choice_to_json(where.values)}


def _window_to_json(window: Window) -> Json:
    match window:
        case LastDays(days):
            return {"last_days": days}
        case EarlierThan(days):
            return {"earlier_than_days": days}
        case FromTo(start, end):
            ends = {"from": start, "to": end}
            return {key: day.isoformat() for key, day in ends.items() if day is not None}
