from dataclasses import replace
from datetime import time, timedelta

import pytest

from functions.domain.campaign import CampaignStatus, Way
from functions.domain.goal import Goal, TouchRule
from functions.domain.ids import AudienceId, BatchNumber, CampaignId, SenderId, TemplateId
from functions.domain.pace import Per, Rate
from functions.domain.policy import WhenCapped
from functions.domain.reason import RefusalReason
from functions.domain.recipients import EVERYONE, Pin, Recipients, SkipReason, Source, SourceKind
from functions.storage.campaigns import CampaignItem, CampaignStore
from tests.builders import NOON, a_campaign, a_part
from tests.fakes.campaigns import FakeCampaigns

CMP_1 = CampaignId("cmp_1")
Campaigns = CampaignStore | FakeCampaigns


@pytest.fixture(params=[FakeCampaigns, CampaignStore], ids=["fake", "real"])
def campaigns(request: pytest.FixtureRequest) -> Campaigns:
    made: Campaigns = request.param()
    return made


SOME = Recipients(
    include=(
        EVERYONE,
        Source(kind=SourceKind.GROUP, name="vip 고객"),
        Source(kind=SourceKind.DIRECT, name="campaigns/cmp_1/direct"),
    ),
    exclude=(Source(kind=SourceKind.AUDIENCE, name="aud_1"),),
)
PINNED = SOME.pinned({AudienceId("aud_1"): Pin(run_id="run_1", shards=4)})


def test_campaign_is_read_as_it_was_written(campaigns: Campaigns) -> None:
    campaign = a_campaign(
        recipients=SOME, variables={"coupon": "SPRING", "n": 1, "rate": 0.5, "vip": True}
    )

    campaigns.create(campaign)

    assert campaigns.get(CMP_1) == campaign


def test_a_goal_is_read_as_it_was_written(campaigns: Campaigns) -> None:
    goal = Goal(event="purchase", window=timedelta(days=90), touch=TouchRule.DELIVERED)
    campaign = a_campaign(goal=goal)

    campaigns.create(campaign)

    assert campaigns.get(CMP_1) == campaign


def test_row_of_the_release_before_waits_for_no_refresh() -> None:
    campaign, campaigns = a_campaign(send_at=NOON), CampaignStore()
    campaigns.create(campaign)
    row = CampaignItem.get(CMP_1, "META")
    row.timing = row.timing[:4]
    row.save()

    assert campaigns.get(CMP_1) == campaign


def test_timing_is_read_as_it_was_written_and_changed(campaigns: Campaigns) -> None:
    campaign = a_campaign(
        send_at=NOON,
        first_at=NOON,
        at_local=time(9, 30),
        best_within=timedelta(hours=36),
        recurs="FREQ=DAILY",
        refresh_first=True,
        series=CampaignId("cmp_0"),
        launched=NOON,
    )
    later = NOON + timedelta(days=1)

    campaigns.create(campaign)
    assert campaigns.get(CMP_1) == campaign
    campaigns.change(campaign, replace(campaign, send_at=later, first_at=later))

    assert campaigns.get(CMP_1) == replace(campaign, send_at=later, first_at=later, version=1)


def test_ways_are_read_as_they_were_written(campaigns: Campaigns) -> None:
    ways = tuple(
        Way(template_id=TemplateId(f"tpl_{each}"), template_version=3, sender_id=SenderId("snd_1"))
        for each in range(3)
    )
    one = a_campaign(swap=ways[0], when_capped=WhenCapped.SWAP)
    best = a_campaign(campaign_id=CampaignId("cmp_2"), ways=ways, explore=7, priority=8)

    campaigns.create(one)
    campaigns.create(best)

    assert campaigns.get(CMP_1) == one
    assert campaigns.get(best.campaign_id) == best


def test_limit_is_read_as_it_was_written_and_changed(campaigns: Campaigns) -> None:
    campaign = a_campaign(rate=Rate(messages=600, per=Per.MINUTE))
    campaigns.create(campaign)
    assert campaigns.get(CMP_1) == campaign

    campaigns.change(campaign, replace(campaign, rate=Rate(messages=1, per=Per.HOUR)))
    changed = campaigns.get(CMP_1)
    assert changed == replace(campaign, rate=Rate(messages=1, per=Per.HOUR), version=1)

    campaigns.change(changed, replace(changed, rate=None))
    assert campaigns.get(CMP_1) == replace(campaign, rate=None, version=2)


def test_campaign_that_is_not_there_is_none(campaigns: Campaigns) -> None:
    assert campaigns.get(CMP_1) is None
    assert campaigns.parts(CMP_1) == ()
    assert campaigns.part(CMP_1, "000000") is None


def test_draft_is_launched_once(campaigns: Campaigns) -> None:
    campaigns.create(a_campaign(recipients=SOME))

    draft = a_campaign(recipients=SOME)
    launched = replace(draft, status=CampaignStatus.LAUNCHED, launched=NOON, recipients=PINNED)
    later = replace(launched, launched=NOON + timedelta(days=1))

    assert campaigns.change(draft, launched)
    assert not campaigns.change(draft, later)

    assert campaigns.get(CMP_1) == replace(launched, version=1)


def test_state_is_changed_under_its_version(campaigns: Campaigns) -> None:
    campaigns.create(a_campaign(send_at=NOON))
    campaigns.change(a_campaign(), replace(a_campaign(), status=CampaignStatus.LAUNCHED))
    launched = campaigns.get(CMP_1)
    assert launched is not None

    assert campaigns.change(launched, replace(launched, status=CampaignStatus.PAUSED))
    assert not campaigns.change(launched, replace(launched, status=CampaignStatus.CANCELLED))

    paused = replace(launched, status=CampaignStatus.PAUSED, version=2, send_at=None)
    assert campaigns.get(CMP_1) == paused


def test_state_of_what_is_not_there_is_not_changed(campaigns: Campaigns) -> None:
    assert not campaigns.change(a_campaign(), a_campaign(status=CampaignStatus.LAUNCHED))
    assert campaigns.get(CMP_1) is None


def test_part_is_added_once(campaigns: Campaigns) -> None:
    first = a_part(0, next_cursor="after-1", skipped={SkipReason.EXCLUDED: 2})

    assert campaigns.add_part(first)
    assert not campaigns.add_part(a_part(0, size=9, people_key="another"))

    assert campaigns.part(CMP_1, "000000") == first


def test_parts_are_listed_in_order(campaigns: Campaigns) -> None:
    parts = [a_part(number) for number in range(12)]
    for part in reversed(parts):
        campaigns.add_part(part)
    campaigns.add_part(a_part(0, campaign_id=CampaignId("cmp_2")))

    assert campaigns.parts(CMP_1) == tuple(parts)


def test_part_is_planned_once_and_the_first_plan_counts(campaigns: Campaigns) -> None:
    campaigns.add_part(a_part(0, next_cursor="after-1"))
    first = replace(
        a_part(0, next_cursor="after-1"),
        planned=True,
        refused={RefusalReason.NO_CONSENT: 2},
        batches=(BatchNumber(7), BatchNumber(8)),
        batch_sizes=(200, 50),
        outcomes_key="campaigns/cmp_1/outcomes/000000-o_1",
    )
    rival = replace(first, batches=(BatchNumber(9),), batch_sizes=(250,))

    assert campaigns.mark_planned(first)
    assert not campaigns.mark_planned(rival)

    assert campaigns.part(CMP_1, "000000") == first


def test_variants_of_batches_are_read_as_they_were_written(campaigns: Campaigns) -> None:
    campaigns.add_part(a_part(0))
    planned = replace(
        a_part(0),
        planned=True,
        batches=(BatchNumber(7), BatchNumber(8)),
        batch_sizes=(2, 1),
        batch_variants=("a", "b"),
        outcomes_key="campaigns/cmp_1/outcomes/000000-o_1",
    )

    assert campaigns.mark_planned(planned)

    assert campaigns.part(CMP_1, "000000") == planned


def test_part_can_be_cancelled_instead_of_planned(campaigns: Campaigns) -> None:
    campaigns.add_part(a_part(0))
    nobody = replace(a_part(0), planned=True, cancelled=3)

    assert campaigns.mark_planned(nobody)
    assert not campaigns.mark_planned(replace(a_part(0), planned=True))

    assert campaigns.part(CMP_1, "000000") == nobody


def test_plan_without_any_batch_is_a_plan(campaigns: Campaigns) -> None:
    campaigns.add_part(a_part(0, size=0))
    plan = replace(a_part(0, size=0), planned=True, outcomes_key="campaigns/cmp_1/outcomes/x")

    assert campaigns.mark_planned(plan)

    assert campaigns.part(CMP_1, "000000") == plan


def test_campaign_is_never_overwritten() -> None:
    CampaignStore().create(a_campaign())

    with pytest.raises(Exception, match="ConditionalCheckFailed"):
        CampaignStore().create(a_campaign(name="another"))


def test_plan_of_a_part_that_is_not_there_is_not_written() -> None:
    assert not CampaignStore().mark_planned(replace(a_part(0), planned=True))
    assert CampaignItem.count(CMP_1) == 0


def test_list_shows_campaigns_and_not_their_parts() -> None:
    store = CampaignStore()
    names = {f"cmp_{number}" for number in range(7)}
    for name in names:
        store.create(a_campaign(campaign_id=CampaignId(name)))
        store.add_part(a_part(0, campaign_id=CampaignId(name)))
        store.add_part(a_part(1, campaign_id=CampaignId(name)))

    seen, position = [], None
    for _ in range(20):
        page = store.page(limit=3, position=position)
        assert len(page.items) <= 3
        seen += [each.campaign_id for each in page.items]
        position = page.after
        if position is None:
            break

    assert sorted(seen) == sorted(names)
