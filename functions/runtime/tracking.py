"""The deployment's tracking codes."""

from functools import cache

from functions.domain.ids import BatchNumber
from functions.domain.tracking_code import Coder, Target
from functions.runtime.aws import derived_key


@cache
def _coder() -> Coder:
    return Coder(derived_key("tracking"))


def code_of(batch: BatchNumber, ordinal: int, link: int) -> str:
    """The code of a link of a message."""
    return _coder().encode(batch, ordinal, link)


def target_of(code: str) -> Target | None:
    """What a code names; None for anything that is no code of this deployment."""
    return _coder().decode(code)
