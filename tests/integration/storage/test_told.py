"""Batches as reports read them, past PynamoDB."""

import pytest

from functions.domain.clicks import Hit, Visitor
from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.outcome import NO_OUTCOMES, Credit
from functions.domain.reaction import Reaction
from functions.storage.batches import BatchStore
from functions.storage.outcomes import OutcomeStore
from functions.storage.reactions import ReactionStore
from functions.storage.told import ToldStore
from tests.builders import NOON, a_batch

pytestmark = pytest.mark.usefixtures("account")


def test_a_batch_is_read_as_others_read_it() -> None:
    store, number = BatchStore(), BatchNumber(7)
    store.create([a_batch(7, size=3)])
    store.change_state(
        number, lambda state: state.claimed({0: 0x10, 1: 0x10}, now=NOON, lease_s=60)
    )
    ReactionStore().of_message(MessageNumber(batch=number, ordinal=2), Reaction.OPTED_OUT, at=NOON)
    hits = [
        Hit(ordinal=1, link=2, visitor=Visitor.HUMAN, elapsed_s=70),
        Hit(ordinal=0, link=0, visitor=Visitor.UNKNOWN, elapsed_s=70),
    ]
    store.change_clicks(number, 3, lambda clicks: clicks.with_hits(hits))
    credit = Credit(ordinal=1, mark=1, elapsed_s=90, look=1, place=0, of=1, minor=9_900)
    OutcomeStore().change(number, lambda known: known.merged([credit]))

    ((meta, standing),) = ToldStore().read([number], outcomes=True)

    (known,) = store.standings([number], outcomes=True)
    assert meta == store.meta(number)
    assert standing.state.slots == known.state.slots
    assert standing.state.rounds == known.state.rounds
    assert standing.state.created == known.state.created
    assert standing.outcomes == known.outcomes
    assert ToldStore().read([number], outcomes=False)[0].standing.outcomes == NO_OUTCOMES
    assert (standing.clicks, standing.reactions) == (known.clicks, known.reactions)
    assert (standing.number, standing.unit_price) == (known.number, known.unit_price)


def test_many_batches_are_all_read_in_the_order_asked_for() -> None:
    BatchStore().create([a_batch(number, size=2) for number in range(1, 121)])
    numbers = [BatchNumber(number) for number in (*range(120, 0, -1), 999)]

    found = ToldStore().read(numbers, outcomes=False)

    assert [each.meta.number for each in found] == numbers[:-1]
    assert {len(each.standing.state) for each in found} == {2}
    assert not any(each.standing.clicks.count(Visitor.HUMAN) for each in found)


def test_nothing_is_read_of_nothing() -> None:
    assert ToldStore().read([], outcomes=True) == []
