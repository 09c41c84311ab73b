"""In which order people take the seats of a campaign's variants."""

import hashlib
import hmac

from functions.domain.ids import CampaignId
from functions.domain.planning import Person
from functions.runtime.aws import derived_key


def rank_of(campaign_id: CampaignId, person: Person) -> bytes:
    """A person's keyed hash within a campaign: nobody who lacks the key can foresee it."""
    known = person.contact_id or (person.phone and person.phone.e164) or ""
    text = f"{campaign_id}\n{known}"
    return hmac.digest(derived_key("allotment"), text.encode(), hashlib.sha256)
