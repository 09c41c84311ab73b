"""How far the look after lost requests has come, and what it finds in the table."""

from dataclasses import replace

from functions.domain.batch import Source
from functions.domain.ids import BatchNumber
from functions.domain.lost_requests import Watch, Watched
from functions.domain.message import BatchState, Send
from functions.storage.batches import BatchStore
from functions.storage.lost_requests import LostRequestStore
from tests.builders import NOON, a_batch

WATCHED = (
    Watched(number=BatchNumber(7), at=1_795_143_600),
    Watched(number=BatchNumber(9), at=1_795_147_200, mends=2),
)


def test_remembers_how_far_it_has_come(account):
    store = LostRequestStore()
    assert store.get() is None

    assert store.save(Watch(done=10, newest=12, watched=WATCHED))

    assert store.get() == Watch(done=10, newest=12, watched=WATCHED, version=1)


def test_the_later_of_two_looks_does_not_write_over_the_other(account):
    store = LostRequestStore()
    store.save(Watch.begun(3))
    one = other = store.get()

    assert store.save(replace(one, done=5, newest=5))
    assert not store.save(replace(other, done=4, newest=4))

    assert store.get().done == 5


def test_knows_the_highest_number_of_a_batch(account):
    store = LostRequestStore()
    assert store.newest() == 0

    BatchStore().reserve(3)

    assert store.newest() == 3


def test_finds_what_requests_made_and_what_is_not_settled(account):
    batches = BatchStore()
    request = Source(kind="request", source_id="req_1")
    made = [a_batch(number, size=1) for number in range(1, 206)]
    made = [replace(each, meta=replace(each.meta, source=request)) for each in made]
    made[3] = a_batch(4, size=1)  # of a campaign
    sent = BatchState.fresh([Send.sent(round_=0)], now=NOON)
    made[4] = replace(made[4], state=replace(sent, rounds=(int(NOON.timestamp()),)))
    batches.create(made)

    found = LostRequestStore().unsettled(range(1, 400))

    assert sorted(found) == [number for number in range(1, 206) if number not in (4, 5)]
    assert found[BatchNumber(1)] == made[0].state
