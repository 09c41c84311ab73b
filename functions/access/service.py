"""API keys: who calls, and what they may do."""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from functions.contracts.errors import NotFound, Unauthenticated
from functions.domain.api_key import StoredKey
from functions.domain.ids import KeyId

_SCHEME = "bearer"
_FRESH = timedelta(seconds=30)
_MAX_CACHED = 1000
_MAX_ID_CHARS = 64


class Keys(Protocol):
    """The store of keys."""

    def add(self, key: StoredKey) -> None:
        """Write a new key."""

    def get(self, key_id: KeyId) -> StoredKey | None:
        """Read one key."""

    def all(self) -> tuple[StoredKey, ...]:
        """Read every key."""

    def revoke(self, key_id: KeyId, *, now: datetime) -> bool:
        """Make a key useless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDeps:
    """What access needs. ``known`` remembers verified tokens for half a minute."""

    keys: Keys
    known: dict[str, tuple[StoredKey, datetime]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key just made; ``token`` is shown this once."""

    key: StoredKey
    token: str = field(repr=False)


def hash_secret(secret: str) -> str:
    """The form in which a secret is kept; it is random, so that a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def make_key(
    *, key_id: KeyId, secret: str, name: str, scopes: Iterable[str], now: datetime
) -> NewKey:
    """Put a key together. The token is ``<key id>.<secret>``."""
    key = StoredKey(
        key_id=key_id,
        name=name,
        scopes=frozenset(scopes),
        created=now,
        secret_hash=hash_secret(secret),
    )
    return NewKey(key=key, token=f"{key_id}.{secret}")


def authenticate(authorization: str | None, *, deps: AccessDeps, now: datetime) -> StoredKey:
    """Find the key of an ``Authorization`` header. Raises Unauthenticated.

    A revoked key works at most half a minute longer.
    """
    token = _token(authorization)
    digest = hash_secret(token)
    key, verified = deps.known.get(digest, (None, now))
    if key is not None and now - verified < _FRESH:
        return key
    key = _verified(token, deps.keys)
    if len(deps.known) >= _MAX_CACHED:
        deps.known.clear()
    deps.known[digest] = (key, now)
    return key


def _token(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != _SCHEME or not token.strip():
        msg = "Send your API key as 'Authorization: Bearer <key>'."
        raise Unauthenticated(msg)
    return token.strip()


def _verified(token: str, keys: Keys) -> StoredKey:
    key_id, _, secret = token.partition(".")
    plausible = secret and 1 <= len(key_id) <= _MAX_ID_CHARS
    key = keys.get(KeyId(key_id)) if plausible else None
    if (
        key is None
        or key.revoked is not None
        or not hmac.compare_digest(key.secret_hash, hash_secret(secret))
    ):
        msg = "The API key is unknown or revoked."
        raise Unauthenticated(msg)
    return key


def revoke(key_id: KeyId, *, deps: AccessDeps, now: datetime) -> None:
    """Revoke a key. Raises NotFound."""
    if not deps.keys.revoke(key_id, now=now):
        msg = "There is no such key."
        raise NotFound(msg)
    deps.known.clear()
