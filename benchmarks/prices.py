"""The price file, and what an amount of units costs by it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("prices.toml")
Units = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """What ``prices.toml`` says. Dollars are US dollars of us-east-1, without a free tier."""

    usd: Mapping[str, Mapping[str, Any]]
    free: Units
    lambda_: Mapping[str, Any]
    log: Units
    idle: Units

    @classmethod
    def read(cls, file: Path = FILE) -> Prices:
        """Read the file."""
        said = tomllib.loads(file.read_text("utf-8"))
        return cls(
            usd=said["usd"],
            free=said["free_each_month"],
            lambda_=said["lambda"],
            log=said["log"],
            idle=said["idle"],
        )

    def bill(self, units: Units) -> dict[str, float]:
        """Dollars of each kind of unit. Raises KeyError for a unit without a price."""
        return {
            unit: amount * self.usd[unit]["price"] / self.usd[unit]["per"]
            for unit, amount in units.items()
        }

    def beyond_free(self, units: Units) -> dict[str, float]:
        """What is left of a month's units after the allowances that never end."""
        return {unit: max(0, amount - self.free.get(unit, 0)) for unit, amount in units.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one function did: how often it was woken, on how many things, with what requests."""

    function: str
    memory_mb: int
    invocations: float
    things: float
    requests: float
    provider_calls: float = 0

    def units(self, said: Mapping[str, Any], log: Units) -> Counter[str]:
        """What Lambda and its log bill for it, by what the price file takes for granted."""
        stretched = max(1.0, said["mb_of_a_core"] / self.memory_mb)
        waits = self.requests / said["at_once"].get(self.function, 1)
        ms = (
            self.invocations * said["invocation_ms"]
            + self.things * said["cpu_ms"][self.function] * stretched
            + waits * said["aws_request_ms"]
            + self.provider_calls * said["provider_call_ms"]
        )
        lines = log.get(f"{self.function.lower()}_lines", log["lines"])
        line_bytes = log["platform_bytes"] + lines * log["line_bytes"]
        return Counter(
            lambda_request=self.invocations,
            lambda_gb_s=ms / 1000 * self.memory_mb / 1024,
            log_gb=self.invocations * line_bytes / 1e9,
        )
