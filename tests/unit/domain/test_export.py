"""How runs of exports are cut, and when they come."""

from dataclasses import replace
from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st

from functions.domain.export import (
    EARLY,
    NUMBERS_A_SLICE,
    Chunk,
    DayFiles,
    EventFile,
    Export,
    ExportFormat,
    Run,
    Switch,
    days_due,
    next_due,
    parts_of,
    switch,
)
from functions.domain.message_event import EventType, events_of, may_have_between
from tests.builders import NOON, SEOUL
from tests.events import some_facts

DAY = date(2026, 11, 20)
ALL = Export(name="all", format=ExportFormat.PARQUET)


def a_run(**values: object) -> Run:
    facts: dict[str, object] = {
        "export": ALL,
        "run_id": "20261121-daily",
        "first": DAY,
        "last": DAY,
        "started": NOON,
        "low": 1,
        "high": 2,
    }
    return Run(**(facts | values))  # type: ignore[arg-type]


@given(low=st.integers(1, 100_000), size=st.integers(0, 100_000))
def test_slices_are_all_numbers_once(low, size) -> None:
    run = a_run(low=low, high=low + size)
    found = [n for each in run.slices() if each != EARLY for n in run.numbers(each)]

    assert found == list(range(low, low + size))


@given(low=st.integers(1, 50_000), other=st.integers(1, 50_000))
def test_whole_slices_of_two_runs_are_alike(low, other) -> None:
    whole = {
        (run.numbers(each).start, run.numbers(each).stop)
        for run in (a_run(low=low, high=90_000), a_run(low=other, high=90_000))
        for each in run.slices()
        if each != EARLY and len(run.numbers(each)) == NUMBERS_A_SLICE
    }

    assert all(start % NUMBERS_A_SLICE == 0 for start, _ in whole)


_CHUNKS = st.lists(
    st.builds(
        Chunk,
        day=st.sampled_from([DAY, DAY + timedelta(days=1)]),
        key=st.text(max_size=3),
        counts=st.dictionaries(st.sampled_from(EventType), st.integers(1, 5), min_size=1),
    )
)


@given(chunks=_CHUNKS)
def test_files_have_every_chunk_once_and_are_bounded(chunks) -> None:
    parts = parts_of(chunks, most=60)

    assert sorted(map(id, chunks)) == sorted(id(each) for part in parts for each in part.chunks)
    assert all(sum(each.events for each in part.chunks) <= 60 for part in parts)
    assert all(each.day == part.day for part in parts for each in part.chunks)
    assert len({(part.day, part.number) for part in parts}) == len(parts)


@given(
    facts=some_facts(),
    start=st.integers(-700_000, 9_000_000),
    length=st.integers(1, 2_000_000),
)
def test_a_batch_with_events_is_never_passed_over(facts, start, length) -> None:
    begin = int(NOON.timestamp()) + start
    span = range(begin, begin + length)

    if any(each.at in span for each in events_of(facts)):
        assert may_have_between(facts.standing, facts.replies, span)


@given(
    now=st.integers(0, 700 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes)),
    hour=st.integers(0, 23),
    zone=st.sampled_from([SEOUL, ZoneInfo("America/New_York"), ZoneInfo("Europe/Berlin")]),
)
def test_it_runs_next_within_a_day_or_so_at_its_hour(now, hour, zone) -> None:
    found = next_due(replace(ALL, hour=hour), now=now, zone=zone)

    assert found is not None
    assert timedelta(0) < found - now <= timedelta(hours=25)
    # An hour that a day does not have is the one after.
    assert (found.astimezone(UTC).astimezone(zone).hour - hour) % 24 in {0, 1}


def test_without_an_hour_it_never_runs_by_itself() -> None:
    assert next_due(ALL, now=NOON, zone=SEOUL) is None


def test_a_daily_run_writes_whole_days() -> None:
    assert days_due(ALL, DAY) == (DAY - timedelta(days=3), DAY - timedelta(days=1))


def a_file(sha256: str) -> EventFile:
    return EventFile(day=DAY, number=0, key="k", size_bytes=1, sha256=sha256, counts={})


def test_what_becomes_of_a_runs_files() -> None:
    used = DayFiles(
        day=DAY, revision=1, run_id="r1", derived=NOON, complete=True, files=(a_file("a"),)
    )
    later = a_run(run_id="r2", started=NOON + timedelta(hours=1))
    before = a_run(run_id="r0", started=NOON - timedelta(hours=1))
    csv = replace(later, export=replace(ALL, format=ExportFormat.CSV))

    assert switch(DayFiles(day=DAY), [], later, complete=True) is Switch.USE
    assert switch(used, [a_file("b")], later, complete=True) is Switch.USE
    assert switch(used, [a_file("a")], later, complete=True) is Switch.SAME
    assert switch(used, [a_file("a")], csv, complete=True) is Switch.USE
    assert switch(used, [a_file("b")], before, complete=True) is Switch.OLDER
    assert switch(used, [a_file("a")], a_run(run_id="r1"), complete=True) is Switch.DONE
