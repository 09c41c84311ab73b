"""What happened to messages adds up to what a report says of them."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from functions.domain.breakdown import Told, figures_of, moments_of
from functions.domain.clicks import BatchClicks
from functions.domain.message import BatchState, Receipt, Send
from functions.domain.message_event import BatchFacts, EventType, MessageEvent, events_of
from functions.domain.reason import FailureReason, RefusalReason
from functions.domain.settled import settled_since
from functions.domain.standing import Standing
from tests.builders import NOON, a_batch
from tests.events import some_facts

START = int(NOON.timestamp())


def told(facts: BatchFacts) -> list[MessageEvent]:
    return list(events_of(facts))


def at(events: list[MessageEvent], kind: EventType) -> Counter[int]:
    return Counter(each.at for each in events if each.type is kind)


def facts_of(state: BatchState) -> BatchFacts:
    batch = a_batch(1, size=len(state))
    standing = Standing(
        number=batch.meta.number,
        state=state,
        clicks=BatchClicks.none(batch.meta.size),
        unit_price=batch.meta.unit_price,
    )
    contact_ids = [each.contact_id for each in batch.recipients]
    return BatchFacts(meta=batch.meta, contact_ids=contact_ids, standing=standing)


@given(facts=some_facts())
def test_events_add_up_to_the_report(facts) -> None:
    figures, events = figures_of(facts.standing), told(facts)
    counts = Counter(each.type for each in events)
    lost = sum(each.had_left for each in events)
    converted = [each for each in events if each.type is EventType.CONVERTED]

    assert counts[EventType.SENT] - lost == figures.sent
    assert counts[EventType.DELIVERED] == figures.delivered
    assert counts[EventType.FAILED] == figures.failed
    assert counts[EventType.REFUSED] == figures.refused
    assert counts[EventType.CANCELLED] == figures.cancelled
    assert counts[EventType.UNKNOWN] <= figures.unknown
    assert counts[EventType.CLICKED] == figures.human_clicks
    assert counts[EventType.CLICKED_BY_MACHINE] == figures.machine_clicks
    assert counts[EventType.OPTED_OUT] == figures.opted_out
    assert len(converted) == figures.conversions
    assert len({each.message.number for each in converted}) == figures.converted
    assert sum(each.value_minor for each in events) == figures.value
    assert sum(each.price_minor for each in events) == figures.cost


@given(facts=some_facts())
def test_events_have_the_moments_of_the_report(facts) -> None:
    moments, events = moments_of([Told(facts.meta, facts.standing)]), told(facts)
    lost = {each.message.number for each in events if each.had_left}
    stayed = [each for each in events if each.message.number not in lost]

    assert at(stayed, EventType.SENT) == moments.sent
    assert at(events, EventType.DELIVERED) == moments.delivered
    assert at(events, EventType.CLICKED) == moments.opened
    assert at(events, EventType.CONVERTED) == moments.converted


@given(facts=some_facts())
def test_every_event_has_an_id_of_its_own_and_keeps_it(facts) -> None:
    ids = [each.event_id for each in told(facts)]

    assert len(set(ids)) == len(ids)
    assert ids == [each.event_id for each in told(facts)]


@given(facts=some_facts())
def test_a_message_ends_at_most_once(facts) -> None:
    ends = Counter(
        each.message.number
        for each in told(facts)
        if each.type
        in {
            EventType.DELIVERED,
            EventType.FAILED,
            EventType.REFUSED,
            EventType.CANCELLED,
            EventType.UNKNOWN,
        }
    )

    assert set(ends.values()) <= {1}


def test_what_a_message_went_through_is_told_in_order() -> None:
    receipt = Receipt(delivered=False, reason=FailureReason.DEVICE, at=NOON + timedelta(seconds=40))
    state = replace(
        BatchState.fresh([Send.sent(round_=0)], now=NOON), rounds=(START + 7,)
    ).with_receipts([(0, receipt)])

    sent, failed = told(facts_of(state))

    assert (sent.event_id, sent.at, sent.price_minor) == ("m-1-00.sent", START + 7, 18)
    assert (failed.event_id, failed.at, failed.price_minor) == ("m-1-00.failed", START + 40, -18)
    assert (failed.reason, failed.had_left) == (FailureReason.DEVICE, True)
    assert sent.message.account == "main"


def test_a_refusal_counts_from_when_it_was_noted_or_else_from_the_batch() -> None:
    fresh = BatchState.fresh([Send.refused(RefusalReason.CAPPED), Send.PENDING], now=NOON)
    later = fresh.with_sends({1: Send.refused(RefusalReason.SUPPRESSED)})
    facts = facts_of(settled_since(fresh, later, now=NOON + timedelta(hours=2)))

    made, noted = told(facts)

    assert (made.at, made.reason) == (int(facts.meta.created.timestamp()), RefusalReason.CAPPED)
    assert (noted.at, noted.reason) == (START + 7200, RefusalReason.SUPPRESSED)
    assert made.message.account is None
