"""What came of one try to tell a webhook something."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """A look at a batch or a step of a replay that came to a request, for the log of a webhook.

    ``events`` were told in ``posts`` requests, the last of which had ``status`` or ``trouble``;
    ``again`` is when there is another try.
    """

    at: datetime
    about: str
    attempt: int
    posts: int
    events: int
    status: int
    trouble: str
    ms: int
    again: datetime | None = None
