from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from functions.channels.base import Heard, InboundMessage, OptOutEvent
from functions.contracts.queues import AddressRefused, CallbackReceived, OptOutReceived
from functions.domain.batch import Batch
from functions.domain.channel import Channel
from functions.domain.contact import Phone
from functions.domain.follow_up import Condition
from functions.domain.ids import AddressHash, BatchNumber, ContactId, MessageNumber
from functions.domain.message import BatchState, Send
from functions.domain.opt_out import OptOut
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import ADVERTISING
from functions.optouts.ports import OptOutDeps
from functions.optouts.service import Taken, take_address, take_callback, take_refusal
from tests.builders import NOON, a_batch, a_phone, a_recipient
from tests.fakes.people import fake_hash
from tests.fakes.replies import FakeReplies
from tests.fakes.stores import FakeBatches

EARLIER, SECOND = NOON - timedelta(hours=1), timedelta(seconds=1)
CALL, REPLY = SuppressionReason.OPT_OUT_CALL, SuppressionReason.OPT_OUT_REPLY
H1 = AddressHash("hash1")


@dataclass
class World:
    """Everything around the worker, in memory: it knows the first phone's owner."""

    heard: Sequence[Heard] = ()
    batches: FakeBatches = field(default_factory=FakeBatches)
    written: list[tuple[AddressHash, OptOut]] = field(default_factory=list)
    inbox: set[str] = field(default_factory=set)
    replies: FakeReplies = field(default_factory=FakeReplies)
    history: Sequence[MessageNumber] = ()
    reacted: list[tuple[ContactId, datetime]] = field(default_factory=list)
    dies: bool = False
    followed: list[tuple[int, Condition]] = field(default_factory=list)

    def by_address(
        self, hashed: AddressHash, opt_out: OptOut, *, now: datetime
    ) -> ContactId | None:
        if self.dies:
            raise ConnectionError
        self.written.append((hashed, opt_out))
        return ContactId("c1") if hashed == H1 else None

    def knows(self, key: str) -> bool:
        return key in self.inbox

    def remember(self, key: str, *, now: datetime) -> None:
        self.inbox.add(key)

    def hear(self, body: str, *, now: datetime) -> tuple[Heard, ...]:
        return tuple(self.heard)

    def deps(self) -> OptOutDeps:
        return OptOutDeps(
            opt_outs=self,
            batches=self.batches,
            replies=self.replies,
            inbox=self,
            reader={"relay": self}.get,
            refused_by=lambda _: CALL,
            hash_of=fake_hash,
            owner_of=lambda phone: ContactId("c1") if phone == a_phone(1) else None,
            sent_to=lambda _: iter(self.history),
            reacted=lambda owner, at: self.reacted.append((owner, at)),
            followed=lambda meta, fact: self.followed.append((meta.number, fact)),
        )

    def take(self, provider: str = "relay") -> list[Taken]:
        callback = CallbackReceived(provider=provider, body="")
        return list(take_callback(callback, deps=self.deps(), now=NOON))


def a_text(text: str, **values: object) -> InboundMessage:
    facts: dict[str, object] = {"key": "mo-1", "sender": a_phone(1), "text": text, "at": EARLIER}
    return InboundMessage(**(facts | values))  # type: ignore[arg-type]


def a_world(batch: Batch | None = None) -> World:
    return World(batches=FakeBatches.of(batch or a_batch(size=2)))


@pytest.mark.parametrize("word", ["STOP", "수신거부!", "opt out"])
def test_word_of_refusal_opts_its_sender_out(word: str) -> None:
    world = World(heard=[a_text(word)])

    assert world.take() == [Taken(outcome="opted_out", source="reply:relay", owner_known=True)]

    assert world.written == [
        (
            H1,
            OptOut(
                reason=REPLY,
                scope=ADVERTISING,
                at=EARLIER,
                source="reply:relay",
                actor="recipient",
            ),
        )
    ]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("START", "start"), ("수신거부는 어떻게 하나요?", "message"), ("", "message")],
)
def test_any_other_text_is_only_taken_note_of(text: str, outcome: str) -> None:
    world = World(heard=[a_text(text)])

    assert world.take() == [Taken(outcome=outcome, source="reply:relay")]

    assert world.written == []


def test_message_that_comes_again_is_not_worked_off_again() -> None:
    world = World(heard=[a_text("STOP"), a_text("STOP", at=NOON)])

    outcomes = [taken.outcome for taken in (*world.take(), *world.take())]

    assert outcomes == ["opted_out", "known", "known", "known"]
    assert len(world.written) == 1


def test_messages_of_different_relays_may_have_one_name() -> None:
    world = World(heard=[a_text("STOP")], inbox={"other#mo-1"})

    assert [taken.outcome for taken in world.take()] == ["opted_out"]


def test_message_is_not_noted_before_its_refusal_is_written_down() -> None:
    world = World(heard=[a_text("STOP")], dies=True)
    with pytest.raises(ConnectionError):
        world.take()

    world.dies = False
    world.take()

    assert len(world.written) == 1


def test_call_to_the_080_number_opts_the_caller_out() -> None:
    call = OptOutEvent(key="k", phone=a_phone(2), reason=CALL, at=EARLIER)
    world = World(heard=[call])

    assert world.take() == [Taken(outcome="opted_out", source="080:relay", owner_known=False)]

    ((hashed, opt_out),) = world.written
    assert (hashed, opt_out.reason, opt_out.at) == ("hash2", CALL, EARLIER)


def test_nobody_refuses_in_the_future() -> None:
    world = World(heard=[a_text("STOP", at=NOON + SECOND)])

    world.take()

    assert world.written[0][1].at == NOON


def test_word_from_north_america_ends_every_text() -> None:
    world = World(heard=[a_text("STOP", sender=Phone("+12025550123"))])

    world.take()

    assert str(world.written[0][1].scope) == "sms"


def test_callback_of_a_provider_that_tells_nothing_fails() -> None:
    with pytest.raises(ValueError, match="does not tell"):
        World().take("solapi")


def test_whom_a_provider_refused_is_opted_out() -> None:
    world = a_world()
    job = OptOutReceived(batch=7, ordinal=0, at=int(EARLIER.timestamp()))

    taken = take_refusal(job, deps=world.deps(), now=NOON)

    assert taken == Taken(outcome="opted_out", source="refusal:sms", owner_known=True)
    ((hashed, opt_out),) = world.written
    assert (hashed, opt_out.reason, opt_out.scope) == (H1, CALL, ADVERTISING)
    assert opt_out.at == EARLIER


def test_what_somebody_says_is_put_down_to_what_they_got_last() -> None:
    world = a_world()
    world.heard = [a_text("수신거부"), a_text("hello", key="mo-2")]

    world.take()

    assert world.reacted == [(ContactId("c1"), EARLIER)]


def test_a_providers_refusal_tells_of_an_earlier_word_and_is_put_down_to_nothing() -> None:
    world = a_world()

    take_refusal(OptOutReceived(batch=7, ordinal=0, at=0), deps=world.deps(), now=NOON)

    assert [opt_out.reason for _, opt_out in world.written] == [CALL]
    assert world.reacted == []


@pytest.mark.parametrize(("batch", "ordinal"), [(8, 0), (7, 2)], ids=["batch", "ordinal"])
def test_refusal_of_a_message_that_is_not_there_is_dropped(batch: int, ordinal: int) -> None:
    world = a_world()

    job = OptOutReceived(batch=batch, ordinal=ordinal, at=0)

    assert take_refusal(job, deps=world.deps(), now=NOON) is None
    assert world.written == []


def test_refusal_of_a_message_without_a_number_is_dropped() -> None:
    world = a_world(replace(a_batch(), recipients=(replace(a_recipient(1), phone=None),)))

    job = OptOutReceived(batch=7, ordinal=0, at=0)

    assert take_refusal(job, deps=world.deps(), now=NOON) is None


def test_address_that_refused_is_opted_out() -> None:
    world = World()
    job = AddressRefused(
        address="hash1", reason="opt_out_call", at=int(NOON.timestamp()) + 60, source="080:solapi"
    )

    taken = take_address(job, deps=world.deps(), now=NOON)

    assert taken == Taken(outcome="opted_out", source="080:solapi", owner_known=True)
    assert world.written == [
        (
            H1,
            OptOut(
                reason=CALL,
                scope=ADVERTISING,
                at=NOON,
                source="080:solapi",
                actor="recipient",
            ),
        )
    ]


def test_reason_that_is_none_fails() -> None:
    job = AddressRefused(address="hash1", reason="mood", at=0, source="x")

    with pytest.raises(ValueError, match="mood"):
        take_address(job, deps=World().deps(), now=NOON)


def _number(batch: int, ordinal: int = 0) -> MessageNumber:
    return MessageNumber(batch=BatchNumber(batch), ordinal=ordinal)


def _sent(number: int, *, at: datetime, size: int = 1, **values: object) -> Batch:
    """A batch whose messages left at a moment."""
    batch = a_batch(number, size=size, created=EARLIER - timedelta(days=8), **values)
    state = BatchState.fresh([Send.PENDING] * size, now=batch.meta.created)
    sent = dict.fromkeys(range(size), Send.sent(round_=0))
    return replace(batch, state=state.claimed(sent, now=at, lease_s=0))


def _answering(*batches: Batch, text: str = "네, 좋아요") -> World:
    history = [_number(each.meta.number) for each in sorted(batches, key=lambda b: -b.meta.number)]
    return World(heard=[a_text(text)], batches=FakeBatches.of(*batches), history=history)


def test_text_answers_the_newest_message_that_had_left() -> None:
    minute = timedelta(minutes=1)
    world = _answering(
        _sent(7, at=EARLIER - 9 * minute),
        _sent(8, at=EARLIER - 2 * minute),
        _sent(9, at=EARLIER + minute),
    )

    assert world.take() == [Taken(outcome="answer", source="reply:relay", owner_known=True)]

    assert world.replies.answered() == [(8, 0)]
    assert world.followed == [(8, Condition.REPLIED)]


@pytest.mark.parametrize(
    "batch",
    [
        a_batch(7),
        _sent(7, at=EARLIER - timedelta(days=7, seconds=1)),
        _sent(7, at=EARLIER - SECOND, channel=Channel.KAKAO),
        replace(_sent(7, at=EARLIER - SECOND), recipients=(a_recipient(2),)),
    ],
    ids=["not sent", "long ago", "another channel", "another number"],
)
def test_text_that_answers_nothing_is_a_message(batch: Batch) -> None:
    world = _answering(batch)

    assert [taken.outcome for taken in world.take()] == ["message"]
    assert world.replies.answered() == []


def test_refusal_is_no_answer() -> None:
    world = _answering(_sent(7, at=EARLIER - SECOND), text="STOP")

    assert [taken.outcome for taken in world.take()] == ["opted_out"]
    assert world.replies.answered() == []


def test_message_of_the_history_that_is_not_there_is_passed_over() -> None:
    world = _answering(_sent(7, at=EARLIER - SECOND))
    world.history = [_number(99), _number(7, ordinal=5), _number(7)]

    world.take()

    assert world.replies.answered() == [(7, 0)]
