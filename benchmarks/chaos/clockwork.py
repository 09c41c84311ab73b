"""Simulated time, in which several workers run as threads of which one moves at a time.

A worker hands over only where it waits, so what happens follows from the seed alone. Waiting
costs no real time.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable
from typing import Any

Action = Callable[[], None]


class Clockwork:
    """Runs actions and workers in the order of their moments (seconds since 1970)."""

    def __init__(self, start: float) -> None:
        self.now = start
        self.current: Any = None
        """Whose work runs now; None outside of any worker."""
        self._events: list[tuple[float, int, Action]] = []
        self._order = itertools.count()
        self._limit = start
        self._baton = _taken_lock()
        self._idle: list[_Strand] = []
        self._error: BaseException | None = None

    def at(self, moment: float, action: Action) -> None:
        """Do something at a moment, or now when that is past."""
        heapq.heappush(self._events, (max(moment, self.now), next(self._order), action))

    def after(self, seconds: float, action: Action) -> None:
        """Do something in so many seconds."""
        self.at(self.now + seconds, action)

    def start(self, owner: object, work: Action) -> None:
        """Begin with a worker's work now; what it raises ends the run."""
        strand = self._idle.pop() if self._idle else _Strand(self)
        strand.owner, strand.work = owner, work
        self.at(self.now, strand.go)

    def sleep(self, seconds: float) -> None:
        """Let time pass for the worker that calls; others get on."""
        until = self.now + seconds
        if until <= self._limit and (not self._events or self._events[0][0] > until):
            self.now = until
            return
        strand = _here.strand
        self.at(until, strand.go)
        strand.hand_over()

    def run(self, *, until: float) -> None:
        """Let everything happen up to a moment."""
        self._limit = until
        while self._events and self._events[0][0] <= until:
            moment, _, action = heapq.heappop(self._events)
            self.now = max(self.now, moment)
            action()
            if self._error is not None:
                raise self._error
        self.now = max(self.now, until)

    @property
    def next_event(self) -> float | None:
        """When something happens next."""
        return self._events[0][0] if self._events else None

    def stop(self) -> None:
        """Let the threads end; no worker may be under way."""
        for strand in self._idle:
            strand.work = None
            strand.lock.release()
        self._idle.clear()

    def _ended(self, strand: _Strand, error: BaseException | None) -> None:
        self._error = self._error or error
        self._idle.append(strand)
        self._baton.release()


def _taken_lock() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


class _Strand:
    """A thread that carries one worker after another."""

    def __init__(self, clockwork: Clockwork) -> None:
        self.clockwork = clockwork
        self.owner: object = None
        self.work: Action | None = None
        self.lock = _taken_lock()
        threading.Thread(target=self._live, daemon=True).start()

    def go(self) -> None:
        """Let the worker move until it waits or ends."""
        before = self.clockwork.current
        self.clockwork.current = self.owner
        self.lock.release()
        self.clockwork._baton.acquire()  # noqa: SLF001  # two halves of one thing
        self.clockwork.current = before

    def hand_over(self) -> None:
        """Wait until it is this worker's turn again."""
        self.clockwork._baton.release()  # noqa: SLF001  # as above
        self.lock.acquire()

    def _live(self) -> None:
        _here.strand = self
        self.lock.acquire()
        while self.work is not None:
            error = None
            try:
                self.work()
            except BaseException as raised:  # noqa: BLE001  # handed to who runs the clockwork
                error = raised
            self.clockwork._ended(self, error)  # noqa: SLF001  # as above
            self.lock.acquire()


class _Here(threading.local):
    strand: _Strand


_here = _Here()
