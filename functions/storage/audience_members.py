"""Members of audiences: sorted ids in the data bucket, a file per audience, refresh and shard."""

import zlib
from collections import Counter
from collections.abc import Iterable

from functions.domain.audience import shard_of
from functions.domain.ids import AudienceId, ContactId
from functions.storage.objects import ObjectStore


class MemberStore:
    """Writes and reads who is in an audience."""

    def save(
        self, audience_id: AudienceId, run_id: str, shard: int, members: Iterable[ContactId]
    ) -> None:
        """Write the members of a shard, sorted; writing them again is harmless."""
        body = zlib.compress("\n".join(sorted(members)).encode())
        ObjectStore().put_bytes(_key(audience_id, run_id, shard), body, content_type=_TYPE)

    def load(self, audience_id: AudienceId, run_id: str, shard: int) -> tuple[ContactId, ...]:
        """Read the members of a shard, sorted."""
        text = zlib.decompress(ObjectStore().get_bytes(_key(audience_id, run_id, shard))).decode()
        return tuple(map(ContactId, text.split("\n"))) if text else ()

    def erase(self, contact_id: ContactId) -> int:
        """Take a person out of all members that are kept; tells out of how many."""
        shards: Counter[str] = Counter()
        for key in ObjectStore().keys(_FOLDER):
            shards[key.rpartition("/")[0]] += 1
        return sum(_erased(folder, count, contact_id) for folder, count in shards.items())

    def forget(self, audience_id: AudienceId, *, before: str) -> None:
        """Delete the members of refreshes whose names sort before this."""
        folder = f"{_FOLDER}{audience_id}/"
        for key in ObjectStore().keys(folder):
            if key.removeprefix(folder).partition("/")[0] < before:
                ObjectStore().delete(key)


_TYPE = "application/octet-stream"


_FOLDER = "audiences/"


def _key(audience_id: AudienceId, run_id: str, shard: int) -> str:
    return _key_in(f"{_FOLDER}{audience_id}/{run_id}", shard)


def _key_in(folder: str, shard: int) -> str:
    return f"{folder}/members-{shard:04d}"


def _erased(folder: str, shards: int, contact_id: ContactId) -> bool:
    key = _key_in(folder, shard_of(contact_id, shards))
    members = zlib.decompress(ObjectStore().get_bytes(key)).decode().split("\n")
    if contact_id not in members:
        return False
    body = "\n".join(each for each in members if each != contact_id).encode()
    ObjectStore().put_bytes(key, zlib.compress(body), content_type=_TYPE)
    return True
