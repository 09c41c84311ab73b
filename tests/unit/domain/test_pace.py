import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings, strategies as st

from functions.domain.pace import (
    FRESH,
    LONGEST_WAIT_US,
    SECOND_US,
    Estimate,
    Lane,
    LaneKind,
    LaneState,
    Per,
    Rate,
    lanes_of,
    largest_batch,
    micros,
    moment_of,
    slowest,
    spread,
)
from tests.builders import NOON

NOW = micros(NOON)
TEN = Rate(messages=10, per=Per.SECOND)


def a_lane(messages: int = 10, per: Per = Per.SECOND, **values: object) -> Lane:
    facts = {"kind": LaneKind.TENANT, "name": "", "rate": Rate(messages=messages, per=per)}
    return Lane(**(facts | values))


def most_above(sent: Sequence[tuple[int, int]], rate: Rate) -> float:
    """By how many messages the worst window is above the rate: (when, how many) of each batch."""
    ordered = sorted(sent)
    worst = 0.0
    # The excess of a window that ends with batch i, begun anew where it pays (as in Kadane).
    running, last = 0.0, None
    for at, messages in ordered:
        gone = 0 if last is None else (at - last) * rate.per_second / SECOND_US
        running = max(running - gone, 0) + messages
        worst, last = max(worst, running), at
    return worst


def test_a_free_lane_is_taken_at_once_and_then_for_as_long_as_the_batch_takes() -> None:
    taken = FRESH.taken(TEN.cost_us(5), NOW)

    assert taken is not None
    state, slot = taken
    assert slot == NOW
    assert state.wait_us(NOW) == 500_000
    assert state.wait_us(NOW + 400_000) == 100_000
    assert state.wait_us(NOW + 600_000) == 0


def test_a_lane_that_is_full_for_too_long_is_not_taken() -> None:
    state = LaneState(free_us=NOW + LONGEST_WAIT_US + 1, cost_us=SECOND_US)

    assert state.taken(1, NOW) is None
    assert state.taken(1, NOW + 1) is not None
    assert state.taken(1, NOW + 1, within_us=SECOND_US) is None


@pytest.mark.parametrize(
    ("messages", "per", "cost_us"),
    [
        (10, Per.SECOND, 100_000),
        (600, Per.MINUTE, 100_000),
        (36_000, Per.HOUR, 100_000),
        (1, Per.HOUR, 3_600_000_000),
        (3, Per.SECOND, 333_334),
        (7_000_000, Per.SECOND, 1),
    ],
)
def test_a_message_takes_its_share_of_the_period_rounded_up(
    messages: int, per: Per, cost_us: int
) -> None:
    assert Rate(messages=messages, per=per).cost_us(1) == cost_us


@pytest.mark.parametrize(
    ("messages", "per", "size"),
    [
        (10, Per.SECOND, 5),
        (11, Per.SECOND, 5),
        (1, Per.SECOND, 1),
        (100, Per.HOUR, 1),
        (1_000, Per.SECOND, 200),
        (399, Per.SECOND, 199),
    ],
)
def test_a_batch_is_half_a_second_of_the_slowest_limit(messages: int, per: Per, size: int) -> None:
    assert largest_batch([a_lane(5_000), a_lane(messages, per)]) == size


def test_without_limits_batches_are_as_large_as_they_get_and_nothing_takes_time() -> None:
    assert largest_batch([]) == 200
    assert slowest([]) is None
    assert Estimate.of(10**6, []) == Estimate(lane=None, messages=10**6, seconds=0)


def test_lanes_are_those_with_a_limit_narrowest_first() -> None:
    lanes = lanes_of(
        campaign=("cmp_1", TEN), sender=("snd_1", None), provider=("solapi", TEN), tenant=TEN
    )

    assert [(lane.kind, lane.name) for lane in lanes] == [
        (LaneKind.CAMPAIGN, "cmp_1"),
        (LaneKind.PROVIDER, "solapi"),
        (LaneKind.TENANT, ""),
    ]


def test_an_estimate_names_the_slowest_limit() -> None:
    slow = a_lane(90, Per.MINUTE)

    assert Estimate.of(100, [a_lane(10), slow]) == Estimate(lane=slow, messages=100, seconds=67)


def test_how_long_it_takes_is_unknown_where_nobody_counted() -> None:
    found = Estimate.of(None, [a_lane(10)])

    assert (found.lane, found.messages, found.seconds) == (a_lane(10), None, None)


def test_turns_of_a_part_follow_each_other_at_the_pace() -> None:
    assert spread([5, 5, 2, 5], NOW, TEN) == (NOW, NOW + 500_000, NOW + 10**6, NOW + 1_200_000)


def test_turns_of_two_parts_that_are_planned_at_once_do_not_overlap() -> None:
    state, first = FRESH.lined_up(200 * SECOND_US, NOW)
    _, second = state.lined_up(200 * SECOND_US, NOW + 10)

    assert (first, second) == (NOW, NOW + 200 * SECOND_US)


def test_who_has_no_turn_waits_behind_those_who_have() -> None:
    state, _ = FRESH.lined_up(10 * SECOND_US, NOW)
    state, _ = state.taken(TEN.cost_us(5), NOW)

    assert state.lets_begin(NOW, has_turn=True)
    assert not state.lets_begin(NOW, has_turn=False)
    assert state.lined_up(1, NOW)[1] == NOW + 10 * SECOND_US


def test_nobody_is_sent_away_from_a_lane_that_is_free_now() -> None:
    state, _ = FRESH.lined_up(10 * SECOND_US, NOW)

    assert state.lets_begin(NOW + SECOND_US, has_turn=False)


def test_turns_of_people_who_do_not_come_are_void_after_a_while() -> None:
    cancelled, _ = FRESH.lined_up(10**6 * SECOND_US, NOW)
    much_later = NOW + 60 * SECOND_US

    state, _ = cancelled.taken(TEN.cost_us(5), much_later)

    assert state.lets_begin(much_later, has_turn=False)
    assert cancelled.lined_up(1, much_later)[1] == much_later


def test_a_clock_that_was_set_back_stops_a_lane_for_seconds_and_not_for_the_step() -> None:
    state, _ = FRESH.taken(TEN.cost_us(5), NOW)
    state, _ = state.lined_up(60 * SECOND_US, NOW)
    an_hour_ago = NOW - 3_600 * SECOND_US

    assert state.wait_us(an_hour_ago) == 3 * SECOND_US + 500_000
    assert state.lined_up(1, an_hour_ago)[1] <= an_hour_ago + 4 * SECOND_US


@given(st.integers(min_value=0, max_value=4 * 10**15))
def test_moments_and_microseconds_are_the_same(us: int) -> None:
    assert micros(moment_of(us)) == us


RATES = st.builds(Rate, messages=st.integers(1, 5_000), per=st.sampled_from(Per))
STEPS = st.tuples(
    st.integers(0, 20 * SECOND_US),  # how long until somebody comes
    st.integers(1, 200),  # with how many messages
    st.integers(-3_600, 0).map(lambda s: s if s < -3_000 else 0),  # the clock is set back
)


@given(RATES, st.lists(STEPS, min_size=1, max_size=60))
def test_no_window_has_more_than_the_limit_and_one_batch_also_when_clocks_are_set_back(
    rate: Rate, steps: list[tuple[int, int, int]]
) -> None:
    real, offset, state = NOW, 0, FRESH
    sent: list[tuple[int, int]] = []
    for wait_us, messages, step_s in steps:
        real += wait_us
        offset += step_s * SECOND_US
        taken = state.taken(rate.cost_us(messages), real + offset)
        if taken is not None:
            state, slot = taken
            assert 0 <= slot - (real + offset) <= LONGEST_WAIT_US
            sent.append((slot - offset, messages))

    assert most_above(sent, rate) <= max((n for _, n in sent), default=0) + 1e-3


@given(
    st.lists(st.tuples(st.integers(0, 3 * SECOND_US), st.integers(1, 200), RATES), min_size=1),
)
def test_the_limit_of_each_moment_holds_when_limits_change(
    steps: list[tuple[int, int, Rate]],
) -> None:
    now, state, busy_until = NOW, FRESH, 0
    for wait_us, messages, rate in steps:
        now += wait_us
        taken = state.taken(rate.cost_us(messages), now)
        if taken is None:
            continue
        state, slot = taken
        # Never before the last batch had its time at the limit of its moment.
        assert slot >= busy_until
        busy_until = slot + messages / rate.per_second * SECOND_US


@dataclass
class Crowd:
    """Workers that send batches through one lane, as dispatch does: what happens when."""

    rate: Rate
    workers: int
    state: LaneState = FRESH
    sent: list[tuple[int, int]] = field(default_factory=list)
    told: int = 0
    released: int = 0
    events: list[tuple[int, int, str, int, int]] = field(default_factory=list)
    waiting: list[tuple[int, int]] = field(default_factory=list)

    def run(self, batches: Sequence[tuple[int, int]], work_us: Sequence[int]) -> None:
        """Let (when, how many) come; each takes so long to prepare, over and over."""
        busy, number = 0, 0
        for number, (at, messages) in enumerate(batches):
            heapq.heappush(self.events, (at, number, "come", messages, 0))
        while self.events or self.waiting:
            while self.waiting and busy < self.workers:
                now = self.now
                messages, told = self.waiting.pop(0)
                busy += self._begin(now, messages, told, work_us)
            if not self.events:
                continue
            self.now, _, what, messages, told = heapq.heappop(self.events)
            if what == "come":
                self.waiting.append((messages, told))
            elif what == "place":
                busy -= self._place(messages)
            else:
                busy -= 1
            assert number < 100_000

    now: int = NOW
    count: int = 10**6

    def _later(self, at: int, what: str, messages: int, told: int = 0) -> None:
        self.count += 1
        heapq.heappush(self.events, (at, self.count, what, messages, told))

    def _begin(self, now: int, messages: int, told: int, work_us: Sequence[int]) -> int:
        if self.state.lets_begin(now, has_turn=told > 0):
            self._later(now + work_us[self.count % len(work_us)], "place", messages)
            return 1
        self._line_up(now, messages)
        return 0

    def _line_up(self, now: int, messages: int) -> None:
        self.told += 1
        self.state, turn = self.state.lined_up(self.rate.cost_us(messages), now)
        # The queue's delay has whole seconds, and begins with the second that has begun.
        self._later(now + -(-(turn - now) // SECOND_US) * SECOND_US, "come", messages, turn)

    def _place(self, messages: int) -> int:
        taken = self.state.taken(self.rate.cost_us(messages), self.now)
        if taken is None:
            self.released += 1
            self._line_up(self.now, messages)
            return 1
        self.state, slot = taken
        self.sent.append((slot, messages))
        self._later(slot + 20_000, "done", 0)
        return 0


BATCHES = st.lists(
    st.tuples(st.integers(0, 5 * SECOND_US), st.integers(1, 20)), min_size=1, max_size=150
)
WORK = st.lists(st.integers(5_000, 1_500_000), min_size=1, max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 60), st.integers(1, 12), BATCHES, WORK)
def test_everybody_comes_to_send_and_never_too_fast(
    messages: int, workers: int, batches: list[tuple[int, int]], work_us: list[int]
) -> None:
    rate = Rate(messages=messages, per=Per.SECOND)
    crowd = Crowd(rate=rate, workers=workers)

    crowd.run([(NOW + at, n) for at, n in batches], work_us)

    assert sorted(n for _, n in crowd.sent) == sorted(n for _, n in batches)
    assert most_above(crowd.sent, rate) <= max(n for _, n in batches) + 1e-3


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(5_000, 300_000), min_size=1, max_size=20))
def test_a_planned_part_leaves_at_the_limit_within_one_percent_over_a_minute(
    late_us: int, work_us: list[int]
) -> None:
    for per_second in (10, 100, 1_000):
        rate = Rate(messages=per_second, per=Per.SECOND)
        size = largest_batch([a_lane(per_second)])
        count = 75 * per_second // size
        crowd = Crowd(rate=rate, workers=10)
        crowd.state, begins = FRESH.booked(rate.cost_us(count * size), NOW)
        for number, turn in enumerate(spread([size] * count, begins, rate)):
            come = NOW + -(-(turn - NOW) // SECOND_US) * SECOND_US + late_us
            heapq.heappush(crowd.events, (come, number, "come", size, turn))

        crowd.run([], work_us)

        first = min(at for at, _ in crowd.sent) + 5 * SECOND_US
        in_a_minute = sum(n for at, n in crowd.sent if first <= at < first + 60 * SECOND_US)
        assert abs(in_a_minute / (60 * per_second) - 1) <= 0.01
        assert crowd.told <= count / 5


def test_parts_of_a_campaign_book_their_time_whether_anybody_came_or_not() -> None:
    state, first = FRESH.booked(200 * SECOND_US, NOW)
    state, _ = state.taken(TEN.cost_us(5), NOW)
    _, second = state.booked(200 * SECOND_US, NOW + 190 * SECOND_US)

    assert (first, second) == (NOW, NOW + 200 * SECOND_US)


def test_who_is_sent_away_comes_after_the_turns_that_are_booked() -> None:
    state, _ = FRESH.booked(200 * SECOND_US, NOW)
    state, _ = state.taken(TEN.cost_us(50), NOW)

    assert state.lined_up(1, NOW)[1] == NOW + 200 * SECOND_US


@given(STEPS, st.integers(0, 60 * SECOND_US))
def test_who_gets_in_line_by_an_old_clock_does_not_free_what_is_taken(
    step: tuple[int, int, int], old_us: int
) -> None:
    wait_us, messages, _ = step
    state, _ = FRESH.taken(TEN.cost_us(messages), NOW + wait_us)

    after, _ = state.lined_up(TEN.cost_us(messages), NOW + wait_us - old_us)

    assert after.free_us == state.free_us
