"""Comparison of an Alimtalk with its approved template.

Rules: korea.md 1.4 and 1.9 (codes 1041-1052); slots are written ``#{name}``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from infra.local.carrier import codes, limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from infra.local.carrier.records import Button

_SLOT: Final = re.compile(r"#\{[^{}]*\}")


def fill(content: str, variables: Mapping[str, str]) -> str | None:
    """Put the variables into the slots; None when one has no value.

    Keys are accepted as ``name`` and as ``#{name}``, which is how the SDKs send them.
    """
    slots = set(_SLOT.findall(content))
    values = {slot: variables.get(slot, variables.get(slot[2:-1])) for slot in slots}
    if any(value is None for value in values.values()):
        return None
    return _SLOT.sub(lambda slot: str(values[slot.group()]), content)


def matches(content: str, text: str) -> bool:
    """Tell whether the text is the template with something in every slot.

    The fixed parts are searched from left to right, which is exact for patterns whose gaps may
    hold anything and stays linear where a regular expression could be made to run for hours.
    """
    first, *rest = _SLOT.split(_plain(content))
    text = _plain(text)
    if not rest:
        return text == first
    *middle, last = rest
    if not text.startswith(first) or not text.endswith(last):
        return False
    return _in_order(middle, text, start=len(first), end=len(text) - len(last))


def has_slot(text: str) -> bool:
    """Tell whether a slot was left unfilled."""
    return _SLOT.search(text) is not None


def check_buttons(given: Sequence[Button] | None, approved: Sequence[Button]) -> str | None:
    """Give the code that refuses these buttons, or None.

    Buttons that are not given are taken from the template.
    """
    if given is None:
        return None
    if len(given) > limits.BUTTONS:
        return codes.TOO_MANY_BUTTONS
    if any(len(button.name) > limits.BUTTON_NAME_CHARS for button in given):
        return codes.BUTTON_NAME_TOO_LONG
    if bool(given) is not bool(approved):
        return codes.UNEXPECTED_BUTTON if given else codes.MISSING_BUTTON
    return _compare(_faces(given), _faces(approved))


def _compare(given: list[tuple[str, str]], approved: list[tuple[str, str]]) -> str | None:
    if given == approved:
        return None
    return codes.BUTTON_ORDER if sorted(given) == sorted(approved) else codes.BAD_BUTTON


def _faces(buttons: Sequence[Button]) -> list[tuple[str, str]]:
    return [(button.name, button.kind) for button in buttons]


def _in_order(parts: Sequence[str], text: str, *, start: int, end: int) -> bool:
    for part in parts:
        found = text.find(part, start, end)
        if found < 0:
            return False
        start = found + len(part)
    return start <= end


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")
