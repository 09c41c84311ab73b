"""A person's activity as bytes, and reported events as text for a queue."""

import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from functions.contracts.codec import ContractError
from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.day_totals import Cell, Cells
from functions.domain.event import Event, PersonEvents
from functions.domain.ids import ContactId
from functions.domain.person_activity import Waiting

_EPOCH_DAY = date(1970, 1, 1).toordinal()
_DAY_S = 86_400


def cells_to_bytes(cells: Cells) -> bytes:
    """Write totals by columns: like stands beside like, which compresses best."""
    places: dict[str, int] = {"": 0}
    rows = []
    for key, day in sorted(cells):
        total = cells[key, day]
        number = day.toordinal() - _EPOCH_DAY
        texts = (places.setdefault(each, len(places)) for each in (key.event, key.name, key.value))
        # When last, in seconds of the day: small numbers.
        last = int(total.last.timestamp()) - number * _DAY_S
        rows.append((*texts, number, total.count, total.sum_minor, last))
    return _to_bytes([list(places), *zip(*rows, strict=True)])


def cells_from_bytes(packed: bytes | None) -> dict[Cell, DayTotal]:
    """Read them back; nothing gives none."""
    if not packed:
        return {}
    texts, *columns = _from_bytes(packed)
    cells = {}
    for event, name, value, number, count, sum_minor, last in zip(*columns, strict=True):
        day = date.fromordinal(number + _EPOCH_DAY)
        key = ActivityKey(texts[event], texts[name], texts[value])
        moment = datetime.fromtimestamp(number * _DAY_S + last, tz=UTC)
        cells[key, day] = DayTotal(day=day, count=count, sum_minor=sum_minor, last=moment)
    return cells


def waiting_to_bytes(waiting: Iterable[Waiting]) -> bytes:
    """Write events that wait for their contact."""
    rows = [[int(each.arrived.timestamp()), *_from_event(each.event)] for each in waiting]
    return _to_bytes(rows)


def waiting_from_bytes(packed: bytes | None) -> tuple[Waiting, ...]:
    """Read them back; nothing gives none."""
    rows = _from_bytes(packed) if packed else []
    return tuple(
        Waiting(event=_to_event(row), arrived=datetime.fromtimestamp(arrived, tz=UTC))
        for arrived, *row in rows
    )


def events_to_text(people: Iterable[PersonEvents]) -> str:
    """Write people's events for a queue, as compact JSON."""
    rows = [[each.contact_id, [_from_event(event) for event in each.events]] for each in people]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def events_from_text(text: str) -> tuple[PersonEvents, ...]:
    """Read them back. Raises ContractError for what nobody wrote."""
    try:
        return tuple(
            PersonEvents(contact_id=ContactId(contact_id), events=tuple(map(_to_event, events)))
            for contact_id, events in json.loads(text)
        )
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        msg = "these are no people with events"
        raise ContractError(msg) from error


def _from_event(event: Event) -> list[object]:
    at = int(event.at.timestamp())
    return [event.key, event.name, at, event.minor, dict(event.properties)]


def _to_event(row: Iterable[Any]) -> Event:
    key, name, at, minor, properties = row
    if not all(map(isinstance, (key, name, at, minor, properties), (int, str, int, int, Mapping))):
        msg = "this is no event"
        raise TypeError(msg)
    return Event(
        key=key,
        name=name,
        at=datetime.fromtimestamp(at, tz=UTC),
        minor=minor,
        properties=tuple((str(each), str(value)) for each, value in properties.items()),
    )


def _to_bytes(value: object) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _from_bytes(packed: bytes) -> Any:  # noqa: ANN401  # any JSON
    return json.loads(zlib.decompress(packed))
