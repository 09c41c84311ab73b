"""Jobs that tell webhooks what happened."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class TellJob:
    """Tell a webhook what it has not been told yet of a batch.

    ``attempt`` counts the tries in a row that failed, since the epoch second ``since``; the try
    that is ``due`` at an epoch second is the one that others leave it to (0: none).
    """

    KIND: ClassVar[str] = "webhooks.tell"
    VERSION: ClassVar[int] = 1
    webhook_id: str
    batch: int
    attempt: int = 0
    since: int = 0
    due: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayJob:
    """Get on with a replay, which has come to its ``step``; ``attempt`` and ``since`` as above."""

    KIND: ClassVar[str] = "webhooks.replay"
    VERSION: ClassVar[int] = 1
    webhook_id: str
    replay_id: str
    step: int
    attempt: int = 0
    since: int = 0
