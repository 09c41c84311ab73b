"""A limit as JSON: how the API shows it, and how it is stored."""

from collections.abc import Mapping
from typing import Any

from functions.domain.pace import Per, Rate


def rate_to_json(rate: Rate | None) -> dict[str, Any] | None:
    """Write a limit; None where there is none."""
    return None if rate is None else {"messages": rate.messages, "per": str(rate.per)}


def rate_from_json(document: Mapping[str, Any] | None) -> Rate | None:
    """Read a limit back."""
    if document is None:
        return None
    return Rate(messages=int(document["messages"]), per=Per(document["per"]))
