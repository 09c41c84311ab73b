"""The page about scale is what the calculator computes, and the calculator computes soundly."""

import json

import pytest
from hypothesis import given, strategies as st

from benchmarks import scale
from benchmarks.prices import Prices

PRICES = Prices.read()
UNITS = json.loads(scale._BASELINE.read_text("utf-8"))["units"]["advertising"]
LIMITS = scale.limits(PRICES, UNITS)
PARAMETERS = {
    "dispatch at once": "DispatchConcurrency",
    "API requests (receipts)": "ApiRateLimit",
    "redirects": "RedirectRateLimit",
}


def test_the_page_is_up_to_date():
    text = scale.PAGE.read_text("utf-8")

    assert text == scale.page(text), "run python -m benchmarks.scale"


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS.items())
def test_limits_of_our_own_are_those_of_the_template(name, parameter):
    from tests.integration.template import load

    (limit,) = [each for each in LIMITS if each.name == name]

    assert limit.allowed == load()["Parameters"][parameter]["Default"]


@given(st.sampled_from(LIMITS), st.floats(min_value=0.1, max_value=1e6))
def test_a_limit_is_full_exactly_at_the_rate_it_names(limit, messages_a_s):
    assert limit.use(limit.most()) == pytest.approx(1)
    assert limit.use(2 * messages_a_s) == pytest.approx(2 * limit.use(messages_a_s))


def test_a_rate_spreads_the_day_over_the_hours_of_sending():
    assert scale.rate(14_400 * 7) == pytest.approx(7)


def test_a_batch_takes_longer_than_its_call_and_less_than_the_function_may():
    assert 0.3 < scale.dispatch_s(PRICES) < 30
