"""When a campaign is sent, as JSON in its row."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from functions.domain.campaign import Campaign
from functions.domain.ids import CampaignId

_NOTHING = (None,) * 6


def timing_to_json(campaign: Campaign) -> list[Any]:
    """Write it."""
    at_local, first_at = campaign.at_local, campaign.first_at
    return [
        None if at_local is None else at_local.isoformat(),
        campaign.recurs,
        None if first_at is None else first_at.isoformat(),
        campaign.series,
        campaign.refresh_first,
        None if campaign.best_within is None else int(campaign.best_within.total_seconds()),
    ]


def timing_from_json(stored: Sequence[Any]) -> dict[str, Any]:
    """Read it back, as the values of the campaign's fields."""
    # Rows from the releases before end earlier.
    at_local, recurs, first_at, series, refresh_first, best_s = [*stored, *_NOTHING][:6]
    return {
        "at_local": None if at_local is None else time.fromisoformat(at_local),
        "recurs": recurs,
        "first_at": None if first_at is None else datetime.fromisoformat(first_at),
        "series": None if series is None else CampaignId(series),
        "refresh_first": bool(refresh_first),
        "best_within": None if best_s is None else timedelta(seconds=best_s),
    }
