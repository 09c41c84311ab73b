"""Whether and how fast campaigns let their messages leave, as dispatch asks before each batch.

Only "open" is remembered, and for two seconds: a pause holds within that time, and a batch that
was woken by a resume is never turned away by what was known before it. One read unit in two
seconds for each worker and campaign.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from functions.domain.batch import Source
from functions.domain.campaign import Campaign, Gate, gate_of
from functions.domain.ids import CampaignId
from functions.domain.pace import Rate
from functions.storage.campaigns import CampaignStore

REMEMBERED = timedelta(seconds=2)
_MOST = 1_000


class CampaignGates:
    """Tells whether the messages of a source may leave."""

    def __init__(self, find: Callable[[CampaignId], Campaign | None] | None = None) -> None:
        self._find = find or CampaignStore().get
        self._open: dict[str, tuple[datetime, Rate | None]] = {}

    def __call__(self, source: Source, now: datetime) -> Gate:
        """Look at the campaign; other sources are always open. Raises LookupError without one."""
        if source.kind != "campaign" or self._known_open(source.source_id, now) is not None:
            return Gate.OPEN
        return self._look(source.source_id, now)[0]

    def rate(self, source: Source, now: datetime) -> Rate | None:
        """How fast a campaign may leave at most, as known when its gate was looked at."""
        if source.kind != "campaign":
            return None
        known = self._known_open(source.source_id, now)
        return self._look(source.source_id, now)[1] if known is None else known[1]

    def _look(self, campaign_id: str, now: datetime) -> tuple[Gate, Rate | None]:
        campaign = self._find(CampaignId(campaign_id))
        if campaign is None:
            msg = f"campaign {campaign_id} is not there"
            raise LookupError(msg)
        gate = gate_of(campaign.status)
        if gate is Gate.OPEN:
            if len(self._open) >= _MOST:
                self._open.clear()
            self._open[campaign_id] = now + REMEMBERED, campaign.rate
        return gate, campaign.rate

    def _known_open(self, campaign_id: str, now: datetime) -> tuple[datetime, Rate | None] | None:
        known = self._open.get(campaign_id)
        # A clock that was set back, as on the local stage, does not keep it open for longer.
        if known is None or not timedelta(0) < known[0] - now <= REMEMBERED:
            return None
        return known
