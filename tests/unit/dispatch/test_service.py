from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.channels.base import Ambiguous, Rejected, RetryLater
from functions.contracts.queues import OptOutReceived, SendJob
from functions.dispatch.handing_over import SETTLE
from functions.dispatch.pace import Pace
from functions.dispatch.ports import DispatchDeps
from functions.dispatch.report import Outcome
from functions.dispatch.service import send_batch
from functions.domain.batch import Batch, Source
from functions.domain.campaign import Gate
from functions.domain.case import PersonFacts
from functions.domain.channel import Purpose
from functions.domain.contact import Contact, Phone
from functions.domain.fatigue import Cap, Period, Recent
from functions.domain.ids import (
    MAIN_ACCOUNT,
    AddressHash,
    BatchNumber,
    ContactId,
    ImageId,
    MessageNumber,
)
from functions.domain.message import BatchState, MessageStatus, Receipt, Send
from functions.domain.pace import Rate
from functions.domain.policy import LAW_ALONE, Policy, WhenCapped
from functions.domain.reason import (
    FailureReason,
    HoldReason,
    RefusalReason,
    SuppressionReason,
)
from functions.domain.sender import Sender, SenderStatus
from functions.domain.suppression import Mark
from functions.domain.template import Template
from tests.builders import (
    MORNING,
    NIGHT,
    NOON,
    SEOUL,
    SMS_ADS,
    SMS_NIGHT_ADS,
    a_batch,
    a_consent,
    a_contact,
    a_mark,
    a_phone,
    a_recipient,
    a_sender,
    a_template,
    an_offer,
)
from tests.fakes.accounts import FakeBreakers
from tests.fakes.dying import Death, Killed
from tests.fakes.pace import FakeLanes, WaitingClock
from tests.fakes.provider import FakeProvider
from tests.fakes.recents import FakeRecents, one_by_one
from tests.fakes.stores import FakeBatches, FakeContacts, FakeSenders, FakeTemplates

JOB = SendJob(batch=7)
LEASE_S = 40
AFTER_LEASE = NOON + timedelta(seconds=LEASE_S + 1)


@dataclass
class World:
    """Everything around a dispatch worker, in memory."""

    batches: FakeBatches
    contacts: FakeContacts
    recents: FakeRecents = field(default_factory=FakeRecents)
    policy: Policy = LAW_ALONE
    provider: FakeProvider = field(default_factory=FakeProvider)
    template: Template = field(default_factory=a_template)
    sender: Sender = field(default_factory=a_sender)
    suppressed: dict[Phone, tuple[Mark, ...]] = field(default_factory=dict)
    put_back: list[tuple[SendJob, datetime]] = field(default_factory=list)
    file_ids: dict[ImageId, str] = field(default_factory=dict)
    opted_out: list[OptOutReceived] = field(default_factory=list)
    gate: Gate = Gate.OPEN
    breakers: FakeBreakers = field(default_factory=FakeBreakers)
    rate: Rate | None = None
    lanes: FakeLanes = field(default_factory=FakeLanes)
    clock: WaitingClock = field(default_factory=WaitingClock)

    def run(self, *, now: datetime = NOON, job: SendJob = JOB, **replaced: Any) -> Outcome:
        self.clock.now = max(self.clock.now, now)
        return send_batch(job, deps=replace(self.deps(), **replaced), now=now).outcome

    def deps(self) -> DispatchDeps:
        return DispatchDeps(
            recents=self.recents,
            spread=one_by_one,
            batches=self.batches,
            contacts=self.contacts,
            templates=FakeTemplates.of(self.template),
            senders=FakeSenders.of(self.sender),
            accounts=lambda _: (MAIN_ACCOUNT,),
            channel=lambda *_: self.provider,
            breakers=self.breakers,
            suppressed=lambda phones: {
                each: self.suppressed[each] for each in phones if each in self.suppressed
            },
            file_id=lambda image_id, account, channel, now: channel.upload_image(b"", now=now),
            later=lambda job, meta, at, now: self.put_back.append((job, at)),
            opted_out=self.opted_out.extend,
            gate=lambda *_: self.gate,
            clock=self.clock,
            rate=lambda *_: self.rate,
            provider_of=lambda _: "solapi",
            pace=Pace(lanes=self.lanes, clock=self.clock, sleep=self.clock.sleep),
            jitter=round,
            policy=lambda: self.policy,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            lease_s=LEASE_S,
        )

    @property
    def state(self) -> BatchState:
        return self.batches.batches[BatchNumber(7)].state

    def statuses(self) -> list[MessageStatus]:
        return [self.state.state_of(ordinal).status for ordinal in range(len(self.state))]

    def reasons(self) -> list[object]:
        return [self.state.state_of(ordinal).reason for ordinal in range(len(self.state))]


def a_world(*, size: int = 1, batch: Batch | None = None, **contacts: Contact) -> World:
    people = {f"c{n}": a_contact(n) for n in range(1, size + 1)} | contacts
    return World(
        batches=FakeBatches.of(batch or a_batch(size=size)),
        contacts=FakeContacts.of(*people.values()),
    )


def ref(ordinal: int) -> MessageNumber:
    return MessageNumber(batch=BatchNumber(7), ordinal=ordinal)


def test_sends_a_batch_in_one_call_and_records_it() -> None:
    world = a_world(size=3)

    assert world.run() is Outcome.SENT

    assert world.provider.calls == 1
    assert world.statuses() == [MessageStatus.SENT] * 3
    assert world.state.state_of(0).sent_at == NOON
    rows = {person: row.entries for person, row in world.recents.rows.items()}
    assert {person: entry.number for person, (entry,) in rows.items()} == {
        f"c{n}": ref(n - 1).packed for n in (1, 2, 3)
    }
    assert world.contacts.history == []


@pytest.mark.parametrize("kind", ["campaign", "request", "test"])
def test_a_notice_takes_no_place_and_was_noted_before(kind: str) -> None:
    source = Source(kind=kind, source_id="id_1")
    world = a_world(size=2, batch=a_batch(size=2, purpose=Purpose.TRANSACTIONAL, source=source))
    world.template = a_template(purpose=Purpose.TRANSACTIONAL)

    assert world.run() is Outcome.SENT

    assert world.contacts.history == []
    assert world.recents.rows == {}


ONE_A_DAY = Policy(caps=(Cap(name="one", most=1, period=Period.CALENDAR_DAYS, length=1),))


def a_capped_world(*, when_capped: WhenCapped = WhenCapped.SKIP, size: int = 2) -> World:
    """The first of them got an advertisement an hour ago, which planning did not know of."""
    world = a_world(size=size, batch=a_batch(size=size, when_capped=when_capped))
    world.policy = ONE_A_DAY
    earlier = an_offer().entry(99, now=NOON - timedelta(hours=1))
    world.recents.rows[ContactId("c1")] = Recent(entries=(earlier,), version=1)
    return world


def test_whom_a_cap_keeps_back_gets_nothing_and_the_others_do() -> None:
    world = a_capped_world()

    assert world.run() is Outcome.SENT

    assert world.statuses() == [MessageStatus.REFUSED, MessageStatus.SENT]
    assert world.reasons()[0] is RefusalReason.CAPPED
    assert list(world.provider.deliveries) == [ref(1)]
    assert len(world.recents.rows[ContactId("c1")].entries) == 1


def test_whom_a_cap_delays_is_held_until_there_is_room_by_day() -> None:
    world = a_capped_world(when_capped=WhenCapped.DELAY)
    morning = datetime(2026, 11, 21, 8, tzinfo=SEOUL)

    world.run()

    assert world.statuses() == [MessageStatus.HELD, MessageStatus.SENT]
    assert world.reasons()[0] is HoldReason.FREQUENCY_CAP
    assert [at for _, at in world.put_back] == [morning]

    world.run(now=morning)

    assert world.statuses() == [MessageStatus.SENT, MessageStatus.SENT]


def test_a_batch_of_whom_nobody_has_a_place_lets_go_of_its_lease() -> None:
    world = a_capped_world(size=1)

    assert world.run() is Outcome.HELD

    assert world.statuses() == [MessageStatus.REFUSED]
    assert not world.state.leased(now=NOON)
    assert world.provider.calls == 0


def test_the_report_counts_whom_the_door_and_whom_the_caps_kept_back() -> None:
    owl = {SMS_ADS: a_consent(), SMS_NIGHT_ADS: a_consent()}
    people = {f"c{n}": a_contact(n, consents=owl) for n in (1, 2)}
    refuser = a_contact(4, consents={SMS_ADS: a_consent(granted=False)})
    world = a_world(size=4, c4=refuser, **people)
    world.policy = ONE_A_DAY
    earlier = an_offer().entry(99, now=NIGHT - timedelta(hours=1))
    world.recents.rows[ContactId("c1")] = Recent(entries=(earlier,), version=1)

    report = send_batch(JOB, deps=world.deps(), now=NIGHT)

    assert (report.outcome, report.sent, report.refused, report.held) == (Outcome.SENT, 1, 2, 1)


def test_the_report_of_a_batch_that_waits_for_rows_says_later() -> None:
    world = a_world()
    world.recents.rivals = [an_offer().entry(n, now=NOON) for n in range(50, 70)]

    assert world.run() is Outcome.LATER


def test_a_rival_that_takes_the_last_place_keeps_the_message_back() -> None:
    world = a_world()
    world.policy = ONE_A_DAY
    world.recents.rivals = [an_offer().entry(99, now=NOON)]

    world.run()

    assert world.statuses() == [MessageStatus.REFUSED]
    assert [e.number for e in world.recents.rows[ContactId("c1")].entries] == [99]


def test_a_rival_that_leaves_room_only_makes_it_try_again() -> None:
    world = a_world()
    world.recents.rivals = [an_offer().entry(n, now=NOON) for n in (97, 98, 99)]

    assert world.run() is Outcome.SENT

    assert len(world.recents.rows[ContactId("c1")].entries) == 4


def test_rivals_who_keep_winning_put_the_message_back_unsent() -> None:
    world = a_world()
    world.recents.rivals = [an_offer().entry(n, now=NOON) for n in range(50, 70)]

    world.run()

    assert world.statuses() == [MessageStatus.PENDING]
    assert world.provider.calls == 0
    assert len(world.put_back) == 1


def test_a_policy_that_became_stricter_gives_the_place_back() -> None:
    world = a_capped_world(size=1)
    recipient = replace(a_recipient(1), recent_version=1)
    batch = replace(a_batch(), recipients=(recipient,))
    world.batches = FakeBatches.of(batch)

    world.run()

    assert world.statuses() == [MessageStatus.REFUSED]
    assert [e.number for e in world.recents.rows[ContactId("c1")].entries] == [99]


def test_a_long_row_is_tidied_when_a_place_is_taken() -> None:
    world = a_world()
    old = NOON - timedelta(days=40)
    entries = tuple(an_offer().entry(n, now=old) for n in range(33))
    world.recents.rows[ContactId("c1")] = Recent(entries=entries, version=33)

    world.run()

    assert [e.number for e in world.recents.rows[ContactId("c1")].entries] == [ref(0).packed]
    assert world.recents.months == list(range(33))


def test_the_same_job_twice_sends_once() -> None:
    world = a_world(size=3)

    world.run()
    again = world.run()

    assert again is Outcome.NOTHING_DUE
    assert max(world.provider.deliveries.values()) == 1


def test_consent_withdrawn_since_planning_is_respected() -> None:
    withdrawn = a_contact(2, consents={SMS_ADS: a_consent(granted=False)})
    world = a_world(size=2, c2=withdrawn)

    world.run()

    assert world.statuses() == [MessageStatus.SENT, MessageStatus.REFUSED]
    assert world.reasons() == [None, RefusalReason.NO_CONSENT]
    assert set(world.provider.received) == {ref(0)}


@pytest.mark.parametrize(
    ("contact", "reason"),
    [
        (
            a_contact(
                1, suppressions={AddressHash("hash1"): (a_mark(SuppressionReason.OPT_OUT_CALL),)}
            ),
            RefusalReason.SUPPRESSED,
        ),
        (a_contact(1, phone=a_phone(9)), RefusalReason.ADDRESS_CHANGED),
    ],
)
def test_what_changed_since_planning_refuses(contact: Contact, reason: RefusalReason) -> None:
    world = a_world(c1=contact)

    world.run()

    assert world.reasons() == [reason]
    assert world.provider.calls == 0


def test_somebody_erased_since_planning_gets_nothing() -> None:
    world = World(batches=FakeBatches.of(a_batch()), contacts=FakeContacts())

    world.run()

    assert world.reasons() == [RefusalReason.CONTACT_ERASED]


def test_sender_that_lost_its_approval_sends_nothing() -> None:
    world = a_world()
    world.sender = a_sender(status=SenderStatus.REJECTED)

    world.run()

    assert world.reasons() == [RefusalReason.SENDER_NOT_APPROVED]


def test_text_without_the_label_does_not_leave() -> None:
    batch = replace(a_batch(), recipients=(a_recipient(1, text="봄 할인"),))
    world = a_world(batch=batch)

    world.run()

    assert world.reasons() == [RefusalReason.AD_LABEL]


def test_advertisement_caught_by_the_night_is_held_until_morning() -> None:
    world = a_world()

    assert world.run(now=NIGHT) is Outcome.HELD

    assert world.reasons() == [HoldReason.NIGHT]
    assert world.put_back == [(JOB, MORNING)]
    assert world.provider.calls == 0


def test_held_message_leaves_in_the_morning() -> None:
    world = a_world()
    world.run(now=NIGHT)

    assert world.run(now=MORNING) is Outcome.SENT
    assert world.statuses() == [MessageStatus.SENT]


def test_held_job_repeated_in_the_night_stays_held() -> None:
    world = a_world()
    world.run(now=NIGHT)

    assert world.run(now=NIGHT + timedelta(minutes=5)) is Outcome.HELD
    assert world.statuses() == [MessageStatus.HELD]


def test_those_with_night_consent_leave_and_the_others_wait() -> None:
    owl = a_contact(1, consents={SMS_ADS: a_consent(), SMS_NIGHT_ADS: a_consent()})
    world = a_world(size=2, c1=owl)

    world.run(now=NIGHT)
    world.run(now=MORNING)

    assert world.statuses() == [MessageStatus.SENT, MessageStatus.SENT]
    assert world.state.state_of(0).sent_at == NIGHT
    assert world.state.state_of(1).sent_at == MORNING
    assert max(world.provider.deliveries.values()) == 1


def test_scheduled_batch_waits_for_its_moment() -> None:
    world = a_world(batch=a_batch(not_before=MORNING))

    assert world.run() is Outcome.HELD
    assert world.put_back == [(JOB, MORNING)]


def test_expired_batch_fails_instead_of_leaving_late() -> None:
    world = a_world()

    world.run(now=NOON + timedelta(days=4))

    assert world.reasons() == [FailureReason.EXPIRED]
    assert world.provider.calls == 0


def test_messages_the_provider_refuses_fail_alone() -> None:
    world = a_world(size=2)
    world.provider.rejects = {ref(1): FailureReason.INVALID_NUMBER}

    world.run()

    assert world.statuses() == [MessageStatus.SENT, MessageStatus.FAILED]
    assert world.reasons() == [None, FailureReason.INVALID_NUMBER]


def test_refused_parcel_fails_as_a_whole() -> None:
    world = a_world(size=2)
    world.provider.fail_before = [Rejected(FailureReason.BALANCE, code="1030")]

    assert world.run() is Outcome.REJECTED
    assert world.reasons() == [FailureReason.BALANCE] * 2


def test_provider_that_says_later_is_asked_later() -> None:
    world = a_world()
    world.provider.fail_before = [RetryLater("HTTP 429", after_s=30)]

    assert world.run() is Outcome.LATER
    assert world.statuses() == [MessageStatus.PENDING]
    ((job, at),) = world.put_back
    assert job == SendJob(batch=7, attempt=1)
    assert NOON + timedelta(seconds=30) < at <= NOON + timedelta(seconds=90)
    assert world.run(now=NOON + timedelta(seconds=29)) is Outcome.SHUT
    assert world.run(now=at) is Outcome.SENT


def test_unanswered_call_is_unknown_until_the_provider_was_asked() -> None:
    world = a_world()
    world.provider.fail_after = [Ambiguous("ReadTimeoutError")]

    assert world.run() is Outcome.UNKNOWN
    assert world.statuses() == [MessageStatus.UNKNOWN]
    ((_, ask_at),) = world.put_back
    assert world.run(now=NOON) is Outcome.LEASED

    world.run(now=ask_at)

    assert world.statuses() == [MessageStatus.SENT]
    assert world.provider.deliveries[ref(0)] == 1


def test_the_provider_is_asked_half_a_minute_after_the_call_not_after_the_job_began() -> None:
    world = a_world()
    world.provider.fail_after = [Ambiguous("ReadTimeoutError")]
    ended = NOON + timedelta(seconds=25)

    assert world.run(clock=lambda: ended) is Outcome.UNKNOWN

    ((_, ask_at),) = world.put_back
    assert ask_at >= ended + SETTLE
    assert world.run(now=ended + SETTLE - timedelta(seconds=1)) is Outcome.LEASED


def test_unanswered_call_that_never_arrived_is_sent_again() -> None:
    world = a_world()
    world.provider.fail_before = [Ambiguous("ReadTimeoutError")]
    world.run()
    ((_, ask_at),) = world.put_back

    assert world.run(now=ask_at) is Outcome.SENT
    assert world.provider.deliveries[ref(0)] == 1


def test_while_the_provider_cannot_be_asked_nothing_is_sent() -> None:
    world = a_world()
    world.provider.fail_after = [Ambiguous("ReadTimeoutError")]
    world.run()
    world.provider.fail_find = [RetryLater("HTTP 429")]

    assert world.run(now=AFTER_LEASE) is Outcome.UNKNOWN
    assert world.statuses() == [MessageStatus.UNKNOWN]
    assert world.provider.calls == 1


def test_message_unknown_among_known_ones_was_refused() -> None:
    world = a_world(size=2)
    world.provider.rejects = {ref(1): FailureReason.CONTENT}
    world.provider.fail_after = [Ambiguous("ReadTimeoutError")]
    world.run()

    world.run(now=AFTER_LEASE)

    assert world.statuses() == [MessageStatus.SENT, MessageStatus.FAILED]


def test_leased_batch_is_left_alone() -> None:
    world = a_world()
    world.batches.change_state(
        BatchNumber(7), lambda s: s.claimed({0: Send.SENDING}, now=NOON, lease_s=LEASE_S)
    )

    assert world.run(now=NOON + timedelta(seconds=10)) is Outcome.LEASED
    assert world.provider.calls == 0


def test_message_cancelled_between_look_and_claim_does_not_leave() -> None:
    world = a_world(size=2)
    look = world.contacts.at_the_door

    def cancel_meanwhile(ids: Any) -> Mapping[ContactId, PersonFacts]:
        world.batches.change_state(BatchNumber(7), lambda s: s.with_sends({1: Send.CANCELLED}))
        return look(ids)

    contacts = FakeContacts.of(*world.contacts.contacts.values())
    contacts.at_the_door = cancel_meanwhile  # type: ignore[method-assign]

    world.run(contacts=contacts)

    assert world.statuses() == [MessageStatus.SENT, MessageStatus.CANCELLED]
    assert set(world.provider.received) == {ref(0)}


def test_batch_that_is_not_there_is_dropped() -> None:
    assert a_world().run(job=SendJob(batch=99)) is Outcome.GONE


def test_image_is_uploaded_before_the_messages_leave() -> None:
    world = a_world()
    world.template = a_template(image_id=ImageId("img_1"))

    world.run()

    assert world.provider.uploads == 1


def test_unanswered_upload_leaves_the_messages_unsent() -> None:
    world = a_world()
    world.template = a_template(image_id=ImageId("img_1"))

    def unanswered(*_: object) -> str:
        raise Ambiguous("ReadTimeoutError")

    assert world.run(file_id=unanswered) is Outcome.LATER
    assert world.statuses() == [MessageStatus.PENDING]


def a_report(ordinal: int) -> tuple[int, Receipt]:
    return ordinal, Receipt(delivered=True, reason=None, at=NOON + timedelta(minutes=1))


def died_with_lease(world: World) -> None:
    """Leave the batch as a worker does that died before the provider was called."""
    claim = dict.fromkeys(range(len(world.state)), Send.SENDING)
    world.batches.change_state(
        BatchNumber(7), lambda state: state.claimed(claim, now=NOON, lease_s=LEASE_S)
    )


def test_slow_reconciler_does_not_undo_what_a_rival_sent_meanwhile() -> None:
    world = a_world(size=3)
    died_with_lease(world)

    class Slow(FakeProvider):
        def find(self, refs: Any, *, since: Any, now: Any) -> Any:
            assert world.run(now=AFTER_LEASE) is Outcome.SENT
            return {}

    outcome = world.run(now=AFTER_LEASE, channel=lambda *_: Slow())

    assert outcome is Outcome.LEASED
    assert world.statuses() == [MessageStatus.SENT] * 3
    assert max(world.provider.deliveries.values()) == 1


def test_report_of_one_message_proves_that_the_parcel_was_taken() -> None:
    world = a_world(size=2)
    died_with_lease(world)
    world.batches.change_state(BatchNumber(7), lambda s: s.with_receipts([a_report(0)]))

    world.run(now=AFTER_LEASE)

    assert world.statuses() == [MessageStatus.DELIVERED, MessageStatus.FAILED]
    assert world.provider.calls == 0


def test_message_reported_while_it_waits_to_be_sent_again_is_not_sent() -> None:
    world = a_world()
    died_with_lease(world)
    world.provider.fail_before = [RetryLater("HTTP 429")]
    assert world.run(now=AFTER_LEASE) is Outcome.LATER
    world.batches.change_state(BatchNumber(7), lambda s: s.with_receipts([a_report(0)]))

    assert world.run(now=AFTER_LEASE + timedelta(minutes=1)) is Outcome.NOTHING_DUE
    assert world.statuses() == [MessageStatus.DELIVERED]
    assert world.provider.received == {}


def test_advertisement_that_might_arrive_after_nine_is_held() -> None:
    world = a_world()
    ten_to_nine_and_fifty_s = datetime(2026, 11, 20, 20, 59, 50, tzinfo=SEOUL).astimezone(UTC)

    assert world.run(now=ten_to_nine_and_fifty_s) is Outcome.HELD
    assert world.put_back == [(JOB, MORNING)]


def test_provider_that_never_says_what_it_has_is_asked_again_and_then_given_up() -> None:
    world = a_world()
    died_with_lease(world)
    forbidden = Rejected(FailureReason.OTHER, code="Forbidden")
    world.provider.fail_find = [forbidden, forbidden]

    assert world.run(now=AFTER_LEASE) is Outcome.UNKNOWN
    assert len(world.put_back) == 1
    assert world.run(now=NOON + timedelta(days=5)) is Outcome.NOTHING_DUE

    assert world.statuses() == [MessageStatus.UNKNOWN]
    assert world.reasons() == [FailureReason.PROVIDER_UNAVAILABLE]
    assert world.provider.calls == 0


def test_cancelled_message_does_not_become_expired() -> None:
    world = a_world(size=2)
    world.batches.change_state(BatchNumber(7), lambda s: s.with_sends({0: Send.CANCELLED}))

    world.run(now=NOON + timedelta(days=4))

    assert world.statuses() == [MessageStatus.CANCELLED, MessageStatus.FAILED]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 12))
@pytest.mark.parametrize("unanswered_first", [False, True], ids=["clean", "unanswered"])
def test_worker_killed_at_any_step_sends_each_message_once(
    dies_at: int, *, after: bool, unanswered_first: bool
) -> None:
    world = a_world(size=4)
    now = NOON
    if unanswered_first:
        world.provider.fail_after = [Ambiguous("ReadTimeoutError")]
        world.run(now=now)
        now = AFTER_LEASE
    death = Death(dies_at, after=after)

    with suppress(Killed):  # not raised when the worker makes fewer calls
        world.run(now=now, **dying_ports(world, death))
    for minutes in range(1, 6):
        world.run(now=now + timedelta(minutes=minutes))

    assert world.statuses() == [MessageStatus.SENT] * 4
    assert [world.provider.deliveries[ref(i)] for i in range(4)] == [1, 1, 1, 1]
    assert [len(row.entries) for row in world.recents.rows.values()] == [1, 1, 1, 1]


def test_deaths_of_this_test_reach_every_step() -> None:
    """A test of the test: no more calls are made than there are deaths tried."""
    world, death = a_world(size=4), Death(0)

    world.run(**dying_ports(world, death))

    assert death.calls == 10


def dying_ports(world: World, death: Death) -> dict[str, Any]:
    return {
        "batches": death.port(world.batches),
        "contacts": death.port(world.contacts),
        "recents": Patient(death.port(world.recents)),
        "channel": lambda *_: death.port(world.provider),
    }


@dataclass
class Patient:
    """Looking whether a row is to be tidied is no call to the world."""

    inner: Any

    def take_all(self, wanted: Any) -> Any:
        """Each statement of a request takes effect alone: one may, and the next not."""
        return [self.take(each.contact_id, each.entry, version=each.version) for each in wanted]

    def take(self, *args: Any, **kwargs: Any) -> Any:
        return self.inner.take(*args, **kwargs)

    def put(self, *args: Any, **kwargs: Any) -> Any:
        return self.inner.put(*args, **kwargs)

    def tidy(self, *args: Any, **kwargs: Any) -> None:
        self.inner.inner.tidy(*args, **kwargs)


def test_without_the_claim_a_kill_would_send_twice() -> None:
    """A test of the test: the ledger does see a duplicate when the claim is left out."""
    world = a_world(size=1)

    class NoClaim(FakeBatches):
        def change_state(self, number: Any, change: Any, *, known: Any = None) -> Any:
            return change(self.batches[number].state)

    forgetful = NoClaim(batches=world.batches.batches)
    world.run(batches=forgetful)
    world.run(batches=forgetful, now=AFTER_LEASE)

    assert world.provider.deliveries[ref(0)] == 2


def test_whom_the_provider_refuses_as_opted_out_is_handed_on() -> None:
    world = a_world(size=3)
    world.provider.rejects = {
        ref(0): FailureReason.OPTED_OUT,
        ref(1): FailureReason.BLOCKED,
        ref(2): FailureReason.NOT_KAKAO_USER,
    }

    world.run()

    assert world.opted_out == [OptOutReceived(batch=7, ordinal=0, at=int(NOON.timestamp()))]
    assert world.reasons()[0] is FailureReason.OPTED_OUT


def test_who_opted_out_is_handed_on_before_the_failure_is_recorded() -> None:
    world = a_world()
    world.provider.rejects = {ref(0): FailureReason.OPTED_OUT}

    def dies(_: object) -> None:
        raise ConnectionError

    with suppress(ConnectionError):
        world.run(opted_out=dies)
    assert world.statuses() == [MessageStatus.PENDING]

    world.run(now=AFTER_LEASE)
    world.run(now=AFTER_LEASE + timedelta(minutes=2))

    assert [job.ordinal for job in world.opted_out] == [0]
    assert world.statuses() == [MessageStatus.FAILED]


def test_a_batch_whose_gate_is_shut_is_laid_aside_and_asks_no_more() -> None:
    world = a_world(size=2)
    world.gate = Gate.SHUT

    assert world.run() is Outcome.PARKED

    assert world.provider.calls == 0
    assert world.put_back == []
    assert world.statuses() == [MessageStatus.PENDING] * 2


def test_a_batch_that_was_laid_aside_leaves_when_it_is_started_again() -> None:
    world = a_world(size=2)
    world.gate = Gate.SHUT
    world.run()

    world.gate = Gate.OPEN

    assert world.run() is Outcome.SENT
    assert world.statuses() == [MessageStatus.SENT] * 2


def test_a_batch_whose_campaign_is_gone_is_cancelled() -> None:
    world = a_world(size=2)
    world.gate = Gate.GONE

    assert world.run() is Outcome.CANCELLED

    assert world.provider.calls == 0
    assert world.statuses() == [MessageStatus.CANCELLED] * 2


def test_a_pause_outlasting_the_messages_is_seen_when_it_ends() -> None:
    world = a_world()
    late = world.batches.batches[BatchNumber(7)].meta.expires
    world.gate = Gate.SHUT

    assert world.run(now=late) is Outcome.PARKED
    world.gate = Gate.OPEN
    assert world.run(now=late) is Outcome.REJECTED

    assert world.reasons() == [FailureReason.EXPIRED]


def stopped_at(seconds: int, gate: Gate) -> dict[str, Any]:
    """Ports of a world in which claiming takes six seconds, and which is stopped meanwhile."""

    def look(_: Source, now: datetime) -> Gate:
        return gate if now >= NOON + timedelta(seconds=seconds) else Gate.OPEN

    return {"gate": look, "clock": lambda: NOON + timedelta(seconds=6)}


def test_a_pause_while_a_slow_store_holds_the_worker_up_keeps_the_batch() -> None:
    world = a_world(size=2)

    assert world.run(**stopped_at(3, Gate.SHUT)) is Outcome.PARKED

    assert world.provider.calls == 0
    assert world.statuses() == [MessageStatus.PENDING] * 2
    assert world.run(now=NOON + timedelta(seconds=10)) is Outcome.SENT


def test_a_cancellation_while_a_slow_store_holds_the_worker_up_cancels_the_batch() -> None:
    world = a_world(size=2)

    assert world.run(**stopped_at(3, Gate.GONE)) is Outcome.CANCELLED

    assert world.provider.calls == 0
    assert world.statuses() == [MessageStatus.CANCELLED] * 2
