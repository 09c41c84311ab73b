"""An API key as it is kept: the hash of its secret, and what it may do."""

from dataclasses import dataclass, field
from datetime import datetime

from functions.domain.ids import KeyId


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key. ``scopes`` are names such as ``send``."""

    key_id: KeyId
    name: str
    scopes: frozenset[str]
    created: datetime
    secret_hash: str = field(repr=False)
    revoked: datetime | None = None
