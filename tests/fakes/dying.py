"""Kills a worker at its n-th call to the world around it, before or after the call took effect."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Killed(BaseException):
    """The worker dies here."""


@dataclass
class Death:
    """When the worker dies; ``calls`` counts what it asked of the ports given out."""

    at: int
    after: bool = False
    calls: int = 0

    def port(self, inner: object) -> Any:
        """The same port, whose every call is a step."""
        return _Port(inner, self)

    def function(self, inner: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, whose every call is a step."""
        return lambda *args, **kwargs: self._step(lambda: inner(*args, **kwargs))

    def _step(self, call: Callable[[], Any]) -> Any:
        self.calls += 1
        if self.calls == self.at and not self.after:
            raise Killed
        result = call()
        if self.calls == self.at:
            raise Killed
        return result


@dataclass
class _Port:
    inner: object
    death: Death

    def __getattr__(self, name: str) -> Any:
        return self.death.function(getattr(self.inner, name))
