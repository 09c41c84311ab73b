"""Real purchases: customers of the shop CDNOW, 1997-01-01 to 1998-06-30, from PyPI's Lifetimes."""

from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib import metadata
from itertools import islice

import pytest

from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.ids import ContactId
from functions.domain.segment import Subject

LAST_DAY = date(1998, 6, 30)
_FILE = "lifetimes/datasets/CDNOW_master.txt"
_MOST = 2_000
"""So many customers are enough to meet everything, and few enough for SQLite."""


@cache
def shoppers() -> tuple[Subject, ...]:
    """Each customer with their purchases by day, in cents."""
    days: dict[str, dict[date, tuple[int, int]]] = defaultdict(dict)
    for line in _lines():
        customer, day, _, dollars = line.split()
        on = date.fromisoformat(day)
        count, cents = days[customer].get(on, (0, 0))
        days[customer][on] = count + 1, cents + int(Decimal(dollars) * 100)
    return tuple(_shopper(*each) for each in islice(days.items(), _MOST))


def _lines() -> list[str]:
    try:
        distribution = metadata.distribution("Lifetimes")
    except metadata.PackageNotFoundError:
        pytest.skip("needs the data of PyPI's Lifetimes: make setup installs it")
    path = distribution.locate_file(_FILE)
    return [line for line in path.read_text("utf-8").splitlines()[1:] if line.strip()]  # type: ignore[attr-defined]


def _shopper(customer: str, days: dict[date, tuple[int, int]]) -> Subject:
    totals = [
        DayTotal(
            day=day,
            count=count,
            sum_minor=cents,
            last=datetime(day.year, day.month, day.day, tzinfo=UTC),
        )
        for day, (count, cents) in days.items()
    ]
    return Subject(contact_id=ContactId(customer), activity={ActivityKey("purchase"): totals})
