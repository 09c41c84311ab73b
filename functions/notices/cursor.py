"""Where the work on a part of the list goes on, as it travels in a job."""

import json

from functions.contracts.codec import ContractError
from functions.contracts.page import Position


def write(position: Position) -> str:
    """Write a position as text."""
    return json.dumps(dict(position), separators=(",", ":"))


def read(text: str | None) -> Position | None:
    """Read it back. Raises ContractError for what nobody wrote."""
    if text is None:
        return None
    try:
        position = json.loads(text)
    except ValueError as error:
        msg = "the cursor is not JSON"
        raise ContractError(msg) from error
    if not isinstance(position, dict) or not all(
        isinstance(each, str) for each in position.values()
    ):
        msg = "the cursor is not a position"
        raise ContractError(msg)
    return position
