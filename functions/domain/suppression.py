"""A suppressed address: known only by its keyed hash, so that it can outlive the contact."""

from dataclasses import dataclass
from datetime import datetime

from functions.domain.ids import AddressHash
from functions.domain.reason import SuppressionReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Why, since when and by whose word an address must not be used."""

    address_hash: AddressHash
    reason: SuppressionReason
    source: str
    since: datetime
