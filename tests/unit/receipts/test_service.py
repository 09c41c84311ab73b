import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.channels.base import Ambiguous, CallbackReader, DeliveryEvent
from functions.contracts.codec import to_body
from functions.contracts.errors import PayloadTooLarge, Unavailable
from functions.contracts.queues import CallbackReceived, OptOutReceived, SendJob
from functions.dispatch.ports import DispatchDeps
from functions.dispatch.report import Outcome
from functions.dispatch.service import send_batch
from functions.domain.campaign import Gate
from functions.domain.follow_up import Condition
from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.message import BatchState, MessageStatus, Receipt, Send
from functions.domain.policy import LAW_ALONE
from functions.domain.reason import FailureReason
from functions.receipts.service import Merged, ReceiptDeps, merge, split
from tests.builders import NOON, SEOUL, a_batch, a_contact, a_sender, a_template
from tests.fakes.accounts import one_account
from tests.fakes.pace import unlimited
from tests.fakes.provider import FakeProvider
from tests.fakes.recents import FakeRecents, one_by_one
from tests.fakes.stores import FakeBatches, FakeContacts, FakeSenders, FakeTemplates

SENT = Send.sent(round_=0)
LATER = NOON + timedelta(minutes=2)


class FakeReader:
    """Reads callbacks such as ``[[7, 0, "delivered"], [7, 1, "device"]]``."""

    def read(self, body: str, *, now: datetime) -> tuple[DeliveryEvent, ...]:
        return tuple(
            DeliveryEvent(
                ref=MessageNumber(batch=BatchNumber(batch), ordinal=ordinal),
                receipt=Receipt(
                    delivered=what == "delivered",
                    reason=None if what == "delivered" else FailureReason(what),
                    at=now,
                ),
            )
            for batch, ordinal, what in json.loads(body)
        )


@dataclass
class Counting(FakeBatches):
    """Counts the changes that were stored."""

    writes: int = 0

    def change_state(
        self,
        number: BatchNumber,
        change: Callable[[BatchState], BatchState | None],
        *,
        known: BatchState | None = None,
    ) -> BatchState | None:
        stored = super().change_state(number, change, known=known)
        self.writes += stored is not None
        return stored


@dataclass
class World:
    batches: Counting = field(default_factory=Counting)
    opted_out: list[OptOutReceived] = field(default_factory=list)
    followed: list[tuple[int, Condition]] = field(default_factory=list)

    def merge(self, *events: tuple[int, int, str], now: datetime = LATER) -> Merged:
        """Merge a callback that holds these events."""
        return self.merge_bodies(json.dumps(events), now=now)

    def merge_bodies(self, *bodies: str, now: datetime = LATER) -> Merged:
        jobs = [CallbackReceived(provider="solapi", body=body) for body in bodies]
        return merge(jobs, deps=self.deps(), now=now)

    def deps(self) -> ReceiptDeps:
        readers: dict[str, CallbackReader] = {"solapi": FakeReader()}
        return ReceiptDeps(
            batches=self.batches,
            reader=readers.get,
            opted_out=self.opted_out.extend,
            followed=lambda number, fact: self.followed.append((number, fact)),
        )

    def statuses(self, number: int = 7) -> list[MessageStatus]:
        state = self.batches.batches[BatchNumber(number)].state
        return [state.state_of(ordinal).status for ordinal in range(len(state))]


def a_world(*sends: int) -> World:
    """A batch of messages that are as these send bytes say."""
    world = World(batches=Counting.of(a_batch(size=len(sends)), a_batch(8, size=1)))  # type: ignore[arg-type]
    marked = dict(enumerate(sends))
    for number, changed in ((7, marked), (8, {0: SENT})):
        world.batches.change_state(
            BatchNumber(number),
            lambda state, changed=changed: state.claimed(changed, now=NOON, lease_s=0),  # type: ignore[misc]
        )
    world.batches.writes = 0
    return world


def test_reports_are_merged_into_their_messages() -> None:
    world = a_world(SENT, SENT, SENT)

    merged = world.merge((7, 0, "delivered"), (7, 2, "device"))

    assert world.statuses() == [MessageStatus.DELIVERED, MessageStatus.SENT, MessageStatus.FAILED]
    assert world.batches.batches[BatchNumber(7)].state.state_of(2).reason is FailureReason.DEVICE
    assert merged == Merged(events=2, batches=1, unknown_batches=0)


def test_whoever_follows_a_delivery_hears_of_it_each_time_it_is_told() -> None:
    world = a_world(SENT, SENT, SENT)

    world.merge((7, 0, "delivered"), (7, 1, "delivered"), (8, 0, "device"))
    world.merge((7, 0, "delivered"))

    # Also the second time: the worker may have died after it wrote the first down.
    assert world.followed == [(7, Condition.DELIVERED)] * 2


def test_reports_of_many_callbacks_cost_one_write_a_batch() -> None:
    world = a_world(SENT, SENT)

    merged = world.merge_bodies(
        '[[7, 0, "delivered"], [8, 0, "delivered"]]', '[[7, 1, "delivered"]]'
    )

    assert world.batches.writes == 2
    assert world.statuses() == [MessageStatus.DELIVERED] * 2
    assert world.statuses(8) == [MessageStatus.DELIVERED]
    assert merged == Merged(events=3, batches=2, unknown_batches=0)


def test_who_opted_out_at_the_provider_is_handed_on() -> None:
    world = a_world(SENT, SENT, SENT)

    merged = world.merge((7, 0, "opted_out"), (7, 1, "blocked"), (7, 2, "not_kakao_user"))

    assert world.opted_out == [OptOutReceived(batch=7, ordinal=0, at=int(LATER.timestamp()))]
    assert merged == Merged(events=3, batches=1, unknown_batches=0, opted_out=1)


def test_report_that_comes_again_changes_nothing() -> None:
    world = a_world(SENT)
    world.merge((7, 0, "delivered"))

    world.merge((7, 0, "delivered"), now=LATER + timedelta(hours=1))

    assert world.batches.writes == 1
    assert world.batches.batches[BatchNumber(7)].state.state_of(0).receipt == Receipt(
        delivered=True, reason=None, at=LATER
    )


@pytest.mark.parametrize("first", ["delivered", "carrier"])
def test_delivered_beats_failed_in_any_order(first: str) -> None:
    world = a_world(SENT)
    second = {"delivered": "carrier", "carrier": "delivered"}[first]

    world.merge((7, 0, first))
    world.merge((7, 0, second))

    assert world.statuses() == [MessageStatus.DELIVERED]


def test_report_about_a_batch_nobody_knows_is_counted_and_dropped() -> None:
    world = a_world(SENT)

    merged = world.merge((99, 0, "delivered"), (7, 0, "delivered"))

    assert merged == Merged(events=2, batches=1, unknown_batches=1)
    assert world.statuses() == [MessageStatus.DELIVERED]


def test_report_about_an_ordinal_that_is_not_there_is_dropped() -> None:
    world = a_world(SENT)

    world.merge((7, 199, "delivered"))

    assert world.statuses() == [MessageStatus.SENT]


def test_callback_without_reports_does_nothing() -> None:
    world = a_world(SENT)

    assert world.merge() == Merged(events=0, batches=0, unknown_batches=0)


def test_callback_that_cannot_be_read_fails() -> None:
    world = a_world(SENT)

    with pytest.raises(ValueError, match="Expecting value"):
        world.merge_bodies("not json")


def test_callback_of_an_unknown_provider_fails() -> None:
    world = a_world(SENT)

    with pytest.raises(ValueError, match="unknown provider"):
        merge([CallbackReceived(provider="nobody", body="[]")], deps=world.deps(), now=LATER)


def test_store_that_does_not_answer_fails_the_callback() -> None:
    world = a_world(SENT)

    class Silent(FakeBatches):
        def change_state(self, number: object, change: object) -> BatchState | None:
            msg = "silent"
            raise Unavailable(msg)

    deps = ReceiptDeps(
        batches=Silent(),
        reader=lambda _: FakeReader(),
        opted_out=lambda _: None,
        followed=lambda *_: None,
    )
    callback = CallbackReceived(provider="solapi", body='[[7, 0, "delivered"]]')

    with pytest.raises(Unavailable):
        merge([callback], deps=deps, now=LATER)

    assert world.statuses() == [MessageStatus.SENT]


@given(
    st.permutations(
        [
            (7, 0, "delivered"),
            (7, 0, "carrier"),
            (7, 1, "device"),
            (7, 1, "device"),
            (7, 2, "delivered"),
        ]
    ),
    st.integers(1, 5),
)
def test_order_and_grouping_of_reports_do_not_matter(
    events: list[tuple[int, int, str]], first: int
) -> None:
    world = a_world(SENT, SENT, SENT)

    world.merge(*events[:first])
    world.merge(*events[first:])
    world.merge(*events)

    assert world.statuses() == [
        MessageStatus.DELIVERED,
        MessageStatus.FAILED,
        MessageStatus.DELIVERED,
    ]


def test_report_that_comes_before_the_sending_is_recorded_is_kept() -> None:
    world = a_world(Send.SENDING)

    world.merge((7, 0, "delivered"))
    world.batches.change_state(BatchNumber(7), lambda state: state.released({0: state.sent_now}))

    assert world.statuses() == [MessageStatus.DELIVERED]


class Forgetful(FakeProvider):
    """Takes messages, but its list does not show them."""

    def find(self, refs: object, *, since: datetime, now: datetime) -> dict[MessageNumber, None]:
        return {}


def test_message_that_was_reported_is_not_sent_again_though_the_provider_does_not_list_it() -> None:
    world = World(batches=Counting.of(a_batch(size=2)))  # type: ignore[arg-type]
    provider = Forgetful(fail_after=[Ambiguous("ReadTimeoutError")])
    deps = DispatchDeps(
        recents=FakeRecents(),
        spread=one_by_one,
        batches=world.batches,
        contacts=FakeContacts.of(a_contact(1), a_contact(2)),
        templates=FakeTemplates.of(a_template()),
        senders=FakeSenders.of(a_sender()),
        **one_account(provider),
        suppressed=lambda _: {},
        file_id=lambda *_: "file-1",
        later=lambda *_: None,
        opted_out=lambda _: None,
        clock=lambda: NOON,
        gate=lambda *_: Gate.OPEN,
        **unlimited(),
        jitter=round,
        policy=lambda: LAW_ALONE,
        zones_of_phone=lambda _: (),
        default_zone=SEOUL,
        lease_s=40,
    )
    first = send_batch(SendJob(batch=7), deps=deps, now=NOON)

    world.merge((7, 0, "delivered"), (7, 1, "device"))
    send_batch(SendJob(batch=7), deps=deps, now=LATER)

    assert first.outcome is Outcome.UNKNOWN
    assert world.statuses() == [MessageStatus.DELIVERED, MessageStatus.FAILED]
    assert max(provider.deliveries.values()) == 1


def test_a_callback_too_long_for_the_queue_is_cut_without_losing_an_item() -> None:
    items = [{"data": {"n": n}} for n in range(1000)]
    callback = CallbackReceived(provider="solapi", body=json.dumps(items))

    parts = list(split(callback, most_bytes=4_000))

    assert all(len(to_body(part)) <= 4_000 for part in parts)
    assert [item for part in parts for item in json.loads(part.body)] == items


@pytest.mark.parametrize("body", ["x" * 5_000, '["' + "x" * 5_000 + '"]', '{"a": [1, 2]}' * 999])
def test_a_callback_that_cannot_be_cut_is_refused(body: str) -> None:
    with pytest.raises(PayloadTooLarge):
        list(split(CallbackReceived(provider="solapi", body=body), most_bytes=4_000))
