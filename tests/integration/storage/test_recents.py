"""The rows under frequency caps: changed by one conditional write, whoever else writes."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from botocore.exceptions import ReadTimeoutError

from functions.contracts.errors import Unavailable
from functions.dispatch.frequency import take_places
from functions.domain.fatigue import Cap, Entry, Period, Recent
from functions.domain.ids import BatchNumber, ContactId, MessageNumber
from functions.domain.places import Place, Wanted
from functions.domain.policy import Policy
from functions.runtime.aws import dynamodb
from functions.storage.contacts import ContactStore
from functions.storage.histories import HistoryStore
from functions.storage.recents import RecentStore
from tests.builders import NOON, a_batch, a_case, a_contact, an_offer
from tests.fakes.recents import FakeRecents
from tests.integration.account import Account

C1, C2, C3 = ContactId("c1"), ContactId("c2"), ContactId("c3")
Store = RecentStore | FakeRecents


@pytest.fixture(params=[FakeRecents, RecentStore], ids=["fake", "real"])
def recents(request: pytest.FixtureRequest) -> Store:
    made: Store = request.param()
    return made


def an_entry(number: int, at: datetime = NOON) -> Entry:
    return an_offer(tag_hashes=(7,)).entry(number, now=at)


def test_the_first_place_makes_the_row(recents: Store) -> None:
    place = recents.take(C1, an_entry(1), version=0)

    assert place.taken
    assert place.recent == Recent(entries=(an_entry(1),), version=1)
    assert recents.of([C1, C2]) == {C1: place.recent, C2: Recent()}


def test_a_place_needs_the_row_that_was_looked_at(recents: Store) -> None:
    recents.take(C1, an_entry(1), version=0)

    late = recents.take(C1, an_entry(2), version=0)
    again = recents.take(C1, an_entry(2), version=late.recent.version)

    assert not late.taken
    assert late.recent == Recent(entries=(an_entry(1),), version=1)
    assert again.taken
    assert again.recent == Recent(entries=(an_entry(1), an_entry(2)), version=2)


def test_a_place_of_a_row_that_is_not_there_is_not_taken(recents: Store) -> None:
    place = recents.take(C1, an_entry(1), version=3)

    assert not place.taken
    assert place.recent == Recent()


def test_many_places_are_taken_each_for_itself(recents: Store) -> None:
    recents.take(C1, an_entry(1), version=0)
    recents.take(C3, an_entry(2), version=0)

    late, first, second, nowhere = recents.take_all(
        [
            Wanted(C1, an_entry(10), 2),
            Wanted(C2, an_entry(11), 0),
            Wanted(C3, an_entry(12), 1),
            Wanted(ContactId("c4"), an_entry(13), 3),
        ]
    )

    assert late == Place(taken=False, recent=Recent(entries=(an_entry(1),), version=1))
    assert first == Place(taken=True, recent=Recent(entries=(an_entry(11),), version=1))
    assert second == Place(
        taken=True, recent=Recent(entries=(an_entry(2), an_entry(12)), version=2)
    )
    assert nowhere in (None, Place(taken=False, recent=Recent()))
    assert recents.of([C1, C2, C3, ContactId("c4")]) == {
        C1: late.recent,
        C2: first.recent,
        C3: second.recent,
        ContactId("c4"): Recent(),
    }


def test_two_places_in_one_persons_row_are_taken_one_after_the_other(recents: Store) -> None:
    recents.take(C1, an_entry(1), version=0)

    first, second = recents.take_all([Wanted(C1, an_entry(2), 1), Wanted(C1, an_entry(3), 1)])

    assert first is not None
    assert first.taken
    assert second is None or not second.taken
    assert recents.of([C1])[C1].entries == (an_entry(1), an_entry(2))


def test_places_of_more_people_than_one_request_takes(
    requests_made: Callable[[], list[str]],
) -> None:
    wanted = [Wanted(ContactId(f"c{n}"), an_entry(n), 0) for n in range(60)]

    places = RecentStore().take_all(wanted)

    assert all(place is not None and place.taken for place in places)
    assert requests_made().count("BatchExecuteStatement") == 3
    assert RecentStore().take_all([]) == []


def test_a_row_that_began_meanwhile_is_not_overwritten() -> None:
    store = RecentStore()
    store.take(C1, an_entry(1), version=0)

    assert store.take_all([Wanted(C1, an_entry(2), 0)]) == [None]
    assert store.of([C1])[C1].entries == (an_entry(1),)


def test_a_place_is_given_back(recents: Store) -> None:
    row = recents.take(C1, an_entry(1), version=0).recent
    row = recents.take(C1, an_entry(2), version=1).recent

    given = recents.put(C1, row.without(1), now=NOON)
    late = recents.put(C1, row.without(2), now=NOON)

    assert given.recent == Recent(entries=(an_entry(2),), version=3)
    assert not late.taken
    assert recents.of([C1])[C1] == given.recent


def test_a_short_row_is_left_alone(recents: Store) -> None:
    row = recents.take(C1, an_entry(1, NOON - timedelta(days=40)), version=0).recent

    recents.tidy(C1, row, now=NOON)

    assert recents.of([C1])[C1] == row


def test_what_no_rule_looks_at_moves_to_its_month() -> None:
    store, old = RecentStore(), NOON - timedelta(days=40)
    for number in range(33):
        row = store.take(C1, an_entry(number + 256, old), version=number).recent
    row = store.take(C1, an_entry(999), version=33).recent

    store.tidy(C1, row, now=NOON)

    assert store.of([C1])[C1].entries == (an_entry(999),)
    months = [month for month, _ in HistoryStore().of(C1)]
    assert months == ["202611"] + ["202610"] * 33
    numbers = {number.packed for _, number in HistoryStore().of(C1)}
    assert numbers == {999, *range(256, 289)}


@contextmanager
def before_each_write(hook: Callable[..., None]) -> Iterator[None]:
    """Have this called before the rows are written to."""
    events = dynamodb().meta.events
    events.register("before-call.dynamodb.UpdateItem", hook)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.UpdateItem", hook)


def test_a_year_of_advertisements_costs_little_more_than_a_write_each(
    requests_made: Callable[[], list[str]],
) -> None:
    to_rows: list[object] = []
    with before_each_write(lambda **_: to_rows.append(1)):
        row = _an_advertisement_a_day(365)

    to_months = requests_made().count("UpdateItem")
    assert 365 < len(to_rows) + to_months < 1.4 * 365
    assert len(row.entries) <= 40
    assert len(list(HistoryStore().of(C1))) == 365


def _an_advertisement_a_day(days: int) -> Recent:
    store, row, now = RecentStore(), Recent(), NOON
    for number in range(days):
        now += timedelta(days=1)
        row = store.take(C1, an_entry(number, now), version=row.version).recent
        store.tidy(C1, row, now=now)
        row = store.of([C1])[C1]
    return row


def test_a_message_that_waited_over_the_end_of_a_month_is_listed_once() -> None:
    accepted, left = NOON, NOON + timedelta(days=12)
    number = MessageNumber(batch=BatchNumber(1), ordinal=7)
    later = MessageNumber(batch=BatchNumber(2), ordinal=7)
    ContactStore().remember_sent({C1: number}, now=accepted)
    row = RecentStore().take(C1, an_entry(number.packed, left), version=0).recent
    RecentStore().take(C1, an_entry(later.packed, left), version=row.version)

    assert list(HistoryStore().of(C1)) == [("202612", later), ("202611", number)]
    assert list(HistoryStore().of(C1, until="202611")) == [("202611", number)]


def test_a_store_that_does_not_answer_is_unavailable() -> None:
    def silent(**_: object) -> None:
        raise ReadTimeoutError(endpoint_url="https://dynamodb.example")

    with before_each_write(silent), pytest.raises(Unavailable):
        RecentStore().take(C1, an_entry(1), version=0)


def test_thirty_two_entries_are_one_write_unit(account: Account) -> None:
    for number in range(32):
        RecentStore().take(C1, an_entry(number), version=number)

    key = {"contact_id": {"S": "c1"}, "kind": {"S": "RECENT"}}
    item = account.dynamodb.get_item(TableName="allim-test-contacts", Key=key)["Item"]

    # Names, the list's 3 bytes, 1 byte and 24 a member, and some for the number.
    assert sum(1 + len(each["B"]) for each in item["e"]["L"]) + 40 < 1024


def test_a_slice_brings_everybodys_row_along(account: Account) -> None:
    for number in range(1, 8):
        ContactStore().save(a_contact(number), replacing=None)
        if number % 2:
            RecentStore().take(ContactId(f"c{number}"), an_entry(number), version=0)
    for size in (1, 2, 3, 100):
        found, position = {}, None
        while True:
            page = ContactStore().slice(size=size, position=position)
            found |= {contact.contact_id: recent.version for contact, recent in page.items}
            position = page.after
            if position is None:
                break

        assert found == {f"c{number}": number % 2 for number in range(1, 8)}


@pytest.mark.usefixtures("one_request_at_a_time")
@pytest.mark.parametrize("most", [1, 3])
def test_of_a_thousand_that_meet_at_one_person_no_more_leave_than_the_cap_allows(
    most: int, deps_with: Callable
) -> None:
    policy = Policy(caps=(Cap(name="c", most=most, period=Period.CALENDAR_DAYS, length=1),))
    deps = deps_with()
    ContactStore().get(C1)
    RecentStore().of([C1])

    def one(number: int) -> int:
        batch = a_batch(number)
        case = a_case(policy=policy, number=MessageNumber(batch=number, ordinal=0).packed)
        places = take_places(batch, [0], {0: case}, deps=deps, now=NOON)
        return len(places.ready)

    with ThreadPoolExecutor(16) as pool:
        left = sum(pool.map(one, range(1, 1_001)))

    assert left == most
    assert len(RecentStore().of([C1])[C1].entries) == most


@pytest.fixture
def deps_with() -> Callable:
    """Dispatch as it is wired, but for the threads, which the test has itself."""
    from dataclasses import replace

    from functions.dispatch import wiring
    from tests.fakes.recents import one_by_one

    return lambda: replace(wiring.deps(), spread=one_by_one)
