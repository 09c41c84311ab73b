"""People as lines of JSON on their way from the table to the files that audiences are asked of.

The rows of one person may come in several lines: one has the profile, others only activity.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from functions.domain.activity import ENGAGEMENT, ActivityKey, DayTotal
from functions.domain.ids import ContactId
from functions.domain.segment import Subject

_UNSAID = datetime.min.replace(tzinfo=UTC)
"""Audiences know days, not moments."""
Line = list[Any]
_DECODER = json.JSONDecoder()


def subject_to_line(subject: Subject, *, has_profile: bool) -> str:
    """Write what is known of a person."""
    activity = [
        [key.event, key.name, key.value, [_cell(total) for total in totals]]
        for key, totals in subject.activity.items()
    ]
    profile = _profile(subject) if has_profile else None
    line = [subject.contact_id, profile, activity]
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n"


def _profile(subject: Subject) -> Line:
    return [
        dict(subject.attributes),
        sorted(subject.groups),
        subject.locale,
        subject.zone,
        sorted(subject.consents),
        sorted(subject.reachable),
    ]


def _cell(total: DayTotal) -> Line:
    return [total.day.toordinal(), total.count, total.sum_minor]


def subjects_from_lines(lines: Iterable[str], strays: Iterable[str]) -> Iterator[Subject]:
    """Read people who have a profile; ``strays`` are the lines that have none, of anybody.

    Strays are held in memory, as they are written; who has only strays is nobody.
    """
    apart: defaultdict[str, list[str]] = defaultdict(list)
    for stray in strays:
        contact_id, _ = _DECODER.raw_decode(stray, 1)
        apart[contact_id].append(stray)
    for line in lines:
        contact_id, profile, activity = json.loads(line)
        for stray in apart.pop(contact_id, ()):
            activity += json.loads(stray)[2]
        yield _subject(contact_id, profile, activity)


def _subject(contact_id: str, profile: Line, activity: Sequence[Line]) -> Subject:
    attributes, groups, locale, zone, consents, reachable = profile
    bare = Subject(
        contact_id=ContactId(contact_id),
        attributes=attributes,
        groups=frozenset(groups),
        locale=locale,
        zone=zone,
        consents=frozenset(consents),
        reachable=frozenset(reachable),
    )
    return replace(bare, activity=_activity(activity)) if activity else bare


def _activity(rows: Sequence[Line]) -> dict[ActivityKey, list[DayTotal]]:
    """A day that stands in two rows is taken from the first; what is told of messages adds up."""
    found: defaultdict[ActivityKey, dict[int, tuple[int, int]]] = defaultdict(dict)
    for event, name, value, cells in rows:
        days = found[ActivityKey(event, name, value)]
        adds = event in ENGAGEMENT
        for ordinal, count, sum_minor in cells:
            before, sum_before = days.get(ordinal, (0, 0))
            if adds or not before:
                days[ordinal] = before + count, sum_before + sum_minor
    return {
        key: [_total(day, *found) for day, found in days.items()] for key, days in found.items()
    }


def _total(ordinal: int, count: int, sum_minor: int) -> DayTotal:
    day = date.fromordinal(ordinal)
    return DayTotal(day=day, count=count, sum_minor=sum_minor, last=_UNSAID)
