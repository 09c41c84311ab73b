"""Where somebody may be, and by which numbering plan they are reached."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from functions.domain.case import Numbering, ZoneRule
from functions.domain.contact import Phone

ZonesOfPhone = Callable[[Phone], tuple[ZoneInfo, ...]]
"""Where the owner of a number may be, by its prefix."""
_KOREA = (ZoneInfo("Asia/Seoul"),)


def nowhere(_: Phone) -> tuple[ZoneInfo, ...]:
    """Tell nothing from a number."""
    return ()


def zones_of(
    zone: str | None,
    phone: Phone | None,
    *,
    zones_of_phone: ZonesOfPhone,
    default: ZoneInfo,
) -> tuple[tuple[ZoneInfo, ...], ZoneRule]:
    """Where the person may be: by the profile, else the number's prefix, else the company."""
    if zone is not None:
        return (ZoneInfo(zone),), ZoneRule.PROFILE
    if phone is not None:
        zones = _KOREA if phone.is_korean else zones_of_phone(phone)
        if zones:
            return zones, ZoneRule.PHONE
    return (default,), ZoneRule.TENANT


def numbering_of(phone: Phone | None) -> Numbering:
    """The plan that a number is of; nobody's is the company's."""
    if phone is None or phone.is_korean:
        return Numbering.KOREA
    return Numbering.NORTH_AMERICA if phone.is_north_american else Numbering.OTHER
