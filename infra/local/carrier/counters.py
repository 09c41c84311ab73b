"""Counts of what happened, for ``GET /_sim/counters``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """Named counts; ``by_code`` tells how accepted and refused messages ended."""

    events: Counter[str] = field(default_factory=Counter)
    by_code: Counter[str] = field(default_factory=Counter)
    requests: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, object]:
        """Show all counts."""
        return {
            **{name: self.events[name] for name in EVENTS},
            "by_code": dict(sorted(self.by_code.items())),
            "requests": dict(sorted(self.requests.items())),
            "faults": dict(sorted(self.faults.items())),
        }

    def clear(self) -> None:
        """Start again from zero."""
        for counter in (self.events, self.by_code, self.requests, self.faults):
            counter.clear()


EVENTS = (
    "accepted",
    "refused",
    "delivered",
    "failed",
    "cancelled",
    "replacements",
    "replies",
    "calls",
    "webhook_calls",
    "webhook_ok",
    "reports_confirmed",
    "reports_repeated",
    "reports_given_up",
    "reports_without_url",
)
