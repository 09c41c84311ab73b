"""An audience: a question about people, and who answered to it at the last refresh."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from functions.domain.ids import AudienceId, ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Who was in an audience at a refresh.

    The members lie in ``shards`` files under ``run_id``. ``day`` is the tenant's day that relative
    windows were counted from; ``entered`` and ``left`` compare with the membership before.
    """

    run_id: str
    day: date
    at: datetime
    shards: int
    count: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """A question, as the document of its tree; ``version`` counts its changes.

    A ``live`` audience is also kept up to date person by person. A ``fixed`` one asks about fixed
    days only and is answered once. ``members`` is None until the first refresh.
    """

    audience_id: AudienceId
    name: str
    definition: Mapping[str, Any]
    created: datetime
    changed: datetime
    version: int = 1
    live: bool = False
    fixed: bool = False
    members: Membership | None = None

    @property
    def answered(self) -> bool:
        """Whether the members are of the definition as it is now."""
        return self.members is not None and self.members.run_id == answer_id(
            self.members.run_id.partition(".")[0], self.version, self.members.shards
        )


def answer_id(run_id: str, version: int, shards: int) -> str:
    """Name the members that a refresh finds; those of later refreshes and versions sort later.

    >>> answer_id("20261126T001000-k3", 2, 8)
    '20261126T001000-k3.000002.8'
    """
    return f"{run_id}.{version:06d}.{shards}"


def shards_in(answer: str) -> int:
    """Tell how many shards the members of this name lie in.

    >>> shards_in("20261126T001000-k3.000002.8")
    8
    """
    return int(answer.rpartition(".")[2])


def shard_of(contact_id: ContactId, shards: int) -> int:
    """Tell in which of so many shards a person is.

    >>> shard_of(ContactId("c-1024"), 1)
    0
    """
    return zlib.crc32(contact_id.encode()) % shards
