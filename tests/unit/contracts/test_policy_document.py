"""A policy is read as it was written, also one of before there were limits."""

import json

from hypothesis import given, strategies as st

from functions.contracts.policy_document import policy_from_json, policy_to_json
from functions.domain.pace import Per, Rate
from functions.domain.policy import Policy

RATES = st.builds(Rate, messages=st.integers(1, 10**7), per=st.sampled_from(Per))


@given(st.none() | RATES, st.dictionaries(st.just("solapi"), RATES))
def test_limits_are_read_as_they_were_written(
    rate: Rate | None, rate_by_provider: dict[str, Rate]
) -> None:
    policy = Policy(version=3, rate=rate, rate_by_provider=rate_by_provider)

    found = policy_from_json(json.loads(json.dumps(policy_to_json(policy))))

    assert (found.rate, found.rate_by_provider) == (rate, rate_by_provider)


def test_a_policy_of_before_has_no_limits() -> None:
    document = policy_to_json(Policy(version=3))
    del document["rate"], document["rate_by_provider"]

    found = policy_from_json(document)

    assert (found.rate, found.rate_by_provider) == (None, {})
