"""Audiences in one line of text, for people: ``city = "Seoul" and did("purchase", last 90 days)``.

``docs/audiences.md`` tells the language. Text becomes the JSON form, which is then checked like
any other; ``segment_print`` writes text.
"""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken

Json = dict[str, Any]
MAX_CHARS = 200_000
_GRAMMAR = r"""
?start: either
?either: both | both ("or" both)+ -> any_of
?both: one | one ("and" one)+ -> all_of
?one: "not" one -> none_of | "(" either ")" | group | named | attribute | behaviour

group: "everyone" -> all_of
     | "nobody" -> any_of
     | "all" "(" _conditions? ")" -> all_of
     | "any" "(" _conditions? ")" -> any_of
     | "none" "(" _conditions? ")" -> none_of
_conditions: either ("," either)*

named: kind "(" string ")"
!kind: "group" | "locale" | "consent" | "reachable" | "audience"

attribute: attribute_name test
attribute_name: NAME -> name | "attribute" "(" string ")" -> just
?test: "=" value -> equals
     | "in" "(" values ")" -> in_
     | "contains" string -> contains
     | "starts" "with" string -> starts_with
     | number_test
     | "exists" -> exists
     | window -> within
?number_test: SIGN number -> compare | "between" number "and" number -> between
?amount_test: number_test | "=" number -> equals

behaviour: "did" "(" _asked ")" -> did
         | measure "(" _asked ")" amount_test -> measured
         | day_measure "(" _asked ")" within -> measured
_asked: string ("," where)? ("," when)?
!day_measure: "first" | "last"
!measure: "count" | "sum" | "days"
where: property_name "=" string -> where_equals
     | property_name "in" "(" values ")" -> where_in
property_name: NAME -> name | "property" "(" string ")" -> just
when: window
within: window

?window: "last" number "days" -> last_days
       | "earlier" "than" number "days" -> earlier_than_days
       | "from" DATE "to" DATE -> from_to
       | "since" DATE -> since
       | "until" DATE -> until

values: value ("," value)*
?value: string | number | "true" -> true | "false" -> false
string: STRING
number: NUMBER

SIGN: "<=" | "<" | ">=" | ">"
NAME: /[^\W\d]\w*/
STRING: /"(?:[^"\\\x00-\x1f]|\\["\\\/bfnrt]|\\u[0-9a-fA-F]{4})*"/
DATE.2: /[0-9]{4}-[0-9]{2}-[0-9]{2}/
NUMBER: /-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?/
%ignore /[ \t\r\n]+/
"""
_OP_BY_SIGN = {"<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}
_WORD_BY_TERMINAL: Mapping[str, str] = {
    "NAME": "a name",
    "STRING": 'a text in "quotes"',
    "DATE": "a date",
    "NUMBER": "a number",
    "SIGN": "<, <=, > or >=",
    "$END": "the end",
}


class SegmentSyntaxError(ValueError):
    """The text is not in the language.

    ``column`` counts characters from 1, ``expected`` is what may stand there.
    """

    def __init__(self, column: int, expected: tuple[str, ...]) -> None:
        super().__init__(f"At character {column}: expected {', '.join(expected)}.")
        self.column = column
        self.expected = expected


def document_from_text(text: str) -> Json:
    """Read a definition into its JSON form, not yet checked. Raises SegmentSyntaxError."""
    if len(text) > MAX_CHARS:
        raise SegmentSyntaxError(MAX_CHARS + 1, ("the end",))
    try:
        document: Json = _parser().parse(text)  # type: ignore[assignment]  # what the builder makes
    except UnexpectedInput as error:
        raise _fault(error, text) from error
    return document


def reserved_words() -> frozenset[str]:
    """Words of the language: an attribute of such a name is written ``attribute("last")``."""
    values = (each.pattern.value for each in _parser().terminals if each.pattern.type == "str")
    return frozenset(value for value in values if value.isidentifier())


@cache
def _parser() -> Lark:
    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder())


def _fault(error: UnexpectedInput, text: str) -> SegmentSyntaxError:
    position: int = getattr(error, "pos_in_stream", None) or 0
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    column = len(text) + 1 if at_end else position + 1
    return SegmentSyntaxError(column, tuple(sorted(map(_word, _expected(error)))))


def _expected(error: UnexpectedInput) -> set[str]:
    if isinstance(error, UnexpectedToken):
        return set(error.accepts or error.expected)
    return set(getattr(error, "allowed", None) or ())


def _word(terminal: str) -> str:
    patterns = {each.name: each.pattern.value for each in _parser().terminals}
    return _WORD_BY_TERMINAL.get(terminal) or patterns.get(terminal, terminal).replace("\\", "")


class _Builder(Transformer[Token, Any]):
    """Makes the JSON form, rule by rule."""

    def all_of(self, inner: list[Json]) -> Json:
        return {"all": inner}

    def any_of(self, inner: list[Json]) -> Json:
        return {"any": inner}

    def none_of(self, inner: list[Json]) -> Json:
        return {"none": inner}

    def kind(self, words: list[Token]) -> str:
        return str(words[0])

    measure = day_measure = kind

    def named(self, parts: list[str]) -> Json:
        kind, name = parts
        return {kind: name}

    def attribute(self, parts: list[Any]) -> Json:
        name, test = parts
        return {"attribute": name, **test}

    def name(self, words: list[Token]) -> str:
        return str(words[0])

    def just(self, parts: list[Any]) -> Any:  # noqa: ANN401  # any value of the language
        return parts[0]

    def equals(self, parts: list[Any]) -> Json:
        return {"equals": parts[0]}

    def in_(self, parts: list[Any]) -> Json:
        return {"in": parts[0]}

    def contains(self, parts: list[str]) -> Json:
        return {"contains": parts[0]}

    def starts_with(self, parts: list[str]) -> Json:
        return {"starts_with": parts[0]}

    def compare(self, parts: list[Any]) -> Json:
        sign, number = parts
        return {_OP_BY_SIGN[str(sign)]: number}

    def between(self, parts: list[Any]) -> Json:
        return {"between": parts}

    def exists(self, _: list[Any]) -> Json:
        return {"exists": True}

    def within(self, parts: list[Json]) -> Json:
        return {"within": parts[0]}

    def did(self, parts: list[Any]) -> Json:
        event, *asked = parts
        document: Json = {"event": event}
        for each in asked:
            document |= each
        return document

    def measured(self, parts: list[Any]) -> Json:
        measure, event, *asked, test = parts
        return {**self.did([event, *asked]), "measure": measure, **test}

    def where_equals(self, parts: list[str]) -> Json:
        return {"where": {"property": parts[0], "equals": parts[1]}}

    def where_in(self, parts: list[Any]) -> Json:
        return {"where": {"property": parts[0], "in": parts[1]}}

    def when(self, parts: list[Json]) -> Json:
        return {"window": parts[0]}

    def last_days(self, parts: list[Any]) -> Json:
        return {"last_days": parts[0]}

    def earlier_than_days(self, parts: list[Any]) -> Json:
        return {"earlier_than_days": parts[0]}

    def from_to(self, parts: list[Token]) -> Json:
        return {"from": str(parts[0]), "to": str(parts[1])}

    def since(self, parts: list[Token]) -> Json:
        return {"from": str(parts[0])}

    def until(self, parts: list[Token]) -> Json:
        return {"to": str(parts[0])}

    def values(self, parts: list[Any]) -> list[Any]:
        return parts

    def true(self, _: list[Any]) -> bool:
        return True

    def false(self, _: list[Any]) -> bool:
        return False

    def string(self, parts: list[Token]) -> str:
        text: str = json.loads(parts[0])
        return text

    def number(self, parts: list[Token]) -> int | float:
        number: int | float = json.loads(_without_zeros(str(parts[0])))
        return number


def _without_zeros(digits: str) -> str:
    """JSON takes no zeros in front: 007 is 7."""
    sign = "-" if digits.startswith("-") else ""
    rest = digits.removeprefix("-").lstrip("0")
    return f"{sign}{rest if rest[:1].isdigit() else f'0{rest}'}"
