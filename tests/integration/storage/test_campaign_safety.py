"""Budgets and watches beside campaigns: exact under rivals, on the fake and on the real store."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest

from functions.domain.budget import Planned, Purse
from functions.domain.campaign import CampaignStatus, Part
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.safety import Safety
from functions.domain.stop_rules import Counts, StopReason
from functions.storage.campaign_safety import CampaignSafetyStore
from functions.storage.campaigns import CampaignStore
from tests.builders import a_campaign, a_part
from tests.fakes.campaigns import FakeCampaigns
from tests.fakes.safety import FakeSafetyStore

CMP_1 = CampaignId("cmp_1")


@dataclass
class Stores:
    campaigns: CampaignStore | FakeCampaigns
    safety: CampaignSafetyStore | FakeSafetyStore

    def a_part(self, number: int, *, cost: int, of: CampaignId = CMP_1) -> Part:
        """Write a part, and give the plan that it may get."""
        part = a_part(number, campaign_id=of)
        self.campaigns.add_part(part)
        batch = BatchNumber(100 + number)
        return replace(part, planned=True, batches=(batch,), batch_sizes=(3,), cost=cost)


@pytest.fixture(params=["fake", "real"])
def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "real":
        return Stores(CampaignStore(), CampaignSafetyStore())
    campaigns = FakeCampaigns()
    return Stores(campaigns, FakeSafetyStore(campaigns))


def test_what_is_planned_is_taken_from_what_is_left(stores: Stores) -> None:
    stores.safety.open_purse(CMP_1, 100)

    outcome = stores.safety.mark_planned_within(stores.a_part(0, cost=60), purse=CMP_1)

    assert outcome is Planned.DONE
    assert stores.safety.purse(CMP_1) == Purse(left=40)
    found = stores.campaigns.part(CMP_1, "000000")
    assert found is not None
    assert (found.planned, found.cost, found.batches) == (True, 60, (BatchNumber(100),))


@pytest.mark.parametrize(("cost", "fits"), [(99, True), (100, True), (101, False)])
def test_the_budget_may_be_used_up_and_not_passed(stores: Stores, cost: int, *, fits: bool) -> None:
    stores.safety.open_purse(CMP_1, 100)

    outcome = stores.safety.mark_planned_within(stores.a_part(0, cost=cost), purse=CMP_1)

    part = stores.campaigns.part(CMP_1, "000000")
    assert outcome is (Planned.DONE if fits else Planned.OVER)
    assert part is not None
    assert part.planned is fits
    assert stores.safety.purse(CMP_1) == Purse(left=100 - cost if fits else 100)


def test_a_part_is_paid_for_once(stores: Stores) -> None:
    stores.safety.open_purse(CMP_1, 100)
    plan = stores.a_part(0, cost=30)
    stores.safety.mark_planned_within(plan, purse=CMP_1)

    again = stores.safety.mark_planned_within(replace(plan, cost=60), purse=CMP_1)

    assert again is Planned.TAKEN
    assert stores.safety.purse(CMP_1) == Purse(left=70)


def test_a_purse_is_opened_once(stores: Stores) -> None:
    stores.safety.open_purse(CMP_1, 100)
    stores.safety.open_purse(CMP_1, 500)

    assert stores.safety.purse(CMP_1) == Purse(left=100)
    assert stores.safety.purse(CampaignId("cmp_2")) is None


def test_what_never_left_comes_back_once(stores: Stores) -> None:
    stores.safety.open_purse(CMP_1, 100)
    stores.safety.mark_planned_within(stores.a_part(0, cost=60), purse=CMP_1)
    purse = stores.safety.purse(CMP_1)
    assert purse is not None

    given = [stores.safety.give_back(CMP_1, purse, amount) for amount in (20, 20)]

    assert given == [True, False]
    assert stores.safety.purse(CMP_1) == Purse(left=60, given_back=20)


def test_a_budget_changes_with_its_campaign(stores: Stores) -> None:
    before = a_campaign(safety=Safety(budget=100))
    stores.campaigns.create(before)
    stores.safety.open_purse(CMP_1, 100)
    stores.safety.mark_planned_within(stores.a_part(0, cost=60), purse=CMP_1)
    after = replace(before, safety=Safety(budget=250, edition=2))

    changed = [stores.safety.change_budget(before, after) for _ in range(2)]

    assert changed == [True, False]
    assert stores.safety.purse(CMP_1) == Purse(left=190)
    assert stores.campaigns.get(CMP_1) == replace(after, version=1)


def test_only_a_later_turn_of_the_watch_counts(stores: Stores) -> None:
    assert stores.safety.turn(CMP_1) == 0

    noted = [stores.safety.note_look(CMP_1, turn, Counts(sent=turn)) for turn in (5, 5, 4, 7)]

    assert noted == [True, False, False, True]
    assert stores.safety.turn(CMP_1) == 7


def test_what_keeps_a_campaign_safe_is_read_as_it_was_written(stores: Stores) -> None:
    campaign = a_campaign(safety=Safety(budget=5, editors=(), expected=None))
    stores.campaigns.create(campaign)
    after = replace(
        campaign,
        status=CampaignStatus.PAUSED,
        safety=replace(campaign.safety, because=StopReason.FAILED_RATE, step=1, expected=9),
    )

    stores.campaigns.change(campaign, after)

    assert stores.campaigns.get(CMP_1) == replace(after, version=1)


@pytest.mark.usefixtures("one_request_at_a_time")
def test_rivals_never_pass_the_budget_together() -> None:
    stores = Stores(CampaignStore(), CampaignSafetyStore())
    stores.safety.open_purse(CMP_1, 1_000)
    plans = [stores.a_part(number, cost=90 + number) for number in range(16)]

    def twice(plan: Part) -> list[Planned]:
        return [stores.safety.mark_planned_within(plan, purse=CMP_1) for _ in range(2)]

    with ThreadPoolExecutor(max_workers=8) as pool:
        outcomes = list(pool.map(twice, [*plans, *plans]))

    parts = stores.campaigns.parts(CMP_1)
    planned = sum(part.cost for part in parts if part.planned)
    assert stores.safety.purse(CMP_1) == Purse(left=1_000 - planned)
    assert 1_000 - 106 < planned <= 1_000
    done = [each for pair in outcomes for each in pair if each is Planned.DONE]
    assert len(done) == sum(part.planned for part in parts)


@pytest.mark.usefixtures("one_request_at_a_time")
def test_a_campaign_and_its_steps_never_pass_their_budget_together() -> None:
    stores = Stores(CampaignStore(), CampaignSafetyStore())
    stores.safety.open_purse(CMP_1, 1_000)
    family = [CMP_1, CampaignId("cmp_1-y"), CampaignId("cmp_1-n")]
    plans = [stores.a_part(number, cost=90 + number, of=family[number % 3]) for number in range(16)]

    with ThreadPoolExecutor(max_workers=8) as pool:
        outcomes = list(
            pool.map(
                lambda plan: stores.safety.mark_planned_within(plan, purse=CMP_1), [*plans, *plans]
            )
        )

    parts = [part for each in family for part in stores.campaigns.parts(each)]
    planned = sum(part.cost for part in parts if part.planned)
    assert stores.safety.purse(CMP_1) == Purse(left=1_000 - planned)
    assert 1_000 - 106 < planned <= 1_000
    assert outcomes.count(Planned.DONE) == sum(part.planned for part in parts)
    assert [stores.safety.purse(each) for each in family[1:]] == [None, None]


def test_with_a_budget_a_part_costs_one_request(
    requests_made: Callable[[], list[str]],
) -> None:
    stores = Stores(CampaignStore(), CampaignSafetyStore())
    stores.safety.open_purse(CMP_1, 100)
    plan = stores.a_part(0, cost=60)
    requests_made()

    stores.safety.mark_planned_within(plan, purse=CMP_1)

    assert requests_made() == ["TransactWriteItems"]
