"""Opt-outs and complaints, put down to messages in the row of their batch's clicks."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from functions.domain.clicks import Hit, Visitor
from functions.domain.ids import BatchNumber, ContactId, MessageNumber
from functions.domain.reaction import Reaction, Reactions
from functions.domain.standing import Standing
from functions.storage.batches import BatchStore
from functions.storage.reactions import ReactionStore
from functions.storage.recents import RecentStore
from tests.builders import NOON, a_batch, an_offer

C1 = ContactId("c1")
SIZE = 4


@pytest.fixture(autouse=True)
def batch() -> BatchNumber:
    made = a_batch(size=SIZE)
    BatchStore().create([made])
    return made.meta.number


def standing(number: BatchNumber) -> Standing:
    (found,) = BatchStore().standings([number])
    return found


def click(number: BatchNumber, ordinal: int) -> None:
    hit = Hit(ordinal=ordinal, link=0, visitor=Visitor.HUMAN, elapsed_s=9)
    BatchStore().change_clicks(number, SIZE, lambda clicks: clicks.with_hits([hit]))


def test_a_reaction_is_counted_once(batch: BatchNumber) -> None:
    for ordinal in (0, 3, 3):
        number = MessageNumber(batch=batch, ordinal=ordinal)
        ReactionStore().of_message(number, Reaction.OPTED_OUT, at=NOON)

    found = standing(batch).reactions
    assert (found.count(Reaction.OPTED_OUT), found.count(Reaction.COMPLAINED)) == (2, 0)


@pytest.mark.parametrize("first", ["click", "reaction"])
def test_clicks_and_reactions_leave_each_other_alone(batch: BatchNumber, first: str) -> None:
    number = MessageNumber(batch=batch, ordinal=1)
    if first == "click":
        click(batch, 2)
    ReactionStore().of_message(number, Reaction.COMPLAINED, at=NOON)
    click(batch, 3)

    found = standing(batch)
    assert found.clicks.count(Visitor.HUMAN) == (2 if first == "click" else 1)
    assert found.reactions.count(Reaction.COMPLAINED) == 1


@pytest.mark.parametrize(("number", "ordinal"), [(7, SIZE), (99, 0)], ids=["ordinal", "batch"])
def test_a_message_that_is_not_there_has_none(number: int, ordinal: int) -> None:
    missing = MessageNumber(batch=BatchNumber(number), ordinal=ordinal)

    ReactionStore().of_message(missing, Reaction.OPTED_OUT, at=NOON)

    assert BatchStore().standings([BatchNumber(99)]) == []


def test_a_call_is_put_down_to_the_newest_advertisement(batch: BatchNumber) -> None:
    number = MessageNumber(batch=batch, ordinal=2)
    RecentStore().take(C1, an_offer().entry(number.packed, now=NOON), version=0)

    ReactionStore().of_owner(C1, Reaction.OPTED_OUT, at=NOON - timedelta(hours=1))
    assert standing(batch).reactions == Reactions()
    ReactionStore().of_owner(C1, Reaction.OPTED_OUT, at=NOON + timedelta(hours=1))
    ReactionStore().of_owner(ContactId("nobody"), Reaction.OPTED_OUT, at=NOON)

    found = standing(batch).reactions
    assert list(found.firsts()) == [(2, Reaction.OPTED_OUT, 3600)]


@pytest.mark.usefixtures("one_request_at_a_time")
def test_reactions_at_once_are_all_kept(batch: BatchNumber) -> None:
    numbers = [MessageNumber(batch=batch, ordinal=ordinal) for ordinal in range(SIZE)]

    with ThreadPoolExecutor(max_workers=4) as pool:
        store = ReactionStore()
        list(pool.map(lambda each: store.of_message(each, Reaction.OPTED_OUT, at=NOON), numbers))

    assert standing(batch).reactions.count(Reaction.OPTED_OUT) == SIZE
