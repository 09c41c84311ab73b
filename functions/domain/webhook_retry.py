"""When a webhook is tried again: for a day, at growing distances, then it is given up."""

from datetime import datetime, timedelta

from functions.domain.breaker import Jitter

DELAYS_S = (10, 30, 120, 300, 900, 1_800, 3_600, 7_200, 14_400)
"""After the first failure, the second and so on; the last one again and again."""
LONGEST_S = DELAYS_S[-1]
TRIED_FOR = timedelta(hours=24)
"""So long after the first failure there is a last try."""
FAILING_FOR = timedelta(days=5)
"""After so long without a success a webhook is switched off."""


def next_try(
    *, attempt: int, since: int, now: datetime, jitter: Jitter, asked_s: int | None = None
) -> datetime | None:
    """When to try again after the try number ``attempt`` (from 0) failed; None: give up.

    ``since`` is the epoch second of the first failure. A receiver may ask for a longer wait
    (``Retry-After``), up to four hours. One that lies ahead was written by a clock that was wrong.
    """
    now_s = int(now.timestamp())
    waited_s = max(0, now_s - since)
    left_s = int(TRIED_FOR.total_seconds()) - waited_s
    if left_s <= 0:
        return None
    usual_s = jitter(DELAYS_S[min(attempt, len(DELAYS_S) - 1)])
    wait_s = max(1, usual_s, min(asked_s or 0, LONGEST_S))
    return now + timedelta(seconds=min(wait_s, left_s))
