"""Events through the API and the worker: reported, counted, exported, refused."""

from datetime import date, timedelta
from typing import Any

import pytest

from functions.contracts.queues import Queue
from functions.domain.activity import ActivityKey
from functions.domain.event import event_key
from functions.domain.ids import ContactId
from functions.runtime.settings import tenant_zone
from functions.storage.activities import ActivityStore
from functions.storage.timers import TimerStore
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.clock import SEOUL, Clock
from tests.integration.http.problems import assert_problem, everything_in, fields_of
from tests.integration.http.pump import Pump
from tests.integration.http.shop import a_contact

DAY = timedelta(days=1)


def report(api: Api, *events: dict[str, Any]) -> Answer:
    return api.post("/v1/events", {"events": list(events)})


def bought(contact_id: str, event_id: str, **values: Any) -> dict[str, Any]:
    return {"event_id": event_id, "contact_id": contact_id, "name": "purchase"} | values


def counts(contact_id: str, *key: str) -> dict[str, tuple[int, int]]:
    """By day: how often, and for how much."""
    first, last = date.min, date.max
    found = ActivityStore().of(ContactId(contact_id), first=first, last=last, zone=tenant_zone())
    totals = found.get(ActivityKey("purchase", *key), ())
    return {each.day.isoformat(): (each.count, each.sum_minor) for each in totals}


def today(clock: Clock) -> str:
    return clock.now().astimezone(SEOUL).date().isoformat()


def won(minor: int) -> dict[str, Any]:
    return {"minor": minor, "currency": "KRW"}


def test_events_are_counted_by_day_with_declared_properties_only(
    api: Api, pump: Pump, clock: Clock
) -> None:
    a_contact(api, "buyer", None)
    api.put("/v1/event-types/purchase", {"properties": ["category"]})
    clock.move_by(timedelta(seconds=16))

    answer = report(
        api,
        bought("buyer", "1", value=won(500), properties={"category": "신발", "color": "red"}),
        bought("buyer", "2", value=won(-200), properties={"category": 7}),
    )
    pump.run()

    assert (answer.status, answer.body) == (202, {"accepted": 2, "undeclared_properties": 1})
    assert counts("buyer") == {today(clock): (2, 300)}
    assert counts("buyer", "category", "신발") == {today(clock): (1, 500)}
    assert counts("buyer", "category", "7") == {today(clock): (1, -200)}
    assert counts("buyer", "color", "red") == {}
    exported = api.get("/v1/contacts/buyer/export").body["activity"]
    assert exported[0]["event"] == "purchase"
    assert exported[0]["days"][0]["count"] == 2


def test_a_repeated_report_counts_once_for_seven_days(api: Api, pump: Pump, clock: Clock) -> None:
    a_contact(api, "twice", None)
    event = bought("twice", "order-1")
    first = today(clock)
    for _ in range(2):
        report(api, event, event)
        pump.run()

    clock.move_by(7 * DAY - timedelta(minutes=1))
    report(api, event)
    pump.run()

    assert counts("twice") == {first: (1, 0)}
    clock.set_to_noon()


@pytest.mark.parametrize(
    ("name", "clock_time", "day"),
    [
        ("evening", "T23:59:59+09:00", 0),
        ("midnight", "T00:00:00+09:00", 0),
        ("utc-next", "T15:00:00Z", 1),
        ("utc-same", "T14:59:59Z", 0),
    ],
)
def test_the_day_is_that_of_the_company(
    api: Api, pump: Pump, clock: Clock, name: str, clock_time: str, day: int
) -> None:
    a_contact(api, name, None)
    late = clock.now().astimezone(SEOUL) - 3 * DAY

    report(api, bought(name, "1", time=f"{late:%Y-%m-%d}{clock_time}"))
    pump.run()

    assert list(counts(name)) == [(late + day * DAY).date().isoformat()]


def test_thirty_days_late_and_five_minutes_early_are_taken(
    api: Api, pump: Pump, clock: Clock
) -> None:
    a_contact(api, "edge", None)
    late, early = clock.now() - 30 * DAY + timedelta(seconds=5), clock.now() + timedelta(minutes=4)

    answer = report(
        api,
        bought("edge", "1", time=late.isoformat()),
        bought("edge", "2", time=early.isoformat()),
    )
    pump.run()

    assert answer.status == 202
    assert list(counts("edge")) == [late.astimezone(SEOUL).date().isoformat(), today(clock)]


def test_every_bad_field_is_named_and_nothing_is_queued(
    api: Api, account: Account, clock: Clock
) -> None:
    before = everything_in(account)
    future, past = clock.now() + timedelta(minutes=6), clock.now() - timedelta(days=30, seconds=9)

    shape = report(
        api,
        bought("c 1", "", value={"minor": 1.5, "currency": "USD"}),
        bought("c1", "x" * 129, name="$sent", time="yesterday", properties={"a b": {}}, more=1),
        bought("c1", "1", name="a/b", value={"minor": 10**12 + 1}),
    )
    moments = report(
        api,
        bought("c1", "1", time=future.isoformat()),
        bought("c1", "2"),
        bought("c1", "3", time=past.isoformat()),
    )

    assert set(fields_of(shape)) >= {
        ("/events/0/contact_id", "invalid_format"),
        ("/events/0/event_id", "too_short"),
        ("/events/0/value/minor", "wrong_type"),
        ("/events/0/value/currency", "other_currency"),
        ("/events/1/event_id", "too_long"),
        ("/events/1/name", "reserved"),
        ("/events/1/more", "unknown_field"),
        ("/events/2/name", "invalid_format"),
        ("/events/2/value/minor", "out_of_range"),
        ("/events/2/value/currency", "missing"),
    }
    assert fields_of(moments) == [
        ("/events/0/time", "in_the_future"),
        ("/events/2/time", "too_old"),
    ]
    assert report(api).status == 422
    assert report(api, *[bought("c1", "1")] * 501).status == 422
    assert everything_in(account) == before


def test_a_full_call_fits_the_queue_and_tells_no_id(
    api: Api, account: Account, clock: Clock
) -> None:
    value = {f"p{each}": "한" * 64 for each in range(10)}
    api.put("/v1/event-types/full", {"properties": list(value)})
    clock.move_by(timedelta(seconds=16))
    events = [bought(f"c{n}", f"id-{n}", name="full", properties=value) for n in range(500)]

    assert report(api, *events).status == 202

    bodies = account.take_bodies(Queue.EVENTS)
    assert max(map(len, bodies)) * 10 < 256 * 1024
    assert not any("id-7" in body for body in bodies)
    assert "\\ud55c" in bodies[0]
    assert str(event_key("id-7")) in "".join(bodies)


def test_what_waits_counts_once_the_contact_appears(api: Api, pump: Pump, clock: Clock) -> None:
    report(api, bought("early", "1", value=won(100)))
    pump.run()
    a_contact(api, "early", None)
    instantly = counts("early")

    report(api, bought("early", "1"), bought("early", "2"))
    pump.run()

    assert instantly == {today(clock): (1, 100)}
    assert counts("early") == {today(clock): (2, 100)}


def test_what_waited_a_day_for_nobody_is_dropped_by_the_tick(
    api: Api, pump: Pump, clock: Clock
) -> None:
    report(api, bought("ghost", "1"))
    pump.run()
    TimerStore().advance(clock.now())
    assert counts("ghost") != {}

    clock.move_by(DAY + timedelta(minutes=2))
    pump.tick()
    pump.tick()

    assert counts("ghost") == {}
    clock.set_to_noon()


def test_event_types_are_read_as_they_were_declared(api: Api) -> None:
    api.put("/v1/event-types/visit", {"properties": ["page", "source"]})
    api.put("/v1/event-types/visit", {"properties": ["page"]})

    assert api.get("/v1/event-types/visit").body == {"name": "visit", "properties": ["page"]}
    assert {"name": "visit", "properties": ["page"]} in api.get("/v1/event-types").body["items"]
    assert_problem(api.get("/v1/event-types/never"), 404, "not_found")


@pytest.mark.parametrize(
    ("properties", "code"), [(["a", "a"], "duplicate"), (list("abcdefghijk"), "too_many")]
)
def test_what_cannot_be_declared_is_refused(api: Api, properties: list[str], code: str) -> None:
    answer = api.put("/v1/event-types/visit", {"properties": properties})

    assert_problem(answer, 422, "invalid_input", ("/properties", code))


def test_names_of_our_own_cannot_be_declared(api: Api) -> None:
    answer = api.put("/v1/event-types/$sent", {"properties": []})

    assert_problem(answer, 422, "invalid_input", ("/path/name", "invalid_format"))
