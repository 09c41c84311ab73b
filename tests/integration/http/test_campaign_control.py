"""Campaigns through the API: paused, resumed, cancelled, scheduled."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from functions.contracts.queues import Queue
from functions.storage.timers import TimerItem
from infra.local.carrier.client import CarrierControl
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.clock import Clock, later
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import Json, a_campaign, a_customer, a_sender, an_ad


@pytest.fixture(scope="module", autouse=True)
def people(api: Api) -> None:
    """Three people who agreed to advertisements."""
    for number in (1, 2, 3):
        a_customer(api, f"c{number}", number)


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def ad(api: Api) -> str:
    return an_ad(api)


@pytest.fixture(autouse=True)
def no_leftovers(account: Account) -> Iterator[None]:
    yield
    for queue in Queue:
        account.take_bodies(queue)
    # The ticks of a test ran ahead of the next one's.
    TimerItem("CURSOR", "CURSOR").delete()


@pytest.fixture
def campaign(api: Api, ad: str, sender: str) -> str:
    return a_campaign(api, ad, sender)


def test_nothing_leaves_while_paused_and_everything_after_the_resume(
    api: Api, campaign: str, pump: Pump, carrier: CarrierControl
) -> None:
    before = len(carrier.ledger(status="any"))
    _move(api, campaign, "launch")

    paused = _move(api, campaign, "pause")
    pump.run()
    assert _report(api, campaign)["status"] == "paused"
    assert len(carrier.ledger(status="any")) == before
    resumed = _move(api, campaign, "resume")
    pump.run()

    assert (paused.status, paused.body["status"]) == (200, "paused")
    assert (resumed.status, resumed.body["status"]) == (202, "launched")
    report = _report(api, campaign)
    assert (report["status"], report["sent"], report["adds_up"]) == ("finished", 3, True)
    assert len(carrier.ledger(status="any")) == before + 3


def test_a_planned_batch_waits_through_a_pause_without_work(
    api: Api, account: Account, campaign: str, pump: Pump
) -> None:
    _move(api, campaign, "launch")
    for _ in ("resolve", "plan"):
        api.deliver("plan", *account.take_bodies(Queue.PLAN))
    _move(api, campaign, "pause")

    assert api.deliver("dispatch_sms", *account.take_bodies(Queue.DISPATCH_SMS)) == []

    assert [account.take_bodies(queue) for queue in Queue] == [[]] * len(Queue)
    assert _report(api, campaign)["pending"] == 3
    _move(api, campaign, "resume")
    pump.run()
    assert _report(api, campaign)["sent"] == 3


def test_what_was_not_sent_is_cancelled_and_counted(
    api: Api, account: Account, campaign: str, pump: Pump
) -> None:
    _move(api, campaign, "launch")
    for _ in ("resolve", "plan"):
        api.deliver("plan", *account.take_bodies(Queue.PLAN))

    cancelled = _move(api, campaign, "cancel")
    during = _report(api, campaign)
    again = _move(api, campaign, "cancel")
    pump.run()

    assert (cancelled.status, cancelled.body["status"]) == (202, "cancelled")
    assert (during["status"], during["pending"], during["adds_up"]) == ("cancelling", 3, True)
    assert again.body == cancelled.body
    report = _report(api, campaign)
    assert (report["status"], report["cancelled"], report["sent"]) == ("cancelled", 3, 0)
    assert report["adds_up"] is True


def test_people_not_planned_yet_are_cancelled_too(
    api: Api, account: Account, campaign: str, pump: Pump
) -> None:
    _move(api, campaign, "launch")
    api.deliver("plan", *account.take_bodies(Queue.PLAN))

    _move(api, campaign, "cancel")
    pump.run()

    report = _report(api, campaign)
    assert (report["recipients"], report["cancelled"], report["adds_up"]) == (3, 3, True)


def test_moves_that_are_not_possible_are_conflicts(api: Api, campaign: str, pump: Pump) -> None:
    assert_problem(_move(api, campaign, "pause"), 409, "not_launched")
    assert_problem(_move(api, campaign, "resume"), 409, "not_launched")

    _move(api, campaign, "cancel")

    for name in ("launch", "pause", "resume"):
        assert_problem(_move(api, campaign, name), 409, "campaign_cancelled")
    assert_problem(_schedule(api, campaign, None), 409, "campaign_cancelled")


def test_what_is_no_campaign_cannot_be_moved(api: Api) -> None:
    for name in ("pause", "resume", "cancel"):
        assert_problem(_move(api, "cmp_none", name), 404, "not_found")
    assert_problem(_schedule(api, "cmp_none", None), 404, "not_found")


def test_moving_needs_its_scope(api: Api, make_api: Callable[..., Api], campaign: str) -> None:
    reader = make_api("read")

    for name in ("pause", "resume", "cancel"):
        assert_problem(_move(reader, campaign, name), 403, "forbidden")
    assert_problem(_schedule(reader, campaign, None), 403, "forbidden")


def test_a_scheduled_campaign_is_sent_at_its_moment(
    api: Api, ad: str, sender: str, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    send_at = clock.now() + timedelta(hours=2)
    campaign = a_campaign(api, ad, sender, send_at=send_at.isoformat())

    launched = _move(api, campaign, "launch")
    pump.tick()
    assert launched.body["status"] == "scheduled"
    assert datetime.fromisoformat(launched.body["send_at"]) == send_at
    assert _report(api, campaign)["status"] == "scheduled"
    with later(clock, carrier, timedelta(hours=2, minutes=1)):
        pump.tick()

    assert _report(api, campaign)["sent"] == 3


def test_a_schedule_is_changed_while_it_waits(
    api: Api, ad: str, sender: str, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    first, second = (clock.now() + timedelta(hours=hours) for hours in (1, 3))
    campaign = a_campaign(api, ad, sender, send_at=first.isoformat())
    _move(api, campaign, "launch")

    changed = _schedule(api, campaign, second.isoformat())
    with later(clock, carrier, timedelta(hours=1, minutes=1)):
        pump.tick()
        assert _report(api, campaign)["status"] == "scheduled"
    with later(clock, carrier, timedelta(hours=3, minutes=1)):
        pump.tick()

    assert (changed.status, changed.body["status"]) == (200, "scheduled")
    assert _report(api, campaign)["sent"] == 3
    assert_problem(_schedule(api, campaign, None), 409, "already_launched")


def test_a_moment_missed_for_days_is_given_up(
    api: Api, ad: str, sender: str, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    send_at = clock.now() + timedelta(hours=1)
    campaign = a_campaign(api, ad, sender, send_at=send_at.isoformat())
    _move(api, campaign, "launch")
    pump.tick()  # the last one before the outage

    with later(clock, carrier, timedelta(days=4)):
        pump.tick()

    assert _report(api, campaign)["status"] == "expired"
    assert_problem(_move(api, campaign, "pause"), 409, "campaign_expired")


def test_a_moment_too_far_off_is_refused(api: Api, ad: str, sender: str, campaign: str) -> None:
    far = "2099-01-01T00:00:00+09:00"

    drafted = api.post(
        "/v1/campaigns",
        {
            "name": "봄 할인",
            "template_id": ad,
            "template_version": 1,
            "sender_id": sender,
            "recipients": {"everyone": True},
            "send_at": far,
        },
    )

    assert_problem(drafted, 422, "invalid_input", ("/send_at", "out_of_range"))
    assert_problem(
        _schedule(api, campaign, far), 422, "invalid_input", ("/send_at", "out_of_range")
    )


def test_a_recurring_campaign_makes_runs_with_reports_of_their_own(
    api: Api, ad: str, sender: str, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    send_at = clock.now() + timedelta(hours=1)
    series = a_campaign(api, ad, sender, send_at=send_at.isoformat(), recurs="FREQ=DAILY")
    assert _move(api, series, "launch").body["status"] == "scheduled"

    with later(clock, carrier, timedelta(hours=1, minutes=1)):
        pump.tick()

    (run,) = _runs_of(api, series)
    assert (run["status"], run["recurs"]) == ("launched", None)
    assert _report(api, run["campaign_id"])["sent"] == 3
    waiting = api.get(f"/v1/campaigns/{series}").body
    assert waiting["status"] == "scheduled"
    next_at = datetime.fromisoformat(waiting["send_at"])
    assert next_at == send_at.replace(microsecond=next_at.microsecond) + timedelta(days=1)


def test_everybody_gets_it_at_the_same_hour_of_their_own_clock(
    api: Api, ad: str, sender: str, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    campaign = a_campaign(api, ad, sender, at_local="14:00")

    _move(api, campaign, "launch")
    pump.run()
    held = _report(api, campaign)
    with later(clock, carrier, timedelta(hours=2, minutes=1)):
        pump.tick()

    assert (held["held"], held["sent"]) == (3, 0)
    assert _report(api, campaign)["sent"] == 3


def test_campaign_tells_that_it_waits_for_the_best_time(api: Api, ad: str, sender: str) -> None:
    campaign = a_campaign(api, ad, sender, send_time="best", best_within_hours=36)

    found = api.get(f"/v1/campaigns/{campaign}").body

    assert (found["send_time"], found["best_within_hours"]) == ("best", 36)


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"recurs": "FREQ=DAILY"}, [("", "no_first_time")]),
        ({"send_time": "best", "at_local": "09:00"}, [("", "one_of")]),
        ({"send_time": "soon"}, [("/send_time", "not_allowed")]),
        (
            {"send_time": "best", "best_within_hours": 169},
            [("/best_within_hours", "out_of_range")],
        ),
        (
            {"recurs": "FREQ=HOURLY", "send_at": "2026-12-01T09:00:00+09:00"},
            [("/recurs", "invalid_rule")],
        ),
        ({"at_local": "9:00"}, [("/at_local", "invalid_format")]),
        ({"recurs": "täglich um 9"}, [("/recurs", "invalid_format")]),
    ],
)
def test_refuses_a_timing_that_cannot_be_kept(
    api: Api, ad: str, sender: str, values: Json, fields: list[tuple[str, str]]
) -> None:
    body: Json = {
        "name": "봄 할인",
        "template_id": ad,
        "template_version": 1,
        "sender_id": sender,
        "recipients": {"everyone": True},
    }

    answer = api.post("/v1/campaigns", body | values)

    assert_problem(answer, 422, "invalid_input", *fields)


def _runs_of(api: Api, series: str) -> list[Json]:
    found = api.get("/v1/campaigns?limit=100").body["items"]
    return [each for each in found if each["series"] == series]


def _move(api: Api, campaign_id: str, name: str) -> Answer:
    return api.post(f"/v1/campaigns/{campaign_id}/{name}", {})


def _schedule(api: Api, campaign_id: str, send_at: str | None) -> Answer:
    return api.put(f"/v1/campaigns/{campaign_id}/schedule", {"send_at": send_at})


def _report(api: Api, campaign_id: str) -> Json:
    report: Json = api.get(f"/v1/campaigns/{campaign_id}/report").body
    return report
