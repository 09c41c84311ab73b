"""What a refresh is said to cost follows the price file."""

import pytest

from benchmarks.prices import Prices
from functions.domain.usage import (
    MICROS_PER_GB_S,
    MICROS_PER_READ,
    MICROS_PER_READ_UNIT,
    MICROS_PER_WRITTEN,
)

MICRO_BY_UNIT = {
    "dynamodb_read": MICROS_PER_READ_UNIT,
    "lambda_gb_s": MICROS_PER_GB_S,
    "s3_put": MICROS_PER_WRITTEN,
    "s3_get": MICROS_PER_READ,
}


@pytest.mark.parametrize("unit", MICRO_BY_UNIT)
def test_prices_are_those_of_the_price_file(unit: str) -> None:
    (usd,) = Prices.read().bill({unit: 1_000_000}).values()

    assert usd == pytest.approx(MICRO_BY_UNIT[unit])
