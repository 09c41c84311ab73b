"""People who are alike to the door: whatever it says of one, it says of all."""

from collections.abc import Hashable
from dataclasses import fields
from datetime import timedelta
from random import Random

from functions.domain.case import Case, with_recent
from functions.domain.consent import Consent
from functions.domain.eligibility import Decision, alike, decide, decide_later
from tests.worlds import World, a_world

_WORLDS, _OTHERS = 400, 40


def someone_of(world: World, other: World, random: Random) -> Case:
    """A case of the world's terms, each of whose facts may be another person's."""
    facts = world.case._asdict()
    for name, value in other.case._asdict().items():
        if name != "terms" and random.random() < 0.5:
            facts[name] = value
    return Case(**facts)


def test_the_door_says_the_same_of_all_who_are_alike() -> None:
    random, compared = Random(3), 0
    others = [a_world(random) for _ in range(_OTHERS)]
    for _ in range(_WORLDS):
        world = a_world(random)
        moments = [world.now + timedelta(seconds=s) for s in (0, 300, 40_000, 86_400 * 300)]
        said: dict[Hashable, list[tuple[Decision, Decision]]] = {}
        for other in others:
            case = with_recent(someone_of(world, other, random), None)
            kind = alike(case)
            if kind is None:
                continue
            here = [(decide(case, now=at), decide_later(case, now=at)) for at in moments]
            compared += kind in said
            assert said.setdefault(kind, here) == here
    assert compared > _WORLDS


def test_who_has_marks_or_advertisements_is_like_nobody() -> None:
    random, marked = Random(4), 0
    for _ in range(500):
        case = a_world(random).case
        assert alike(case) is None, "its advertisements were looked up"
        if case.marks:
            assert alike(with_recent(case, None)) is None
            marked += 1
    assert marked > 50


def test_what_is_new_of_a_person_has_to_be_thought_of_here() -> None:
    """Whoever adds a fact for a rule to look at says whether it makes people unlike."""
    assert set(Case._fields) == {
        "terms",
        "has_address",
        "consents",
        "marks",
        "ad_label_correct",
        "zones",
        "zone_rule",
        "numbering",
        "number",
        "recent",
    }
    assert {each.name for each in fields(Consent)} == {
        "granted",
        "at",
        "seq",
        "basis",
        "trades",
        "imported",
        "confirmed",
    }
