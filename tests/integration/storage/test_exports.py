"""Exports, their runs and days: every change is conditional."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain.export import (
    Chunk,
    DayFiles,
    EventFile,
    Export,
    ExportFormat,
    Run,
    RunStatus,
)
from functions.domain.message_event import EventType
from functions.storage.exports import ExportStore
from tests.builders import NOON
from tests.fakes.exports import FakeExports

pytestmark = pytest.mark.usefixtures("account")
DAY = NOON.date()
ALL = Export(
    name="all",
    format=ExportFormat.CSV,
    types=frozenset({EventType.SENT}),
    sources=frozenset({"cmp_1"}),
    hour=4,
    version=1,
)
RUN = Run(export=ALL, run_id="20261120-daily", first=DAY, last=DAY, started=NOON, low=1, high=9)
FILE = EventFile(day=DAY, number=0, key="k", size_bytes=7, sha256="a", counts={EventType.SENT: 3})


@pytest.fixture(params=[ExportStore, FakeExports], ids=["DynamoDB", "memory"])
def exports(request):
    return request.param()


def test_a_definition_changes_one_version_at_a_time(exports) -> None:
    assert exports.get("all") is None
    assert exports.put(ALL)
    assert not exports.put(replace(ALL, hour=5))
    assert exports.put(replace(ALL, hour=None, version=2))

    assert exports.get("all") == replace(ALL, hour=None, version=2)
    assert exports.names() == ("all",)


def test_a_run_is_made_once_and_moves_on_from_where_it_is(exports) -> None:
    exports.put(ALL)
    assert exports.add_run(RUN)
    assert not exports.add_run(replace(RUN, low=5))
    assert exports.run("all", "20261120-daily") == RUN

    assert exports.move_run(RUN, to=RunStatus.WRITING, now=NOON)
    assert not exports.move_run(RUN, to=RunStatus.WRITING, now=NOON)
    writing = replace(RUN, status=RunStatus.WRITING)
    later = NOON + timedelta(minutes=1)
    assert exports.move_run(writing, to=RunStatus.DONE, now=later, events=3)

    done = replace(RUN, status=RunStatus.DONE, finished=later, events=3)
    assert exports.newest_runs("all", limit=5) == (done,)


def test_what_a_slice_found_first_counts(exports) -> None:
    chunk = Chunk(day=DAY, key="work/1", counts={EventType.SENT: 3})

    assert exports.save_slice(RUN, -1, [])
    assert exports.save_slice(RUN, 0, [chunk])
    assert not exports.save_slice(RUN, 0, [replace(chunk, key="work/2")])

    assert exports.slices(RUN) == {-1: (), 0: (chunk,)}


def test_files_are_read_in_their_order(exports) -> None:
    second = replace(FILE, number=1, key="k1")
    for each in (second, FILE, FILE):
        exports.save_file(RUN, each)

    assert exports.files(RUN) == (FILE, second)


def test_a_day_changes_one_version_at_a_time(exports) -> None:
    new = DayFiles(
        day=DAY,
        revision=1,
        run_id="r1",
        format=ExportFormat.CSV,
        derived=NOON,
        complete=True,
        files=(FILE,),
        stale=("old",),
        version=1,
    )
    assert exports.day("all", DAY) == DayFiles(day=DAY)
    assert exports.change_day("all", new, now=NOON)
    assert not exports.change_day("all", replace(new, revision=9), now=NOON)

    assert exports.day("all", DAY) == new
    assert exports.change_day("all", replace(new, stale=(), version=2), now=NOON)
