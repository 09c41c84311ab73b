"""Members of audiences: sorted ids in the data bucket, a file per audience, refresh and shard."""

import zlib
from collections.abc import Iterable

from functions.domain.audience import shard_of, shards_in
from functions.domain.ids import AudienceId, ContactId
from functions.storage.objects import ObjectStore

_TYPE, _FOLDER = "application/octet-stream", "audiences/"


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
        mine = [key for key in ObjectStore().keys(_FOLDER) if _is_shard_of(key, contact_id)]
        return sum(_erased(key, contact_id) for key in mine)

    def forget(self, audience_id: AudienceId, *, before: str) -> None:
        """Delete the members of refreshes whose names sort before this."""
        folder = f"{_FOLDER}{audience_id}/"
        for key in ObjectStore().keys(folder):
            if key.removeprefix(folder).partition("/")[0] < before:
                ObjectStore().delete(key)


def _key(audience_id: AudienceId, run_id: str, shard: int) -> str:
    return f"{_FOLDER}{audience_id}/{run_id}/{shard:04d}"


def _is_shard_of(key: str, contact_id: ContactId) -> bool:
    _, answer, shard = key.removeprefix(_FOLDER).split("/")
    return int(shard) == shard_of(contact_id, shards_in(answer))


def _erased(key: str, contact_id: ContactId) -> bool:
    members = zlib.decompress(ObjectStore().get_bytes(key)).decode().split("\n")
    if contact_id not in members:
        return False
    body = "\n".join(each for each in members if each != contact_id).encode()
    ObjectStore().put_bytes(key, zlib.compress(body), content_type=_TYPE)
    return True
