"""The deployment's tokens of the preference page."""

from datetime import datetime
from functools import cache

from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.preference_token import (
    MESSAGE_LIFETIME,
    MessageToken,
    TokenCoder,
    first_midnight,
)
from functions.runtime.aws import derived_key


@cache
def coder() -> TokenCoder:
    """Makes and checks tokens."""
    return TokenCoder(derived_key("preferences"))


def token_of(batch: BatchNumber, ordinal: int, start: datetime) -> str:
    """The token of a message that may leave from ``start`` on."""
    number = MessageNumber(batch=batch, ordinal=ordinal)
    return coder().encode(
        MessageToken(number=number, expires=first_midnight(start + MESSAGE_LIFETIME))
    )
