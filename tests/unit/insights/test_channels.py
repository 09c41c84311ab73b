from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

import pytest

from functions.contracts.asked_days import Days
from functions.contracts.errors import InvalidInput
from functions.domain.breakdown import Figures, Told
from functions.domain.channel import Channel
from functions.domain.ids import BatchNumber
from functions.domain.standing import Standing
from functions.insights.channels import MOST_BATCHES, ChannelDeps, compare, figured
from tests.builders import SEOUL, a_batch
from tests.fakes.stores import FakeBatches

MONDAY = date(2026, 11, 23)


@dataclass
class Rows:
    """Batches by the days on which the door looked at them."""

    by_day: dict[date, list[int]]
    batches: FakeBatches = field(default_factory=FakeBatches)

    def looked_at(self, day: date, *, after: BatchNumber, limit: int) -> Sequence[BatchNumber]:
        later = (each for each in self.by_day.get(day, []) if each > after)
        return [BatchNumber(each) for each in sorted(later)][:limit]

    def read(self, numbers: Sequence[BatchNumber], *, outcomes: bool) -> Sequence[Told]:
        standings: list[Standing] = self.batches.standings(numbers, outcomes=outcomes)
        return [Told(self.batches.batches[each.number].meta, each) for each in standings]

    def deps(self) -> ChannelDeps:
        return ChannelDeps(batches=self, told=self, zone=SEOUL)


def rows(**days: list[int]) -> Rows:
    """Each batch is sent on the last of its days, just before midnight."""
    found = Rows(by_day={MONDAY + timedelta(days=int(day[1:])): each for day, each in days.items()})
    for number in {each for batches in days.values() for each in batches}:
        channel = Channel.SMS if number % 2 else Channel.KAKAO
        batch = a_batch(number, size=number, channel=channel)
        day = max(day for day, batches in found.by_day.items() if number in batches)
        sent = batch.state.claimed(
            {}, now=datetime.combine(day, time(23, 59), tzinfo=SEOUL), lease_s=0
        )
        found.batches.batches[BatchNumber(number)] = replace(batch, state=sent)
    return found


WEEK = Days(first=MONDAY, last=MONDAY + timedelta(days=6))


def test_each_batch_counts_once_in_its_channel() -> None:
    world = rows(d0=[1, 2, 3], d1=[3, 4])

    found = compare(WEEK, deps=world.deps())

    assert {channel: each.figures.messages for channel, each in found.items()} == {
        Channel.KAKAO: 6,
        Channel.SMS: 4,
    }


def test_batch_that_was_held_counts_on_the_day_it_left() -> None:
    world = rows(d0=[1, 3], d1=[3])
    days = [Days(first=day, last=day) for day in (MONDAY, MONDAY + timedelta(days=1))]

    found = [compare(each, deps=world.deps())[Channel.SMS].figures.messages for each in days]

    assert found == [1, 3]


def test_other_days_do_not_count() -> None:
    world = rows(d0=[1], d7=[3])

    found = compare(WEEK, deps=world.deps())

    assert [each.figures.messages for each in found.values()] == [1]


def test_too_many_batches_are_refused_before_any_is_read() -> None:
    world = Rows(by_day={MONDAY: list(range(1, MOST_BATCHES + 2))})

    with pytest.raises(InvalidInput) as error:
        compare(WEEK, deps=world.deps())

    assert error.value.errors[0].code == "too_many"


def test_price_of_a_conversion_has_a_range() -> None:
    price = figured(Figures(sent=1000, delivered=1000, converted=50, cost=20_000)).price

    assert price is not None
    assert price.seen == 400
    assert price.least < 400
    assert price.most is not None
    assert price.most > 400


def test_without_conversions_there_is_no_price() -> None:
    assert figured(Figures(sent=10, delivered=10, cost=200)).price is None
    assert figured(Figures()).delivered is None
