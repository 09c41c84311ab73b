"""Writes the definition of an audience as one line of text; ``segment_text`` reads it back."""

import json
import re
from functools import cache

from functions.content.segment_text import reserved_words
from functions.domain.contact import AttributeValue
from functions.domain.segment import (
    DID,
    EVERYONE,
    NOBODY,
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
    Where,
    Within,
)
from functions.domain.segment_window import EarlierThan, FromTo, LastDays, Window

_SIGN_BY_OP = {Op.EQUALS: "=", Op.LESS: "<", Op.AT_MOST: "<=", Op.MORE: ">", Op.AT_LEAST: ">="}
_WORD_BETWEEN = {All: " and ", AnyOf: " or "}
_WORD_BY_GROUP = {All: "all", AnyOf: "any", NoneOf: "none"}
_NAME = re.compile(r"[^\W\d]\w*")
_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029]")


def text_of(node: Node) -> str:
    """Write a definition; an audience within it is written by its id."""
    match node:
        case All(nodes) | AnyOf(nodes) | NoneOf(nodes):
            return _group(node, nodes)
        case Attribute(name, test):
            return f"{_name('attribute', name)} {_test(test)}"
        case Behaviour():
            return _behaviour(node)
        case _:
            return _named(node)


def _group(node: Group, nodes: tuple[Node, ...]) -> str:
    if node in (EVERYONE, NOBODY):
        return "everyone" if node == EVERYONE else "nobody"
    if isinstance(node, NoneOf) and len(nodes) == 1:
        return f"not {_inner(nodes[0])}"
    if isinstance(node, NoneOf) or len(nodes) == 1:
        return f"{_WORD_BY_GROUP[type(node)]}({', '.join(map(text_of, nodes))})"
    return _WORD_BETWEEN[type(node)].join(map(_inner, nodes))


def _inner(node: Node) -> str:
    """A node between words: with brackets when it has such words itself."""
    text = text_of(node)
    joined = isinstance(node, All | AnyOf) and len(node.nodes) > 1
    return f"({text})" if joined else text


def _named(node: InGroup | LocaleIs | HasConsent | Reachable | InAudience) -> str:
    match node:
        case InGroup(group):
            return f"group({_string(group)})"
        case LocaleIs(locale):
            return f"locale({_string(locale)})"
        case HasConsent(consent):
            return f"consent({_string(consent)})"
        case Reachable(channel):
            return f"reachable({_string(channel)})"
        case InAudience(audience_id):
            return f"audience({_string(audience_id)})"


def _test(test: AttributeTest) -> str:
    match test:
        case OneOf(values):
            return _choice(values)
        case Contains(text):
            return f"contains {_string(text)}"
        case StartsWith(text):
            return f"starts with {_string(text)}"
        case Exists():
            return "exists"
        case _:
            return _measure_test(test)


def _measure_test(test: NumberTest | Within) -> str:
    match test:
        case Compare(op, value):
            return f"{_SIGN_BY_OP[op]} {_value(value)}"
        case Between(low, high):
            return f"between {_value(low)} and {_value(high)}"
        case Within(window):
            return _window(window)


def _choice(values: tuple[AttributeValue, ...]) -> str:
    if len(values) == 1:
        return f"= {_value(values[0])}"
    return f"in ({', '.join(map(_value, values))})"


def _behaviour(node: Behaviour) -> str:
    asked = [_string(node.event)]
    if node.where is not None:
        asked.append(_where(node.where))
    if node.window is not None:
        asked.append(_window(node.window))
    inside = ", ".join(asked)
    if (node.measure, node.test) == (Measure.COUNT, DID):
        return f"did({inside})"
    return f"{node.measure}({inside}) {_measure_test(node.test)}"


def _where(where: Where) -> str:
    return f"{_name('property', where.name)} {_choice(where.values)}"


def _window(window: Window) -> str:
    match window:
        case LastDays(days):
            return f"last {days} days"
        case EarlierThan(days):
            return f"earlier than {days} days"
        case FromTo(start, None):
            return f"since {start}"
        case FromTo(None, end):
            return f"until {end}"
        case FromTo(start, end):
            return f"from {start} to {end}"


def _name(word: str, name: str) -> str:
    bare = _NAME.fullmatch(name) and name not in _reserved()
    return name if bare else f"{word}({_string(name)})"


@cache
def _reserved() -> frozenset[str]:
    return reserved_words()


def _value(value: AttributeValue) -> str:
    return _string(value) if isinstance(value, str) else json.dumps(value)


def _string(text: str) -> str:
    """Quote as in JSON, and keep the line one line."""
    quoted = json.dumps(text, ensure_ascii=False)
    return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
