"""Goals that events can still reach, and what people did to reach them."""

from datetime import timedelta
from typing import TypeVar

import pytest

from functions.domain.attribution import GoalEvent, GoalLog, Touch
from functions.domain.campaign import CampaignStatus
from functions.domain.goal import Goal
from functions.domain.ids import BatchNumber, CampaignId, ContactId, MessageNumber
from functions.runtime.clock import utc_now
from functions.storage.campaigns import CampaignStore
from functions.storage.goal_logs import GoalLogStore
from functions.storage.goals import FRESH, GoalStore, OpenGoals
from tests.builders import NOON, a_campaign
from tests.fakes.goals import FakeGoalLogs

T = TypeVar("T")
C1, C2 = ContactId("c1"), ContactId("c2")
CMP_1 = CampaignId("cmp_1")
BUY = Goal(event="purchase")
MESSAGE = MessageNumber(batch=BatchNumber(7), ordinal=3)


def an_event(key: int, at: int = 1_000) -> GoalEvent:
    touches = (Touch(900, BatchNumber(7), 3),)
    return GoalEvent(key=key, name="구매", at=at, minor=-5, touches=touches, look=1)


@pytest.mark.parametrize("status", [CampaignStatus.LAUNCHED, CampaignStatus.SCHEDULED])
def test_a_goal_is_open_from_when_its_campaign_gets_under_way(status: CampaignStatus) -> None:
    draft = a_campaign(goal=BUY)
    CampaignStore().create(draft)
    before = GoalStore().open()

    CampaignStore().change(draft, a_campaign(goal=BUY, status=status))

    assert (before, GoalStore().open()) == ({}, {CMP_1: BUY})


def test_a_campaign_without_a_goal_is_not_open() -> None:
    CampaignStore().create(a_campaign(status=CampaignStatus.LAUNCHED))

    assert GoalStore().open() == {}


@pytest.mark.parametrize(("over", "expected"), [(36, {CMP_1: BUY}), (38, {})])
def test_a_goal_stays_open_for_its_window_and_late_reports(
    over: int, expected: dict[CampaignId, Goal]
) -> None:
    GoalStore().end(CMP_1, BUY, now=utc_now() - timedelta(days=over))

    assert GoalStore().open() == expected


def test_goals_of_campaigns_are_read_whenever_they_were() -> None:
    CampaignStore().create(a_campaign(goal=BUY))
    CampaignStore().create(a_campaign(campaign_id=CampaignId("cmp_2")))

    assert GoalStore().of([CMP_1, CampaignId("cmp_2"), CampaignId("x"), CMP_1]) == {CMP_1: BUY}


def test_a_changed_goal_is_kept() -> None:
    campaign = a_campaign(goal=BUY, status=CampaignStatus.LAUNCHED)
    CampaignStore().create(campaign)
    wide = Goal(event="purchase", window=timedelta(days=90))

    assert CampaignStore().change(campaign, a_campaign(goal=wide, status=CampaignStatus.LAUNCHED))

    assert GoalStore().of([CMP_1]) == GoalStore().open() == {CMP_1: wide}


def test_open_goals_are_read_again_after_15_seconds_or_when_the_clock_is_set_back() -> None:
    reads, moments = list[int](), iter([0, 14, 15, 16, 10])

    def read() -> dict[CampaignId, Goal]:
        reads.append(1)
        return {}

    goals = OpenGoals(read, lambda: NOON + timedelta(seconds=next(moments)))
    counts = []
    for _ in range(5):
        goals()
        counts.append(len(reads))

    assert timedelta(seconds=15) == FRESH
    assert counts == [1, 1, 2, 2, 3]


@pytest.fixture(params=[FakeGoalLogs, GoalLogStore], ids=["fake", "real"])
def logs(request: pytest.FixtureRequest) -> FakeGoalLogs | GoalLogStore:
    made: FakeGoalLogs | GoalLogStore = request.param()
    return made


@pytest.mark.parametrize("holder", [C1, MESSAGE])
def test_events_are_kept_in_place_of_the_version_that_was_read(
    logs: FakeGoalLogs | GoalLogStore, holder: ContactId | MessageNumber
) -> None:
    nothing = logs.of(holder)

    assert logs.save(holder, GoalLog(events=(an_event(1),)))
    assert not logs.save(holder, GoalLog(events=(an_event(2),)))
    assert logs.save(holder, GoalLog(events=(an_event(1), an_event(3)), version=1))

    assert nothing == GoalLog()
    assert logs.of(holder) == GoalLog(events=(an_event(1), an_event(3)), version=2)


def test_events_of_many_are_read_at_once() -> None:
    store = GoalLogStore()
    store.save(C2, GoalLog(events=(an_event(1),)))
    store.save(MESSAGE, GoalLog(events=(an_event(2),)))

    people = store.of_people([C1, C2, *(ContactId(f"x{n}") for n in range(120))])

    assert people == {C2: GoalLog(events=(an_event(1),), version=1)}
    assert store.beside(BatchNumber(7)) == {MESSAGE: GoalLog(events=(an_event(2),), version=1)}
    assert store.beside(BatchNumber(8)) == {}


@pytest.mark.parametrize("mine", [(), (an_event(2, at=500),)])
def test_events_move_to_the_survivor(mine: tuple[GoalEvent, ...]) -> None:
    store = GoalLogStore()
    store.save(C1, GoalLog(events=(an_event(1),)))
    if mine:
        store.save(C2, GoalLog(events=mine))

    for _ in range(2):
        store.move(C1, C2)

    assert store.of(C1) == GoalLog()
    assert store.of(C2).events == (*mine, an_event(1))
