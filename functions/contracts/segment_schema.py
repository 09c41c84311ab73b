"""The JSON Schema of an audience's definition, for the OpenAPI document and the reader."""

from typing import Any

from functions.contracts.segment_reader import DAY_MEASURES, GROUP_BY_WORD, MEASURE_OPS
from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.segment import (
    MAX_AMOUNT,
    MAX_CHOICES,
    MAX_LISTED,
    MAX_NAME_CHARS,
    MAX_TEXT_CHARS,
    Measure,
)
from functions.domain.segment_window import MAX_DAYS

Schema = dict[str, Any]
_INT64 = 1 << 63
_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_NAME_CHARS}
_TEXT: Schema = {"type": "string", "maxLength": MAX_TEXT_CHARS}
_NUMBER: Schema = {
    "anyOf": [
        {"type": "integer", "minimum": -_INT64, "maximum": _INT64 - 1},
        {"type": "number"},
    ]
}
_AMOUNT: Schema = {"type": "integer", "minimum": -MAX_AMOUNT, "maximum": MAX_AMOUNT}
_DAYS: Schema = {"type": "integer", "minimum": 1, "maximum": MAX_DAYS}
_DATE: Schema = {"type": "string", "format": "date"}
_VALUE: Schema = {"anyOf": [_TEXT, _NUMBER, {"type": "boolean"}]}


def definition_schema(own: str) -> Schema:
    """Write the schema of a condition or group; ``own`` is where it stands itself, as a $ref."""
    return {
        "description": "Who belongs to an audience: a condition, or a group of them",
        "anyOf": [
            *(_group(word, own) for word in GROUP_BY_WORD),
            *_attributes(),
            *_behaviours(),
            *_named(),
        ],
    }


def _object(required: Schema, **optional: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **optional},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(item: Schema, least: int, most: int) -> Schema:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def _group(word: str, own: str) -> Schema:
    return _object({word: {"type": "array", "items": {"$ref": own}}})


def _named() -> list[Schema]:
    consents = [f"{channel}:{purpose}" for channel in Channel for purpose in ConsentPurpose]
    return [
        _object({"group": _NAME}),
        _object({"locale": _NAME}),
        _object({"consent": {"enum": consents}}),
        _object({"reachable": {"enum": [str(channel) for channel in Channel]}}),
        _object({"audience": _NAME}),
    ]


def _attributes() -> list[Schema]:
    test_by_op: dict[str, Schema] = {
        "equals": _VALUE,
        "in": _list(_VALUE, 1, MAX_LISTED),
        "contains": _TEXT,
        "starts_with": _TEXT,
        **_number_tests(_NUMBER),
        "exists": {"const": True},
        "within": _window(),
    }
    return [_object({"attribute": _NAME, op: test}) for op, test in test_by_op.items()]


def _number_tests(number: Schema) -> dict[str, Schema]:
    pair = _list(number, 2, 2)
    return {op: pair if op == "between" else number for op in MEASURE_OPS if op != "equals"}


def _behaviours() -> list[Schema]:
    filters = {"where": _where(), "window": _window()}
    amounts = {"equals": _AMOUNT, **_number_tests(_AMOUNT)}
    measure = {"enum": [str(each) for each in Measure if each not in DAY_MEASURES]}
    day = {"enum": [str(each) for each in DAY_MEASURES]}
    return [
        _object({"event": _NAME}, **filters),
        *(
            _object({"event": _NAME, "measure": measure, op: amount}, **filters)
            for op, amount in amounts.items()
        ),
        _object({"event": _NAME, "measure": day, "within": _window()}, **filters),
    ]


def _where() -> Schema:
    return {
        "anyOf": [
            _object({"property": _NAME, "equals": _TEXT}),
            _object({"property": _NAME, "in": _list(_TEXT, 1, MAX_CHOICES)}),
        ]
    }


def _window() -> Schema:
    return {
        "anyOf": [
            _object({"last_days": _DAYS}),
            _object({"earlier_than_days": _DAYS}),
            _object({"from": _DATE}, to=_DATE),
            _object({"to": _DATE}),
        ]
    }
