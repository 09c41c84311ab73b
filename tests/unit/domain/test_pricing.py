import pytest

from functions.domain.pricing import Money, unit_price
from functions.domain.text_size import MessageType


def test_money_is_multiplied_in_its_currency() -> None:
    assert Money(minor=18, currency="KRW") * 3 == Money(minor=54, currency="KRW")


@pytest.mark.parametrize("message_type", list(MessageType))
def test_every_type_has_a_price_in_whole_won(message_type: MessageType) -> None:
    price = unit_price(message_type)

    assert price.minor > 0
    assert price.currency == "KRW"
