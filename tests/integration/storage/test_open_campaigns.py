"""Which campaigns are under way, and what was found of them."""

from dataclasses import replace

import pytest

from functions.domain.campaign import Campaign, CampaignStatus
from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.reconciliation import ChunkCheck, Fault, FaultKind, Progress
from functions.storage.campaigns import CampaignStore
from functions.storage.open_campaigns import OpenCampaignStore
from tests.builders import NOON, a_campaign, a_part
from tests.fakes.campaigns import FakeCampaigns, FakeOpenCampaigns

CMP_1 = CampaignId("cmp_1")
Opens = OpenCampaignStore | FakeOpenCampaigns


@pytest.fixture(params=[FakeOpenCampaigns, OpenCampaignStore], ids=["fake", "real"])
def opens(request: pytest.FixtureRequest) -> Opens:
    made: Opens = request.param()
    return made


def a_check(chunk: int = 0, **values: object) -> ChunkCheck:
    facts: dict[str, object] = {
        "chunk": chunk,
        "last": True,
        "at": NOON,
        "asked": 7,
        "status": "launched",
        "recipients": 3,
        "counts": {"sent": 2, "held": 1},
        "faults": (
            Fault(kind=FaultKind.PART_SIZE, part="000001", expected=4, found=3),
            Fault(
                kind=FaultKind.BATCH_MISSING,
                part="000001",
                batch=BatchNumber(9),
                expected=4,
                found=0,
            ),
        ),
        "more_faults": 2,
        "mended": {"campaign.plan": 1},
        "settled": False,
        "progress": Progress(marker="1/1/0/1", since=NOON, mends=2),
    }
    return ChunkCheck(**(facts | values))  # type: ignore[arg-type]


def test_checks_are_read_as_they_were_written_in_order(opens: Opens) -> None:
    opens.save_check(CMP_1, a_check(1))
    opens.save_check(CMP_1, a_check(0))
    opens.save_check(CMP_1, a_check(0, recipients=4))
    opens.save_check(CampaignId("cmp_2"), a_check())

    assert opens.checks(CMP_1) == (a_check(0, recipients=4), a_check(1))


def test_nothing_was_found_of_what_nobody_looked_at(opens: Opens) -> None:
    assert opens.checks(CMP_1) == ()


def launched(store: CampaignStore, campaign: Campaign, status: CampaignStatus) -> None:
    assert store.change(campaign, replace(campaign, status=status, launched=NOON))


@pytest.mark.parametrize("status", [CampaignStatus.LAUNCHED, CampaignStatus.SCHEDULED])
def test_campaign_is_marked_when_it_gets_under_way(status: CampaignStatus) -> None:
    store, opens = CampaignStore(), OpenCampaignStore()
    campaign = a_campaign()
    store.create(campaign)
    assert list(opens.all()) == []

    launched(store, campaign, status)

    assert list(opens.all()) == [CMP_1]


def test_run_of_a_series_is_marked_when_it_is_made() -> None:
    CampaignStore().create(a_campaign(status=CampaignStatus.LAUNCHED, launched=NOON))

    assert list(OpenCampaignStore().all()) == [CMP_1]


def test_forgetting_is_harmless_to_repeat_and_a_resume_marks_again() -> None:
    store, opens = CampaignStore(), OpenCampaignStore()
    campaign = a_campaign(status=CampaignStatus.PAUSED, launched=NOON)
    store.create(campaign)
    assert list(opens.all()) == []
    launched(store, campaign, CampaignStatus.LAUNCHED)

    opens.forget(CMP_1)
    opens.forget(CMP_1)

    assert list(opens.all()) == []


def test_marks_are_in_order_and_in_no_list_of_campaigns() -> None:
    store = CampaignStore()
    for number in (3, 1, 2):
        store.create(
            a_campaign(campaign_id=CampaignId(f"cmp_{number}"), status=CampaignStatus.LAUNCHED)
        )

    assert list(OpenCampaignStore().all()) == ["cmp_1", "cmp_2", "cmp_3"]
    page = store.page(limit=50, position=None)
    assert {each.campaign_id for each in page.items} == {"cmp_1", "cmp_2", "cmp_3"}


@pytest.mark.parametrize("store", [FakeCampaigns, CampaignStore], ids=["fake", "real"])
def test_parts_of_some_numbers_are_read_both_ends_included(store) -> None:
    campaigns = store()
    for number in (0, 1, 2, 10):
        campaigns.add_part(a_part(number))

    found = campaigns.parts_between(CMP_1, 1, 10)

    assert [part.part for part in found] == ["000001", "000002", "000010"]
