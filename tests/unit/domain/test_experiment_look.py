from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import count as counter

import pytest
from hypothesis import given, strategies as st

from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.experiment import Criteria, Experiment, Inconclusive, Metric, Rule, Variant
from functions.domain.experiment_look import Count, Look, count, standings, verdict, weighed
from functions.domain.ids import BatchNumber
from functions.domain.message import BatchState, Receipt, Send
from functions.domain.outcome import BatchOutcomes, Credit
from functions.domain.pricing import Money
from functions.domain.reaction import NO_REACTIONS, Reaction
from functions.domain.standing import Standing
from tests.builders import NOON

WINDOW = timedelta(hours=1)
RULES = Criteria(window=WINDOW, min_sample=50, guard=Metric.OPTED_OUT)
OVER = NOON + WINDOW + RULES.grace


def an_experiment(*names: str, **values: object) -> Experiment:
    variants = tuple(Variant(name=name) for name in names or ("a", "b"))
    return Experiment(variants=variants, criteria=replace(RULES, **values))  # type: ignore[arg-type]


def a_standing(*sends: int) -> Standing:
    """Messages made an hour before noon and sent, where they were, at noon."""
    made = NOON - timedelta(hours=1)
    state = BatchState.fresh(sends, now=made).claimed({}, now=NOON, lease_s=0)
    return Standing(
        number=BatchNumber(1),
        state=state,
        clicks=BatchClicks.none(len(sends)),
        unit_price=Money(minor=18),
    )


SENT = Send.sent(round_=0)


def counted(standing: Standing, *, metric: Metric = Metric.CLICKED, at=OVER) -> Count:
    rules = replace(RULES, metric=metric)
    return count(standing, rules, at=at)


def test_a_message_counts_when_its_window_is_over() -> None:
    standing = a_standing(SENT, SENT, Send.PENDING, Send.CANCELLED, Send.UNKNOWN)

    assert counted(standing, at=OVER - timedelta(seconds=1)) == Count(open=4)
    assert counted(standing) == Count(sent=2, open=2)


@pytest.mark.parametrize(("minutes", "hits"), [(60, 1), (119, 1), (120, 1), (121, 0)], ids=str)
def test_a_click_counts_within_the_window_of_its_message(minutes: int, hits: int) -> None:
    standing = a_standing(SENT, SENT)
    hit = Hit(ordinal=0, link=0, visitor=Visitor.HUMAN, elapsed_s=minutes * 60)
    machine = Hit(ordinal=1, link=0, visitor=Visitor.MACHINE, elapsed_s=3700)
    clicks = standing.clicks.with_hits([hit, machine])

    assert counted(replace(standing, clicks=clicks)) == Count(sent=2, hits=hits)


def test_deliveries_and_conversions_are_counted_likewise() -> None:
    standing = a_standing(SENT, SENT, SENT)
    receipts = [
        (0, Receipt(delivered=True, reason=None, at=NOON + WINDOW)),
        (1, Receipt(delivered=True, reason=None, at=NOON + 2 * WINDOW)),
    ]
    came = Credit(ordinal=2, mark=1, elapsed_s=7000, look=1, place=0, of=1)
    standing = replace(
        standing,
        state=standing.state.with_receipts(receipts),
        outcomes=BatchOutcomes().merged([came]),
        reactions=NO_REACTIONS.having(1, Reaction.OPTED_OUT, elapsed_s=60),
    )

    assert counted(standing, metric=Metric.DELIVERED) == Count(sent=3, hits=1, guarded=1)
    assert counted(standing, metric=Metric.CONVERTED) == Count(sent=3, hits=1, guarded=1)


def test_a_part_is_weighed_when_nine_tenths_of_each_variant_are_final() -> None:
    nearly = {"a": Count(sent=90, open=10), "b": Count(sent=100)}
    early = {"a": Count(sent=89, open=11), "b": Count(sent=100)}

    assert weighed(nearly, ("a", "b"), last=False) == {"a": Count(sent=90), "b": Count(sent=100)}
    assert weighed(early, ("a", "b"), last=False) is None
    assert weighed(early, ("a", "b", "c"), last=True) == {
        "a": Count(sent=89),
        "b": Count(sent=100),
        "c": Count(),
    }


_numbers = counter()


def a_look(*, last: bool = False, complete: bool = False, number: int = 0, **counts: Count) -> Look:
    return Look(
        number=number,
        at=NOON,
        chain=1,
        parts={f"{next(_numbers):06d}": counts} if counts else {},
        last=last,
        complete=complete,
    )


def test_the_clear_winner_is_named() -> None:
    look = a_look(a=Count(1_000, 50), b=Count(1_000, 120))

    found = verdict(an_experiment(), [look])

    assert found is not None
    assert (found.rule, found.winner, found.chosen) == (Rule.SIGNIFICANT, "b", "b")


def test_nobody_wins_before_enough_messages_count() -> None:
    look = a_look(a=Count(49, 0), b=Count(49, 30))

    assert verdict(an_experiment(), [look]) is None
    assert verdict(an_experiment(min_sample=49), [look]) is not None


def test_of_three_the_best_must_beat_both() -> None:
    close = a_look(a=Count(1_000, 50), b=Count(1_000, 120), c=Count(1_000, 118))
    clear = a_look(a=Count(1_000, 50), b=Count(1_000, 120), c=Count(1_000, 40))

    assert verdict(an_experiment("a", "b", "c"), [close]) is None
    found = verdict(an_experiment("a", "b", "c"), [clear])
    assert found is not None
    assert found.winner == "b"


def test_with_more_variants_more_is_asked_of_the_best() -> None:
    two = standings(an_experiment(), [a_look(a=Count(500, 30), b=Count(500, 60))])
    four = standings(
        an_experiment("a", "b", "c", "d"),
        [a_look(a=Count(500, 30), b=Count(500, 60), c=Count(500, 30), d=Count(500, 30))],
    )

    assert four.p_value == pytest.approx(2 * two.p_value)


@pytest.mark.parametrize(
    ("action", "chosen"),
    [(Inconclusive.CONTROL, "a"), (Inconclusive.BEST, "a"), (Inconclusive.ASK, None)],
)
def test_the_best_is_barred_when_it_drives_people_away(action, chosen) -> None:
    look = a_look(a=Count(1_000, 50, 2), b=Count(1_000, 120, 40))

    found = verdict(an_experiment(inconclusive=action), [look])

    assert found is not None
    assert (found.rule, found.winner, found.chosen) == (Rule.GUARD, None, chosen)
    free = verdict(an_experiment(guard=None), [look])
    assert free is not None
    assert free.winner == "b"


@pytest.mark.parametrize(
    ("kind", "rule"), [("last", Rule.DEADLINE), ("complete", Rule.ALL_MEASURED)]
)
def test_the_end_comes_without_a_winner(kind: str, rule: Rule) -> None:
    looks = [a_look(a=Count(100, 5), b=Count(100, 6)), a_look(number=1, **{kind: True})]

    assert verdict(an_experiment(), looks[:1]) is None
    found = verdict(an_experiment(inconclusive=Inconclusive.BEST), looks)
    assert found is not None
    assert (found.rule, found.winner, found.chosen) == (rule, None, "b")


def test_nothing_is_decided_of_nothing() -> None:
    assert verdict(an_experiment(), []) is None
    found = verdict(an_experiment(), [a_look(last=True)])
    assert found is not None
    assert (found.winner, found.chosen) == (None, "a")


counts = st.builds(
    lambda sent, hits: Count(sent, min(sent, hits)), st.integers(0, 60), st.integers(0, 60)
)


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=8), st.randoms())
def test_what_is_found_does_not_depend_on_which_part_was_weighed_at_which_look(
    tables, random
) -> None:
    parts = {f"{place:06d}": {"a": a, "b": b} for place, (a, b) in enumerate(tables)}
    names = list(parts)
    random.shuffle(names)

    def looks_of(sizes: list[int]) -> list[Look]:
        left, looks = list(names), []
        for number, size in enumerate(sizes):
            chosen, left = left[:size], left[size:]
            found = {name: parts[name] for name in chosen}
            looks.append(Look(number=number, at=NOON, chain=1, parts=found))
        return looks

    at_once = standings(an_experiment(), looks_of([len(names)]))
    one_by_one = standings(an_experiment(), looks_of([1] * len(names)))

    assert at_once.totals == one_by_one.totals
    assert at_once.leader == one_by_one.leader
    assert at_once.p_value == pytest.approx(one_by_one.p_value)
    total = Counter()
    for a, _ in tables:
        total["a"] += a.hits
    assert at_once.totals["a"].hits == total["a"]
