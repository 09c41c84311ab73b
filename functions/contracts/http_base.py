"""What all request bodies share. Pydantic lives at the HTTP edge only, in the API's Lambda."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
)
from pydantic_core import PydanticCustomError

from functions.domain.contact import (
    MAX_ATTRIBUTES,
    MAX_ATTRIBUTES_CHARS,
    AttributeValue,
    attributes_chars,
)

_LINE_BREAKS = "\n\r\t"
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_INT64 = 1 << 63
_ValuesT = TypeVar("_ValuesT", bound=Mapping[str, object])


class Body(BaseModel):
    """A request body: unknown fields are refused, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _printable(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs") and character not in _LINE_BREAKS:
            code = "invalid_characters"
            msg = "Control characters are not allowed."
            raise PydanticCustomError(code, msg)
    return text


def _single_line(text: str) -> str:
    if any(character in _LINE_BREAKS for character in text) or not text.strip():
        code = "invalid_format"
        msg = "Use one line that is not blank."
        raise PydanticCustomError(code, msg)
    return text


def _storable(value: AttributeValue) -> AttributeValue:
    if isinstance(value, int) and not -_INT64 <= value < _INT64:
        code = "out_of_range"
        msg = "Use a whole number of at most 64 bits, or a text."
        raise PydanticCustomError(code, msg)
    return value


def _not_too_large(values: _ValuesT) -> _ValuesT:
    if attributes_chars(values) > MAX_ATTRIBUTES_CHARS:
        code = "too_large"
        msg = f"Use at most {MAX_ATTRIBUTES_CHARS} characters in all names and values together."
        raise PydanticCustomError(code, msg)
    return values


def _written_out(value: object) -> object:
    """Refuse the numbers that Pydantic would take for seconds since 1970."""
    if not isinstance(value, str) or value.lstrip("-").replace(".", "").isdigit():
        code = "wrong_type"
        msg = "Use a date and time with zone, such as 2026-11-22T09:00:00+09:00."
        raise PydanticCustomError(code, msg)
    return value


def _in_this_century(moment: datetime) -> datetime:
    if not _EARLIEST <= moment < _LATEST:
        code = "out_of_range"
        msg = "Use a year from 2000 to 2099."
        raise PydanticCustomError(code, msg)
    return moment


PRINTABLE = AfterValidator(_printable)
"""Of a text: no control characters. Stands after the length, which counts what was sent."""
ONE_LINE = AfterValidator(_single_line)
"""Of a text: no line breaks, and not blank. Stands after the length as well."""
Line = Annotated[str, Field(min_length=1, max_length=200), PRINTABLE, ONE_LINE]
"""One line of 1 to 200 characters."""
MAX_ID_CHARS = 64
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
"""An id that the caller chooses, safe in a path."""
Name = Annotated[str, Field(pattern=r"^[A-Za-z가-힣_][A-Za-z0-9가-힣_]{0,49}$")]
"""A name usable in templates."""
Value = Annotated[
    Annotated[str, Field(max_length=1000), PRINTABLE] | int | FiniteFloat | bool,
    AfterValidator(_storable),
]
"""The value of an attribute or variable."""
Values = Annotated[
    dict[Name, Value], Field(max_length=MAX_ATTRIBUTES), AfterValidator(_not_too_large)
]
"""Attributes or variables by name."""
Changes = Annotated[
    dict[Name, Value | None], Field(max_length=MAX_ATTRIBUTES), AfterValidator(_not_too_large)
]
"""Attributes to set, or (null) to remove, by name."""
Moment = Annotated[
    AwareDatetime,
    Field(strict=False),
    BeforeValidator(_written_out),
    AfterValidator(_in_this_century),
]
"""A date and time with zone, as text."""
