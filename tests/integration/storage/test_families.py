"""A campaign and its steps read together: the same as one by one, in few requests."""

from collections.abc import Callable
from dataclasses import replace

from functions.campaigns.follow_ups import FamilyDeps, family_of
from functions.campaigns.reporting import ReportingDeps, whole_report
from functions.domain.ids import CampaignId
from functions.storage.campaigns import CampaignStore
from functions.storage.families import FamilyStore
from functions.storage.templates import TemplateStore
from functions.storage.told import ToldStore
from tests import reported
from tests.builders import NOON, a_campaign, a_part
from tests.integration.account import Account
from tests.integration.reported_rows import write_campaign

IDS = [CampaignId(f"cmp_{number}") for number in range(4)]


def test_reads_those_that_there_are_with_their_parts(account: Account) -> None:
    for name in IDS[:2]:
        CampaignStore().create(a_campaign(campaign_id=name))
        for number in range(2):
            CampaignStore().add_part(replace(a_part(number), campaign_id=name))

    found, parts = FamilyStore().campaigns(IDS), FamilyStore().parts(IDS[:2])

    assert found == {name: CampaignStore().get(name) for name in IDS[:2]}
    assert parts == {name: CampaignStore().parts(name) for name in IDS[:2]}
    assert FamilyStore().campaigns([]) == {}


def test_a_report_with_its_steps_asks_once_for_each_hundred_rows(
    account: Account,
    requests_made: Callable[[], list[str]],
) -> None:
    write_campaign()
    campaign = CampaignStore().get(reported.campaign().campaign_id)
    assert campaign is not None
    told = ToldStore()
    reporting = ReportingDeps(campaigns=CampaignStore(), batches=told, templates=TemplateStore())
    whole = whole_report(campaign, deps=reporting)
    requests_made()

    family = family_of(
        campaign, whole, deps=FamilyDeps(families=FamilyStore(), batches=told), now=NOON
    )

    # Campaigns; parts of the two that began; four rows of each of 33 batches.
    assert sorted(requests_made()) == [*["BatchGetItem"] * 3, *["Query"] * 2]
    assert family is not None
    assert family.below.messages == 33 * reported.SIZE
    assert family.whole.sent == family.own.sent + family.below.sent
