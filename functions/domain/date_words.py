"""Days and moments as people write them, in the languages of our pages."""

from datetime import datetime, tzinfo

from functions.domain.language import ENGLISH

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


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
