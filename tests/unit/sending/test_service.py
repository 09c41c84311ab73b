from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.contracts.campaign_jobs import FollowJob
from functions.contracts.errors import Conflict, InvalidInput, NotFound
from functions.contracts.queues import SendJob
from functions.dispatch.ports import DispatchDeps
from functions.dispatch.service import send_batch
from functions.domain.batch import Batch
from functions.domain.campaign import Gate
from functions.domain.channel import Channel, Purpose
from functions.domain.contact import AttributeValue, Contact, Phone
from functions.domain.holdout import GlobalGroup
from functions.domain.ids import (
    AudienceId,
    BatchNumber,
    ContactId,
    MessageNumber,
    SenderId,
    TemplateId,
)
from functions.domain.message import MessageStatus, Send
from functions.domain.planning import Composed, Person
from functions.domain.policy import LAW_ALONE, Policy
from functions.domain.reason import HoldReason, RefusalReason, SuppressionReason
from functions.domain.sender import Sender
from functions.domain.suppression import Mark
from functions.domain.template import Template, TemplateStatus
from functions.domain.text_size import MessageType
from functions.sending.following import FollowPorts, follow
from functions.sending.ports import Addressee, Many, SendingDeps, SendRequest, TooManyPeople
from functions.sending.service import accept, cancel, find
from tests.builders import (
    AD_TEXT,
    MORNING,
    NIGHT,
    NOON,
    SEOUL,
    SMS_ADS,
    a_consent,
    a_contact,
    a_mark,
    a_phone,
    a_sender,
    a_template,
)
from tests.fakes.accounts import one_account
from tests.fakes.campaigns import FakeCampaigns
from tests.fakes.dying import Death, Killed
from tests.fakes.holdouts import place
from tests.fakes.pace import unlimited
from tests.fakes.provider import FakeProvider
from tests.fakes.recents import FakeRecents, one_by_one
from tests.fakes.stores import (
    FakeBatches,
    FakeContacts,
    FakeRequests,
    FakeSenders,
    FakeTemplates,
)

UNWILLING = a_consent(granted=False)


def to_contact(number: int) -> Addressee:
    return Addressee(contact_id=ContactId(f"c{number}"), phone=None, variables={})


def to_phone(number: int, **variables: AttributeValue) -> Addressee:
    return Addressee(contact_id=None, phone=a_phone(number), variables=variables)


def a_request(*addressees: Addressee, **values: object) -> SendRequest:
    facts: dict[str, object] = {
        "request_id": "req_1",
        "template_id": TemplateId("tpl_1"),
        "template_version": 1,
        "sender_id": SenderId("snd_1"),
        "addressees": addressees,
        "variables": {},
        "send_at": None,
    }
    return SendRequest(**(facts | values))  # type: ignore[arg-type]


@dataclass
class World:
    """Everything around the send API, in memory; queues are lists, delivered twice."""

    contacts: FakeContacts
    batches: FakeBatches = field(default_factory=FakeBatches)
    requests: FakeRequests = field(default_factory=FakeRequests)
    template: Template = field(default_factory=a_template)
    sender: Sender = field(default_factory=a_sender)
    suppressed: dict[Phone, tuple[Mark, ...]] = field(default_factory=dict)
    composed: Composed | RefusalReason = field(
        default_factory=lambda: Composed(message_type=MessageType.SMS, text=AD_TEXT)
    )
    shared: list[Mapping[str, AttributeValue]] = field(default_factory=list)
    started: list[BatchNumber] = field(default_factory=list)
    provider: FakeProvider = field(default_factory=FakeProvider)
    members: dict[str, list[ContactId]] = field(default_factory=dict)
    policy: Policy = LAW_ALONE
    campaigns: FakeCampaigns = field(default_factory=FakeCampaigns)
    looks: list[tuple[FollowJob, datetime]] = field(default_factory=list)

    def accept(
        self, request: SendRequest, *, now: datetime = NOON, **replaced: Any
    ) -> tuple[Batch, ...]:
        return accept(request, deps=replace(self.deps(), **replaced), now=now)

    def deps(self) -> SendingDeps:
        return SendingDeps(
            recents=FakeRecents().of,
            contacts=self.contacts,
            batches=self.batches,
            requests=self.requests,
            templates=FakeTemplates.of(self.template),
            senders=FakeSenders.of(self.sender),
            composer=self.composer,
            suppressed=self.suppressed_of,
            code_of=lambda *place: "c" + "-".join(map(str, place)),
            token_of=lambda *_: "token",
            start=lambda meta, _: self.started.append(meta.number),
            provider_of=lambda _: "solapi",
            policy=lambda: self.policy,
            members=self.members_of,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            group_place=place,
            follow=self.follow,
        )

    def follow(self, request: SendRequest, batches: Sequence[Batch], now: datetime) -> None:
        ports = FollowPorts(
            campaigns=self.campaigns, look_at=lambda *look: self.looks.append(look[:2])
        )
        follow(request, batches, ports=ports, now=now)

    def members_of(self, many: Many, most: int) -> list[ContactId] | None:
        found = self.members.get(many.group or many.audience or "")
        if found is not None and len(found) > most:
            raise TooManyPeople
        return found

    def composer(
        self, _template: Template, _sender: Sender, shared: Mapping[str, AttributeValue]
    ) -> Any:
        self.shared.append(shared)
        return lambda _: self.composed

    def suppressed_of(self, phones: Iterable[Phone]) -> dict[Phone, tuple[Mark, ...]]:
        return {phone: self.suppressed[phone] for phone in phones if phone in self.suppressed}

    def dispatch(self, *, now: datetime = NOON) -> None:
        """Deliver every job of the queue, twice as SQS may."""
        for number in [*self.started, *self.started]:
            send_batch(SendJob(batch=number), deps=self.dispatch_deps(), now=now)

    def dispatch_deps(self) -> DispatchDeps:
        return DispatchDeps(
            recents=FakeRecents(),
            spread=one_by_one,
            batches=self.batches,
            contacts=self.contacts,
            templates=FakeTemplates.of(self.template),
            senders=FakeSenders.of(self.sender),
            **one_account(self.provider),
            suppressed=self.suppressed_of,
            file_id=lambda *_: "file-1",
            later=lambda *_: None,
            opted_out=lambda _: None,
            clock=lambda: NOON,
            gate=lambda *_: Gate.OPEN,
            jitter=round,
            **unlimited(),
            policy=lambda: LAW_ALONE,
            zones_of_phone=lambda _: (),
            default_zone=SEOUL,
            lease_s=40,
        )

    def deliveries(self) -> Counter[Phone]:
        """How often each phone rang."""
        rings: Counter[Phone] = Counter()
        for ref, times in self.provider.deliveries.items():
            rings[self.provider.received[ref].to] += times
        return rings


def a_world(*contacts: Contact, **values: Any) -> World:
    return World(contacts=FakeContacts.of(*contacts), **values)


def statuses(batches: Iterable[Batch]) -> list[tuple[MessageStatus, object]]:
    states = [
        batch.state.state_of(ordinal) for batch in batches for ordinal in range(batch.meta.size)
    ]
    return [(state.status, state.reason) for state in states]


def field_errors(refused: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(error.pointer, error.code) for error in refused.value.errors]


def test_accepts_and_starts_a_message_to_a_contact() -> None:
    world = a_world(a_contact(1))

    (batch,) = world.accept(a_request(to_contact(1)))

    assert batch.recipients[0].phone == a_phone(1)
    assert batch.recipients[0].text == AD_TEXT
    assert batch.meta.source.kind == "request"
    assert batch.meta.source.source_id == "req_1"
    assert statuses([batch]) == [(MessageStatus.PENDING, None)]
    assert world.started == [batch.meta.number]
    assert world.batches.load(batch.meta.number) == batch


def test_number_of_a_known_contact_is_that_contact() -> None:
    world = a_world(a_contact(1))

    (batch,) = world.accept(a_request(to_phone(1)))

    assert batch.recipients[0].contact_id == "c1"


def test_number_of_nobody_gets_a_notice() -> None:
    world = a_world(template=a_template(purpose=Purpose.TRANSACTIONAL))

    (batch,) = world.accept(a_request(to_phone(5)))

    assert batch.recipients[0].contact_id is None
    assert statuses([batch]) == [(MessageStatus.PENDING, None)]


def test_suppressed_number_of_nobody_is_refused() -> None:
    world = a_world(
        template=a_template(purpose=Purpose.TRANSACTIONAL),
        suppressed={a_phone(5): (a_mark(SuppressionReason.COMPLAINT),)},
    )

    batches = world.accept(a_request(to_phone(5)))

    assert statuses(batches) == [(MessageStatus.REFUSED, RefusalReason.SUPPRESSED)]


def test_refused_people_have_a_message_that_says_why_and_is_never_started() -> None:
    world = a_world(a_contact(1), a_contact(2, consents={SMS_ADS: UNWILLING}))

    sent, refused = world.accept(a_request(to_contact(1), to_contact(2)))

    assert statuses([sent, refused]) == [
        (MessageStatus.PENDING, None),
        (MessageStatus.REFUSED, RefusalReason.NO_CONSENT),
    ]
    assert refused.recipients[0].contact_id == "c2"
    assert world.started == [sent.meta.number]


def test_the_group_without_advertising_gets_none_by_requests_either() -> None:
    group = GlobalGroup(name="2026", share=500)
    inside, outside = (
        next(n for n in range(1, 99) if group.has(place("2026", ContactId(f"c{n}"))) is wanted)
        for wanted in (True, False)
    )
    world = a_world(*(a_contact(number) for number in (inside, outside)))
    world.policy = replace(LAW_ALONE, holdout=group)
    request = a_request(to_contact(inside), to_contact(outside))

    sent, refused = world.accept(request)
    world.dispatch()

    assert statuses([sent, refused]) == [
        (MessageStatus.PENDING, None),
        (MessageStatus.REFUSED, RefusalReason.HELD_OUT_GLOBALLY),
    ]
    assert refused.recipients[0].contact_id == f"c{inside}"
    assert world.deliveries() == {a_phone(outside): 1}
    world.policy = replace(world.policy, seeds=(f"c{inside}",))
    (both,) = world.accept(replace(request, request_id="req_2"))
    assert both.meta.size == 2


def test_the_group_without_advertising_gets_notices() -> None:
    world = a_world(a_contact(1), template=a_template(purpose=Purpose.TRANSACTIONAL))
    world.policy = replace(LAW_ALONE, holdout=GlobalGroup(name="2026", share=1_000))

    assert statuses(world.accept(a_request(to_contact(1)))) == [(MessageStatus.PENDING, None)]


def test_variables_of_the_request_reach_the_composer() -> None:
    world = a_world(a_contact(1))

    world.accept(a_request(to_contact(1), variables={"coupon": "SPRING"}))

    assert world.shared == [{"coupon": "SPRING"}]


def a_group(name: str, **variables: AttributeValue) -> Many:
    return Many(group=name, audience=None, variables=variables)


def an_audience(name: str) -> Many:
    return Many(group=None, audience=AudienceId(name), variables={})


def ids_in(batches: Iterable[Batch]) -> list[str | None]:
    return sorted(each.contact_id or "" for batch in batches for each in batch.recipients)


def test_groups_and_audiences_bring_their_people_each_once() -> None:
    world = a_world(*(a_contact(number) for number in range(1, 6)))
    world.members = {
        "vip": [ContactId("c1"), ContactId("c2")],
        "aud": [ContactId("c2"), ContactId("c5")],
    }

    batches = world.accept(a_request(to_contact(1), a_group("vip"), an_audience("aud")))

    assert ids_in(batches) == ["c1", "c2", "c5"]


def test_who_is_named_by_number_is_not_brought_again() -> None:
    world = a_world(a_contact(1), a_contact(2))
    world.members = {"vip": [ContactId("c1"), ContactId("c2")]}

    batches = world.accept(a_request(to_phone(1), a_group("vip")))

    assert ids_in(batches) == ["c1", "c2"]


def test_members_who_are_gone_are_left_out() -> None:
    world = a_world(a_contact(1))
    world.members = {"aud": [ContactId("c1"), ContactId("gone")]}

    assert ids_in(world.accept(a_request(an_audience("aud")))) == ["c1"]


def test_what_cannot_be_expanded_is_named() -> None:
    world = a_world(a_contact(1))
    world.members = {"all": [ContactId(f"c{number}") for number in range(1_001)]}

    with pytest.raises(InvalidInput) as refused:
        world.accept(a_request(to_contact(1), an_audience("new"), a_group("all")))

    assert field_errors(refused) == [
        ("/to/1/audience", "audience_not_ready"),
        ("/to/2", "too_many"),
    ]


def test_groups_that_are_too_many_together_are_refused() -> None:
    world = a_world(a_contact(1))
    world.members = {
        "a": [ContactId(f"a{number}") for number in range(600)],
        "b": [ContactId(f"b{number}") for number in range(600)],
    }

    with pytest.raises(InvalidInput) as refused:
        world.accept(a_request(a_group("a"), a_group("b")))

    assert field_errors(refused) == [("/to/1", "too_many")]


def test_a_thousand_recipients_travel_in_batches_of_two_hundred() -> None:
    world = a_world(*(a_contact(number) for number in range(1, 1001)))

    batches = world.accept(a_request(*(to_contact(number) for number in range(1, 1001))))

    assert [batch.meta.size for batch in batches] == [200] * 5
    assert len(set(world.started)) == 5


def test_advertisement_at_night_waits_for_the_morning() -> None:
    world = a_world(a_contact(1))

    (batch,) = world.accept(a_request(to_contact(1)), now=NIGHT)

    assert statuses([batch]) == [(MessageStatus.HELD, HoldReason.NIGHT)]
    assert batch.meta.not_before == MORNING
    assert world.started == [batch.meta.number]


def test_scheduled_message_waits_for_its_moment_and_three_days_longer() -> None:
    world = a_world(a_contact(1))
    moment = NOON + timedelta(days=2)

    (batch,) = world.accept(a_request(to_contact(1), send_at=moment))

    assert statuses([batch]) == [(MessageStatus.HELD, HoldReason.SCHEDULED)]
    assert batch.meta.not_before == moment
    assert batch.meta.expires == NOON + timedelta(days=5)


def test_message_scheduled_into_the_night_waits_for_the_morning_after() -> None:
    world = a_world(a_contact(1))

    (batch,) = world.accept(a_request(to_contact(1), send_at=NIGHT))

    assert statuses([batch]) == [(MessageStatus.HELD, HoldReason.NIGHT)]
    assert batch.meta.not_before == MORNING


def test_moment_that_is_past_means_now() -> None:
    world = a_world(a_contact(1))

    (batch,) = world.accept(a_request(to_contact(1), send_at=NOON - timedelta(hours=1)))

    assert batch.meta.not_before is None
    assert statuses([batch]) == [(MessageStatus.PENDING, None)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"template_id": TemplateId("tpl_9")}, [("/template_id", "not_found")]),
        ({"template_version": 2}, [("/template_id", "not_found")]),
        ({"sender_id": SenderId("snd_9")}, [("/sender_id", "not_found")]),
        (
            {"template_id": TemplateId("tpl_9"), "sender_id": SenderId("snd_9")},
            [("/template_id", "not_found"), ("/sender_id", "not_found")],
        ),
        (
            {"addressees": (to_contact(1), to_contact(9))},
            [("/to/1/contact_id", "not_found")],
        ),
        ({"addressees": (to_contact(1), to_phone(1))}, [("/to/1", "duplicate")]),
        ({"addressees": (to_phone(5), to_phone(5))}, [("/to/1", "duplicate")]),
        ({"send_at": NOON + timedelta(days=400)}, [("/send_at", "out_of_range")]),
    ],
    ids=[
        "no such template",
        "no such version",
        "no such sender",
        "both",
        "no such contact",
        "contact and its number",
        "same number",
        "too far off",
    ],
)
def test_bad_requests_name_every_field_and_leave_nothing_behind(
    values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    world = a_world(a_contact(1))

    with pytest.raises(InvalidInput) as refused:
        world.accept(a_request(**({"addressees": (to_contact(1),)} | values)))

    assert field_errors(refused) == expected
    assert world.batches.batches == {}
    assert world.requests.bound == {}
    assert world.started == []


def test_template_that_is_not_approved_is_refused() -> None:
    world = a_world(a_contact(1), template=a_template(status=TemplateStatus.SUBMITTED))

    with pytest.raises(InvalidInput) as refused:
        world.accept(a_request(to_contact(1)))

    assert field_errors(refused) == [("/template_id", "not_approved")]


def test_sender_of_another_channel_is_refused() -> None:
    world = a_world(a_contact(1), sender=a_sender(channel=Channel.KAKAO))

    with pytest.raises(InvalidInput) as refused:
        world.accept(a_request(to_contact(1)))

    assert field_errors(refused) == [("/sender_id", "wrong_channel")]


def test_text_that_cannot_be_made_for_one_refuses_the_request() -> None:
    world = a_world(a_contact(1), a_contact(2), composed=RefusalReason.UNRENDERABLE)

    with pytest.raises(InvalidInput) as refused:
        world.accept(a_request(to_contact(1), to_contact(2)))

    assert field_errors(refused) == [
        ("/to/0/variables", "unrenderable"),
        ("/to/1/variables", "unrenderable"),
    ]
    assert world.batches.batches == {}


def test_repeated_request_gives_the_same_messages_and_makes_none() -> None:
    world = a_world(a_contact(1), a_contact(2))
    request = a_request(to_contact(1), to_contact(2))

    first = world.accept(request)
    again = world.accept(request)
    world.dispatch()

    assert [each.meta.number for each in again] == [each.meta.number for each in first]
    assert world.deliveries() == {a_phone(1): 1, a_phone(2): 1}


def test_another_request_is_another_message() -> None:
    world = a_world(a_contact(1))

    world.accept(a_request(to_contact(1), request_id="req_1"))
    world.accept(a_request(to_contact(1), request_id="req_2"))
    world.dispatch()

    assert world.deliveries() == {a_phone(1): 2}


def test_repeated_request_shows_what_became_of_its_messages() -> None:
    world = a_world(a_contact(1))
    world.accept(a_request(to_contact(1)))
    world.dispatch()

    again = world.accept(a_request(to_contact(1)))

    assert statuses(again) == [(MessageStatus.SENT, None)]


def test_finished_messages_of_a_repeated_request_are_not_started_again() -> None:
    world = a_world(a_contact(1))
    world.accept(a_request(to_contact(1)))
    world.dispatch()
    world.started.clear()

    world.accept(a_request(to_contact(1)))

    assert world.started == []


def a_mixed_request(fingerprint: str | None) -> tuple[World, SendRequest]:
    """Two batches of 205 people together, and one who is refused; with a key or without."""
    people = [a_contact(number) for number in range(1, 206)]
    world = a_world(*people, a_contact(300, consents={SMS_ADS: UNWILLING}))
    addressees = [to_contact(number) for number in range(1, 205)]
    request = a_request(*addressees, to_phone(205), to_contact(300), fingerprint=fingerprint)
    return world, request


def dying_ports(world: World, death: Death) -> dict[str, Any]:
    return {
        "contacts": death.port(world.contacts),
        "batches": death.port(world.batches),
        "requests": death.port(world.requests),
        "start": death.function(lambda meta, _: world.started.append(meta.number)),
    }


KEYS = pytest.mark.parametrize("fingerprint", [None, "f"], ids=["no key", "under a key"])


@KEYS
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 15))
def test_request_that_died_anywhere_and_is_repeated_reaches_each_person_once(
    dies_at: int, fingerprint: str | None, *, after: bool
) -> None:
    world, request = a_mixed_request(fingerprint)
    death = Death(dies_at, after=after)

    with suppress(Killed):
        world.accept(request, **dying_ports(world, death))
    world.accept(request)
    world.dispatch()

    assert world.deliveries() == {a_phone(number): 1 for number in range(1, 206)}


@KEYS
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 17))
def test_repetition_that_dies_too_harms_nothing(
    dies_at: int, fingerprint: str | None, *, after: bool
) -> None:
    world, request = a_mixed_request(fingerprint)
    world.accept(request)
    death = Death(dies_at, after=after)

    with suppress(Killed):
        world.accept(request, **dying_ports(world, death))
    world.accept(request)
    world.dispatch()

    assert world.deliveries() == {a_phone(number): 1 for number in range(1, 206)}


@KEYS
def test_deaths_of_these_tests_reach_every_step(fingerprint: str | None) -> None:
    """A test of the test: no more calls are made than there are deaths tried."""
    world, request = a_mixed_request(fingerprint)
    calls = []
    for _ in range(2):
        counting = Death(0)
        world.accept(request, **dying_ports(world, counting))
        calls.append(counting.calls)

    assert calls == ([13, 16] if fingerprint is None else [14, 9])


def test_without_the_claim_a_repeated_request_would_send_twice() -> None:
    """A test of the test: the ledger does see a duplicate when requests are not bound."""
    world = a_world(a_contact(1))

    class Forgetful(FakeRequests):
        def claim(self, request_id: str, batches: Any, **facts: Any) -> Any:
            return tuple(batches)

    world.accept(a_request(to_contact(1)), requests=Forgetful())
    world.accept(a_request(to_contact(1)), requests=Forgetful())
    world.dispatch()

    assert world.deliveries() == {a_phone(1): 2}


def an_accepted_message(world: World, *, now: datetime = NOON) -> MessageNumber:
    (batch,) = world.accept(a_request(to_contact(1)), now=now)
    return MessageNumber(batch=batch.meta.number, ordinal=0)


def status_of(world: World, number: MessageNumber) -> MessageStatus:
    return find(number, deps=world.deps()).state.state_of(number.ordinal).status


@pytest.mark.parametrize("now", [NOON, NIGHT], ids=["pending", "held"])
def test_cancelled_message_does_not_leave(now: datetime) -> None:
    world = a_world(a_contact(1))
    number = an_accepted_message(world, now=now)

    cancel(number, deps=world.deps())
    world.dispatch(now=MORNING)

    assert status_of(world, number) is MessageStatus.CANCELLED
    assert world.deliveries() == {}


def test_cancelling_twice_is_harmless() -> None:
    world = a_world(a_contact(1))
    number = an_accepted_message(world)

    cancel(number, deps=world.deps())
    cancel(number, deps=world.deps())

    assert status_of(world, number) is MessageStatus.CANCELLED


def test_message_that_left_cannot_be_cancelled() -> None:
    world = a_world(a_contact(1))
    number = an_accepted_message(world)
    world.dispatch()

    with pytest.raises(Conflict) as refused:
        cancel(number, deps=world.deps())

    assert refused.value.code == "not_cancellable"
    assert status_of(world, number) is MessageStatus.SENT


@pytest.mark.parametrize("send", [Send.SENDING, Send.UNKNOWN], ids=["leaving", "unknown"])
def test_message_that_may_have_left_cannot_be_cancelled(send: int) -> None:
    world = a_world(a_contact(1))
    number = an_accepted_message(world)
    world.batches.change_state(number.batch, lambda state: state.with_sends({0: send}))

    with pytest.raises(Conflict):
        cancel(number, deps=world.deps())

    assert world.batches.batches[number.batch].state.send_of(0) == send


def test_only_the_one_message_of_a_batch_is_cancelled() -> None:
    world = a_world(a_contact(1), a_contact(2))
    (batch,) = world.accept(a_request(to_contact(1), to_contact(2)))

    cancel(MessageNumber(batch=batch.meta.number, ordinal=0), deps=world.deps())
    world.dispatch()

    assert world.deliveries() == {a_phone(2): 1}


@pytest.mark.parametrize(
    "number",
    [
        MessageNumber(batch=BatchNumber(99), ordinal=0),
        MessageNumber(batch=BatchNumber(1), ordinal=1),
    ],
    ids=["no such batch", "no such ordinal"],
)
def test_message_that_is_not_there_is_not_found(number: MessageNumber) -> None:
    world = a_world(a_contact(1))
    an_accepted_message(world)

    with pytest.raises(NotFound):
        find(number, deps=world.deps())
    with pytest.raises(NotFound):
        cancel(number, deps=world.deps())


def test_person_given_by_number_keeps_their_own_variables() -> None:
    world = a_world(a_contact(1))
    seen: list[Person] = []

    def composer(*_: object) -> Any:
        return lambda person: seen.append(person) or world.composed  # type: ignore[func-returns-value]

    world.accept(a_request(to_phone(1, order="A-1")), composer=composer)

    assert [person.variables for person in seen] == [{"order": "A-1"}]


def test_number_whose_claim_outlived_its_owner_is_nobodys() -> None:
    moved = a_contact(1, phone=a_phone(2))
    world = World(
        contacts=FakeContacts.of(moved), template=a_template(purpose=Purpose.TRANSACTIONAL)
    )
    stale = {a_phone(1): moved.contact_id}
    world.contacts.owners_of = lambda phones: stale  # type: ignore[method-assign]

    (batch,) = world.accept(a_request(to_phone(1)))

    assert batch.recipients[0].phone == a_phone(1)
    assert batch.recipients[0].contact_id is None


def test_interrupted_request_is_finished_as_it_was_made_not_judged_anew() -> None:
    world = World(contacts=FakeContacts.of(a_contact(1)))
    request = a_request(to_contact(1), fingerprint="f")
    (made,) = world.accept(request)
    world.template = a_template(status=TemplateStatus.REJECTED)
    world.started.clear()

    (again,) = world.accept(request)

    assert again.meta.number == made.meta.number
    assert world.started == [made.meta.number]


def test_key_of_an_interrupted_request_with_another_body_is_refused() -> None:
    world = World(contacts=FakeContacts.of(a_contact(1)))
    world.accept(a_request(to_contact(1), fingerprint="f"))

    with pytest.raises(Conflict) as conflict:
        world.accept(a_request(to_contact(1), fingerprint="another"))

    assert conflict.value.code == "idempotency_key_reused"
