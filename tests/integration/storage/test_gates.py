from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain.batch import Source
from functions.domain.campaign import CampaignStatus, Gate
from functions.domain.ids import CampaignId
from functions.storage.campaigns import CampaignStore
from functions.storage.gates import CampaignGates
from tests.builders import NOON, a_campaign

SOURCE = Source(kind="campaign", source_id="cmp_1")


def move(status: CampaignStatus) -> None:
    store = CampaignStore()
    campaign = store.get(CampaignId("cmp_1"))
    assert campaign is not None
    assert store.change(campaign, replace(campaign, status=status))


@pytest.fixture
def gates() -> CampaignGates:
    CampaignStore().create(a_campaign(status=CampaignStatus.LAUNCHED))
    return CampaignGates()


def test_pause_holds_two_seconds_later(gates: CampaignGates) -> None:
    assert gates(SOURCE, NOON) is Gate.OPEN

    move(CampaignStatus.PAUSED)

    assert gates(SOURCE, NOON + timedelta(seconds=2)) is Gate.SHUT


def test_resume_holds_at_once(gates: CampaignGates) -> None:
    move(CampaignStatus.PAUSED)
    assert gates(SOURCE, NOON) is Gate.SHUT

    move(CampaignStatus.LAUNCHED)

    assert gates(SOURCE, NOON) is Gate.OPEN


def test_cancelled_is_gone(gates: CampaignGates) -> None:
    move(CampaignStatus.CANCELLED)

    assert gates(SOURCE, NOON) is Gate.GONE


def test_open_gate_is_read_once_in_two_seconds(
    gates: CampaignGates, requests_made: Callable[[], list[str]]
) -> None:
    for ms in (0, 500, 1_000, 1_999, 2_000):
        gates(SOURCE, NOON + timedelta(milliseconds=ms))

    assert requests_made() == ["GetItem", "GetItem"]


def test_clock_that_was_set_back_does_not_keep_the_gate_open(gates: CampaignGates) -> None:
    gates(SOURCE, NOON + timedelta(hours=1))

    move(CampaignStatus.PAUSED)

    assert gates(SOURCE, NOON) is Gate.SHUT


def test_other_sources_are_open(requests_made: Callable[[], list[str]]) -> None:
    assert CampaignGates()(Source(kind="request", source_id="req_1"), NOON) is Gate.OPEN
    assert requests_made() == []


def test_campaign_that_is_not_there_fails_loudly() -> None:
    with pytest.raises(LookupError):
        CampaignGates()(SOURCE, NOON)
