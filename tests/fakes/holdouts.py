"""Who is held out, by hashes without a secret."""

import hashlib

from functions.campaigns.ports import HoldoutPorts
from functions.domain.ids import CampaignId, ContactId
from functions.domain.planning import Person


def rank(campaign_id: CampaignId, person: Person) -> bytes:
    return hashlib.sha256(f"held {campaign_id}\n{person.contact_id}".encode()).digest()


def place(name: str, contact_id: ContactId) -> int:
    return int.from_bytes(hashlib.sha256(f"{name}\n{contact_id}".encode()).digest()[:8], "big")


def holdout_ports() -> HoldoutPorts:
    return HoldoutPorts(rank=rank, place=place)
