"""What chance gives to whom: seats of a campaign's variants, and a way by chance."""

import hashlib
import hmac

from functions.domain.ids import CampaignId, ContactId
from functions.domain.planning import Person
from functions.runtime.aws import derived_key

_DRAWN_BYTES = 6
"""A float holds 53 bits exactly."""


def rank_of(campaign_id: CampaignId, person: Person) -> bytes:
    """A person's keyed hash within a campaign: nobody who lacks the key can foresee it."""
    known = person.contact_id or (person.phone and person.phone.e164) or ""
    return _digest("allotment", campaign_id, known)


def draw_of(campaign_id: CampaignId, contact_id: ContactId) -> float:
    """A contact's keyed number within a campaign, from 0 to below 1; no rank tells it."""
    drawn = _digest("explore", campaign_id, contact_id)[:_DRAWN_BYTES]
    return int.from_bytes(drawn) / (1 << 8 * _DRAWN_BYTES)


def _digest(use: str, campaign_id: CampaignId, known: str) -> bytes:
    return hmac.digest(derived_key(use), f"{campaign_id}\n{known}".encode(), hashlib.sha256)
