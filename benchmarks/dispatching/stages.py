"""CPU time by stage: each stage is charged what it took, less what the stages inside it took."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any


class Stages:
    """Adds up CPU seconds by the name of the stage."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inside: list[float] = []

    def of(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """The same work, charged to a stage."""

        @wraps(work)
        def charged(*given: object, **named: object) -> object:
            self._inside.append(0.0)
            began = time.process_time()
            try:
                return work(*given, **named)
            finally:
                took = time.process_time() - began
                self.seconds[name] += took - self._inside.pop()
                if self._inside:
                    self._inside[-1] += took

        return charged

    def methods(self, target: object, **stages: str) -> Any:  # noqa: ANN401
        """Something like ``target`` whose named methods are charged; all others are its own."""
        return _Charged(target, {m: self.of(s, getattr(target, m)) for m, s in stages.items()})


class _Charged:
    def __init__(self, target: object, charged: dict[str, Callable[..., Any]]) -> None:
        self._target, self._charged = target, charged

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return self._charged.get(name) or getattr(self._target, name)
