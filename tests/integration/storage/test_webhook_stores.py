"""The stores of webhooks, and what the fakes of tests must do as well."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.queues import Queue
from functions.contracts.webhook_jobs import TellJob
from functions.domain.ids import BatchNumber
from functions.domain.message_event import events_of
from functions.domain.webhook import MAX_WEBHOOKS, OffReason, Webhook, WebhookId
from functions.domain.webhook_replay import ReplayStatus
from functions.domain.webhook_told import NOTHING_TOLD
from functions.domain.webhook_try import Try
from functions.storage.announcing import WAIT_S, Announcer, AnnouncingBatches
from functions.storage.webhook_log import TryLog
from functions.storage.webhook_marks import MarkStore
from functions.storage.webhook_replays import ReplayStore
from functions.storage.webhook_rows import WebhookItem
from functions.storage.webhooks import FRESH, ListeningWebhooks, WebhookStore
from tests.builders import NOON, a_batch
from tests.fakes.webhooks import FakeMarks, FakeReplays, FakeWebhooks, a_replay, a_webhook
from tests.integration.account import Account
from tests.unit.webhooks.world import facts_of, left

ID, BATCH = WebhookId("whk_1"), BatchNumber(7)


@pytest.fixture(params=[FakeWebhooks, WebhookStore], ids=["fake", "real"])
def webhooks(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.fixture(params=[FakeMarks, MarkStore], ids=["fake", "real"])
def marks(request: pytest.FixtureRequest) -> Any:
    return request.param()


@pytest.fixture(params=[FakeReplays, ReplayStore], ids=["fake", "real"])
def replays(request: pytest.FixtureRequest) -> Any:
    return request.param()


def test_a_webhook_is_read_as_it_was_written(webhooks: Any) -> None:
    webhook = a_webhook(
        description="CRM",
        batched=False,
        enabled=False,
        secret=3,
        overlap_until=5,
        off=OffReason.GONE,
        off_since=6,
        failing_since=4,
    )

    assert webhooks.add(webhook)
    assert webhooks.get(ID) == webhook
    assert webhooks.all() == (webhook,)
    assert webhooks.get(WebhookId("whk_2")) is None


def test_there_are_ten_at_most(webhooks: Any) -> None:
    added = [webhooks.add(a_webhook(f"whk_{i}")) for i in range(MAX_WEBHOOKS + 1)]

    assert added == [True] * MAX_WEBHOOKS + [False]
    assert webhooks.remove(WebhookId("whk_3"))
    assert not webhooks.remove(WebhookId("whk_3"))
    assert webhooks.add(a_webhook("whk_new"))
    assert len(webhooks.all()) == MAX_WEBHOOKS


def test_a_change_is_applied_to_the_newest(webhooks: Any) -> None:
    webhooks.add(a_webhook())

    changed = webhooks.change(ID, lambda known: replace(known, description="new"))

    assert changed.description == webhooks.get(ID).description == "new"
    assert changed.version == 2
    assert webhooks.change(ID, lambda known: known).version == 2
    assert webhooks.change(WebhookId("whk_2"), lambda known: known) is None


def test_a_change_starts_over_when_others_wrote() -> None:
    store, seen = WebhookStore(), []
    store.add(a_webhook())

    def change(known: Webhook) -> Webhook:
        seen.append(known.description)
        if len(seen) == 1:
            store.change(ID, lambda other: replace(other, description="theirs"))
        return replace(known, failing_since=9)

    changed = store.change(ID, change)

    assert seen == ["", "theirs"]
    assert (changed.description, changed.failing_since) == ("theirs", 9)


def test_marks_are_joined(marks: Any) -> None:
    events = list(events_of(left(facts_of(a_batch(7, size=3)))))
    marks.add(ID, BATCH, NOTHING_TOLD.having(events[:1]), due=0, now=NOON)
    marks.add(ID, BATCH, NOTHING_TOLD.having(events[2:]), due=5, now=NOON)

    found = marks.of(ID, BATCH)
    assert [found.told.has(each) for each in events] == [True, False, True]
    assert found.due == 5
    assert marks.of(ID, BatchNumber(8)).told == NOTHING_TOLD


def test_a_mark_outlives_what_may_be_told() -> None:
    MarkStore().add(ID, BATCH, NOTHING_TOLD, due=1, now=NOON)

    row = WebhookItem.get(ID, f"TOLD#{BATCH}")
    assert row.expires_at == int((NOON + timedelta(days=40)).timestamp())


def test_a_replay_is_written_in_place_of_its_version(replays: Any) -> None:
    first = a_replay()

    assert replays.of(ID) is None
    assert replays.save(ID, first)
    assert not replays.save(ID, first)
    known = replays.of(ID)
    assert known == replace(first, version=1)
    further = replace(
        known, batch=BatchNumber(9), after=(5, "m-9-00.sent"), status=ReplayStatus.DONE, ended=7
    )
    assert replays.save(ID, further)
    assert replays.of(ID) == replace(further, version=2)


def test_the_newest_tries_come_first() -> None:
    log = TryLog()
    for i in range(5):
        log.add(
            ID,
            Try(
                at=NOON + timedelta(seconds=i),
                about="batch 7",
                attempt=i,
                posts=1,
                events=2,
                status=200,
                trouble="",
                ms=3,
                again=NOON if i % 2 else None,
            ),
        )

    found = log.newest(ID, limit=3)
    assert [each.attempt for each in found] == [4, 3, 2]
    assert found[1].again == NOON
    assert log.newest(WebhookId("whk_2"), limit=3) == []


def test_who_listens_is_remembered_for_some_seconds() -> None:
    reads, now = [], [NOON]

    def read() -> tuple[Webhook, ...]:
        reads.append(1)
        return (a_webhook("on"), a_webhook("off", enabled=False))

    listening = ListeningWebhooks(read, lambda: now[0])

    assert listening() == listening() == ("on",)
    assert len(reads) == 1
    now[0] += FRESH
    listening()
    now[0] -= timedelta(days=1)
    listening()
    assert len(reads) == 3


def test_a_batch_is_told_once_in_some_seconds() -> None:
    sent: list[TellJob] = []
    now = [NOON]
    announce = Announcer(lambda: (ID, WebhookId("whk_2")), sent.extend, lambda: now[0])

    announce([BATCH, BATCH])
    assert [(each.webhook_id, each.batch) for each in sent] == [("whk_1", 7), ("whk_2", 7)]
    now[0] += timedelta(seconds=WAIT_S - 1, microseconds=-1)
    announce([BATCH])
    assert len(sent) == 2
    announce([BatchNumber(8)])
    assert len(sent) == 4
    now[0] += timedelta(seconds=1)
    announce([BATCH])
    assert len(sent) == 6


def test_what_could_not_be_sent_is_not_taken_for_sent() -> None:
    tries: list[int] = []

    def refuse(_: object) -> None:
        tries.append(1)
        raise TimeoutError

    announce = Announcer(lambda: (ID,), refuse, lambda: NOON)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            announce([BATCH])

    assert len(tries) == 2


def test_what_is_collected_is_told_in_one_request(account: Account) -> None:
    sent: list[list[TellJob]] = []
    announce = Announcer(lambda: (ID,), lambda jobs: sent.append(list(jobs)), lambda: NOON)
    for number in range(10):
        announce.collect([BatchNumber(number)])
    announce.tell_collected()
    announce.tell_collected()

    assert [[each.batch for each in jobs] for jobs in sent] == [list(range(10))]


def test_without_webhooks_nothing_is_read_or_sent(account: Account) -> None:
    Announcer()([BATCH])

    assert account.take_bodies(Queue.WEBHOOKS) == []


def test_a_change_of_a_batch_is_told_of_also_when_there_is_nothing_left_to_change() -> None:
    told: list[list[int]] = []
    store = AnnouncingBatches(lambda numbers: told.append(list(numbers)))
    store.create([a_batch(7)])
    assert told == [[]]
    for _ in range(2):
        store.change_state(BATCH, lambda state: state.cancelled())
        store.change_clicks(BATCH, 1, lambda clicks: clicks)

    assert told == [[], [7], [7], [7], [7]]


class Contested(MarkStore):
    """Right after the first read somebody else writes."""

    def __init__(self, others: Any) -> None:
        self._others = others

    def of(self, webhook_id: WebhookId, batch: BatchNumber) -> Any:
        known = super().of(webhook_id, batch)
        if self._others is not None:
            others, self._others = self._others, None
            MarkStore().add(webhook_id, batch, others, due=0, now=NOON)
        return known


def test_two_at_once_join_what_they_told() -> None:
    mine, theirs = list(events_of(left(facts_of(a_batch(7, size=2)))))

    Contested(NOTHING_TOLD.having([theirs])).add(
        ID, BATCH, NOTHING_TOLD.having([mine]), due=0, now=NOON
    )

    assert all(map(MarkStore().of(ID, BATCH).told.has, [mine, theirs]))
