"""Every call of a port is a boundary: before it takes effect a worker may die, and after.

Calls take time, may be throttled, may take effect although an error is answered, and a
conditional write may be repeated by the SDK because its first answer was lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from benchmarks.chaos.clockwork import Clockwork
from benchmarks.chaos.fate import Fate
from functions.contracts.errors import Unavailable
from tests.fakes.dying import Killed

BEFORE, AFTER = "before", "after"
_REPEATED = frozenset(
    {"change_state", "change", "add_part", "mark_planned", "take", "take_all", "put"}
    | {"reserve", "create"}
)
"""Writes that the SDK sends again when no answer came: the second finds what the first did."""
_MANY = frozenset({"take", "tidy"})
"""Called once a person, eight at a time: one in so many stands for all, in time and in trouble."""
_CALL_S = 0.004
_ONE_IN = 25
_SLOW_S = (1.0, 9.0)
_TWICE = frozenset({"batches.change_state", "batches.load", "campaigns.get", "sqs.send"})
"""Passed more than once in a job."""


class Throttled(Exception):
    """A read that the store did not answer."""


@dataclass(slots=True, kw_only=True)
class Worker:
    """Something that runs: a Lambda invocation, or a call of the API.

    ``doom`` is the boundary at which it dies, and the how-manieth passing of it.
    """

    name: str
    deadline: float
    environment: Any
    doom: tuple[str, str] | None = None
    passes_left: int = 1
    died: bool = False


@dataclass(slots=True)
class Boundaries:
    """Wraps ports, and knows which boundaries there are."""

    clockwork: Clockwork
    fate: Fate
    known: dict[str, dict[str, None]] = field(default_factory=dict)
    """By who runs, what they were seen to pass."""

    def port(self, name: str, inner: object) -> Any:  # noqa: ANN401  # whatever it stands for
        """The same port, whose every call is a boundary."""
        return _Port(self, name, inner)

    def doom(self, worker: Worker) -> None:
        """Choose where a worker dies, of the places that its like were seen to pass."""
        names, random = list(self.known.get(worker.name, ())), self.fate.random
        if names and random.random() < self.fate.rates.killed:
            name = random.choice(names)
            worker.doom = name, random.choice((BEFORE, AFTER))
            worker.passes_left = random.randint(1, 3 if name in _TWICE else 1)
            if name.endswith(".take"):
                worker.passes_left = random.randint(1, 20)

    def call(self, name: str, method: str, inner: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Make one call, as the world is."""
        worker: Worker | None = self.clockwork.current
        if worker is None:
            return inner()
        self.die_here(worker, name, BEFORE)
        if method not in _MANY or self.fate.random.random() * _ONE_IN < 1:
            result = self._troubled(worker, method, inner)
        else:
            result = inner()
        self.die_here(worker, name, AFTER)
        return result

    def _troubled(self, worker: Worker, method: str, inner: Callable[[], Any]) -> Any:  # noqa: ANN401
        self._take_time(worker, method)
        if self.fate.strikes("throttled"):
            raise _error(method)
        result = inner()
        if method in _REPEATED and self.fate.strikes("write_repeated"):
            result = inner()
        if self.fate.strikes("answer_lost"):
            raise _error(method)
        return result

    def die_here(self, worker: Worker, name: str, phase: str) -> None:
        """Die where it was decided so. Raises Killed."""
        if worker.doom is None:
            self.known.setdefault(worker.name, {}).setdefault(name)
            return
        if worker.doom != (name, phase):
            return
        worker.passes_left -= 1
        if worker.passes_left == 0:
            self.fate.counts[f"killed_{phase}_{name}"] += 1
            raise Killed

    def wait(self, worker: Worker, seconds: float) -> None:
        """Let time pass; at its deadline a worker is ended. Raises Killed."""
        left = worker.deadline - self.clockwork.now
        if seconds < left:
            self.clockwork.sleep(seconds)
            return
        self.clockwork.sleep(max(left, 0.0))
        self.fate.counts["killed_by_timeout"] += 1
        raise Killed

    def _take_time(self, worker: Worker, method: str) -> None:
        if self.fate.strikes("slow_store"):
            self.wait(worker, self.fate.between(*_SLOW_S))
        elif method in _MANY:
            self.wait(worker, self.fate.between(0, 2 * _CALL_S * _ONE_IN / 8))
        else:
            self.wait(worker, self.fate.between(0, 2 * _CALL_S))


def _error(method: str) -> Exception:
    # As storage/base.py has it: conditional writes say Unavailable, reads raise the driver's own.
    return Unavailable("The store answered nothing.") if method in _REPEATED else Throttled(method)


class _Port:
    def __init__(self, boundaries: Boundaries, name: str, inner: object) -> None:
        self._boundaries, self._name, self._inner = boundaries, name, inner

    def __getattr__(self, method: str) -> Any:  # noqa: ANN401
        inner = getattr(self._inner, method)
        name, call = f"{self._name}.{method}", self._boundaries.call

        def bound(*args: object, **values: object) -> object:
            return call(name, method, lambda: inner(*args, **values))

        setattr(self, method, bound)
        return bound
