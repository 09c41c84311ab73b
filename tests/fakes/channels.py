"""What choosing among channels needs, in memory."""

from collections.abc import Callable, Mapping
from datetime import date

from functions.campaigns.ports import ChannelPorts
from functions.domain.channel import Channel, Purpose
from functions.domain.ids import CampaignId, ContactId
from functions.domain.openings import Tally


def _never(_: CampaignId, __: ContactId) -> float:
    """Nobody explores."""
    return 1.0


def channel_ports(
    tallies: Mapping[Channel, Tally] | None = None,
    *,
    draw: Callable[[CampaignId, ContactId], float] = _never,
) -> ChannelPorts:
    def tallies_before(_: date, __: Purpose) -> Mapping[Channel, Tally]:
        return tallies or {}

    return ChannelPorts(tallies_before=tallies_before, draw=draw)
