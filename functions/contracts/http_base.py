"""What all request bodies share. Pydantic lives at the HTTP edge only, in the API's Lambda."""

import unicodedata
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

_LINE_BREAKS = "\n\r\t"


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


Text = Annotated[str, AfterValidator(_printable)]
"""Any text without control characters."""
Line = Annotated[
    str,
    Field(min_length=1, max_length=200),
    AfterValidator(_printable),
    AfterValidator(_single_line),
]
"""One line of 1 to 200 characters."""
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
"""An id that the caller chooses, safe in a path."""
Name = Annotated[str, Field(pattern=r"^[A-Za-z가-힣_][A-Za-z0-9가-힣_]{0,49}$")]
"""A name usable in templates."""
Value = Annotated[str, Field(max_length=1000), AfterValidator(_printable)] | int | float | bool
"""The value of an attribute or variable."""
Values = Annotated[dict[Name, Value], Field(max_length=100)]
"""Attributes or variables by name."""
