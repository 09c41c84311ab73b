"""The whole report of a campaign: totals, and by channel, link and hour, from one look at its rows.

Nothing is prepared or kept: the rows are read anew each time, so that the report is live while
the campaign runs, and exact afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from functions.campaigns.report import Report, report
from functions.domain.breakdown import (
    Counted,
    Figures,
    LinkKey,
    Moments,
    Told,
    counted,
    figures_by,
    moments_of,
    people_by_link,
)
from functions.domain.campaign import Campaign, Part
from functions.domain.channel import Channel
from functions.domain.holdout import Arm
from functions.domain.ids import BatchNumber, CampaignId, TemplateId
from functions.domain.lift import Group, groups_of
from functions.domain.template import Template


class Campaigns(Protocol):
    """The store of campaigns."""

    def parts(self, campaign_id: CampaignId) -> Sequence[Part]:
        """Read all parts."""
        ...


class Batches(Protocol):
    """Reads batches for reports."""

    def read(self, numbers: Sequence[BatchNumber], *, outcomes: bool) -> Sequence[Told]:
        """Read batches, in this order, with what came of them where asked. Raises Unavailable."""
        ...


class Templates(Protocol):
    """The store of templates."""

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        """Read one version."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportingDeps:
    """What reports need."""

    campaigns: Campaigns
    batches: Batches
    templates: Templates


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkFigures:
    """A tracked link, and in how many of the messages that left with it people opened it.

    ``address`` is that of the template's text, without query and fragment; None where the
    template's version is not known any more.
    """

    key: LinkKey
    address: str | None
    sent: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a report is counted from."""

    parts: Sequence[Part] = ()
    told: Sequence[Told] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeReport:
    """A campaign in figures, from every side.

    ``figures`` are those of all messages that were made to be sent. ``by_variant`` is empty where
    there are no variants, ``groups`` where nobody is held out. ``rows`` is what it was counted
    from.
    """

    totals: Report
    figures: Figures = field(default_factory=Figures)
    by_channel: Mapping[Channel, Figures] = field(default_factory=dict)
    by_variant: Mapping[str, Figures] = field(default_factory=dict)
    links: tuple[LinkFigures, ...] = ()
    moments: Moments = field(default_factory=Moments)
    groups: Mapping[Arm | None, Group] = field(default_factory=dict)
    rows: Rows = Rows()


def whole_report(campaign: Campaign, *, deps: ReportingDeps) -> WholeReport:
    """Count a campaign. Raises Unavailable."""
    parts = deps.campaigns.parts(campaign.campaign_id)
    numbers = [number for part in parts for number in part.batches]
    told = deps.batches.read(numbers, outcomes=campaign.goal is not None)
    batches = counted(each for each in told if not each.meta.shadow)
    return WholeReport(
        totals=report(campaign, parts, lambda _: [each.standing for each in told]),
        figures=figures_by(batches, lambda _: None).get(None, Figures()),
        by_channel=figures_by(batches, lambda meta: meta.channel),
        by_variant=_by_variant(batches),
        links=_links(told, batches, deps=deps),
        moments=moments_of(told),
        groups=_groups(campaign, told),
        rows=Rows(parts=parts, told=told),
    )


def _groups(campaign: Campaign, told: Sequence[Told]) -> dict[Arm | None, Group]:
    if campaign.holdout is None:
        return {}
    return groups_of(told, window=None if campaign.goal is None else campaign.goal.window)


def _by_variant(batches: Sequence[Counted]) -> dict[str, Figures]:
    found = figures_by(batches, lambda meta: meta.variant)
    return {name: found[name] for name in sorted(found)} if set(found) != {""} else {}


def _links(
    told: Sequence[Told], batches: Sequence[Counted], *, deps: ReportingDeps
) -> tuple[LinkFigures, ...]:
    """Every link of every template version that was used, opened or not."""
    people = people_by_link(told)
    by_version = figures_by(batches, lambda meta: (meta.template_id, meta.template_version))
    found = []
    for (template_id, version), figures in by_version.items():
        template = deps.templates.get(template_id, version)
        addresses = () if template is None else template.links
        opened = [key.place for key in people if key[:2] == (template_id, version)]
        for place in range(max(len(addresses), *(each + 1 for each in opened), 0)):
            key = LinkKey(template_id, version, place)
            address = shown(addresses[place]) if place < len(addresses) else None
            found.append(
                LinkFigures(key=key, address=address, sent=figures.sent, people=people.get(key, 0))
            )
    return tuple(found)


def shown(address: str) -> str:
    """An address without what stands behind its path; a mark says that there is more."""
    parts = urlsplit(address)
    more = "?…" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}{parts.path}{more}"
