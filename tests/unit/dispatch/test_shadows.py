"""Nothing that gets messages on their way moves one whose people are held out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain.batch import Batch
from functions.domain.held import HeldAction, changed, held_ordinals, mark_of
from functions.domain.holdout import Arm, withheld
from functions.domain.in_line import in_line
from functions.domain.message import BatchState, MessageStatus, Receipt, Send
from functions.domain.pricing import FREE
from functions.domain.reconciliation import Chunk, counted
from tests.builders import NOON, a_batch, a_part
from tests.unit.dispatch.test_service import World, a_world

SIZE = 3
ARMS = pytest.mark.parametrize("arm", [Arm.HELD_OUT, Arm.HELD_OUT_GLOBALLY])


def a_shadow(arm: Arm) -> Batch:
    batch = a_batch(size=SIZE)
    reason = withheld(arm)
    assert reason is not None
    state = BatchState.fresh([Send.refused(reason)] * SIZE, now=NOON)
    return replace(batch, meta=replace(batch.meta, arm=arm, unit_price=FREE), state=state)


def a_shadow_world(arm: Arm) -> World:
    return a_world(size=SIZE, batch=a_shadow(arm))


@ARMS
@pytest.mark.parametrize("after", [timedelta(0), timedelta(hours=5), timedelta(days=40)])
def test_a_job_finds_nothing_to_send(arm: Arm, after: timedelta) -> None:
    world = a_shadow_world(arm)
    before = world.state

    for _ in range(3):
        world.run(now=NOON + after)

    assert world.provider.calls == 0
    assert world.recents.rows == {}
    assert world.put_back == []
    assert world.state.slots == before.slots
    assert world.statuses() == [MessageStatus.REFUSED] * SIZE


@ARMS
@pytest.mark.parametrize("action", list(HeldAction))
def test_neither_a_release_nor_a_limit_makes_it_wait(arm: Arm, action: HeldAction) -> None:
    state = a_shadow(arm).state

    after = changed(state, action, only=None, reason=None, now=NOON)

    assert (after, held_ordinals(state), mark_of(state)) == (state, (), "")
    assert in_line(state, range(SIZE)) == state
    assert state.cancelled() == state


@ARMS
def test_the_hourly_check_counts_it_and_finds_nothing_open(arm: Arm) -> None:
    batch = a_shadow(arm)
    number = batch.meta.number
    part = a_part(0, size=SIZE, planned=True, batches=(number,), batch_sizes=(SIZE,))

    found = counted(Chunk(number=0, parts=(part,), follows=False), {number: batch.state})

    assert (found.faults, found.open, found.adds_up) == ((), (), True)
    assert found.counts == {"refused": SIZE}


@ARMS
def test_a_report_of_a_carrier_does_not_make_it_sent(arm: Arm) -> None:
    receipt = Receipt(delivered=True, reason=None, at=NOON + timedelta(minutes=1))

    state = a_shadow(arm).state.with_receipts([(0, receipt)])

    assert state.state_of(0).status is MessageStatus.REFUSED
    assert state.waiting() == ()
