"""Whether campaigns let their messages leave, as dispatch asks before each batch.

Only "open" is remembered, and for two seconds: a pause holds within that time, and a batch that
was woken by a resume is never turned away by what was known before it. One read unit in two
seconds for each worker and campaign.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from functions.domain.batch import Source
from functions.domain.campaign import CampaignStatus, Gate, gate_of
from functions.domain.ids import CampaignId
from functions.storage.campaigns import CampaignStore

REMEMBERED = timedelta(seconds=2)
_MOST = 1_000


class CampaignGates:
    """Tells whether the messages of a source may leave."""

    def __init__(self, status: Callable[[CampaignId], CampaignStatus | None] | None = None) -> None:
        self._status = status or CampaignStore().status
        self._open_until: dict[str, datetime] = {}

    def __call__(self, source: Source, now: datetime) -> Gate:
        """Look at the campaign; other sources are always open. Raises LookupError without one."""
        if source.kind != "campaign" or self._known_open(source.source_id, now):
            return Gate.OPEN
        status = self._status(CampaignId(source.source_id))
        if status is None:
            msg = f"campaign {source.source_id} is not there"
            raise LookupError(msg)
        gate = gate_of(status)
        if gate is Gate.OPEN:
            if len(self._open_until) >= _MOST:
                self._open_until.clear()
            self._open_until[source.source_id] = now + REMEMBERED
        return gate

    def _known_open(self, campaign_id: str, now: datetime) -> bool:
        until = self._open_until.get(campaign_id)
        # A clock that was set back, as on the local stage, does not keep it open for longer.
        return until is not None and timedelta(0) < until - now <= REMEMBERED
