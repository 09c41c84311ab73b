"""What variants came to: rates with their intervals, differences to the control."""

from functions.domain.experiment import Criteria, Experiment, Mode, Variant
from functions.domain.experiment_look import Count, Look, Table, standings
from functions.domain.experiment_result import results, seen
from tests.builders import NOON

THREE = Experiment(variants=(Variant(name="a"), Variant(name="b"), Variant(name="c")))


def looks(*tables: Table) -> list[Look]:
    return [
        Look(number=place, at=NOON, chain=1, parts={f"{place:06d}": table})
        for place, table in enumerate(tables)
    ]


def test_each_variant_has_its_rate_and_the_others_their_difference_to_the_control() -> None:
    weighed = {"a": Count(500, 40), "b": Count(500, 60), "c": Count(500, 38)}

    control, better, other = results(THREE, looks(weighed, weighed))

    assert (control.count, better.count) == (Count(1_000, 80), Count(1_000, 120))
    assert better.rate is not None
    assert better.rate.low < better.rate.seen == 0.12 < better.rate.high
    assert control.difference is None
    assert better.difference is not None
    assert other.difference is not None
    assert round(better.difference.points.seen or 0, 3) == 0.04
    assert (other.difference.points.low or 0) < 0 < (other.difference.points.high or 0)


def test_more_variants_make_each_interval_wider() -> None:
    weighed = {name: Count(500, hits) for name, hits in (("a", 40), ("b", 60), ("c", 50))}
    two = Experiment(variants=THREE.variants[:2])

    pair, third = results(two, looks(weighed))[1], results(THREE, looks(weighed))[1]

    assert pair.difference is not None
    assert third.difference is not None
    assert (third.difference.points.low or 0) < (pair.difference.points.low or 0)


def test_a_winner_over_the_control_has_an_interval_above_it() -> None:
    two = Experiment(variants=THREE.variants[:2], criteria=Criteria(significance=0.05))
    weighed = looks({"a": Count(2_000, 160), "b": Count(2_000, 240)})

    won, (_, better) = standings(two, weighed), results(two, weighed)

    assert (won.leader, won.p_value < 0.05) == ("b", True)
    assert better.difference is not None
    assert (better.difference.points.low or 0) > 0


def test_without_looks_nothing_is_known_and_adaptive_mode_claims_nothing() -> None:
    assert {each.rate for each in results(THREE, ())} == {None}

    adaptive = Experiment(variants=THREE.variants, mode=Mode.ADAPTIVE)
    found = seen(adaptive, {"a": Count(10, 3), "b": Count(20, 9)})

    assert [each.count for each in found] == [Count(10, 3), Count(20, 9), Count()]
    assert {each.rate for each in found} == {each.difference for each in found} == {None}
    assert [each.count.sent for each in seen(adaptive, None)] == [0, 0, 0]
