"""Where links lead, as answers tell it."""

from typing import Any

from functions.domain.destination import Destination, Replaced


def destination_view(destination: Destination) -> dict[str, Any]:
    """Where a link leads, on computers and phones, and until when."""
    return {
        "url": destination.url,
        "ios": destination.ios,
        "android": destination.android,
        "until": None if destination.until is None else destination.until.isoformat(),
    }


def replaced_view(replaced: Replaced) -> dict[str, Any]:
    """Where it led before, and who changed that when."""
    changed = {"changed": replaced.at.isoformat(), "changed_by": replaced.key_id}
    return destination_view(replaced.destination) | changed
