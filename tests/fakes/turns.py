"""Workers that run in turns: each call to a port is a step, and the test says whose is next."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Semaphore, Thread
from typing import Any

from tests.fakes.dying import Killed


class Turns:
    """Runs some workers, one step at a time."""

    def __init__(self) -> None:
        self._workers: list[_Worker] = []

    def port(self, inner: object) -> Any:
        """A port for the worker that is added next."""
        worker = _Worker()
        self._workers.append(worker)
        return _Port(inner, worker)

    def run(self, work: Sequence[Callable[[], object]], turns: Sequence[tuple[int, str]]) -> None:
        """Run to the end: first in these turns (whose, and ``go`` or how it dies), then as it is.

        A worker that dies begins anew at its next turn.
        """
        for worker, task in zip(self._workers, work, strict=True):
            worker.start(task)
        for who, how in turns:
            self._workers[who % len(self._workers)].step(how)
        for worker in self._workers:
            while worker.step("go"):
                pass
        for worker in self._workers:
            if worker.failure is not None:
                raise worker.failure


class _Worker:
    def __init__(self) -> None:
        self._go, self._stopped = Semaphore(0), Semaphore(0)
        self._how, self._over = "go", False
        self.failure: Exception | None = None

    def start(self, task: Callable[[], object]) -> None:
        Thread(target=self._work, args=(task,), daemon=True).start()
        self._stopped.acquire()

    def step(self, how: str) -> bool:
        if self._over:
            return False
        self._how = how
        self._go.release()
        self._stopped.acquire()
        return not self._over

    def wait(self) -> str:
        self._stopped.release()
        self._go.acquire()
        return self._how

    def _work(self, task: Callable[[], object]) -> None:
        while not self._over:
            with suppress(Killed):
                try:
                    task()
                except Exception as failure:  # noqa: BLE001  # the test's thread shall see it
                    self.failure = failure
                self._over = True
        self._stopped.release()


class _Port:
    def __init__(self, inner: object, worker: _Worker) -> None:
        self._inner, self._worker = inner, worker

    def __getattr__(self, name: str) -> Any:
        inner = getattr(self._inner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            how = self._worker.wait()
            if how == "dies before":
                raise Killed
            result = inner(*args, **kwargs)
            if how == "dies after":
                raise Killed
            return result

        return call
