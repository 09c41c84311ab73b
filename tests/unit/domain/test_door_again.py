"""The door asked again about a case that it let pass: a part of the rules says what all would."""

from datetime import timedelta
from random import Random

import pytest

from functions.domain.case import with_recent
from functions.domain.eligibility import SEND, decide, decide_later, decide_on_recent
from tests.worlds import a_world

_CASES = 3_000


def test_at_a_later_moment_only_what_looks_at_the_clock_can_object() -> None:
    random, asked = Random(1), 0
    for _ in range(_CASES):
        world = a_world(random)
        if decide(world.case, now=world.now) != SEND:
            continue
        asked += 1
        later = world.now + timedelta(seconds=random.choice((0, 45, 300, 7_200, 86_400 * 40)))
        assert decide_later(world.case, now=later) == decide(world.case, now=later)
    assert asked > _CASES / 10


def test_with_the_persons_advertisements_only_caps_can_object() -> None:
    random, asked = Random(2), 0
    for _ in range(_CASES):
        world = a_world(random)
        if decide(with_recent(world.case, None), now=world.now) != SEND:
            continue
        asked += 1
        assert decide_on_recent(world.case, now=world.now) == decide(world.case, now=world.now)
    assert asked > _CASES / 10


@pytest.mark.parametrize("seed", range(20))
def test_a_case_with_other_advertisements_is_the_same_otherwise(seed: int) -> None:
    case = a_world(Random(seed)).case

    assert with_recent(case, case.recent) == case
    assert with_recent(with_recent(case, None), case.recent) == case
