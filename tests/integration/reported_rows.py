"""Writes the campaign of ``tests/reported`` by the product's own stores."""

from dataclasses import replace
from datetime import timedelta

from functions.domain.campaign import Part
from functions.domain.clicks import BatchClicks
from functions.domain.ids import MessageNumber
from functions.domain.reaction import Reaction
from functions.domain.template import TemplateStatus
from functions.storage.batches import BatchStore
from functions.storage.campaigns import CampaignStore
from functions.storage.experiments import ExperimentStore
from functions.storage.outcomes import OutcomeStore
from functions.storage.reactions import ReactionStore
from functions.storage.templates import TemplateStore
from tests import reported
from tests.builders import a_template

LINKS = (
    "https://shop.example/autumn/coupon?utm_source=sms",
    "https://shop.example/stores",
    "https://shop.example/members/points",
)


def write_campaign() -> str:
    """Write all rows of it; its id."""
    campaign = reported.campaign()
    CampaignStore().create(campaign)
    for look in reported.looks():
        ExperimentStore().add_look(campaign.campaign_id, look)
    for part in reported.parts():
        _plan(part)
    TemplateStore().add(a_template(links=LINKS, status=TemplateStatus.APPROVED))
    for told in reported.told():
        BatchStore().create([reported.batch(told)])
        _reach(told)
    for step, part, messages in reported.steps():
        CampaignStore().create(step)
        _plan(part)
        for told in messages:
            BatchStore().create([reported.batch(told)])
            _reach(told)
    return campaign.campaign_id


def _plan(part: Part) -> None:
    CampaignStore().add_part(replace(part, planned=False, batches=(), batch_sizes=()))
    CampaignStore().mark_planned(part)


def _reach(told: reported.Told) -> None:
    meta, standing = told

    def clicked(_: BatchClicks) -> BatchClicks:
        return standing.clicks

    BatchStore().change_clicks(meta.number, reported.SIZE, clicked)
    OutcomeStore().change(meta.number, lambda known: known.merged(standing.outcomes.credits))
    if standing.reactions.count(Reaction.OPTED_OUT):
        for ordinal in reported.OPTED_OUT:
            message = MessageNumber(batch=meta.number, ordinal=ordinal)
            at = meta.began + timedelta(seconds=900)
            ReactionStore().of_message(message, Reaction.OPTED_OUT, at=at)
