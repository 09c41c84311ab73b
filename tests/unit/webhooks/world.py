"""Batches to which things happen, webhooks that are told, and a queue that loses nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from functions.contracts.codec import from_body, to_body
from functions.contracts.webhook_jobs import TellJob
from functions.domain.batch import Batch
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.ids import BatchNumber
from functions.domain.message import Receipt, Send
from functions.domain.message_event import BatchFacts, EventType, events_of
from functions.domain.outcome import BatchOutcomes, Credit
from functions.domain.reaction import Reaction
from functions.domain.replies import BatchReplies
from functions.domain.standing import Standing
from functions.domain.webhook import Webhook
from functions.webhooks.ports import PostDeps, TellDeps
from functions.webhooks.telling import Report, tell
from tests.builders import NOON, a_batch
from tests.fakes.accounts import FakeBreakers
from tests.fakes.dying import Death, Killed
from tests.fakes.webhooks import FakeLog, FakeMarks, FakeReceiver, FakeWebhooks

SIZE = 3


def facts_of(batch: Batch) -> BatchFacts:
    """A batch to which nothing happened yet."""
    standing = Standing(
        number=batch.meta.number,
        state=batch.state,
        clicks=BatchClicks.none(batch.meta.size),
        unit_price=batch.meta.unit_price,
    )
    ids = [each.contact_id for each in batch.recipients]
    return BatchFacts(meta=batch.meta, contact_ids=ids, standing=standing)


def left(facts: BatchFacts, at: datetime = NOON) -> BatchFacts:
    """All of it was taken by the provider."""
    state = facts.standing.state
    sending = dict.fromkeys(range(len(state)), Send.SENDING)
    claimed = state.claimed(sending, now=at, lease_s=60)
    sent = claimed.released(dict.fromkeys(sending, claimed.sent_now))
    return replace(facts, standing=replace(facts.standing, state=sent))


def arrived(facts: BatchFacts, ordinal: int, at: datetime) -> BatchFacts:
    receipt = Receipt(delivered=True, reason=None, at=at)
    state = facts.standing.state.with_receipts([(ordinal, receipt)])
    return replace(facts, standing=replace(facts.standing, state=state))


def opened(facts: BatchFacts, ordinal: int, elapsed_s: int = 60) -> BatchFacts:
    hit = Hit(ordinal=ordinal, link=0, visitor=Visitor.HUMAN, elapsed_s=elapsed_s)
    return replace(
        facts, standing=replace(facts.standing, clicks=facts.standing.clicks.with_hits([hit]))
    )


def answered(facts: BatchFacts, ordinal: int) -> BatchFacts:
    known = facts.replies or BatchReplies.none(len(facts.contact_ids))
    return replace(facts, replies=known.with_reply(ordinal, elapsed_s=90))


def complained(facts: BatchFacts, ordinal: int) -> BatchFacts:
    reactions = facts.standing.reactions.having(ordinal, Reaction.COMPLAINED, elapsed_s=70)
    return replace(facts, standing=replace(facts.standing, reactions=reactions))


def bought(facts: BatchFacts, ordinal: int, mark: int) -> BatchFacts:
    credit = Credit(ordinal=ordinal, mark=mark, elapsed_s=80, look=1, place=0, of=1, minor=500)
    outcomes: BatchOutcomes = facts.standing.outcomes.merged([credit])
    return replace(facts, standing=replace(facts.standing, outcomes=outcomes))


def ids_of(facts: BatchFacts, webhook: Webhook) -> set[str]:
    """What a webhook is to have been told of a batch in the end."""
    types = webhook.since_by_type
    return {each.event_id for each in events_of(facts) if each.type in types}


@dataclass(order=True)
class Message:
    """What waits in the queue: from when on it may be taken."""

    at: datetime
    body: str
    receives: int = 0


@dataclass
class World:
    """Everything in memory; a job that dies comes back."""

    webhooks: Sequence[Webhook]
    batches: dict[BatchNumber, BatchFacts] = field(default_factory=dict)
    now: datetime = NOON
    store: FakeWebhooks = field(default_factory=FakeWebhooks)
    breakers: FakeBreakers = field(default_factory=FakeBreakers)
    marks: FakeMarks = field(default_factory=FakeMarks)
    log: FakeLog = field(default_factory=FakeLog)
    queue: list[Message] = field(default_factory=list)
    dead: list[TellJob] = field(default_factory=list)
    receivers: dict[str, FakeReceiver] = field(default_factory=dict)
    took: timedelta = timedelta(0)

    def __post_init__(self) -> None:
        for each in self.webhooks:
            self.store.add(each)
            self.receivers[each.url] = FakeReceiver()
        if not self.batches:
            batch = a_batch(7, size=SIZE)
            self.batches[batch.meta.number] = facts_of(batch)

    def receiver(self, webhook: Webhook) -> FakeReceiver:
        return self.receivers[webhook.url]

    def happens(self, change: Callable[[BatchFacts], BatchFacts], number: int = 7) -> None:
        """Something is recorded of a batch, and then told of."""
        batch = BatchNumber(number)
        self.batches[batch] = change(self.batches[batch])
        for each in self.store.all():
            if each.enabled:
                self._put(TellJob(webhook_id=each.webhook_id, batch=batch), self.now)

    def take(self, place: int = 0, *, death: Death | None = None, repeated: bool = False) -> bool:
        """Work off one of those that may be taken; False when there is none."""
        ready = [each for each in self.queue if each.at <= self.now]
        if not ready:
            return False
        message = ready[place % len(ready)]
        job = from_body(message.body)
        assert isinstance(job, TellJob)
        try:
            self.work(job, death=death)
        except Killed:
            message.at = self.now + timedelta(seconds=60)
            return True
        if not repeated:
            self.queue.remove(message)
        return True

    def work(self, job: TellJob, *, death: Death | None = None) -> Report:
        return tell(job, deps=self.deps(death or Death(at=-1)), now=self.now)

    def run_dry(self) -> None:
        """Let all time pass that the queue needs; what was given up is brought back once."""
        for _ in range(2):
            for _ in range(1_000):
                if self.take():
                    continue
                if not self.queue:
                    break
                self.now = min(each.at for each in self.queue)
            assert not self.queue
            for job in self.dead:
                self._put(job, self.now)
            self.dead.clear()

    def deps(self, death: Death) -> TellDeps:
        return TellDeps(
            post=PostDeps(
                connect=death.function(lambda url: death.port(self.receivers[url])),
                keys_of=lambda webhook, now: [b"k" * 32] * len(webhook.secrets(now=now)),
                webhooks=death.port(self.store),
                breakers=death.port(self.breakers),
                jitter=round,
                clock=self._tick,
            ),
            marks=death.port(self.marks),
            facts=death.function(self.batches.get),
            log=death.port(self.log),
            later=death.function(lambda job, at, _: self._put(job, at)),
            given_up=death.function(self.dead.append),
        )

    def _tick(self) -> datetime:
        self.now += self.took
        return self.now

    def _put(self, job: Any, at: datetime) -> None:
        self.queue.append(Message(at, to_body(job)))


EVERYTHING = tuple(map(str, EventType))
