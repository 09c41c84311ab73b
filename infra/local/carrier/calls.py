"""Calls to an 080 number: whom somebody refuses who dials what their messages name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from infra.local.carrier.records import Message

_FREE_NUMBER: Final = re.compile(r"(?<!\d)080-?\d{3,4}-?\d{4}(?!\d)")


def free_numbers(text: str) -> list[str]:
    """List the 080 numbers that a text names, as digits."""
    return [found.replace("-", "") for found in _FREE_NUMBER.findall(text)]


def last_named(messages: Sequence[Message]) -> str | None:
    """Give the 080 number that was named last to a phone."""
    return next(
        (number for one in reversed(messages) for number in free_numbers(one.draft.text)), None
    )


def refused_senders(messages: Iterable[Message], dialled: str) -> list[str]:
    """List the senders that named this number: they are whom its caller refuses."""
    named = [one.draft.sender for one in messages if dialled in free_numbers(one.draft.text)]
    return [sender for sender in dict.fromkeys(named) if sender]
