"""Files of exports hold exactly the events that went in, in every format, and the same bytes."""

import gzip
import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from functions.contracts.event_document import event_to_json
from functions.contracts.event_schema import FIELDS
from functions.domain.clicks import BatchClicks
from functions.domain.export import DayFiles, Export, ExportFormat, Part, Run, parts_of
from functions.domain.message import BatchState, Send
from functions.domain.message_event import BatchFacts, MessageEvent, events_of
from functions.domain.standing import Standing
from functions.exports import wiring
from functions.storage.export_files import EventSpool
from functions.storage.objects import ObjectStore
from tests.builders import NOON, a_batch
from tests.events import some_facts

pytestmark = pytest.mark.usefixtures("account")
DAY = date(2026, 11, 20)
_READ_BY_FORMAT = {
    ExportFormat.PARQUET: "read_parquet(?)",
    ExportFormat.CSV: "read_csv(?, header = true, all_varchar = true)",
    ExportFormat.JSON: "read_json(?, format = 'newline_delimited')",
}


def a_run(format_: ExportFormat) -> Run:
    return Run(
        export=Export(name="all", format=format_),
        run_id="20261121-daily",
        first=DAY,
        last=DAY,
        started=NOON,
        low=1,
        high=9,
    )


def spooled(events: list[MessageEvent], folder: Path, most: int = 4) -> list[Part]:
    folder.mkdir(exist_ok=True)
    spool = EventSpool(folder, most=most)
    for event in events:
        spool.add(DAY, event)
    return parts_of(spool.save("all", "20261121-daily"), most=10_000)


def a_sent_batch(number: int) -> BatchFacts:
    """A batch of three messages that were sent."""
    batch = a_batch(number, size=3)
    state = replace(
        BatchState.fresh([Send.sent(round_=0)] * 3, now=NOON), rounds=(int(NOON.timestamp()),)
    )
    standing = Standing(
        number=batch.meta.number,
        state=state,
        clicks=BatchClicks.none(3),
        unit_price=batch.meta.unit_price,
    )
    contact_ids = [each.contact_id for each in batch.recipients]
    return BatchFacts(meta=batch.meta, contact_ids=contact_ids, standing=standing)


def read_back(key: str, format_: ExportFormat, folder: Path) -> list[dict[str, Any]]:
    path = folder / key.rsplit("/", 1)[-1]
    ObjectStore().download(key, path)
    found = duckdb.connect().execute(
        f"SELECT * FROM {_READ_BY_FORMAT[format_]} ORDER BY occurred_at, event_id", [str(path)]
    )
    names = [each[0] for each in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def as_written(document: dict[str, Any], format_: ExportFormat) -> dict[str, Any]:
    if format_ is ExportFormat.CSV:
        return {name: _as_text(value) for name, value in document.items()}
    if format_ is ExportFormat.PARQUET:
        moment = datetime.fromisoformat(document["occurred_at"]).replace(tzinfo=None)
        return document | {"occurred_at": moment}
    return document


def _as_text(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("format_", ExportFormat)
@settings(
    max_examples=12,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(stories=st.lists(some_facts(), min_size=1, max_size=3, unique_by=lambda f: f.meta.number))
def test_what_is_read_back_is_what_happened(tmp_path, format_, stories) -> None:
    events = [event for facts in stories for event in events_of(facts)]
    if not events:
        return
    (part,) = spooled(events, tmp_path / "spool")

    file = wiring.files().write(part, a_run(format_))

    documents = sorted(map(event_to_json, events), key=lambda d: (d["occurred_at"], d["event_id"]))
    found = read_back(file.key, format_, tmp_path)
    if format_ is ExportFormat.JSON:
        body = gzip.decompress(ObjectStore().get_bytes(file.key)).decode()
        found = [json.loads(line) for line in body.splitlines()]
    assert [{**row, "links": row["links"] or None} for row in found] == [
        {**each, "links": each["links"] or None}
        for each in (as_written(document, format_) for document in documents)
    ]
    assert list(found[0]) == [each.name for each in FIELDS]
    assert sum(file.counts.values()) == len(events)


@pytest.mark.parametrize("format_", ExportFormat)
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=some_facts())
def test_the_same_events_make_the_same_bytes(tmp_path, format_, facts) -> None:
    events = list(events_of(facts))
    if not events:
        return
    shas = set()
    for most, order in ((4, 1), (1_000, -1)):
        (part,) = spooled(events[::order], tmp_path / f"spool{most}", most)
        shas.add(wiring.files().write(part, a_run(format_)).sha256)

    assert len(shas) == 1


@pytest.mark.parametrize("format_", ExportFormat)
def test_who_is_forgotten_leaves_everything_else(tmp_path: Path, format_: ExportFormat) -> None:
    events = [event for number in (1, 2) for event in events_of(a_sent_batch(number))]
    (part,) = spooled(events, tmp_path / "spool")
    file = wiring.files().write(part, a_run(format_))
    before = read_back(file.key, format_, tmp_path)

    fresh = wiring.files().without({"c1", "c9"}, file, format_)

    assert fresh is not None
    assert (fresh.key != file.key, fresh.counts) == (True, file.counts)
    after = read_back(fresh.key, format_, tmp_path)
    assert after == [
        row | {"contact_id": None} if row["contact_id"] == "c1" else row for row in before
    ]
    assert {row["contact_id"] for row in after} == {None, "c2", "c3"}
    assert wiring.files().without({"c1", "c9"}, fresh, format_) is None


def test_the_manifest_stands_beside_the_files_of_its_day() -> None:
    wiring.files().put_manifest("all", DayFiles(day=DAY, revision=2, derived=NOON))

    document = json.loads(ObjectStore().get_bytes("exports/all/v1/day=2026-11-20/_manifest.json"))
    assert (document["revision"], document["zone"], document["files"]) == (2, "Asia/Seoul", [])


def test_what_is_dropped_twice_is_gone() -> None:
    key = "exports/gone/v1/day=2026-11-20/r/part-0000.parquet"
    ObjectStore().put_bytes(key, b"x", content_type="application/octet-stream")

    for _ in range(2):
        wiring.files().drop([key])

    assert list(ObjectStore().keys("exports/gone")) == []
