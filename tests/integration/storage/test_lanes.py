"""Lanes on the emulated store, and the fake that stands in for it; races on the real one."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.contracts.errors import Unavailable
from functions.dispatch.pace import Pace
from functions.domain.ids import CampaignId
from functions.domain.pace import (
    FRESH,
    SECOND_US,
    Lane,
    LaneKind,
    LaneState,
    Per,
    Rate,
    micros,
)
from functions.storage.campaigns import CampaignStore
from functions.storage.lanes import LaneStore
from tests.builders import NOON, a_campaign
from tests.fakes.pace import FakeLanes, WaitingClock

NOW = micros(NOON)
TEN = Rate(messages=10, per=Per.SECOND)
OWN = Lane(kind=LaneKind.CAMPAIGN, name="cmp_1", rate=TEN)
SENDER = Lane(kind=LaneKind.SENDER, name="snd_1", rate=TEN)
COMPANY = Lane(kind=LaneKind.TENANT, name="", rate=TEN)
Lanes = LaneStore | FakeLanes


@pytest.fixture(params=[FakeLanes, LaneStore], ids=["fake", "real"])
def lanes(request: pytest.FixtureRequest) -> Lanes:
    made: Lanes = request.param()
    return made


def take(lanes: Lanes, lane: Lane, messages: int = 5, now_us: int = NOW) -> int | None:
    return lanes.change(lane, lambda state: state.taken(lane.rate.cost_us(messages), now_us))


def test_lane_that_nobody_used_is_fresh(lanes: Lanes) -> None:
    assert lanes.look([OWN, SENDER]) == {OWN: FRESH, SENDER: FRESH}


def test_lane_is_read_as_it_was_changed_and_lanes_are_kept_apart(lanes: Lanes) -> None:
    after = LaneState(free_us=NOW, cost_us=7, line_us=NOW + 1, booked_us=NOW + 2)

    for lane in (OWN, SENDER, COMPANY):
        cost_us = 7 if lane is OWN else 8
        changed = replace(after, cost_us=cost_us)
        assert lanes.change(lane, lambda _, c=changed: (c, 42)) == 42

    found = lanes.look([OWN, SENDER, COMPANY])
    assert found[OWN] == replace(after, version=1)
    assert found[SENDER] == found[COMPANY] == replace(after, cost_us=8, version=1)


def test_nothing_is_written_where_nothing_is_to_change(lanes: Lanes) -> None:
    assert lanes.change(OWN, lambda _: None) is None
    assert lanes.look([OWN]) == {OWN: FRESH}


def test_line_of_a_campaign_begins_anew_and_its_places_stay_taken(lanes: Lanes) -> None:
    take(lanes, OWN)
    lanes.book(OWN, 100 * SECOND_US, NOW)
    assert lanes.book(OWN, 100 * SECOND_US, NOW) == NOW + 100 * SECOND_US

    lanes.forget_turns(CampaignId("cmp_1"))

    assert lanes.book(OWN, 1, NOW) == NOW
    assert lanes.look([OWN])[OWN].free_us == NOW + SECOND_US // 2


def test_line_of_a_campaign_without_one_is_nothing_to_forget(lanes: Lanes) -> None:
    lanes.forget_turns(CampaignId("cmp_1"))

    assert lanes.look([OWN]) == {OWN: FRESH}


def test_a_campaign_and_its_lane_do_not_get_in_each_others_way() -> None:
    campaigns, lanes = CampaignStore(), LaneStore()
    campaigns.create(a_campaign())
    take(lanes, OWN)

    assert campaigns.get(CampaignId("cmp_1")) == a_campaign()
    assert campaigns.parts(CampaignId("cmp_1")) == ()
    assert len(campaigns.page(limit=10, position=None).items) == 1


def test_what_a_rival_wrote_meanwhile_is_minded(lanes: Lanes) -> None:
    def rival(state: LaneState) -> LaneState:
        return state.taken(SECOND_US, NOW)[0]

    if isinstance(lanes, FakeLanes):
        lanes.rivals.append(rival)
        assert take(lanes, OWN) == NOW + SECOND_US
        return
    tries = []

    def change(state: LaneState) -> tuple[LaneState, int] | None:
        tries.append(state.version)
        if len(tries) == 1:
            lanes.change(OWN, lambda known: (rival(known), 0))
        return state.taken(TEN.cost_us(5), NOW)

    assert lanes.change(OWN, change) == NOW + SECOND_US
    assert tries == [0, 1]


def test_who_keeps_losing_says_so() -> None:
    lanes = LaneStore()

    def lose(state: LaneState) -> tuple[LaneState, int]:
        lanes.change(OWN, lambda known: (known, 0))
        return state, 0

    with pytest.raises(Unavailable):
        lanes.change(OWN, lose)


@pytest.mark.usefixtures("one_request_at_a_time")
def test_threads_that_race_for_places_get_one_each() -> None:
    lanes = LaneStore()
    take(lanes, OWN)

    def work(_: int) -> list[int | None]:
        own = LaneStore()
        return [take(own, OWN, messages=1) for _ in range(4)]

    with ThreadPoolExecutor(6) as pool:
        slots = [slot for some in pool.map(work, range(6)) for slot in some]

    # Half a second was taken before, and the next two seconds have room for fifteen more.
    given = sorted(slot for slot in slots if slot is not None)
    assert given == [NOW + SECOND_US // 2 + n * SECOND_US // 10 for n in range(16)]


def test_a_batch_costs_a_read_and_a_write_and_nothing_without_limits(
    requests_made: Callable[[], list[str]],
) -> None:
    clock = WaitingClock()
    pace = Pace(lanes=LaneStore(), clock=clock, sleep=clock.sleep)

    assert pace.turn([], 200, told_us=0, now=NOON) is None
    assert pace.place([], 200) is None
    assert requests_made() == []

    assert pace.turn([OWN], 5, told_us=0, now=NOON) is None
    assert pace.place([OWN], 5) is None
    assert requests_made() == ["BatchGetItem", "BatchGetItem", "UpdateItem"]


def test_who_comes_too_early_is_told_a_turn_by_one_write(
    requests_made: Callable[[], list[str]],
) -> None:
    clock = WaitingClock()
    pace = Pace(lanes=LaneStore(), clock=clock, sleep=clock.sleep)
    LaneStore().change(OWN, lambda state: state.taken(30 * SECOND_US, NOW))
    requests_made()

    turn = pace.turn([OWN], 5, told_us=0, now=NOON + timedelta(seconds=1))

    assert turn == NOW + 30 * SECOND_US
    assert requests_made() == ["BatchGetItem", "BatchGetItem", "UpdateItem"]
