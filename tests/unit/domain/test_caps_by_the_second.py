"""Caps against a count of every second."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st

from functions.domain.channel import Channel
from functions.domain.fatigue import (
    HORIZON,
    Cap,
    Entry,
    Period,
    Recent,
    Reserve,
    Same,
    short_hash,
    tag_hash,
)
from tests.builders import NOON, SEOUL, an_offer
from tests.caps import capped, counting

NEW_YORK = ZoneInfo("America/New_York")
DAY = timedelta(days=1)


def a_cap(**values: object) -> Cap:
    facts: dict[str, object] = {
        "name": "two a day",
        "most": 2,
        "period": Period.ROLLING_HOURS,
        "length": 24,
    }
    return Cap(**(facts | values))  # type: ignore[arg-type]


def an_entry(ago: timedelta = timedelta(0), number: int = 1, **values: object) -> Entry:
    facts: dict[str, object] = {
        "number": number,
        "at": int((NOON - ago).timestamp()),
        "channel": Channel.SMS,
        "template": short_hash("tpl_1"),
        "source": short_hash("cmp_1"),
    }
    return Entry(**(facts | values))  # type: ignore[arg-type]


def until(entries, *caps: Cap, now: datetime = NOON, own: int | None = None, **offer: object):
    """When there is room: now at once, a moment, or None for never."""
    found = capped(entries, caps, an_offer(**offer), own=own, now=now, zone=SEOUL)
    return now if found is None else found.until


def test_never_is_later_than_any_moment() -> None:
    assert until([an_entry()], a_cap(most=1), a_cap(name="no", most=0)) is None
    assert until([an_entry()], a_cap(name="no", most=0), a_cap(most=1)) is None


def test_a_begun_second_counts_to_its_end() -> None:
    entry = an_offer().entry(7, now=NOON + timedelta(milliseconds=100))

    assert entry.at == NOON.timestamp() + 1


ENTRIES = st.lists(
    st.builds(
        an_entry,
        st.integers(-60, 40 * 24 * 3600).map(lambda seconds: timedelta(seconds=seconds)),
        st.integers(1, 1 << 39),
        channel=st.sampled_from(Channel),
        template=st.sampled_from([short_hash("tpl_1"), 0]),
        source=st.sampled_from([short_hash("cmp_1"), 0xFFFFFFFF]),
        tags=st.sampled_from([(), (tag_hash("sale"),), (1, 2, 0xFFFF)]),
    ),
    max_size=12,
)
CAPS = st.builds(
    a_cap,
    most=st.integers(0, 4),
    period=st.sampled_from(Period),
    length=st.integers(1, 4),
    channel=st.sampled_from([None, Channel.SMS, Channel.KAKAO]),
    tag=st.sampled_from([None, "sale"]),
    same=st.sampled_from(Same),
    reserves=st.sampled_from([(), (Reserve(priority=6, places=1),)]),
)
PRIORITIES = st.integers(1, 9)
SPLIT_SECONDS = st.integers(0, 999_999).map(lambda micro: timedelta(microseconds=micro))
ZONES = st.sampled_from([SEOUL, NEW_YORK, ZoneInfo("Australia/Lord_Howe")])


@settings(deadline=None)
@given(ENTRIES, st.lists(CAPS, max_size=3), PRIORITIES, SPLIT_SECONDS, ZONES)
def test_until_is_the_first_moment_with_room(entries, caps, priority, split, zone) -> None:
    offer, now = an_offer(priority=priority, tags=("sale",)), NOON + split
    found = capped(entries, caps, offer, own=None, now=now, zone=zone)
    if found is None or found.until is None:
        return

    before = found.until - timedelta(microseconds=1)
    assert found.until > now
    assert capped(entries, caps, offer, own=None, now=found.until, zone=zone) is None
    assert capped(entries, caps, offer, own=None, now=max(now, before), zone=zone) is not None


@settings(deadline=None)
@given(ENTRIES, st.lists(CAPS, max_size=3), PRIORITIES, ZONES)
def test_caps_decide_alike_on_what_counts_alone(entries, caps, priority, zone) -> None:
    offer = an_offer(priority=priority, tags=("sale",))
    recent = Recent(entries=tuple(entries))

    counted = counting(recent, caps, offer, now=NOON, zone=zone).entries

    assert set(counted) <= set(entries)
    assert len(counted) < len(entries) or entries == list(counted)
    assert capped(counted, caps, offer, own=None, now=NOON, zone=zone) == capped(
        entries, caps, offer, own=None, now=NOON, zone=zone
    )


def test_without_caps_nothing_counts() -> None:
    recent = Recent(entries=(an_entry(),))

    assert counting(recent, [], an_offer(), now=NOON, zone=SEOUL).entries == ()


@settings(deadline=None)
@given(st.lists(st.integers(0, 72 * 3600 * 1000), max_size=40), st.integers(1, 3))
def test_no_rolling_window_ever_holds_more_than_the_cap(at_ms: list[int], most: int) -> None:
    cap, recent, sent = a_cap(most=most, length=5), Recent(), []
    for number, each in enumerate(sorted(at_ms)):
        now = NOON + timedelta(milliseconds=each)
        if capped(recent.entries, [cap], an_offer(), own=None, now=now, zone=SEOUL) is None:
            recent = recent.with_entry(an_offer().entry(number, now=now))
            sent.append(now)

    for first, last in zip(sent, sent[most:], strict=False):
        assert last - first >= timedelta(hours=5)


def test_the_longest_calendar_window_is_in_the_row_also_where_clocks_are_set() -> None:
    # 31 calendar days around 1 November 2026 in New York have 745 hours.
    cap = a_cap(most=1, period=Period.CALENDAR_DAYS, length=31)
    now = datetime(2026, 11, 15, 23, 59, tzinfo=NEW_YORK).astimezone(UTC)

    assert cap.began(now, NEW_YORK) >= now - HORIZON
