"""Days and moments as people write them, in the languages of our pages."""

from datetime import datetime, timedelta, tzinfo

from functions.domain.language import ENGLISH

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_UNITS = ((86_400, "day", "일"), (3_600, "hour", "시간"), (60, "minute", "분"), (1, "second", "초"))


def day(moment: datetime, *, language: str, zone: tzinfo) -> str:
    """Write a day as people do."""
    local = moment.astimezone(zone)
    if language == ENGLISH:
        return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"
    return f"{local.year}년 {local.month}월 {local.day}일"


def minute(moment: datetime, *, language: str, zone: tzinfo) -> str:
    """Write a day and the time, with the zone in which it is meant."""
    local = moment.astimezone(zone)
    return f"{day(moment, language=language, zone=zone)} {local:%H:%M} ({local.tzname()})"


def span(duration: timedelta, *, language: str) -> str:
    """Write how long something is, in the largest unit that fits.

    >>> span(timedelta(minutes=90), language="en")
    '90 minutes'
    """
    seconds = int(duration.total_seconds())
    size, english, korean = next(unit for unit in _UNITS if seconds % unit[0] == 0)
    count = seconds // size
    if language == ENGLISH:
        return f"{count} {english}{'' if count == 1 else 's'}"
    return f"{count}{korean}"
