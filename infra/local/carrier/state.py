"""The state of one simulated carrier, shared by its parts."""

from __future__ import annotations

from dataclasses import dataclass, field

from infra.local.carrier.account import Account
from infra.local.carrier.clock import Clock
from infra.local.carrier.counters import Counters
from infra.local.carrier.knobs import Knobs
from infra.local.carrier.registry import Registry
from infra.local.carrier.rules import Book
from infra.local.carrier.store import Store


@dataclass(slots=True, kw_only=True)
class State:
    """What is remembered and how the carrier is set at this moment."""

    clock: Clock = field(default_factory=Clock)
    knobs: Knobs = field(default_factory=Knobs)
    account: Account = field(default_factory=Account)
    purses: dict[str, Account] = field(default_factory=dict)
    registry: Registry = field(default_factory=Registry)
    store: Store = field(default_factory=Store)
    counters: Counters = field(default_factory=Counters)

    def purse(self, api_key: str) -> Account:
        """The money of an account: its own where it was given some, else what all share."""
        return self.purses.get(api_key, self.account)

    def book(self, api_key: str) -> Book:
        """Give the rules what they look things up in for an account."""
        return Book(registry=self.registry, knobs=self.knobs, api_key=api_key)
