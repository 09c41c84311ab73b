"""Where the owner of a number may be, by its prefix."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from functions.domain.contact import Phone


def zones_of_phone(phone: Phone) -> tuple[ZoneInfo, ...]:
    """The zones of a number's prefix; none when nothing is known.

    Korean numbers need no looking up (``domain/planning.py``). The table for all others takes
    some megabytes of memory, so it is loaded with the first of them.
    """
    import phonenumbers  # noqa: PLC0415
    from phonenumbers.timezone import time_zones_for_number  # noqa: PLC0415

    names = time_zones_for_number(phonenumbers.parse(phone.e164))
    return tuple(zone for zone in map(_zone, names) if zone is not None)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:  # what the library calls Etc/Unknown
        return None
