"""What is wrong with a request body: Pydantic's findings in our own words and codes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from functions.contracts.errors import AppError, FieldError, InvalidInput, MalformedBody

WRONG_TYPE = "wrong_type"
_MISSING = "missing"
CODE_BY_KIND: Mapping[str, str] = {
    _MISSING: "missing",
    "extra_forbidden": "unknown_field",
    "string_too_short": "too_short",
    "string_too_long": "too_long",
    "too_short": "too_few",
    "too_long": "too_many",
    "string_pattern_mismatch": "invalid_format",
    "string_unicode": "invalid_characters",
    "enum": "not_allowed",
    "literal_error": "not_allowed",
    "greater_than_equal": "out_of_range",
    "less_than_equal": "out_of_range",
    "finite_number": "out_of_range",
    "timezone_aware": "invalid_format",
    "datetime_parsing": "invalid_format",
    "datetime_from_date_parsing": "invalid_format",
    "datetime_object_invalid": "invalid_format",
}


def input_error(error: ValidationError, raw: bytes) -> AppError:
    """Name every bad field of a body, each by the place where it stands in it."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if any(each["type"] == "json_invalid" for each in found):
        return MalformedBody("The body is not valid JSON.")
    document = json.loads(raw or b"null")
    by_pointer: dict[str, dict[str, FieldError]] = {}
    for each in found:
        field = _field_error(each["type"], each["loc"], each["msg"], document)
        by_pointer.setdefault(field.pointer, {}).setdefault(field.code, field)
    errors = [field for by_code in by_pointer.values() for field in _decisive(by_code)]
    return InvalidInput("The request has invalid fields.", errors=errors)


def _field_error(kind: str, loc: Sequence[str | int], message: str, document: object) -> FieldError:
    code = CODE_BY_KIND.get(kind, WRONG_TYPE if kind.endswith("_type") else kind)
    pointer = _pointer(loc, document, ends_outside=kind == _MISSING)
    return FieldError(pointer=pointer, code=code, message=message)


def _decisive(by_code: Mapping[str, FieldError]) -> Sequence[FieldError]:
    """Of a value that may have one of several types, drop the types that it was not meant to be."""
    meant = [field for code, field in by_code.items() if code != WRONG_TYPE]
    return meant or list(by_code.values())


def _pointer(loc: Sequence[str | int], document: object, *, ends_outside: bool) -> str:
    """Make an RFC 6901 pointer of the parts of ``loc`` that stand in the document.

    The others are Pydantic's own: the type it tried, or that a key is meant. What is missing
    ``ends_outside`` of the document.
    """
    parts: list[str | int] = []
    here: Any = document
    for part in loc:
        if isinstance(here, dict) and (part in here or ends_outside):
            parts.append(part)
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int):
            parts.append(part)
            here = here[part]
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
