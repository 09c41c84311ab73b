from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, strategies as st

from functions.domain.channel import Channel
from functions.domain.fatigue import (
    HORIZON,
    Cap,
    Capped,
    Entry,
    Offer,
    Period,
    Recent,
    Reserve,
    Same,
    short_hash,
    tag_hash,
)
from tests.builders import NOON, SEOUL, an_offer
from tests.caps import capped
from tests.worlds import ZONES

HOURLY = Cap(name="a day", most=2, period=Period.ROLLING_HOURS, length=24)
DAILY = Cap(name="today", most=1, period=Period.CALENDAR_DAYS, length=1)
WEEKLY = Cap(name="this week", most=1, period=Period.CALENDAR_WEEKS, length=1)


def an_entry(hours_ago: float = 1, number: int = 9, **values: object) -> Entry:
    facts: dict[str, object] = {
        "number": number,
        "at": int((NOON - timedelta(hours=hours_ago)).timestamp()),
        "channel": Channel.SMS,
        "template": short_hash("tpl_1"),
        "source": short_hash("cmp_1"),
    }
    return Entry(**(facts | values))  # type: ignore[arg-type]


def reached(
    *entries: Entry, cap: Cap, offer: Offer | None = None, own: int | None = None
) -> Capped | None:
    return capped(entries, [cap], offer or an_offer(), own=own, now=NOON, zone=SEOUL)


def test_there_is_room_below_the_cap() -> None:
    assert reached(an_entry(1), cap=HOURLY) is None


def test_at_the_cap_there_is_room_when_the_oldest_leaves() -> None:
    found = reached(an_entry(1), an_entry(23), cap=HOURLY)

    assert found is not None
    assert (found.cap, found.counted, found.until) == (HOURLY, 2, NOON + timedelta(hours=1))


def test_beyond_the_cap_enough_must_leave() -> None:
    found = reached(an_entry(1), an_entry(2), an_entry(23), cap=HOURLY)

    assert found is not None
    assert found.until == NOON + timedelta(hours=22)


def test_an_entry_as_old_as_the_window_is_out_of_it() -> None:
    inside = timedelta(hours=24) - timedelta(seconds=1)

    assert reached(an_entry(1), an_entry(24), cap=HOURLY) is None
    assert reached(an_entry(1), an_entry(inside / timedelta(hours=1)), cap=HOURLY) is not None


def test_an_entry_of_a_clock_that_is_ahead_counts() -> None:
    assert reached(an_entry(-0.1), an_entry(1), cap=HOURLY) is not None


def test_the_days_of_the_persons_calendar_count() -> None:
    assert reached(an_entry(11.9), cap=DAILY) is not None
    assert reached(an_entry(12.1), cap=DAILY) is None


def test_a_calendar_day_ends_at_the_persons_midnight() -> None:
    found = reached(an_entry(1), cap=DAILY)

    assert found is not None
    assert found.until == datetime(2026, 11, 21, tzinfo=SEOUL)


def test_a_calendar_week_begins_on_monday() -> None:
    monday = (NOON - datetime(2026, 11, 16, tzinfo=SEOUL)) / timedelta(hours=1)
    found = reached(an_entry(monday), cap=WEEKLY)

    assert found is not None
    assert found.until == datetime(2026, 11, 23, tzinfo=SEOUL)
    assert reached(an_entry(monday + 0.1), cap=WEEKLY) is None


@pytest.mark.parametrize(
    ("cap", "entry", "counts"),
    [
        ({"channel": Channel.KAKAO}, {}, False),
        ({"channel": Channel.SMS}, {}, True),
        ({"channel": Channel.SMS}, {"channel": Channel.KAKAO}, False),
        ({"tag": "sale"}, {"tags": (tag_hash("sale"),)}, True),
        ({"tag": "sale"}, {"tags": (tag_hash("news"),)}, False),
        ({"tag": "news"}, {"tags": (tag_hash("news"),)}, False),
        ({"same": Same.TEMPLATE}, {}, True),
        ({"same": Same.TEMPLATE}, {"template": 1}, False),
        ({"same": Same.SOURCE}, {}, True),
        ({"same": Same.SOURCE}, {"source": 1}, False),
        ({"same": Same.SOURCE}, {"template": 1}, True),
    ],
)
def test_a_cap_counts_what_it_is_about(cap: dict, entry: dict, counts: bool) -> None:
    rule = Cap(**({"name": "c", "most": 1, "period": Period.ROLLING_HOURS, "length": 24} | cap))
    offer = an_offer(tags=("sale",), tag_hashes=(tag_hash("sale"),))

    assert (reached(an_entry(**entry), cap=rule, offer=offer) is not None) == counts


def test_reserved_places_are_for_higher_priorities() -> None:
    cap = Cap(
        name="c",
        most=2,
        period=Period.ROLLING_HOURS,
        length=24,
        reserves=(Reserve(priority=7, places=1),),
    )

    assert reached(an_entry(), cap=cap, offer=an_offer(priority=6)) is not None
    assert reached(an_entry(), cap=cap, offer=an_offer(priority=7)) is None


@pytest.mark.parametrize("reserves", [(), (Reserve(priority=9, places=3),)])
def test_without_a_place_there_never_is_room(reserves: tuple[Reserve, ...]) -> None:
    most = 2 if reserves else 0
    cap = Cap(name="c", most=most, period=Period.ROLLING_HOURS, length=24, reserves=reserves)

    found = reached(cap=cap)

    assert found is not None
    assert (found.counted, found.until) == (0, None)


def test_the_messages_own_entry_does_not_count() -> None:
    assert reached(an_entry(number=7), cap=DAILY, own=7) is None
    assert reached(an_entry(number=7), cap=DAILY, own=8) is not None


def test_of_several_caps_the_one_that_holds_longest_decides() -> None:
    never = Cap(name="never", most=0, period=Period.CALENDAR_DAYS, length=1)
    found = {}
    for caps in ([DAILY, WEEKLY], [WEEKLY, DAILY], [never, WEEKLY], [WEEKLY, never]):
        one = capped([an_entry()], caps, an_offer(), own=None, now=NOON, zone=SEOUL)
        assert one is not None
        found[caps[0].name, caps[1].name] = one.cap.name

    assert set(list(found.values())[:2]) == {"this week"}
    assert set(list(found.values())[2:]) == {"never"}


entries = st.builds(
    Entry,
    number=st.integers(0, 2**40 - 1),
    at=st.integers(0, 2**32 - 1),
    channel=st.sampled_from(Channel),
    template=st.integers(0, 2**32 - 1),
    source=st.integers(0, 2**32 - 1),
    tags=st.lists(st.integers(1, 2**16 - 1), max_size=3).map(tuple),
)


@given(st.lists(entries, max_size=40))
def test_a_row_reads_back(given_entries: list[Entry]) -> None:
    recent = Recent(entries=tuple(given_entries), version=4)

    assert Recent.unpack(recent.pack(), version=4) == recent


def test_thirty_advertisements_fit_one_write_unit() -> None:
    assert len(Recent(entries=(an_entry(),) * 30).pack()) <= 900


def test_adding_keeps_the_order_and_counts_the_version() -> None:
    recent = Recent(entries=(an_entry(5), an_entry(1)), version=2).with_entry(an_entry(3, number=8))

    assert [entry.number for entry in recent.entries] == [9, 8, 9]
    assert recent.version == 3
    assert recent.has(8)
    assert not recent.has(10)


def test_what_no_rule_looks_at_is_split_off() -> None:
    old = an_entry(HORIZON / timedelta(hours=1) + 1, number=3)
    edge = an_entry(HORIZON / timedelta(hours=1), number=4)

    kept, gone = Recent(entries=(old, edge, an_entry(1)), version=5).split(now=NOON)

    assert gone == (3,)
    assert [entry.number for entry in kept.entries] == [4, 9]
    assert kept.version == 5


def test_an_offer_makes_its_entry() -> None:
    offer = an_offer(tags=("sale",), tag_hashes=(tag_hash("sale"),))

    entry = offer.entry(7, now=NOON)

    assert entry == an_entry(0, number=7, tags=(tag_hash("sale"),))


@pytest.mark.parametrize("seed", range(20))
def test_whoever_asks_the_cap_before_each_send_never_exceeds_it(seed: int) -> None:
    random = Random(seed)
    cap = Cap(
        name="c",
        most=random.randrange(1, 4),
        period=random.choice(list(Period)),
        length=random.randrange(1, 3),
    )
    zone, now, sent = random.choice(ZONES), NOON, Recent()
    for number in range(200):
        now += timedelta(minutes=random.randrange(1, 600))
        if capped(sent.entries, [cap], an_offer(), own=number, now=now, zone=zone) is None:
            sent = sent.with_entry(an_offer().entry(number, now=now))
        moment = datetime.fromtimestamp(int(now.timestamp()), tz=UTC)
        began = cap.began(moment, zone)
        assert sum(entry.at >= began.timestamp() for entry in sent.entries) <= cap.most
    assert len(sent.entries) > 4


@pytest.mark.parametrize("seed", range(20))
def test_room_comes_exactly_when_it_was_promised(seed: int) -> None:
    random = Random(seed)
    cap = Cap(name="c", most=2, period=random.choice(list(Period)), length=random.randrange(1, 3))
    zone, some = random.choice(ZONES), [an_entry(random.uniform(0, 30), n) for n in range(4)]

    found = capped(some, [cap], an_offer(), own=None, now=NOON, zone=zone)

    if found is not None and found.until is not None:
        just_before = found.until - timedelta(seconds=1)
        assert capped(some, [cap], an_offer(), own=None, now=just_before, zone=zone) is not None
        assert capped(some, [cap], an_offer(), own=None, now=found.until, zone=zone) is None
