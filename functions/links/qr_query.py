"""How a QR code is to be drawn, as a query says it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from functions.contracts.errors import FieldError, InvalidInput

_ERROR_LEVELS = ("l", "m", "q", "h")
_NUMBER = re.compile("[0-9]{1,2}")
MAX_SCALE, MAX_BORDER = 20, 10
_USUAL_SCALE, _USUAL_BORDER = 8, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class QrOptions:
    """Error correction (l, m, q, h), dots a module, and modules of blank border.

    ISO/IEC 18004 asks for a border of four.
    """

    error: str
    scale: int
    border: int


def options_of(query: Mapping[str, str]) -> QrOptions:
    """Read ``error``, ``scale`` and ``border``. Raises InvalidInput."""
    errors: list[FieldError] = []
    level = query.get("error", "m")
    if level not in _ERROR_LEVELS:
        errors.append(FieldError("/query/error", "not_allowed", "Use l, m, q or h."))
    scale = _number(query.get("scale"), usual=_USUAL_SCALE, least=1, most=MAX_SCALE)
    border = _number(query.get("border"), usual=_USUAL_BORDER, least=0, most=MAX_BORDER)
    if scale is None:
        errors.append(FieldError("/query/scale", "out_of_range", f"Use 1 to {MAX_SCALE}."))
    if border is None:
        errors.append(FieldError("/query/border", "out_of_range", f"Use 0 to {MAX_BORDER}."))
    if errors or scale is None or border is None:
        raise InvalidInput.of(*errors)
    return QrOptions(error=level, scale=scale, border=border)


def _number(text: str | None, *, usual: int, least: int, most: int) -> int | None:
    if text is None:
        return usual
    number = int(text) if _NUMBER.fullmatch(text) else -1
    return number if least <= number <= most else None
