"""What chance gives to whom: seats of variants, a way by chance, and who is held out.

Each has a key of its own, so that one tells nothing of the others.
"""

import hashlib
import hmac

from functions.domain.ids import CampaignId, ContactId
from functions.domain.planning import Person
from functions.runtime.aws import derived_key

_DRAWN_BYTES = 6
"""A float holds 53 bits exactly."""


def rank_of(campaign_id: CampaignId, person: Person) -> bytes:
    """A person's keyed hash within a campaign: nobody who lacks the key can foresee it.

    By it the seats of variants are taken.
    """
    return _rank_of(campaign_id, person, "allotment")


def holdout_rank_of(campaign_id: CampaignId, person: Person) -> bytes:
    """Likewise, for the seats of those who are held out."""
    return _rank_of(campaign_id, person, "holdout")


def group_place_of(name: str, contact_id: ContactId) -> int:
    """Where somebody stands (0 to 2**64 - 1) in the company's group of a name."""
    return int.from_bytes(_digest("holdout-group", name, contact_id)[:8])


def _rank_of(campaign_id: CampaignId, person: Person, use: str) -> bytes:
    known = person.contact_id or (person.phone and person.phone.e164) or ""
    return _digest(use, campaign_id, known)


def draw_of(campaign_id: CampaignId, contact_id: ContactId) -> float:
    """A contact's keyed number within a campaign, from 0 to below 1; no rank tells it."""
    drawn = _digest("explore", campaign_id, contact_id)[:_DRAWN_BYTES]
    return int.from_bytes(drawn) / (1 << 8 * _DRAWN_BYTES)


def _digest(use: str, whose: str, known: str) -> bytes:
    return hmac.digest(derived_key(use), f"{whose}\n{known}".encode(), hashlib.sha256)
