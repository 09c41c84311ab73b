"""When something that recurs happens next: RFC 5545 rules, read by python-dateutil.

The library is in the runtime's layer already, for botocore and holidays need it. We take the
part of the rules that calendars of campaigns need: days, weeks, months, years and an end.
"""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # it has no types

from functions.domain.local_time import moment_of

_PARTS = {"FREQ", "INTERVAL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "UNTIL", "WKST"}
_OFTEN = {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
_INTERVAL = re.compile(r"[1-9][0-9]{0,2}")
_UNTIL = re.compile(r"20[0-9]{6}(T[0-9]{6})?")
_HORIZON = timedelta(days=5 * 366)
"""How far we look."""
_UNTIL_FORMAT = "%Y%m%dT%H%M%S"


class InvalidRule(ValueError):
    """The rule cannot be read, or never fits."""


def next_run(rule: str, *, first: datetime, after: datetime, zone: ZoneInfo) -> datetime | None:
    """When (UTC) it happens next after a moment; None when it has ended.

    ``first`` is the first time; the rule goes by the clocks of ``zone``, so the hour stays the
    same when they are set. Raises InvalidRule.
    """
    start = first.astimezone(zone).replace(tzinfo=None)
    since = after.astimezone(zone).replace(tzinfo=None)
    for wall in _read(rule, start, until=max(start, since) + _HORIZON):
        moment = moment_of(wall, zone)
        if moment > after:
            return moment
    return None


def check_rule(rule: str, *, first: datetime, zone: ZoneInfo) -> None:
    """Raise InvalidRule for a rule that cannot be read, or never fits after the first time."""
    if next_run(rule, first=first, after=first, zone=zone) is None:
        msg = "the rule fits no date within five years"
        raise InvalidRule(msg)


def _read(rule: str, start: datetime, *, until: datetime) -> Iterable[datetime]:
    values = dict(part.partition("=")[::2] for part in rule.split(";"))
    sound = (
        set(values) <= _PARTS
        and len(values) == rule.count(";") + 1
        and values.get("FREQ") in _OFTEN
        and _INTERVAL.fullmatch(values.get("INTERVAL", "1"))
        and _UNTIL.fullmatch(values.get("UNTIL", "20991231"))
    )
    if not sound:
        msg = "the rule has parts that are not taken, or no FREQ of a day or longer"
        raise InvalidRule(msg)
    # Bounded, or a rule that fits no date would be searched for until the year 9999.
    values["UNTIL"] = min(values.get("UNTIL", "9"), until.strftime(_UNTIL_FORMAT))
    bounded = ";".join(f"{name}={value}" for name, value in values.items())
    try:
        return list(rrulestr(bounded, dtstart=start))
    except (ValueError, TypeError, KeyError) as error:
        msg = "the rule cannot be read"
        raise InvalidRule(msg) from error
