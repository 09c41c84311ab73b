"""Chance that is the same each time it is asked."""

from statistics import fmean

import pytest

from functions.domain.ids import CampaignId, ContactId
from functions.runtime.allotment import draw_of, rank_of
from tests.builders import a_person
from tests.integration.account import Account

CAMPAIGN = CampaignId("cmp_1")
PEOPLE = [ContactId(f"c{number}") for number in range(2_000)]


@pytest.fixture(autouse=True)
def _keys(account: Account) -> None:
    """There is a secret to derive keys from."""


def test_draws_are_spread_evenly_and_the_same_each_time() -> None:
    drawn = [draw_of(CAMPAIGN, each) for each in PEOPLE]

    assert drawn == [draw_of(CAMPAIGN, each) for each in PEOPLE]
    assert all(0 <= each < 1 for each in drawn)
    assert fmean(drawn) == pytest.approx(0.5, abs=0.03)
    assert sum(each < 0.05 for each in drawn) == pytest.approx(100, abs=40)


def test_draws_of_another_campaign_are_others() -> None:
    again = CampaignId("cmp_2")

    both = [(draw_of(CAMPAIGN, each) < 0.5, draw_of(again, each) < 0.5) for each in PEOPLE]

    assert sum(one == other for one, other in both) == pytest.approx(1_000, abs=150)


def test_seat_in_an_experiment_tells_nothing_of_the_draw() -> None:
    first = sorted(range(2_000), key=lambda each: rank_of(CAMPAIGN, a_person(each)))[:1_000]

    assert fmean(draw_of(CAMPAIGN, PEOPLE[each]) for each in first) == pytest.approx(0.5, abs=0.04)
