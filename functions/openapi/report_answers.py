"""What the API answers about the parts of a campaign's report."""

from pydantic import AwareDatetime, BaseModel, Field

from functions.domain.channel import Channel
from functions.openapi.family_answers import FamilyTotals, FollowUpReport
from functions.openapi.holdout_answers import HoldoutReport
from functions.openapi.message_answers import CampaignReport, Money


class ReportFigures(BaseModel):
    """Messages that were made, in figures.

    messages = sent + held + refused + failed + unknown + pending + cancelled. People who were
    refused when the campaign was planned got no message and are in none of the parts.
    ``converted`` are messages that an event is put down to by the last touch, ``conversions``
    those events, of this ``value``.
    """

    messages: int
    sent: int
    delivered: int
    held: int
    refused: int
    failed: int
    unknown: int
    pending: int
    cancelled: int
    human_clicks: int
    machine_clicks: int
    opted_out: int
    converted: int
    conversions: int
    value: Money
    cost: Money


class ChannelFigures(ReportFigures):
    """The messages of a channel."""

    channel: Channel


class VariantFigures(ReportFigures):
    """The messages of a variant."""

    variant: str


class LinkFigures(BaseModel):
    """A tracked link: in how many of the messages ``sent`` with it people opened it.

    ``address`` is that of the template's text, without query and fragment.
    """

    template_id: str
    template_version: int
    place: int = Field(ge=0)
    address: str | None
    sent: int
    people: int


class HourFigures(BaseModel):
    """What happened in the hour from ``start`` on; ``human_clicks`` are first openings."""

    start: AwareDatetime
    sent: int
    delivered: int
    human_clicks: int
    conversions: int


class WholeReport(CampaignReport):
    """What became of a campaign, also by channel, link and hour of the tenant's clock.

    ``converted`` are messages that an event of its goal is put down to by the last touch,
    ``conversions`` those events. ``by_variant`` is empty where it has no variants, ``holdout`` null
    where it holds nobody out. ``family`` is the campaign with its follow-ups, null where none
    follows.
    """

    converted: int
    conversions: int
    value: Money
    by_channel: list[ChannelFigures]
    by_variant: list[VariantFigures]
    by_link: list[LinkFigures]
    by_hour: list[HourFigures]
    follow_ups: list[FollowUpReport]
    family: FamilyTotals | None
    holdout: HoldoutReport | None


class ReportLink(BaseModel):
    """The address of a campaign's report page, which ends at ``expires``."""

    url: str
    expires: AwareDatetime
