"""What is kept of people who are held out, and that nothing is kept where nobody is."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from functions.contracts.holdout_document import (
    drawn_from_json,
    drawn_to_json,
    holdout_from_json,
    holdout_to_json,
)
from functions.domain.campaign import CampaignStatus
from functions.domain.goal import Goal
from functions.domain.holdout import Arm, Drawn, GlobalGroup, Holdout
from functions.domain.ids import BatchNumber, CampaignId, ContactId, MessageNumber
from functions.domain.policy import LAW_ALONE
from functions.runtime.allotment import group_place_of, holdout_rank_of, rank_of
from functions.storage.batches import BatchItem, BatchStore
from functions.storage.campaigns import CampaignItem, CampaignStore
from functions.storage.contacts import ContactStore
from functions.storage.goals import GoalStore
from functions.storage.histories import HistoryStore
from functions.storage.objects import ObjectStore
from functions.storage.people import PeopleStore
from functions.storage.policies import PolicyStore
from tests.builders import NOON, a_batch, a_campaign, a_part, a_person
from tests.integration.storage.test_histories import a_number, a_page, in_month

pytestmark = pytest.mark.usefixtures("account")
CMP_1, C1 = CampaignId("cmp_1"), ContactId("c1")
GROUP = GlobalGroup(name="이천이십육", share=25, version=4)
HELD = Holdout(share=100, globally=GROUP)
BUY = Goal(event="purchase")

groups = st.builds(
    GlobalGroup, name=st.text(), share=st.integers(0, 500), version=st.integers(0, 9)
)


@given(holdout=st.builds(Holdout, share=st.integers(0, 500), globally=st.none() | groups))
def test_settings_are_read_back(holdout: Holdout) -> None:
    assert holdout_from_json(json.loads(json.dumps(holdout_to_json(holdout)))) == holdout


@given(drawn=st.builds(Drawn, seats=st.integers(0), kept=st.integers(0)))
def test_seats_are_read_back(drawn: Drawn) -> None:
    assert drawn_from_json(json.loads(json.dumps(drawn_to_json(drawn)))) == drawn


def test_campaign_part_people_and_batch_are_read_as_they_were_written() -> None:
    campaign = a_campaign(holdout=HELD)
    part = replace(a_part(0), drawn=Drawn(seats_before=2, kept_before=1, seats=3, kept=2))
    people = tuple(replace(a_person(n + 1), arm=arm) for n, arm in enumerate([None, *Arm]))
    batch = a_batch(7)
    batch = replace(batch, meta=replace(batch.meta, arm=Arm.HELD_OUT))
    CampaignStore().create(campaign)
    CampaignStore().add_part(part)
    PeopleStore().save("parts/x", people)
    BatchStore().create([batch])

    assert CampaignStore().get(CMP_1) == campaign
    assert CampaignStore().part(CMP_1, "000000") == part
    assert PeopleStore().load("parts/x") == people
    assert BatchStore().meta(BatchNumber(7)) == batch.meta


def test_a_launch_writes_what_is_in_force() -> None:
    draft = a_campaign()
    CampaignStore().create(draft)
    launched = replace(draft, holdout=HELD, status=CampaignStatus.LAUNCHED, launched=NOON)

    assert CampaignStore().change(draft, launched)

    found = CampaignStore().get(CMP_1)
    assert found is not None
    assert found.holdout == HELD


def test_nothing_is_stored_where_nobody_is_held_out() -> None:
    campaign = a_campaign(goal=BUY, status=CampaignStatus.LAUNCHED)
    CampaignStore().create(campaign)
    CampaignStore().change(campaign, replace(campaign, launched=NOON))
    CampaignStore().add_part(a_part(0))
    BatchStore().create([a_batch(7)])
    PeopleStore().save("parts/x", [a_person(1)])

    rows = [row.to_simple_dict() for row in CampaignItem.scan()]
    assert not {"holdout", "drawn", "measured"} & {name for row in rows for name in row}
    assert "arm" not in BatchItem.get(7, "META").meta
    assert "arm" not in ObjectStore().get_json("parts/x")[0]


@pytest.mark.parametrize(("holdout", "measured"), [(None, False), (HELD, True)])
def test_goals_say_whether_they_are_measured(holdout: Holdout | None, measured: bool) -> None:
    campaign = a_campaign(goal=BUY, holdout=holdout, status=CampaignStatus.LAUNCHED)
    CampaignStore().create(campaign)
    expected = {CMP_1: replace(BUY, measured=measured)}

    assert GoalStore().open() == GoalStore().of([CMP_1]) == expected
    assert campaign.pursued == expected[CMP_1]
    GoalStore().end(CMP_1, expected[CMP_1], now=NOON)
    assert CampaignItem.get("GOALS", CMP_1).measured is (True if measured else None)


def test_what_left_in_the_next_month_is_listed_once_wherever_a_list_goes_on() -> None:
    waited: MessageNumber = a_number(7)
    HistoryStore().note(a_page("202611"), [(C1, waited)])
    ContactStore().remember_sent({C1: waited}, now=in_month("202612"))

    assert list(HistoryStore().of(C1)) == [("202612", waited)]
    assert list(HistoryStore().of(C1, until="202611")) == []


def test_ranks_and_places_tell_nothing_of_each_other() -> None:
    person = a_person(1)

    assert rank_of(CMP_1, person) != holdout_rank_of(CMP_1, person)
    assert holdout_rank_of(CMP_1, person) == holdout_rank_of(CMP_1, person)
    assert group_place_of("a", C1) != group_place_of("b", C1)
    assert 0 <= group_place_of("a", C1) < 1 << 64


def test_places_are_even() -> None:
    group = GlobalGroup(name="2026", share=100)
    inside = sum(group.has(group_place_of("2026", ContactId(f"c{n}"))) for n in range(5_000))

    # Five deviations of a share of ten percent of so many.
    assert abs(inside - 500) < 5 * 21.3


def test_a_policy_keeps_its_group_and_its_past() -> None:
    store = PolicyStore()
    first = replace(LAW_ALONE, version=1, holdout=GlobalGroup(name="a", share=25))
    second = replace(LAW_ALONE, version=2)
    store.add(first, actor="key_1", now=NOON)
    store.add(second, actor="key_2", now=NOON)

    assert store.current().holdout is None
    page = store.page(limit=10, position=None)
    assert [(each.policy.version, each.policy.holdout, each.actor) for each in page.items] == [
        (2, None, "key_2"),
        (1, first.holdout, "key_1"),
    ]
