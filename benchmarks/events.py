"""Events per second of the worker's own work, and write units an event, over a month.

``python -m benchmarks.events``: no network and no store; the row's size decides its write units.
"""

import random
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from functions.contracts.activity_document import cells_from_bytes, cells_to_bytes
from functions.domain.event import Event
from functions.domain.person_activity import PersonActivity, pack_seen, record

_ZONE = ZoneInfo("Asia/Seoul")
_START = datetime(2026, 10, 1, 3, tzinfo=UTC)
_KEYS_BYTES = 60
_UNIT_BYTES = 1024


def main() -> None:
    """Print a line for each kind of person."""
    print(
        "events a day | in one job | row bytes at the end | write units an event | events a second"
    )
    for a_day, together in ((1, 1), (3, 1), (10, 5), (100, 10), (1_000, 100)):
        print(" | ".join(_month_of(a_day, together)))


def _month_of(a_day: int, together: int) -> tuple[str, ...]:
    dice, activity, units, size = random.Random(1), PersonActivity(), 0, 0
    events, started = 0, time.perf_counter()
    for number in range(30 * a_day // together):
        now = _START + timedelta(days=number * together / a_day)
        some = [_event(dice, now) for _ in range(together)]
        activity = record(activity, some, known=True, now=now, zone=_ZONE).activity
        packed = cells_to_bytes(activity.cells)
        size = _KEYS_BYTES + len(packed) + len(pack_seen(activity.seen))
        cells_from_bytes(packed)
        units += -(-size // _UNIT_BYTES)
        events += together
    speed = events / (time.perf_counter() - started)
    return str(a_day), str(together), str(size), f"{units / events:.2f}", f"{speed:,.0f}"


def _event(dice: random.Random, at: datetime) -> Event:
    return Event(
        key=dice.getrandbits(48),
        name=dice.choice(("visit", "view", "cart", "purchase")),
        at=at,
        minor=dice.choice((0, 0, 12_900, 39_000)),
        properties=(("category", f"c{dice.randrange(20)}"), ("branch", f"b{dice.randrange(5)}")),
    )


if __name__ == "__main__":
    main()
