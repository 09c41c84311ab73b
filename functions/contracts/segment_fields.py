"""The values in a definition of an audience, read one by one; what is wrong is remembered."""

import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from math import isfinite
from typing import Any

from functions.contracts.errors import FieldError
from functions.domain.segment import MAX_AMOUNT, MAX_NAME_CHARS, MAX_TEXT_CHARS
from functions.domain.segment_window import MAX_DAYS

Json = dict[str, Any]
_INT64 = 1 << 63
_LINE_BREAKS = "\n\r\t"


class FieldReader:
    """Reads on behind what is wrong, to find all of it; such a value is None."""

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def value(self, given: object, pointer: str) -> str | int | float | bool | None:
        """Read a value of an attribute."""
        if isinstance(given, bool):
            return given
        if isinstance(given, str):
            return self.text(given, pointer)
        return self.number(given, pointer)

    def number(self, given: object, pointer: str) -> int | float | None:
        """Read a number that an attribute can have."""
        if isinstance(given, bool) or not isinstance(given, int | float):
            self.wrong_type(pointer, "Use a number, or where it fits a text or a boolean.")
            return None
        if isinstance(given, float) and not isfinite(given):
            self.out_of_range(pointer, "Use a finite number.")
            return None
        if isinstance(given, int) and not -_INT64 <= given < _INT64:
            self.out_of_range(pointer, "Use a whole number of at most 64 bits.")
            return None
        return given

    def whole(self, given: object, pointer: str, *, least: int, most: int) -> int | None:
        """Read a whole number."""
        if isinstance(given, bool) or not isinstance(given, int):
            self.wrong_type(pointer, "Use a whole number.")
            return None
        if not least <= given <= most:
            self.out_of_range(pointer, f"Use a number from {least} to {most}.")
            return None
        return given

    def amount(self, given: object, pointer: str) -> int | None:
        """Read a count, a sum or a number of days."""
        return self.whole(given, pointer, least=-MAX_AMOUNT, most=MAX_AMOUNT)

    def days(self, given: object, pointer: str) -> int | None:
        """Read how many days a window has."""
        return self.whole(given, pointer, least=1, most=MAX_DAYS)

    def day(self, given: object, pointer: str) -> date | None:
        """Read a date."""
        try:
            read = date.fromisoformat(given) if isinstance(given, str) else None
        except ValueError:
            read = None
        if read is None or read.isoformat() != given:
            msg = "Use a date such as 2026-11-26."
            self.errors.append(FieldError(pointer, "invalid_format", msg))
            return None
        return read

    def name(self, given: object, pointer: str) -> str | None:
        """Read a name: a text that is not empty."""
        text = self.text(given, pointer, most=MAX_NAME_CHARS)
        if text == "":
            self.errors.append(FieldError(pointer, "too_short", "Use at least one character."))
            return None
        return text

    def text(self, given: object, pointer: str, most: int = MAX_TEXT_CHARS) -> str | None:
        """Read a text."""
        if not isinstance(given, str):
            self.wrong_type(pointer, "Use a text.")
            return None
        if len(given) > most:
            msg = f"Use at most {most} characters."
            self.errors.append(FieldError(pointer, "too_long", msg))
            return None
        if any(_is_control(character) for character in given):
            msg = "Control characters are not allowed."
            self.errors.append(FieldError(pointer, "invalid_characters", msg))
            return None
        return given

    def listed(self, given: object, pointer: str, most: int) -> list[Any] | None:
        """Read a list that is not empty."""
        if not isinstance(given, list):
            self.wrong_type(pointer, "Use a list.")
            return None
        if not given:
            self.errors.append(FieldError(pointer, "too_few", "Use at least one value."))
            return None
        if len(given) > most:
            msg = f"Use at most {most} values."
            self.errors.append(FieldError(pointer, "too_many", msg))
            return None
        return given

    def one_op(self, document: Json, ops: Iterable[str], pointer: str) -> str | None:
        """Find the one operator that is given."""
        given = [op for op in ops if op in document]
        if len(given) == 1:
            return given[0]
        msg = f"Use exactly one of {', '.join(ops)}."
        self.errors.append(FieldError(pointer, "one_of", msg))
        return None

    def only(self, document: Json, allowed: Iterable[str], pointer: str) -> None:
        """Refuse fields that do not belong here."""
        for key in document:
            if key not in allowed:
                below = f"{pointer}/{escaped(key)}"
                self.errors.append(FieldError(below, "unknown_field", "There is no such field."))

    def wrong_type(self, pointer: str, message: str) -> None:
        """Remember that the JSON type is wrong."""
        self.errors.append(FieldError(pointer, "wrong_type", message))

    def out_of_range(self, pointer: str, message: str) -> None:
        """Remember that the value is too small or too large."""
        self.errors.append(FieldError(pointer, "out_of_range", message))

    def not_allowed(self, pointer: str, message: str) -> None:
        """Remember that this cannot stand here."""
        self.errors.append(FieldError(pointer, "not_allowed", message))

    def if_given(
        self, document: Json, key: str, pointer: str, read: Callable[[object, str], Any]
    ) -> Any:  # noqa: ANN401  # whatever ``read`` gives
        """Read what stands under the key, if anything does."""
        return read(document[key], f"{pointer}/{key}") if key in document else None


def _is_control(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cs") and character not in _LINE_BREAKS


def escaped(key: str) -> str:
    """Write a key as a part of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
