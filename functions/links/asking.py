"""Asks for slices to be counted, each moment once a process."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from functions.contracts.queues import CountOpeningsJob, Queue

_REMEMBERED = 10_000


class Send(Protocol):
    """Puts jobs into a queue, each invisible for some seconds."""

    def __call__(self, jobs: Sequence[CountOpeningsJob], /, *, to: Queue, delay_s: int) -> None:
        """Do it."""


class Asked:
    """What this process has asked for."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._known: set[tuple[str, int, int]] = set()

    def __call__(self, slug: str, start: int, at: int, now: datetime) -> None:
        """Have a slice counted at ``at`` (epoch seconds), which is less than 15 minutes away."""
        asked = (slug, start, at)
        if asked in self._known:
            return
        delay_s = max(0, at - int(now.timestamp()))
        self._send([CountOpeningsJob(slug=slug, start=start)], to=Queue.CLICKS, delay_s=delay_s)
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known.add(asked)
