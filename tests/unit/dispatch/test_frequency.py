"""Places under the caps, with rivals, outages and stale looks in any order."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from functions.dispatch.frequency import Places, take_places
from functions.domain.channel import Purpose
from functions.domain.fatigue import Cap, Entry, Period, Recent
from functions.domain.ids import BatchNumber, ContactId, MessageNumber
from functions.domain.policy import LAW_ALONE, Policy, WhenCapped
from tests.builders import (
    NOON,
    SMS_ADS,
    SMS_NIGHT_ADS,
    a_batch,
    a_case,
    a_consent,
    a_recipient,
    an_offer,
)
from tests.fakes.recents import FakeRecents, one_by_one
from tests.fakes.stores import FakeContacts

C1 = ContactId("c1")
ONE_A_DAY = Policy(caps=(Cap(name="one", most=1, period=Period.ROLLING_HOURS, length=24),))
HOUR = timedelta(hours=1)


def packed(number: int) -> int:
    return MessageNumber(batch=BatchNumber(number), ordinal=0).packed


@dataclass
class Desk:
    """Asks for places for messages to one person."""

    policy: Policy = ONE_A_DAY
    when_capped: WhenCapped = WhenCapped.SKIP
    recents: FakeRecents = field(default_factory=FakeRecents)
    contacts: FakeContacts = field(default_factory=FakeContacts)

    def ask(self, number: int, *, now: datetime, version: int = 0, **meta: Any) -> Places:
        recipient = replace(a_recipient(1), recent_version=version)
        batch = replace(a_batch(number, **meta), recipients=(recipient,))
        case = a_case(
            policy=self.policy,
            when_capped=self.when_capped,
            number=packed(number),
            consents={SMS_ADS: a_consent(), SMS_NIGHT_ADS: a_consent()},
        )
        deps: Any = SimpleNamespace(recents=self.recents, contacts=self.contacts, spread=one_by_one)
        return take_places(batch, [0], {0: case}, deps=deps, now=now)

    @property
    def row(self) -> Recent:
        return self.recents.rows.get(C1, Recent())

    def times(self) -> dict[int, datetime]:
        return {entry.number: entry.moment for entry in self.row.entries}


def test_a_message_that_an_outage_kept_waiting_counts_from_when_it_leaves() -> None:
    desk = Desk()
    desk.ask(1, now=NOON)

    assert desk.ask(1, now=NOON + 48 * HOUR).ready == (0,)

    assert desk.times() == {packed(1): NOON + 48 * HOUR}
    assert desk.ask(2, now=NOON + 49 * HOUR).refused == 1


def test_asking_again_in_the_same_second_writes_nothing_more() -> None:
    desk = Desk()
    desk.ask(1, now=NOON)
    version = desk.row.version

    assert desk.ask(1, now=NOON).ready == (0,)

    assert desk.row.version == version


def test_a_worker_whose_clock_is_behind_leaves_the_later_moment() -> None:
    desk = Desk()
    desk.ask(1, now=NOON)

    assert desk.ask(1, now=NOON - timedelta(seconds=3)).ready == (0,)

    assert desk.times() == {packed(1): NOON}


def test_a_message_that_lost_its_place_while_it_waited_gives_its_entry_back() -> None:
    desk = Desk()
    desk.ask(1, now=NOON)
    desk.ask(2, now=NOON + 25 * HOUR)

    assert desk.ask(1, now=NOON + 26 * HOUR).refused == 1

    assert set(desk.times()) == {packed(2)}


class Busy(FakeRecents):
    """Somebody else changes the row before each of the next ``times`` replacements."""

    times = 0

    def put(self, contact_id: ContactId, recent: Recent, *, now: datetime) -> Any:
        if self.times:
            self.times -= 1
            known = self.rows[contact_id]
            self.rows[contact_id] = Recent(entries=known.entries, version=known.version + 1)
        return super().put(contact_id, recent, now=now)


def test_a_place_is_given_back_also_when_others_change_the_row_meanwhile() -> None:
    desk = Desk(recents=Busy())
    desk.ask(1, now=NOON)
    desk.ask(2, now=NOON + 25 * HOUR)
    desk.recents.times = 3

    assert desk.ask(1, now=NOON + 26 * HOUR).refused == 1

    assert set(desk.times()) == {packed(2)}


def test_whose_row_never_stands_still_is_not_sent_unchecked() -> None:
    desk = Desk(recents=Busy(), policy=LAW_ALONE)
    desk.ask(1, now=NOON)
    desk.recents.times = 99

    places = desk.ask(1, now=NOON + HOUR)

    assert places.unsettled == (0,)
    assert places.ready == ()


def test_a_place_of_which_the_answer_does_not_tell_is_found_in_the_row() -> None:
    desk = Desk(recents=FakeRecents(mute=True))

    assert desk.ask(1, now=NOON).ready == (0,)

    assert desk.times() == {packed(1): NOON}
    assert desk.ask(2, now=NOON + HOUR).refused == 1
    assert set(desk.times()) == {packed(1)}


def test_a_delayed_message_is_told_from_a_refused_one() -> None:
    desk = Desk(when_capped=WhenCapped.DELAY)
    desk.ask(1, now=NOON)

    places = desk.ask(2, now=NOON + HOUR)

    assert (places.held, places.refused) == (1, 0)
    assert places.until == (NOON + 24 * HOUR,)


def test_who_gets_no_advertisement_needs_no_place() -> None:
    desk = Desk()

    places = desk.ask(1, now=NOON, purpose=Purpose.TRANSACTIONAL)

    assert places.ready == (0,)
    assert desk.row == Recent()


CAPS = st.builds(
    Cap,
    name=st.just("cap"),
    most=st.integers(1, 2),
    period=st.just(Period.ROLLING_HOURS),
    length=st.integers(1, 6),
)
ASKS = st.tuples(
    st.integers(1, 3),  # which message
    st.sampled_from((0, 1, 1800, 3600, 7200, 5 * 3600)),  # how much later, in seconds
    st.integers(0, 6),  # the version it was planned on
    st.booleans(),  # whether the provider takes it
    st.sampled_from((0, 0, 0, 1)),  # messages of others just before
    st.booleans(),  # whether the answer tells nothing
)


@settings(max_examples=500, deadline=None)
@given(caps=st.lists(CAPS, min_size=1, max_size=2), asks=st.lists(ASKS, max_size=20))
def test_no_order_of_asking_rivals_and_outages_sends_more_than_a_cap_allows(
    caps: list[Cap], asks: list[tuple[int, int, int, bool, int, bool]]
) -> None:
    desk = Desk(policy=Policy(caps=tuple(caps)))
    left: dict[int, datetime] = {}
    now = NOON
    for number, later_s, version, taken, rivals, mute in asks:
        now += timedelta(seconds=later_s)
        desk.recents.mute = mute
        for rival in range(rivals):
            other = 100 + 10 * len(left) + rival
            if desk.ask(other, now=now, version=desk.row.version).ready:
                left[other] = now
        if number in left:
            continue  # A message that left is not asked for again.
        if desk.ask(number, now=now, version=version).ready and taken:
            left[number] = now

        for cap in caps:
            began = now - cap.length * HOUR
            assert sum(began < each <= now for each in left.values()) <= cap.most
    assert {packed(number) for number in left} <= set(desk.times())


def an_entry(number: int, at: datetime) -> Entry:
    return an_offer().entry(packed(number), now=at)


@pytest.mark.parametrize(
    ("old", "fresh", "crowded"), [(8, 25, True), (7, 26, False), (8, 24, False), (0, 60, False)]
)
def test_a_row_is_tidied_when_it_is_long_and_that_is_worth_the_writes(
    old: int, fresh: int, crowded: bool
) -> None:
    then = [NOON - timedelta(days=40)] * old + [NOON] * fresh
    entries = tuple(an_entry(number, at) for number, at in enumerate(then))

    assert Recent(entries=entries, version=1).crowded(now=NOON) is crowded
