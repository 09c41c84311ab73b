"""How the parts of a campaign's report look in answers."""

from zoneinfo import ZoneInfo

from functions.campaigns.reporting import LinkFigures, WholeReport
from functions.domain.breakdown import Figures, by_hour
from functions.domain.pricing import CURRENCY
from functions.runtime.http import Json


def breakdown_view(whole: WholeReport, *, zone: ZoneInfo) -> Json:
    """What came of a campaign's messages, and all by channel, link and hour of the zone's clock."""
    return {
        "converted": whole.figures.converted,
        "conversions": whole.figures.conversions,
        "value": {"minor": whole.figures.value, "currency": CURRENCY},
        "by_channel": [
            {"channel": channel, **figures_view(figures)}
            for channel, figures in whole.by_channel.items()
        ],
        "by_variant": [
            {"variant": variant, **figures_view(figures)}
            for variant, figures in whole.by_variant.items()
        ],
        "by_link": [_link_view(each) for each in whole.links],
        "by_hour": [
            {
                "start": hour.start.astimezone(zone).isoformat(),
                "sent": hour.sent,
                "delivered": hour.delivered,
                "human_clicks": hour.opened,
                "conversions": hour.converted,
            }
            for hour in by_hour(whole.moments, zone)
        ],
    }


def figures_view(figures: Figures) -> Json:
    """A part of the messages in figures."""
    return {
        "messages": figures.messages,
        "sent": figures.sent,
        "delivered": figures.delivered,
        "held": figures.held,
        "refused": figures.refused,
        "failed": figures.failed,
        "unknown": figures.unknown,
        "pending": figures.pending,
        "cancelled": figures.cancelled,
        "human_clicks": figures.human_clicks,
        "machine_clicks": figures.machine_clicks,
        "opted_out": figures.opted_out,
        "converted": figures.converted,
        "conversions": figures.conversions,
        "value": {"minor": figures.value, "currency": CURRENCY},
        "cost": {"minor": figures.cost, "currency": CURRENCY},
    }


def _link_view(link: LinkFigures) -> Json:
    return {
        "template_id": link.key.template_id,
        "template_version": link.key.version,
        "place": link.key.place,
        "address": link.address,
        "sent": link.sent,
        "people": link.people,
    }
