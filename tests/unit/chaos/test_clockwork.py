from collections.abc import Callable

import pytest

from benchmarks.chaos.clockwork import Clockwork


def a_worker(clockwork: Clockwork, name: str, log: list[str], *naps: float) -> Callable[[], None]:
    def work() -> None:
        for nap in naps:
            log.append(f"{name} at {clockwork.now:g}")
            clockwork.sleep(nap)
        log.append(f"{name} ends")

    return work


def test_workers_move_in_turn_where_they_wait() -> None:
    clockwork, log = Clockwork(0), list[str]()
    clockwork.start("a", a_worker(clockwork, "a", log, 2, 2))
    clockwork.start("b", a_worker(clockwork, "b", log, 1, 2))

    clockwork.run(until=10)

    assert log == ["a at 0", "b at 0", "b at 1", "a at 2", "b ends", "a ends"]
    assert clockwork.now == 10
    clockwork.stop()


def test_who_moves_is_known_while_it_moves() -> None:
    clockwork, seen = Clockwork(0), []
    for name in ("a", "b"):
        clockwork.start(name, lambda: (seen.append(clockwork.current), clockwork.sleep(1)))

    clockwork.run(until=5)

    assert seen == ["a", "b"]
    assert clockwork.current is None
    clockwork.stop()


def test_what_a_worker_raises_ends_the_run() -> None:
    clockwork = Clockwork(0)
    clockwork.start("a", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        clockwork.run(until=1)


def test_what_lies_behind_the_end_waits() -> None:
    clockwork, log = Clockwork(0), list[str]()
    clockwork.start("a", a_worker(clockwork, "a", log, 7))

    clockwork.run(until=5)
    assert log == ["a at 0"]

    clockwork.run(until=8)
    assert log == ["a at 0", "a ends"]
    clockwork.stop()
