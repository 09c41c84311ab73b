"""When the night ends for someone who may not be disturbed in it."""

from bisect import bisect_left
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

# 정보통신망법 art. 50(3): no advertising from 21:00 to 08:00 the next day without a separate
# consent (decree art. 61(2) exempts e-mail).
NIGHT_STARTS = time(21)
NIGHT_ENDS = time(8)

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


def night_until(
    now: datetime,
    *,
    zone: ZoneInfo,
    starts: time = NIGHT_STARTS,
    ends: time = NIGHT_ENDS,
) -> datetime | None:
    """Give the moment (UTC) at which the night ends in the zone, or None outside the night.

    The night is half-open: `starts` is in it, `ends` is not. It is read from the wall clock, so
    a moment is in the night when the clock of the zone says so; the one returned is the first
    that is not, also where clocks are set forward over `ends` or back before it. A channel that
    is stricter gives its own hours (Kakao brand message: 20:50 to 08:00).
    Source: 정보통신망법 art. 50(3) and its decree art. 61(2).

    Raises ValueError when `now` has no offset, or the hours are not two different wall times.

    >>> night_until(datetime(2026, 3, 1, 13, 30, tzinfo=UTC), zone=ZoneInfo("Asia/Seoul"))
    datetime.datetime(2026, 3, 1, 23, 0, tzinfo=datetime.timezone.utc)
    """
    _check(now, starts=starts, ends=ends)
    moment = now.astimezone(UTC)
    while _in_night(clock := _wall_clock(moment, zone), starts=starts, ends=ends):
        end = moment + _until(clock, ends)
        moment = next_offset_change(moment, end, zone) or end
    return None if moment == now else moment


def _check(now: datetime, *, starts: time, ends: time) -> None:
    if now.utcoffset() is None:
        msg = "now must be aware"
        raise ValueError(msg)
    if starts == ends or starts.tzinfo or ends.tzinfo:
        msg = "starts and ends must be different wall times"
        raise ValueError(msg)


def _wall_clock(moment: datetime, zone: ZoneInfo) -> time:
    return moment.astimezone(zone).time()


def _in_night(clock: time, *, starts: time, ends: time) -> bool:
    if starts < ends:
        return starts <= clock < ends
    return clock >= starts or clock < ends


def _until(clock: time, ends: time) -> timedelta:
    """How long the clock runs to `ends`, were it not set meanwhile."""
    return (_since_midnight(ends) - _since_midnight(clock)) % _DAY


def _since_midnight(clock: time) -> timedelta:
    return timedelta(
        hours=clock.hour,
        minutes=clock.minute,
        seconds=clock.second,
        microseconds=clock.microsecond,
    )


def next_offset_change(start: datetime, end: datetime, zone: ZoneInfo) -> datetime | None:
    """When, up to `end`, the zone's clocks are set; None when they are not.

    zoneinfo does not list its transitions, so the one in between is found by halving. They
    fall on whole seconds, and no zone sets its clocks twice in one night.
    """
    offset = start.astimezone(zone).utcoffset()
    if end.astimezone(zone).utcoffset() == offset:
        return None
    whole = start.astimezone(UTC).replace(microsecond=0)
    seconds = bisect_left(
        range((end - whole) // _SECOND + 1),
        1,
        key=lambda passed: int((whole + passed * _SECOND).astimezone(zone).utcoffset() != offset),
    )
    return whole + seconds * _SECOND
