"""Recording and counting openings: nothing twice, nothing lost, whatever dies in between."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from functions.contracts.asked_days import Days
from functions.contracts.queues import CountOpeningsJob, LinkOpened
from functions.domain.link_openings import SETTLED_S, SLICE_S, Counted, slice_of
from functions.links.asking import Asked
from functions.links.counting import CountingDeps, count_slice, counted_between, record
from functions.links.link_report import report
from tests.fakes.dying import Death, Killed
from tests.fakes.link_openings import FakeOpenings
from tests.traces import CHROME

NOW = datetime(2026, 11, 26, 3, 2, 0, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
SEOUL = ZoneInfo("Asia/Seoul")


def an_opening(number: int = 0, *, at: int = NOW_S, agent: str = CHROME, **more: str) -> LinkOpened:
    facts = {"slug": "summer", "method": "GET", "network": "203.0.113.0/24"} | more
    return LinkOpened(request=f"req-{number}", at=at, user_agent=agent, **facts)


class Scene:
    """The worker with its surroundings: a store, and the counts it asked for."""

    def __init__(self) -> None:
        self.openings = FakeOpenings()
        self.asked: list[tuple[CountOpeningsJob, int]] = []

    def deps(self, death: Death | None = None) -> CountingDeps:
        """What a worker that has just started has, and perhaps dies of."""
        death = death or Death(at=0)

        def send(jobs: list[CountOpeningsJob], *, to: str, delay_s: int) -> None:
            self.asked += [(job, delay_s) for job in jobs]

        return CountingDeps(
            openings=death.port(self.openings),
            ask_to_count=death.function(Asked(send)),
            network_hash=lambda network: f"#{len(network)}",
        )

    def count_all(self) -> None:
        """Run every count that was asked for."""
        for job, _ in self.asked:
            count_slice(job.slug, job.start, deps=self.deps())

    def total(self) -> Counted:
        counted = Counted()
        for each in self.openings.counted.values():
            counted = counted.plus(each)
        return counted


def test_openings_that_come_together_are_one_row_and_one_count() -> None:
    scene = Scene()

    tally = record([an_opening(each) for each in range(10)], deps=scene.deps(), now=NOW)

    assert scene.openings.writes == 1
    assert tally.by_visitor == Counter(human=10)
    ((job, delay_s),) = scene.asked
    assert job == CountOpeningsJob(slug="summer", start=slice_of(NOW_S))
    assert NOW_S + delay_s == slice_of(NOW_S) + SLICE_S + SETTLED_S


def test_a_worker_asks_for_a_slice_once_however_many_openings_it_has() -> None:
    scene = Scene()
    deps = scene.deps()

    for each in range(1000):
        record([an_opening(each)], deps=deps, now=NOW)

    assert len(scene.asked) == 1
    scene.count_all()
    assert scene.total().human == 1000


def test_what_comes_late_is_counted_again() -> None:
    scene = Scene()
    record([an_opening(1)], deps=scene.deps(), now=NOW)
    scene.count_all()
    scene.asked.clear()

    record([an_opening(2)], deps=scene.deps(), now=NOW + timedelta(hours=3))

    ((_, delay_s),) = scene.asked
    assert 5 <= delay_s <= 65
    scene.count_all()
    assert scene.total().human == 2


def test_openings_of_two_slices_are_kept_apart() -> None:
    scene = Scene()
    record([an_opening(1, at=NOW_S - SLICE_S), an_opening(2)], deps=scene.deps(), now=NOW)
    scene.count_all()

    assert [each.human for each in scene.openings.counted.values()] == [1, 1]


@pytest.mark.parametrize(
    "opening",
    [
        an_opening(at=NOW_S - 81 * 86_400),
        an_opening(at=NOW_S + 3600),
        an_opening(slug="NO slug"),
        an_opening(at=-5),
    ],
)
def test_what_cannot_be_counted_is_dropped_and_told(opening: LinkOpened) -> None:
    scene = Scene()

    tally = record([opening], deps=scene.deps(), now=NOW)

    assert (tally.dropped, scene.openings.writes) == (1, 0)


hits = st.lists(
    st.builds(
        an_opening,
        st.integers(0, 30),
        at=st.integers(NOW_S - 170, NOW_S),
        agent=st.sampled_from([CHROME, "curl/8"]),
    ),
    min_size=1,
    max_size=25,
    unique=True,
)


@given(openings=hits, data=st.data())
def test_redelivery_in_any_grouping_with_deaths_anywhere_counts_each_once(
    openings: list[LinkOpened], data: st.DataObject
) -> None:
    """SQS brings what was not deleted again, in other company; every record is done at last."""
    scene = Scene()
    left = list(openings)
    while left:
        size = data.draw(st.integers(1, 10))
        group = data.draw(st.permutations(left))[:size]
        death = Death(at=data.draw(st.integers(0, 5)), after=data.draw(st.booleans()))
        try:
            record(group, deps=scene.deps(death), now=NOW)
        except Killed:
            continue
        done = group[: data.draw(st.integers(1, size))]  # the rest comes again
        left = [each for each in left if each not in done]
        if data.draw(st.booleans()):
            scene.count_all()

    scene.count_all()

    people = sum(each.user_agent == CHROME for each in openings)
    assert (scene.total().human, scene.total().machine) == (people, len(openings) - people)


@given(openings=hits)
def test_the_report_is_live_before_and_the_same_after_the_count(
    openings: list[LinkOpened],
) -> None:
    scene = Scene()
    record(openings, deps=scene.deps(), now=NOW)
    days = Days(first=NOW.date(), last=NOW.date())

    live = report("summer", days, openings=scene.openings, zone=SEOUL, now=NOW)
    scene.count_all()
    counted = report(
        "summer", days, openings=scene.openings, zone=SEOUL, now=NOW + timedelta(hours=5)
    )

    assert live == counted
    assert live.total.total == len(openings)
    assert sum(each.total for each in live.hours.values()) == len(openings)


def test_a_slower_count_does_not_undo_a_newer_one() -> None:
    scene = Scene()
    record([an_opening(1), an_opening(2)], deps=scene.deps(), now=NOW)
    scene.count_all()

    scene.openings.put_count("summer", slice_of(NOW_S), Counted(human=1))

    assert scene.total().human == 2


def test_a_report_looks_at_its_days_only() -> None:
    scene = Scene()
    record([an_opening(1)], deps=scene.deps(), now=NOW)

    found = counted_between("summer", 0, NOW_S - 86_400, openings=scene.openings, now=NOW)

    assert found == {}


def test_days_and_hours_are_the_companys() -> None:
    scene = Scene()
    late = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)  # half past midnight in Seoul
    record([an_opening(1, at=int(late.timestamp()))], deps=scene.deps(), now=late)
    scene.count_all()
    day = date(2026, 11, 27)

    found = report(
        "summer", Days(first=day, last=day), openings=scene.openings, zone=SEOUL, now=late
    )

    assert list(found.days) == [day]
    assert [each.isoformat() for each in found.hours] == ["2026-11-27T00:00:00+09:00"]
