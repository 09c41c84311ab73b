"""Batches for events: found by when they were made, read as they are."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain.campaign import CampaignStatus
from functions.domain.clicks import Hit, Visitor
from functions.domain.goal import Goal
from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.message import Receipt, Send
from functions.domain.message_event import EventType, events_of
from functions.domain.outcome import Credit
from functions.domain.reaction import Reaction
from functions.storage.batches import BatchItem, BatchStore
from functions.storage.batches_between import BatchesBetween
from functions.storage.campaigns import CampaignStore
from functions.storage.outcomes import OutcomeStore
from functions.storage.reactions import ReactionStore
from functions.storage.replies import ReplyStore
from tests.builders import NOON, a_batch, a_campaign

pytestmark = pytest.mark.usefixtures("account")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
START = int(NOON.timestamp())
ANY = range(START - 86_400, START + 86_400)


def write(*numbers: int, every: timedelta = 6 * HOUR) -> None:
    """Batches made one after the other; numbers that are left out were reserved in vain."""
    for number in numbers:
        batch = a_batch(number, size=2)
        made = NOON + (number - 1) * every
        meta = replace(batch.meta, created=made)
        BatchStore().create([replace(batch, meta=meta, state=replace(batch.state, created=START))])
    BatchStore().reserve(max(numbers))


def test_batches_of_some_days_are_a_range_of_numbers() -> None:
    write(*range(1, 41))
    store = BatchesBetween()

    # An hour to each side.
    assert store.numbers(NOON + 6 * HOUR + HOUR, NOON + DAY - 2 * HOUR) == (2, 5)
    assert store.numbers(NOON - DAY, NOON + 30 * DAY) == (1, 41)
    assert store.numbers(NOON + 30 * DAY, NOON + 40 * DAY) == (41, 41)
    assert store.numbers(NOON - 9 * DAY, NOON - 8 * DAY) == (1, 1)


def test_numbers_that_are_missing_mislead_nobody() -> None:
    write(3, 4, 160, 161, 300)
    store = BatchesBetween()

    low, high = store.numbers(NOON + 3 * 6 * HOUR, NOON + 160 * 6 * HOUR)
    assert 4 < low <= 160 or low == 4
    assert {160, 161} & set(range(low, high)) == {160, 161}
    assert high <= 300
    assert list(store.read(range(1, 301), ANY)) == []


def test_without_batches_there_is_nothing_to_read() -> None:
    assert BatchesBetween().numbers(NOON - DAY, NOON) == (1, 1)


def test_a_batch_is_read_with_all_that_is_known_of_it() -> None:
    campaign = a_campaign(goal=Goal(event="order"), status=CampaignStatus.LAUNCHED, launched=NOON)
    CampaignStore().create(campaign)
    write(1, 2)
    number = BatchNumber(1)
    receipt = Receipt(delivered=True, reason=None, at=NOON + timedelta(seconds=30))
    BatchStore().change_state(
        number, lambda state: state.claimed({0: Send.sent(round_=0)}, now=NOON, lease_s=9)
    )
    BatchStore().change_state(number, lambda state: state.with_receipts([(0, receipt)]))
    hit = Hit(ordinal=0, link=1, visitor=Visitor.HUMAN, elapsed_s=60)
    BatchStore().change_clicks(number, 2, lambda clicks: clicks.with_hits([hit]))
    message = MessageNumber(batch=number, ordinal=0)
    ReactionStore().of_message(message, Reaction.OPTED_OUT, at=NOON + timedelta(seconds=90))
    ReplyStore().change(number, 2, lambda known: known.with_reply(0, elapsed_s=95))
    credit = Credit(ordinal=0, mark=1, elapsed_s=100, look=1, place=0, of=1, minor=9_900)
    OutcomeStore().change(number, lambda known: known.merged([credit]))

    (facts,) = BatchesBetween().read([1, 2], ANY)

    events = {each.type: each for each in events_of(facts)}
    assert set(events) == {
        EventType.SENT,
        EventType.DELIVERED,
        EventType.CLICKED,
        EventType.OPTED_OUT,
        EventType.REPLIED,
        EventType.CONVERTED,
    }
    assert events[EventType.CLICKED].links == (1,)
    assert events[EventType.CONVERTED].goal == "order"
    assert events[EventType.SENT].price_minor == 18
    assert events[EventType.SENT].message.contact_id == "c1"
    assert events[EventType.SENT].message.account == "main"
    assert facts.meta == BatchStore().meta(number)


def test_batches_of_other_times_are_not_read_whole() -> None:
    write(1)
    BatchStore().change_state(
        BatchNumber(1), lambda state: state.claimed({0: 0x10}, now=NOON, lease_s=9)
    )
    store = BatchesBetween()

    assert len(list(store.read([1], range(START, START + 1)))) == 1
    assert list(store.read([1], range(START + 1, START + 99))) == []


def test_batches_made_before_are_found_by_when_the_door_looked() -> None:
    day = NOON.date()
    for number in (3, 4, 8):
        for kind in ("EVIDENCE#1", "EVIDENCE#2"):
            BatchItem(number, kind, day=day.isoformat()).save()

    assert BatchesBetween().looked_at([day, day - DAY], below=8) == [3, 4]


def test_a_goal_that_is_changed_is_told_as_it_is_now() -> None:
    campaign = a_campaign(goal=Goal(event="order"), status=CampaignStatus.LAUNCHED, launched=NOON)
    CampaignStore().create(campaign)
    write(1)
    credit = Credit(ordinal=0, mark=1, elapsed_s=100, look=1, place=0, of=1, minor=9_900)
    OutcomeStore().change(BatchNumber(1), lambda known: known.merged([credit]))
    store = BatchesBetween()

    (before,) = store.read([1], ANY)
    changed = replace(campaign, goal=Goal(event="visit"))
    assert CampaignStore().change(campaign, changed)
    (after,) = store.read([1], ANY)

    assert (before.goal, after.goal) == ("order", "visit")
