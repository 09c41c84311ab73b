"""Files of exports hold exactly the events that went in, in every format, and the same bytes."""

import gzip
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from functions.contracts.event_document import event_to_json
from functions.contracts.event_schema import FIELDS
from functions.domain.export import Export, ExportFormat, Part, Run, parts_of
from functions.domain.message_event import MessageEvent, events_of
from functions.exports import wiring
from functions.storage.export_files import EventSpool
from functions.storage.objects import ObjectStore
from tests.builders import NOON
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
