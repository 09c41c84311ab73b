"""Jobs about what campaigns brought about."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class PageEventJob:
    """A page that a message led to tells what its visitor did.

    ``event`` is what, by name, ``key`` the hash of its id; ``at`` is epoch seconds, ``minor`` in
    the tenant's money.
    """

    KIND: ClassVar[str] = "activity.page"
    VERSION: ClassVar[int] = 1
    batch: int
    ordinal: int
    event: str
    key: int
    at: int
    minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeJob:
    """Look again at the events of all whom a batch went to.

    With ``batch`` 0 have every batch of the part looked at, with ``part`` "" every part.
    """

    KIND: ClassVar[str] = "activity.attribute"
    VERSION: ClassVar[int] = 1
    campaign_id: str
    part: str = ""
    batch: int = 0
