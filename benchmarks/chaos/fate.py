"""What goes wrong, how often, and how often it did: everything follows from one seed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Probabilities: of a job to die, of a call to a port, a queue or the carrier to go wrong.

    A new kind of fault is a field with a default, used where the port is.
    """

    killed: float = 0.15
    throttled: float = 0.002
    answer_lost: float = 0.002
    write_repeated: float = 0.002
    slow_store: float = 0.0005
    send_refused: float = 0.01
    send_answer_lost: float = 0.01
    duplicated: float = 0.15
    delayed: float = 0.1
    much_later: float = 0.02
    clock_stepped: float = 0.05
    not_connected: float = 0.02
    http_429_storm: float = 0.004
    http_500: float = 0.02
    http_500_after_accept: float = 0.02
    garbled_after_accept: float = 0.01
    timeout_before_accept: float = 0.01
    timeout_after_accept: float = 0.03
    slow_answer: float = 0.05
    find_failed: float = 0.008
    report_twice: float = 0.2
    report_late: float = 0.2
    tick_missed: float = 0.03
    tick_twice: float = 0.05
    tick_late: float = 0.05


CALM = Rates(**dict.fromkeys(Rates.__dataclass_fields__, 0.0))
"""Nothing goes wrong."""


@dataclass(slots=True)
class Fate:
    """Decides, and counts what it did by kind."""

    seed: int
    rates: Rates
    counts: Counter[str] = field(default_factory=Counter)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # repeatable is what it is for

    def strikes(self, kind: str) -> bool:
        """Whether this kind of fault happens now."""
        if self.random.random() >= getattr(self.rates, kind):
            return False
        self.counts[kind] += 1
        return True

    def between(self, low: float, high: float) -> float:
        """A number from a range."""
        return self.random.uniform(low, high)
