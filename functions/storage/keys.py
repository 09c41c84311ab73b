"""API keys: only the hash of the secret is kept."""

from datetime import datetime

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute, UTCDateTimeAttribute
from pynamodb.expressions.update import Action

from functions.domain.api_key import StoredKey
from functions.domain.ids import KeyId
from functions.storage.base import Item, written


class KeyItem(Item):
    """One key."""

    class Meta:
        """Short name of the table."""

        table = "keys"

    key_id = UnicodeAttribute(hash_key=True)
    secret_hash = UnicodeAttribute(null=True)
    scopes = UnicodeSetAttribute(null=True)
    name = UnicodeAttribute(null=True)
    created = UTCDateTimeAttribute(null=True)
    revoked = UTCDateTimeAttribute(null=True)


class KeyStore:
    """Reads and writes keys."""

    def add(self, key: StoredKey) -> None:
        """Write a new key."""
        KeyItem(
            key.key_id,
            secret_hash=key.secret_hash,
            scopes=set(key.scopes),
            name=key.name,
            created=key.created,
        ).save(condition=KeyItem.key_id.does_not_exist())

    def get(self, key_id: KeyId) -> StoredKey | None:
        """Read one key, consistently."""
        try:
            return _to_key(KeyItem.get(key_id, consistent_read=True))
        except KeyItem.DoesNotExist:
            return None

    def all(self) -> tuple[StoredKey, ...]:
        """Read every key; there are few."""
        return tuple(_to_key(item) for item in KeyItem.scan())

    def revoke(self, key_id: KeyId, *, now: datetime) -> bool:
        """Make a key useless; False when there is no such key."""
        item = KeyItem(key_id)
        actions: list[Action] = [KeyItem.revoked.set(now)]
        known = KeyItem.secret_hash.exists()
        return written(lambda: item.update(actions=actions, condition=known))


def _to_key(item: KeyItem) -> StoredKey:
    return StoredKey(
        key_id=KeyId(item.key_id),
        name=item.name or "",
        scopes=frozenset(item.scopes or ()),
        created=item.created,
        secret_hash=item.secret_hash or "",
        revoked=item.revoked,
    )
