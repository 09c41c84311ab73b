"""Whether an account at a provider is worth calling: a circuit breaker that heals by itself.

Closed, calls pass. Failures in a row open it for a while that grows each time in a row and never
beyond a bound; a wait that the provider asked for opens it at once. When the while is over, one
call may try (the probe) and the others go on waiting: its success closes, its failure opens
again, and a probe that is never heard of lapses. What calls of before the opening tell later
changes nothing, so that stragglers neither close it nor make the while longer.

A closed breaker without failures is not changed by a success, so a healthy account costs no write.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

MOST_FAILURES = 5
"""So many in a row open it: of ten workers whose calls fail once in a hundred, never by chance."""
FIRST_OPEN_S = 30
"""Half of it is longer than a call takes that nobody answers; see ``runtime/web.py``."""
LONGEST_OPEN_S = 300
LONGEST_ASKED_S = 3_600
"""What a provider may ask for at most (``Retry-After``)."""
_LONGEST_PROBE_S = 900
"""The longest that a Lambda may run."""
_PROBE_LOOKED_AT_S = 5
"""When those who wait for a probe look again: most take less than a second."""

Jitter = Callable[[float], int]
"""Makes a whole number of seconds between half of and the whole given time."""


class Passage(StrEnum):
    """What a breaker says to a call."""

    FREE = "free"
    PROBE = "probe"
    WAIT = "wait"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """What is known of an account. Moments are epoch seconds, 0 for none.

    ``failures`` in a row while closed; ``openings`` in a row; open until ``open_until`` and
    beyond, until a probe succeeds; ``probe_until`` names the probe under way by when it lapses.
    ``unpaid`` where the account could not pay: it is well again when it can.
    ``version`` guards every write.
    """

    failures: int = 0
    openings: int = 0
    open_until: int = 0
    probe_until: int = 0
    unpaid: bool = False
    version: int = 0

    @property
    def closed(self) -> bool:
        """Whether calls pass."""
        return self.open_until == 0

    def passage(self, *, now: datetime) -> Passage:
        """What a call may do now.

        A moment too far ahead was set by a clock that was wrong, and is not waited for.
        """
        if self.closed:
            return Passage.FREE
        now_s = int(now.timestamp())
        shut = 0 < self.open_until - now_s <= LONGEST_ASKED_S
        probed = 0 < self.probe_until - now_s <= _LONGEST_PROBE_S
        return Passage.WAIT if shut or probed else Passage.PROBE

    def look_again(self, *, now: datetime) -> datetime:
        """When those who have to wait may look again."""
        now_s = int(now.timestamp())
        soon = now_s + _PROBE_LOOKED_AT_S
        shut = 0 < self.open_until - now_s <= LONGEST_ASKED_S
        return datetime.fromtimestamp(self.open_until if shut else soon, tz=UTC)

    def probed(self, *, now: datetime, lease_s: int) -> "Breaker | None":
        """Let one call try; None when it may not."""
        if self.passage(now=now) is not Passage.PROBE:
            return None
        return replace(self, probe_until=int(now.timestamp()) + lease_s)

    def unprobed(self, *, probe: int) -> "Breaker":
        """Take back a probe that did not come to a call: another may try at once."""
        return replace(self, probe_until=0) if self._is_probe(probe) else self

    def failed(
        self,
        *,
        now: datetime,
        probe: int = 0,
        asked_s: int | None = None,
        unpaid: bool = False,
        jitter: Jitter,
    ) -> "Breaker":
        """Take in a failure: of the probe that lapses at ``probe``, or of an ordinary call (0).

        An account that was ``unpaid`` stays so until a probe succeeds, whatever else fails.
        """
        if not self.closed and not self._is_probe(probe):
            return self
        failures = self.failures + 1
        if self.closed and not asked_s and failures < MOST_FAILURES:
            return replace(self, failures=failures)
        open_s = _open_s(self.openings, asked_s, jitter)
        return replace(
            self,
            failures=failures,
            openings=self.openings + 1,
            open_until=int(now.timestamp()) + open_s,
            probe_until=0,
            unpaid=unpaid or self.unpaid,
        )

    def succeeded(self, *, probe: int = 0) -> "Breaker":
        """Take in a success: of the probe that lapses at ``probe``, or of an ordinary call (0)."""
        if not self.closed and not self._is_probe(probe):
            return self
        return Breaker(version=self.version)

    def _is_probe(self, probe: int) -> bool:
        return probe != 0 and probe == self.probe_until


def _open_s(openings: int, asked_s: int | None, jitter: Jitter) -> int:
    asked = min(asked_s or 0, LONGEST_ASKED_S)
    if asked and not openings:
        return asked
    grown = min(FIRST_OPEN_S * 2 ** min(openings, 10), LONGEST_OPEN_S)
    return max(1, asked, jitter(grown))
