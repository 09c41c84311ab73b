"""Tokens of report pages: they name a campaign until an hour, and cannot be made up.

Nothing is written to make one. It is the campaign's id, the hour in which it ends and a keyed MAC
over both (128 bits), with full stops between.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from hmac import compare_digest

from functions.domain.ids import CampaignId

LIFETIME = timedelta(hours=24)
"""For the time in which somebody looks at it and passes it on."""
_HOUR = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAC_BYTES = 16
_MAX_HOUR_CHARS = 6
# Sets these MACs apart from others made with the same key (`person`, at most eight bytes).
_PERSON = b"report"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportToken:
    """Shows a campaign's report until ``expires``."""

    campaign_id: CampaignId
    expires: datetime


class ReportTokenCoder:
    """Makes and checks the tokens of one key, which has 16 to 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, campaign_id: CampaignId, *, now: datetime) -> tuple[str, datetime]:
        """Make a token and tell when it ends: at the first full hour after its lifetime."""
        hour = -(-(now + LIFETIME - _EPOCH) // _HOUR)
        return self._signed(campaign_id, f"{hour:x}"), _EPOCH + hour * _HOUR

    def read(self, text: str) -> ReportToken | None:
        """Read a token; None for anything that ``make`` would not have made with this key.

        Whether it has ended is the caller's question: ``now < token.expires``.
        """
        campaign_id, _, rest = text.partition(".")
        hour, _, _ = rest.partition(".")
        if not text.isascii() or not 0 < len(hour) <= _MAX_HOUR_CHARS:
            return None
        if not compare_digest(text, self._signed(campaign_id, hour)):
            return None
        return ReportToken(
            campaign_id=CampaignId(campaign_id), expires=_EPOCH + int(hour, 16) * _HOUR
        )

    def _signed(self, campaign_id: str, hour: str) -> str:
        value = f"{campaign_id}.{hour}"
        mac = blake2s(value.encode(), key=self._key, digest_size=_MAC_BYTES, person=_PERSON)
        return f"{value}.{mac.hexdigest()}"
