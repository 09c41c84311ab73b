"""Breakers in memory, and accounts that are fake providers."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypedDict

from functions.domain.breaker import Breaker


@dataclass
class FakeBreakers:
    """``writes`` counts what was stored."""

    breakers: dict[str, Breaker] = field(default_factory=dict)
    writes: int = 0

    def look(self, lane: str, *, now: datetime) -> Breaker:
        return self.breakers.get(lane, Breaker())

    def change(
        self, lane: str, change: Callable[[Breaker], Breaker | None], *, now: datetime
    ) -> Breaker | None:
        old = self.breakers.get(lane, Breaker())
        new = change(old)
        if new is None or new == old:
            return None
        self.writes += 1
        self.breakers[lane] = replace(new, version=old.version + 1)
        return self.breakers[lane]


class OneAccount(TypedDict):
    """What ``one_account`` gives, by name: mypy sees which ports are missing beside it."""

    accounts: Any
    channel: Any
    breakers: FakeBreakers


def one_account(channel: Any) -> OneAccount:
    """What dispatch needs to send all at the main account."""
    return {
        "accounts": lambda _: ("main",),
        "channel": lambda *_: channel,
        "breakers": FakeBreakers(),
    }
