"""Keyed hashes that stand for people and addresses in what is kept when they are erased."""

import hashlib
import hmac

from functions.domain.ids import ContactId
from functions.runtime.aws import derived_key


def subject_of(contact_id: ContactId) -> str:
    """The keyed hash under which a person's evidence is kept, also when they are erased."""
    return _keyed_hash("subject", contact_id)


def hash_of_ip(ip: str) -> str:
    """The keyed hash of an IP address."""
    return _keyed_hash("ip", ip)


def hash_of_network(network: str) -> str:
    """The keyed hash of a part of the internet that many share."""
    return _keyed_hash("network", network)


def _keyed_hash(purpose: str, text: str) -> str:
    return hmac.digest(derived_key(purpose), text.encode(), hashlib.sha256)[:16].hex()
