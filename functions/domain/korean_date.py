"""Dates as Korean shop systems and spreadsheets write them."""

import re
import unicodedata
from datetime import UTC, datetime, tzinfo

_DAY = r"(?P<year>\d{4})\s*[-./년]\s*(?P<month>\d{1,2})\s*[-./월]\s*(?P<day>\d{1,2})\s*[.일]?"
_CLOCK = (
    r"(?P<half>오전|오후|am|pm)?\s*(?P<hour>\d{1,2})\s*(?::|시)"
    r"\s*(?:(?P<minute>\d{1,2})\s*(?::|분)?\s*(?:(?P<second>\d{1,2})(?:\.\d{1,6})?\s*초?)?)?"
    r"\s*(?P<half_after>am|pm)?"
)
_ZONE = r"(?P<zone>z|[+-]\d{2}:?\d{2})"
_WRITTEN = re.compile(rf"{_DAY}(?:[\sT]+{_CLOCK}\s*{_ZONE}?)?", re.ASCII | re.IGNORECASE)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:[\sT]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?",
    re.ASCII,
)
_FIRST_YEAR = 1980
_NOON = 12


def read_date(text: str, *, zone: tzinfo) -> datetime | None:
    """Read a date, or a date and time; a day alone is its first moment. None: not understood.

    A time without a zone is that of ``zone``. Years of two digits are refused, because 03/04/05
    has too many meanings.

    >>> read_date("2024. 3. 5. 오후 2:30", zone=UTC).isoformat()
    '2024-03-05T14:30:00+00:00'
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    match = _WRITTEN.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if match is None:
        return None
    parts = match.groupdict()
    hour = _hour(parts)
    if hour is None or int(parts["year"]) < _FIRST_YEAR:
        return None
    try:
        moment = datetime(
            int(parts["year"]),
            int(parts["month"]),
            int(parts["day"]),
            hour,
            int(parts["minute"] or 0),
            int(parts["second"] or 0),
            tzinfo=zone,
        )
        return _in_own_zone(moment, parts.get("zone")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _hour(parts: dict[str, str | None]) -> int | None:
    hour = int(parts["hour"] or 0)
    half = (parts.get("half") or parts.get("half_after") or "").lower()
    if not half:
        return hour
    if not 1 <= hour <= _NOON:
        return None
    return hour % _NOON + (_NOON if half in ("오후", "pm") else 0)


def _in_own_zone(moment: datetime, zone: str | None) -> datetime:
    if zone is None:
        return moment
    offset = "+00:00" if zone in "zZ" else zone
    return datetime.fromisoformat(moment.replace(tzinfo=None).isoformat() + offset)
