"""The ledger's index: it has what is held, where it belongs, and costs nothing else."""

from dataclasses import replace

import pytest

from functions.domain.batch import Batch, Source
from functions.domain.held import HeldBatch
from functions.domain.ids import MAX_BATCH_NUMBER, MAX_BATCH_SIZE, BatchNumber
from functions.domain.message import MAX_ROUNDS, BatchState, Send
from functions.domain.reason import HoldReason
from functions.storage.batches import BatchStore
from functions.storage.held import HeldStore
from tests.builders import NOON, a_batch
from tests.fakes.stores import FakeBatches, FakeHeld
from tests.integration.account import Account
from tests.integration.storage.item_size import WRITE_UNIT_BYTES, item_size

N7 = BatchNumber(7)
NIGHT, SCHEDULED = Send.held(HoldReason.NIGHT), Send.held(HoldReason.SCHEDULED)
REQUEST = Source(kind="request", source_id="req_1")
Stores = tuple[BatchStore, HeldStore] | tuple[FakeBatches, FakeHeld]


@pytest.fixture(params=["fake", "real"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "real":
        return BatchStore(), HeldStore()
    batches = FakeBatches()
    return batches, FakeHeld(batches)


def a_batch_of(number: int, *sends: int, source: Source | None = None) -> Batch:
    batch = a_batch(number, size=len(sends))
    meta = batch.meta if source is None else replace(batch.meta, source=source)
    return replace(batch, meta=meta, state=BatchState.fresh(sends, now=NOON))


def test_a_batch_with_something_held_stands_with_its_campaign(stores: Stores) -> None:
    batches, held = stores

    batches.create([a_batch_of(7, NIGHT, NIGHT, SCHEDULED), a_batch_of(8, Send.PENDING)])

    counts = {HoldReason.NIGHT: 2, HoldReason.SCHEDULED: 1}
    assert held.batches("cmp_1", after=0, limit=10) == (HeldBatch(number=N7, counts=counts),)


def test_a_batch_leaves_with_its_last_held_message_and_may_come_back(stores: Stores) -> None:
    batches, held = stores
    batches.create([a_batch_of(7, NIGHT, NIGHT)])

    batches.change_state(N7, lambda state: state.with_sends({0: Send.SENDING}))
    assert [each.counts for each in held.batches("cmp_1", after=0, limit=10)] == [
        {HoldReason.NIGHT: 1}
    ]
    batches.change_state(N7, lambda state: state.with_sends({1: Send.CANCELLED}))
    assert held.batches("cmp_1", after=0, limit=10) == ()
    batches.change_state(
        N7, lambda state: state.with_sends({0: Send.held(HoldReason.FREQUENCY_CAP)})
    )
    assert [each.counts for each in held.batches("cmp_1", after=0, limit=10)] == [
        {HoldReason.FREQUENCY_CAP: 1}
    ]


def test_requests_stand_apart_from_campaigns(stores: Stores) -> None:
    batches, held = stores

    batches.create([a_batch_of(7, NIGHT, source=REQUEST)])

    assert [each.number for each in held.batches("requests#7", after=0, limit=10)] == [7]
    assert held.batches("req_1", after=0, limit=10) == ()


def test_batches_come_in_the_order_of_their_numbers_from_a_number_on(stores: Stores) -> None:
    batches, held = stores
    batches.create([a_batch_of(number, NIGHT) for number in (30, 4, 12, 100)])

    assert [each.number for each in held.batches("cmp_1", after=4, limit=2)] == [12, 30]


def test_state_of_the_fullest_batch_that_is_held_for_every_reason_is_one_write_unit(
    account: Account,
) -> None:
    sends = [Send.held(reason) for reason in HoldReason] * (MAX_BATCH_SIZE // len(HoldReason))
    run = "cmp_0123456789abcdef-202611200900"
    batch = a_batch_of(
        MAX_BATCH_NUMBER, *sends, source=Source(kind="campaign", source_id=run, part="000000")
    )
    BatchStore().create([batch])

    def wear(state: BatchState) -> BatchState:
        rounds = tuple(range(state.created, state.created + MAX_ROUNDS))
        return replace(state, rounds=rounds, lease_until=state.created + 45, attempts=99)

    BatchStore().change_state(batch.meta.number, wear)

    key = {"batch": {"N": str(MAX_BATCH_NUMBER)}, "kind": {"S": "STATE"}}
    item = account.dynamodb.get_item(TableName="allim-test-batches", Key=key)["Item"]
    assert item_size(item) <= WRITE_UNIT_BYTES


def test_states_of_many_are_read_and_what_is_missing_is_left_out() -> None:
    BatchStore().create([a_batch_of(number, NIGHT) for number in range(1, 131)])

    found = BatchStore().states([BatchNumber(number) for number in range(1, 140)])

    assert sorted(found) == list(range(1, 131))
    assert found[N7] == BatchState.fresh([NIGHT], now=NOON)


def test_a_release_is_read_back_with_its_new_beginning() -> None:
    BatchStore().create([a_batch_of(7, SCHEDULED)])

    BatchStore().change_state(N7, lambda state: replace(state, created=state.created - 3_600))

    loaded = BatchStore().load(N7)
    assert loaded is not None
    assert loaded.state.created == int(NOON.timestamp()) - 3_600
