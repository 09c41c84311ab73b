from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.channels.base import Ambiguous, ChannelError, Rejected, RetryLater
from functions.dispatch.ports import DispatchDeps
from functions.dispatch.reconcile import reconciled
from functions.domain.campaign import Gate
from functions.domain.channel import Purpose
from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.message import BatchState, Receipt, Send
from functions.domain.policy import LAW_ALONE, Policy, WhenUnknown
from functions.domain.reason import FailureReason
from tests.builders import NOON, SEOUL, a_batch
from tests.fakes.accounts import one_account
from tests.fakes.pace import unlimited
from tests.fakes.recents import FakeRecents, one_by_one
from tests.fakes.stores import FakeBatches, FakeContacts, FakeSenders, FakeTemplates

N7 = BatchNumber(7)
LATER = NOON + timedelta(minutes=2)
SENT = Send.sent(round_=0)
DELIVERED = Receipt(delivered=True, reason=None, at=NOON)


@dataclass
class Listing:
    """A provider that lists these messages: accepted, or failed for a reason."""

    found: dict[int, FailureReason | None] = field(default_factory=dict)
    can_be_asked: bool = True
    fails: list[ChannelError] = field(default_factory=list)
    asked: list[tuple[list[int], datetime]] = field(default_factory=list)
    meanwhile: Any = None

    def find(self, refs: Any, *, since: datetime, now: datetime) -> Any:
        self.asked.append(([ref.ordinal for ref in refs], since))
        if self.meanwhile is not None:
            self.meanwhile()
        if self.fails:
            raise self.fails.pop(0)
        return {MessageNumber(batch=N7, ordinal=n): why for n, why in self.found.items()}


@dataclass
class World:
    batches: FakeBatches
    provider: Listing
    policy: Policy = LAW_ALONE

    def settle(self, *, now: datetime = LATER) -> BatchState | None:
        deps = DispatchDeps(
            recents=FakeRecents(),
            spread=one_by_one,
            batches=self.batches,
            contacts=FakeContacts(),
            templates=FakeTemplates(),
            senders=FakeSenders(),
            **one_account(self.provider),
            suppressed=lambda _: {},
            file_id=lambda *_: "",
            later=lambda *_: None,
            opted_out=lambda _: None,
            clock=lambda: NOON,
            gate=lambda *_: Gate.OPEN,
            **unlimited(),
            jitter=round,
            policy=lambda: self.policy,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            lease_s=40,
        )
        return reconciled(self.batches.batches[N7], deps=deps, now=now)

    def sends(self) -> list[int]:
        return list(self.batches.batches[N7].state.sends())


def a_world(
    *sends: int, purpose: Purpose = Purpose.ADVERTISING, **found: FailureReason | None
) -> World:
    """A batch as an attempt at noon left it; ``m0=None`` says that the first one is listed."""
    batches = FakeBatches.of(a_batch(size=len(sends), purpose=purpose))
    marked = dict(enumerate(sends))
    batches.change_state(N7, lambda state: state.claimed(marked, now=NOON, lease_s=40))
    listed = {int(name.removeprefix("m")): why for name, why in found.items()}
    return World(batches=batches, provider=Listing(listed))


def test_nothing_open_is_nothing_to_ask() -> None:
    world = a_world(SENT, Send.PENDING)

    assert world.settle() == world.batches.batches[N7].state
    assert world.provider.asked == []


def test_only_what_is_open_is_asked_about_since_its_round_began() -> None:
    world = a_world(SENT, Send.SENDING, Send.PENDING, Send.UNKNOWN, m1=None, m3=None)

    world.settle()

    assert world.provider.asked == [([1, 3], NOON)]
    assert world.sends() == [SENT, SENT, Send.PENDING, SENT]


def test_message_that_the_provider_failed_is_failed() -> None:
    world = a_world(Send.SENDING, Send.SENDING, m0=None, m1=FailureReason.SENDER)

    world.settle()

    assert world.sends() == [SENT, Send.failed(FailureReason.SENDER)]


def test_message_missing_among_those_of_its_parcel_was_refused() -> None:
    world = a_world(Send.UNKNOWN, Send.UNKNOWN, m0=None)

    world.settle()

    assert world.sends() == [SENT, Send.failed(FailureReason.OTHER)]


def test_parcel_of_which_nothing_is_known_never_arrived() -> None:
    world = a_world(Send.UNKNOWN, Send.SENDING)

    world.settle()

    assert world.sends() == [Send.PENDING, Send.PENDING]


def test_report_proves_that_its_parcel_arrived() -> None:
    world = a_world(Send.UNKNOWN, Send.UNKNOWN)
    world.batches.change_state(N7, lambda state: state.with_receipts([(0, DELIVERED)]))

    world.settle()

    assert world.sends() == [SENT, Send.failed(FailureReason.OTHER)]


def test_report_that_comes_while_we_ask_counts() -> None:
    world = a_world(Send.UNKNOWN)
    world.provider.meanwhile = lambda: world.batches.change_state(
        N7, lambda state: state.with_receipts([(0, DELIVERED)])
    )

    world.settle()

    assert world.sends() == [SENT]


def test_attempt_of_a_rival_made_while_we_asked_is_left_alone() -> None:
    world = a_world(Send.UNKNOWN)
    world.provider.meanwhile = lambda: world.batches.change_state(
        N7,
        lambda state: replace(
            state.claimed({0: Send.SENDING}, now=LATER, lease_s=40), lease_until=0
        ),
    )

    assert world.settle() is None
    assert world.sends() == [Send.SENDING]


def test_rival_who_holds_the_lease_is_left_alone() -> None:
    world = a_world(Send.UNKNOWN)
    leased = int(LATER.timestamp()) + 30
    world.provider.meanwhile = lambda: world.batches.change_state(
        N7, lambda state: replace(state, lease_until=leased)
    )

    assert world.settle() is None
    assert world.sends() == [Send.UNKNOWN]


FAULTS = [RetryLater("HTTP 429"), Ambiguous("HTTP 500"), Rejected(FailureReason.OTHER, code="x")]
EXPIRES = a_batch().meta.expires
RESEND = Policy(ambiguous_transactional=WhenUnknown.RESEND)


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_provider_that_answers_with_faults_is_asked_until_the_messages_expire(
    fault: ChannelError,
) -> None:
    world = a_world(Send.UNKNOWN)
    world.provider.fails = [fault]

    with pytest.raises(ChannelError):
        world.settle(now=EXPIRES - timedelta(seconds=1))

    assert world.sends() == [Send.UNKNOWN]


@pytest.mark.parametrize("fault", FAULTS, ids=repr)
def test_what_nobody_can_say_by_then_is_given_up(fault: ChannelError) -> None:
    world = a_world(Send.UNKNOWN, Send.SENDING, SENT)
    world.provider.fails = [fault]

    world.settle(now=EXPIRES)

    assert world.sends() == [Send.GIVEN_UP, Send.GIVEN_UP, SENT]


def test_answer_that_comes_late_still_counts() -> None:
    world = a_world(Send.UNKNOWN, m0=None)

    world.settle(now=NOON + timedelta(days=10))

    assert world.sends() == [SENT]


def test_attempt_just_before_the_expiry_is_asked_about_for_a_day() -> None:
    batch = a_batch(size=1)
    world = a_world(Send.UNKNOWN)
    tried = batch.meta.expires - timedelta(minutes=1)
    world.batches.change_state(N7, lambda state: replace(state, rounds=(int(tried.timestamp()),)))
    world.provider.fails = [RetryLater("HTTP 429"), RetryLater("HTTP 429")]

    with pytest.raises(RetryLater):
        world.settle(now=tried + timedelta(hours=23))
    world.settle(now=tried + timedelta(hours=24))

    assert world.sends() == [Send.GIVEN_UP]


@pytest.mark.parametrize(
    ("purpose", "policy", "attempts", "left"),
    [
        (Purpose.ADVERTISING, LAW_ALONE, 1, Send.GIVEN_UP),
        (Purpose.ADVERTISING, RESEND, 1, Send.GIVEN_UP),
        (Purpose.TRANSACTIONAL, LAW_ALONE, 1, Send.GIVEN_UP),
        (Purpose.TRANSACTIONAL, RESEND, 1, Send.PENDING),
        (Purpose.TRANSACTIONAL, RESEND, 2, Send.PENDING),
        (Purpose.TRANSACTIONAL, RESEND, 3, Send.GIVEN_UP),
    ],
)
def test_where_the_provider_cannot_be_asked_only_a_notice_may_be_sent_again(
    purpose: Purpose, policy: Policy, attempts: int, left: int
) -> None:
    world = a_world(Send.UNKNOWN, Send.SENDING, SENT, purpose=purpose)
    world.batches.change_state(N7, lambda state: replace(state, attempts=attempts))
    world.provider.can_be_asked = False
    world.policy = policy

    world.settle()

    assert world.sends() == [left, left, SENT]
    assert world.provider.asked == []


def test_a_report_keeps_its_whole_parcel_from_being_sent_again() -> None:
    world = a_world(Send.UNKNOWN, Send.UNKNOWN, purpose=Purpose.TRANSACTIONAL)
    world.batches.change_state(N7, lambda state: state.with_receipts([(0, DELIVERED)]))
    world.provider.can_be_asked = False
    world.policy = RESEND

    world.settle()

    assert world.sends() == [SENT, Send.GIVEN_UP]


def test_an_expired_notice_is_not_sent_again() -> None:
    world = a_world(Send.UNKNOWN, purpose=Purpose.TRANSACTIONAL)
    world.provider.can_be_asked = False
    world.policy = RESEND

    world.settle(now=EXPIRES)

    assert world.sends() == [Send.GIVEN_UP]
