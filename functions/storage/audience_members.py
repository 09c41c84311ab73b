"""Members of audiences: sorted ids in the data bucket, a file per audience, refresh and shard."""

import zlib
from collections.abc import Iterable

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

    def forget(self, audience_id: AudienceId, *, before: str) -> None:
        """Delete the members of refreshes whose names sort before this."""
        folder = f"audiences/{audience_id}/"
        for key in ObjectStore().keys(folder):
            if key.removeprefix(folder).partition("/")[0] < before:
                ObjectStore().delete(key)


_TYPE = "application/octet-stream"


def _key(audience_id: AudienceId, run_id: str, shard: int) -> str:
    return f"audiences/{audience_id}/{run_id}/members-{shard:04d}"
