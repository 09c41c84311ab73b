"""Money, and what a message costs."""

from dataclasses import dataclass

from functions.domain.text_size import MessageType

CURRENCY = "KRW"
"""The tenant's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """An amount in minor units; the won has none, so there it is whole won."""

    minor: int
    currency: str = CURRENCY

    def __mul__(self, count: int) -> "Money":
        return Money(minor=self.minor * count, currency=self.currency)


FREE = Money(minor=0)
WON_BY_TYPE = {
    MessageType.SMS: 18,
    MessageType.LMS: 45,
    MessageType.MMS: 110,
    MessageType.ALIMTALK: 13,
}
"""Won per message, VAT apart: of the order of public list prices; contracts differ, so the
deployment may replace them (setting ``PRICES_KRW``)."""


def unit_price(message_type: MessageType) -> Money:
    """What one message of this type costs."""
    return Money(minor=WON_BY_TYPE[message_type])
