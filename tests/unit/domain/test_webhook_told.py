from dataclasses import replace

from hypothesis import given, strategies as st

from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.message_event import BatchFacts, EventType, MessageEvent, events_of
from functions.domain.webhook_told import CODE_BY_TYPE, NOTHING_TOLD, Told
from tests.builders import a_batch
from tests.events import some_facts
from tests.unit.webhooks.world import facts_of, left


def test_every_type_of_event_has_a_code_of_its_own() -> None:
    assert set(CODE_BY_TYPE) == set(EventType)
    assert sorted(CODE_BY_TYPE.values()) == list(range(1, len(EventType) + 1))


@given(some_facts(), st.data())
def test_remembers_what_it_was_told_and_nothing_else(
    facts: BatchFacts, data: st.DataObject
) -> None:
    events = list(events_of(facts))
    some = data.draw(st.lists(st.sampled_from(events))) if events else []
    told = Told.unpack(NOTHING_TOLD.having(some).pack())

    assert [each.event_id for each in events if told.has(each)] == [
        each.event_id for each in events if each in some
    ]


@given(some_facts(), some_facts())
def test_joined_has_what_either_has(one: BatchFacts, other: BatchFacts) -> None:
    first, second = (NOTHING_TOLD.having(events_of(each)) for each in (one, other))

    assert first.joined_by(second) == second.joined_by(first)
    assert first.joined_by(first) == first
    assert all(first.joined_by(second).has(each) for each in events_of(other))


def test_a_full_batch_stays_within_one_write() -> None:
    facts = left(facts_of(a_batch(7, size=200)))
    told = NOTHING_TOLD
    for kind in EventType:
        if kind is not EventType.CONVERTED:
            told = told.having(replace(each, type=kind) for each in events_of(facts))
    number = MessageNumber(batch=BatchNumber(7), ordinal=0)
    sold = next(iter(events_of(facts)))
    conversions: list[MessageEvent] = [
        replace(
            sold,
            type=EventType.CONVERTED,
            mark=mark,
            message=replace(sold.message, number=number),
        )
        for mark in range(50)
    ]

    assert len(told.having(conversions).pack()) < 700
