import zlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.contracts.goal_log_document import log_from_bytes, log_to_bytes
from functions.domain.attribution import (
    KEPT_FOR,
    MAX_EVENTS,
    MAX_FROM_PAGES,
    MAX_TOUCHES,
    MAX_UNTOUCHED,
    GoalEvent,
    GoalLog,
    Reached,
    Touch,
    touched_at,
    touches_of,
)
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.goal import Goal, TouchRule
from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.message import BatchState, Receipt, Send
from functions.domain.outcome import NO_OUTCOMES, BatchOutcomes, Model
from functions.domain.reason import FailureReason
from tests.builders import NOON

NOW_S = int(NOON.timestamp())
HOUR_S = 3_600
DAY = Goal(event="purchase", window=timedelta(days=1))


def reached(batch: int, touched: int | None, goal: Goal = DAY, ordinal: int = 0) -> Reached:
    number = MessageNumber(batch=BatchNumber(batch), ordinal=ordinal)
    return Reached(number, goal, None if touched is None else NOW_S + touched)


def an_event(key: int = 1, *, at: int = 0, minor: int = 100) -> GoalEvent:
    return GoalEvent(key=key, name="purchase", at=NOW_S + at, minor=minor)


def test_all_messages_count_that_touched_soon_enough_before_in_the_order_of_time() -> None:
    messages = [
        reached(5, -HOUR_S),
        reached(3, -2 * HOUR_S),
        reached(4, None),
        reached(6, 1),
        reached(1, -25 * HOUR_S),
        reached(7, 0),
        reached(2, -5, Goal(event="signup")),
    ]

    found = touches_of("purchase", NOW_S, messages)

    assert [each.batch for each in found] == [3, 5, 7]


def test_each_campaign_has_its_own_window() -> None:
    wide, narrow = (
        Goal(event="purchase", window=timedelta(days=90)),
        Goal(event="purchase", window=timedelta(hours=1)),
    )
    messages = [reached(1, -80 * 24 * HOUR_S, wide), reached(2, -2 * HOUR_S, narrow)]

    assert [each.batch for each in touches_of("purchase", NOW_S, messages)] == [1]


def test_of_very_many_touches_the_newest_are_kept() -> None:
    messages = [reached(n + 1, -HOUR_S + n) for n in range(MAX_TOUCHES + 5)]

    found = touches_of("purchase", NOW_S, messages)

    assert (len(found), found[0].batch) == (MAX_TOUCHES, 6)
    assert MAX_TOUCHES <= 255


@pytest.mark.parametrize(
    ("rule", "receipt", "visitors", "expected"),
    [
        (TouchRule.DELIVERED, True, [], 60),
        (TouchRule.DELIVERED, False, [Visitor.HUMAN], None),
        (TouchRule.DELIVERED, None, [Visitor.HUMAN], None),
        (TouchRule.CLICKED, True, [Visitor.MACHINE, Visitor.UNKNOWN], None),
        (TouchRule.CLICKED, None, [Visitor.MACHINE, Visitor.HUMAN], 900),
        (TouchRule.OPENED, None, [Visitor.HUMAN], 900),
        (TouchRule.OPENED, True, [Visitor.MACHINE], None),
    ],
)
def test_the_rule_says_when_a_message_touched(
    rule: TouchRule, receipt: bool | None, visitors: list[Visitor], expected: int | None
) -> None:
    fresh = BatchState.fresh([Send.PENDING, Send.sent(round_=0)], now=NOON)
    state = replace(fresh, rounds=(NOW_S,))
    if receipt is not None:
        reason = None if receipt else FailureReason.DEVICE
        at = NOON + timedelta(seconds=60)
        state = state.with_receipts([(1, Receipt(delivered=receipt, reason=reason, at=at))])
    hits = [Hit(ordinal=1, link=0, visitor=each, elapsed_s=900) for each in visitors]
    clicks = BatchClicks.none(2).with_hits(hits)

    found = touched_at(rule, 1, state, clicks)

    assert found == (None if expected is None else NOW_S + expected)
    assert touched_at(rule, 0, state, clicks) is None


def test_looking_again_at_the_same_changes_nothing() -> None:
    once = an_event().looked_at([reached(1, -5)])

    assert once.look == 1
    assert once.looked_at([reached(1, -5)]) is once


def test_what_turned_out_to_be_no_touch_is_remembered_until_it_is_one_again() -> None:
    first = an_event().looked_at([reached(1, -9), reached(2, -5)])
    second = first.looked_at([reached(2, -5)])
    third = second.looked_at([reached(1, -9)])

    assert [number.batch for number in second.left] == [1]
    assert [number.batch for number in third.left] == [2]
    assert third.look == 3


@given(st.lists(st.lists(st.integers(1, 4), max_size=4), min_size=1, max_size=5), st.randoms())
def test_whatever_looks_are_written_in_whatever_order_the_last_one_holds(
    looks: list[list[int]], random: object
) -> None:
    event, written = an_event(minor=101), []
    for batches in looks:
        event = event.looked_at([reached(batch, -batch) for batch in batches])
        written += list(event.credits(dict.fromkeys(map(BatchNumber, range(5)), NOW_S - 60)))
    random.shuffle(written)  # type: ignore[attr-defined]

    found = dict.fromkeys(range(1, 5), NO_OUTCOMES)
    for batch, credit in written:
        found[batch] = found[batch].merged([credit])

    touched = sorted(set(looks[-1]), key=lambda batch: -batch)
    of = {model: [_of(found, batch, model) for batch in touched] for model in Model}
    for model in Model:
        everything = sum(each.minor(model) for each in found.values())
        assert everything == sum(of[model]) == (101 if touched else 0)
        assert sum(each.events(model) for each in found.values()) == bool(touched)
    if touched:
        assert of[Model.LAST][-1] == of[Model.FIRST][0] == 101
    assert {batch for batch in found if found[batch].converted(0) is not None} == set(touched)


def _of(found: dict[int, BatchOutcomes], batch: int, model: Model) -> int:
    return found[batch].minor(model)


def test_an_event_is_taken_in_once_and_goes_when_it_is_old() -> None:
    old = an_event(3, at=-int(KEPT_FOR.total_seconds()) - 1)
    log = GoalLog(version=4).joined_by([an_event(1), old, an_event(2, at=-9)], now=NOON)

    again = log.joined_by([an_event(1, minor=999)], now=NOON)

    assert [each.key for each in log.events] == [2, 1]
    assert again == log


def test_of_very_many_events_the_newest_are_kept() -> None:
    log = GoalLog().joined_by([an_event(n, at=-n) for n in range(MAX_EVENTS + 3)], now=NOON)

    assert len(log.events) == MAX_EVENTS
    assert log.events[-1].key == 0


def test_ten_events_a_day_are_taken_from_pages() -> None:
    from_pages = [
        GoalEvent(key=n, name="purchase", at=NOW_S - n, from_page=True)
        for n in range(MAX_FROM_PAGES)
    ]
    log = GoalLog().joined_by([*from_pages, an_event(99)], now=NOON)

    assert not log.takes_from_pages(50, now=NOON)
    assert log.takes_from_pages(3, now=NOON)
    assert log.takes_from_pages(50, now=NOON + timedelta(days=1))
    assert GoalLog(events=log.events[1:]).takes_from_pages(50, now=NOON)


events = st.builds(
    GoalEvent,
    key=st.integers(0, (1 << 48) - 1),
    name=st.sampled_from(["purchase", "구매"]),
    at=st.integers(0, 1 << 33),
    minor=st.integers(-(10**12), 10**12),
    from_page=st.booleans(),
    touches=st.lists(
        st.builds(
            Touch,
            st.integers(0, 1 << 33),
            st.integers(1, 1 << 31).map(BatchNumber),
            st.integers(0, 199),
        ),
        max_size=3,
    ).map(tuple),
    left=st.lists(
        st.builds(
            MessageNumber,
            batch=st.integers(1, 1 << 31).map(BatchNumber),
            ordinal=st.integers(0, 199),
        ),
        max_size=2,
    ).map(tuple),
    look=st.integers(0, 300),
)


@given(st.lists(events, max_size=4))
def test_events_are_written_and_read(known: list[GoalEvent]) -> None:
    assert log_from_bytes(log_to_bytes(known)) == tuple(known)
    assert log_from_bytes(None) == ()


MEASURED = replace(DAY, measured=True)


def sent(batch: int, began: int, touched: int | None = None, goal: Goal = MEASURED) -> Reached:
    return reached(batch, touched, goal)._replace(began=NOW_S + began)


def batches_of(numbers: tuple[MessageNumber, ...]) -> list[int]:
    return [each.batch for each in numbers]


def test_an_event_is_noted_where_it_was_not_touched_if_somebody_is_held_out() -> None:
    messages = [
        sent(1, -HOUR_S),
        sent(2, -HOUR_S, touched=-60),
        sent(3, -HOUR_S, goal=DAY),
        sent(4, -25 * HOUR_S),
        sent(5, 1),
        sent(6, 0, goal=replace(MEASURED, event="signup")),
        sent(7, 0),
    ]

    found = an_event().looked_at(messages)

    assert [each.batch for each in found.touches] == [2]
    assert batches_of(found.untouched) == [1, 7]


def test_a_late_click_makes_an_untouched_message_one_that_touched_and_back() -> None:
    untouched, touched = [sent(1, -HOUR_S)], [sent(1, -HOUR_S, touched=-60)]
    seen = [an_event().looked_at(untouched)]
    for found in (touched, touched, untouched, []):
        seen.append(seen[-1].looked_at(found))

    assert [each.look for each in seen] == [1, 2, 2, 3, 4]
    assert [len(each.untouched) for each in seen] == [1, 0, 0, 1, 0]
    assert [len(each.left) for each in seen] == [0, 0, 0, 0, 1]
    credits_ = [[credit for _, credit in each.credits({BatchNumber(1): NOW_S})] for each in seen]
    assert [[each.happened for each in found] for found in credits_] == [
        [True],
        [True],
        [True],
        [True],
        [False],
    ]
    assert [found[0].counts(Model.LINEAR) for found in credits_] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_of_very_many_untouched_messages_those_that_began_last_are_noted() -> None:
    messages = [sent(n + 1, -HOUR_S + n) for n in range(MAX_UNTOUCHED + 9)]

    found = an_event().looked_at(messages)

    assert len(found.untouched) == MAX_UNTOUCHED
    assert batches_of(found.untouched)[0] == 10


@given(
    looks=st.lists(
        st.lists(st.sampled_from([None, -60, "gone"]), min_size=3, max_size=3), max_size=6
    ),
    order=st.randoms(use_true_random=False),
)
def test_looks_may_be_shown_in_any_order_and_twice(looks: list[list[object]], order) -> None:
    event, shown = an_event(), []
    for look in looks:
        messages = [
            sent(1 + place, -HOUR_S, touched=state)  # type: ignore[arg-type]  # no text is left
            for place, state in enumerate(look)
            if state != "gone"
        ]
        event = event.looked_at(messages)
        shown.append(list(event.credits(dict.fromkeys(map(BatchNumber, (1, 2, 3)), NOW_S))))
    again = [credit for each in shown * 2 for credit in each]
    order.shuffle(again)

    merged = {number: NO_OUTCOMES for number, _ in again}
    for number, credit in again:
        merged[number] = merged[number].merged([credit])

    newest = dict(shown[-1]) if shown else {}
    assert {n: found.credits[0].happened for n, found in merged.items()} == {
        n: newest[n].happened for n in merged
    }
    assert {n: found.events() for n, found in merged.items()} == {
        n: int(newest[n].counts(Model.LAST)) for n in merged
    }


def test_logs_without_untouched_messages_are_written_as_they_always_were() -> None:
    plain = an_event().looked_at([reached(1, -60)])
    noted = an_event(2).looked_at([sent(1, -HOUR_S)])

    assert b"[]]]" in zlib.decompress(log_to_bytes([plain]))
    assert log_from_bytes(log_to_bytes([plain, noted])) == (plain, noted)
