"""No sequence of events, rules and clocks leads to a message that is forbidden.

``make bench-eligibility`` runs the same over 100,000 cases and more.
"""

from random import Random

import pytest

from functions.domain.eligibility import Hold, Refuse, Send, decide
from tests.worlds import World, a_world, forbidden

_CASES = 2_000


def _worlds(seed: int) -> list[World]:
    random = Random(seed)
    return [a_world(random) for _ in range(_CASES)]


@pytest.mark.parametrize("seed", range(3))
def test_what_leaves_is_allowed_and_what_is_allowed_leaves(seed: int) -> None:
    for world in _worlds(seed):
        decision = decide(world.case, now=world.now)

        reason = forbidden(world, world.now)
        assert isinstance(decision, Send) == (reason is None), (decision, reason, world)


def test_what_is_held_waits_for_a_later_moment_that_its_reason_allows() -> None:
    held = 0
    for world in _worlds(3):
        decision = decide(world.case, now=world.now)
        if not isinstance(decision, Hold):
            continue
        held += 1
        assert decision.until > world.now
        again = decide(world.case, now=decision.until)
        assert not isinstance(again, Hold) or again.reason is not decision.reason, world
    assert held > 50


def test_the_cases_are_of_every_kind() -> None:
    kinds = {type(decide(world.case, now=world.now)) for world in _worlds(4)}

    assert kinds == {Send, Hold, Refuse}
