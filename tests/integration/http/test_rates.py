"""Limits through the API, kept by the real handlers on the emulated account."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from functions.contracts.codec import from_body
from functions.contracts.queues import Queue, SendJob
from functions.storage.timers import TimerItem
from infra.local.carrier.client import CarrierControl, wait_until
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_campaign,
    a_contact,
    a_sender,
    a_template,
    send,
)

TEN: Json = {"messages": 10, "per": "second"}


@pytest.fixture(scope="module", autouse=True)
def people(api: Api) -> None:
    for number in range(1, 13):
        a_contact(api, f"c{number}", number)


@pytest.fixture(autouse=True)
def no_leftovers(api: Api, account: Account) -> Iterator[None]:
    yield
    for queue in Queue:
        account.take_bodies(queue)
    TimerItem("CURSOR", "CURSOR").delete()
    _put_policy(api)


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def notice(api: Api) -> str:
    return a_template(api)


def test_a_limited_campaign_leaves_in_small_batches_each_in_its_turn(
    api: Api, account: Account, notice: str, sender: str
) -> None:
    campaign = a_campaign(api, notice, sender, rate=TEN)
    launched = api.post(f"/v1/campaigns/{campaign}/launch", None)
    _plan(api, account)

    jobs = _jobs(account, 3)

    assert launched.body["rate"] == TEN
    assert launched.body["estimate"] == {
        "messages": None,
        "seconds": None,
        "done_at": None,
        "rate": TEN,
        "limited_by": "campaign",
    }
    assert [turn - jobs[0].turn for turn in (job.turn for job in jobs)] == [0, 500_000, 1_000_000]
    estimate = _report(api, campaign)["estimate"]
    assert (estimate["messages"], estimate["seconds"]) == (12, 2)
    assert (estimate["rate"], estimate["limited_by"]) == (TEN, "campaign")


def test_a_limited_campaign_is_sent_to_everybody_once(
    api: Api, notice: str, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    before = len(carrier.ledger(status="any"))
    campaign = a_campaign(api, notice, sender, rate={"messages": 40, "per": "second"})

    api.post(f"/v1/campaigns/{campaign}/launch", None)
    pump.run()

    report = _report(api, campaign)
    assert (report["status"], report["sent"], report["estimate"]) == ("finished", 12, None)
    assert len(carrier.ledger(status="any")) == before + 12


def test_what_is_beyond_the_limit_of_an_hour_waits_for_its_turn(
    api: Api, notice: str, sender: str, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    campaign = a_campaign(api, notice, sender, rate={"messages": 6, "per": "hour"})
    noon = clock.now()

    api.post(f"/v1/campaigns/{campaign}/launch", None)
    pump.run()
    assert _report(api, campaign)["sent"] == 1
    clock.move_to(noon + timedelta(minutes=35))
    carrier.configure(clock_offset_s=clock.offset_s)
    pump.tick()

    # Those of minutes 20 and 30 come; one of them leaves, the other would be too soon after it.
    report = _report(api, campaign)
    assert (report["sent"], report["held"], report["adds_up"]) == (2, 10, True)
    clock.move_to(noon)
    carrier.configure(clock_offset_s=clock.offset_s)


def test_a_changed_limit_spreads_what_waits_anew(
    api: Api, account: Account, notice: str, sender: str
) -> None:
    campaign = a_campaign(api, notice, sender, rate=TEN)
    api.post(f"/v1/campaigns/{campaign}/launch", None)
    _plan(api, account)
    _jobs(account, 3)

    changed = _limit(api, campaign, {"messages": 100, "per": "second"})
    _plan(api, account)

    jobs = _jobs(account, 3)
    assert (changed.status, changed.body["rate"]["messages"]) == (200, 100)
    assert [job.turn - jobs[0].turn for job in jobs] == [0, 50_000, 100_000]
    assert _limit(api, campaign, None).body["rate"] is None


def test_limits_of_a_sender_and_of_the_company_hold_too(
    api: Api, notice: str, sender: str, pump: Pump
) -> None:
    limited = api.put(f"/v1/senders/{sender}/rate", {"rate": {"messages": 4, "per": "minute"}})
    assert (limited.status, limited.body["rate"]) == (200, {"messages": 4, "per": "minute"})
    _put_policy(api, rate={"messages": 2, "per": "minute"}, rate_by_provider={"solapi": TEN})
    campaign = a_campaign(api, notice, sender, rate=TEN)

    api.post(f"/v1/campaigns/{campaign}/launch", None)
    pump.run()

    report = _report(api, campaign)
    assert report["sent"] == 1
    assert report["estimate"]["limited_by"] == "tenant"
    assert report["estimate"]["seconds"] == 11 * 30
    _put_policy(api)
    api.put(f"/v1/senders/{sender}/rate", {"rate": None})


def test_a_request_of_many_is_cut_and_paced_too(
    api: Api, notice: str, sender: str, pump: Pump
) -> None:
    _put_policy(api, rate_by_provider={"solapi": {"messages": 4, "per": "minute"}})
    to = [{"contact_id": f"c{number}"} for number in range(1, 5)]

    sent = send(api, notice, sender, *to)
    pump.run()

    statuses = [
        api.get(f"/v1/messages/{each['message_id']}").body["status"] for each in sent["messages"]
    ]
    assert sorted(statuses) == ["pending", "pending", "pending", "sent"]


def test_a_simulation_says_how_long_it_takes(
    api: Api, notice: str, sender: str, pump: Pump
) -> None:
    campaign = a_campaign(api, notice, sender, rate={"messages": 3, "per": "second"})
    started = api.post(f"/v1/campaigns/{campaign}/simulate", None).body
    pump.run()

    path = f"/v1/campaigns/{campaign}/simulations/{started['simulation_id']}"
    estimate = api.get(path).body["estimate"]

    assert (estimate["messages"], estimate["seconds"]) == (12, 4)
    assert estimate["limited_by"] == "campaign"


@pytest.mark.parametrize(
    ("rate", "field"),
    [
        ({"messages": 0, "per": "second"}, ("/rate/messages", "out_of_range")),
        ({"messages": 1, "per": "day"}, ("/rate/per", "not_allowed")),
        ({"messages": 1.5, "per": "second"}, ("/rate/messages", "wrong_type")),
        ({"messages": True, "per": "second"}, ("/rate/messages", "wrong_type")),
        ({"messages": 10**9, "per": "second"}, ("/rate/messages", "out_of_range")),
        ({"messages": 1}, ("/rate/per", "missing")),
        ({"per": "second"}, ("/rate/messages", "missing")),
        (10, ("/rate", "wrong_type")),
    ],
)
def test_what_is_no_limit_is_refused(
    api: Api, notice: str, sender: str, rate: object, field: tuple[str, str]
) -> None:
    campaign = a_campaign(api, notice, sender)

    for answer in (
        _limit(api, campaign, rate),
        api.put(f"/v1/senders/{sender}/rate", {"rate": rate}),
        api.put("/v1/policy", {"version": 0, "rate": rate}),
    ):
        assert_problem(answer, 422, "invalid_input", field)


def test_limits_need_their_scopes(
    api: Api, make_api: Callable[..., Api], notice: str, sender: str
) -> None:
    campaign = a_campaign(api, notice, sender)
    marketer = make_api("campaigns")

    assert_problem(_limit(make_api("read"), campaign, TEN), 403, "forbidden")
    assert_problem(marketer.put(f"/v1/senders/{sender}/rate", {"rate": None}), 403, "forbidden")
    assert _limit(marketer, campaign, TEN).status == 200


def test_what_is_not_there_or_over_has_no_limit(api: Api, notice: str, sender: str) -> None:
    campaign = a_campaign(api, notice, sender)
    api.post(f"/v1/campaigns/{campaign}/cancel", None)

    assert_problem(_limit(api, "cmp_none", TEN), 404, "not_found")
    assert_problem(_limit(api, campaign, TEN), 409, "campaign_cancelled")
    assert_problem(api.put("/v1/senders/snd_none/rate", {"rate": None}), 404, "not_found")


def test_a_policy_of_before_has_no_limits(api: Api) -> None:
    _put_policy(api)
    body = api.get("/v1/policy").body

    assert (body["rate"], body["rate_by_provider"]) == (None, {})


def _limit(api: Api, campaign: str, rate: object) -> Answer:
    return api.put(f"/v1/campaigns/{campaign}/rate", {"rate": rate})


def _report(api: Api, campaign: str) -> Json:
    body: Json = api.get(f"/v1/campaigns/{campaign}/report").body
    return body


def _plan(api: Api, account: Account) -> None:
    while bodies := account.take_bodies(Queue.PLAN):
        api.deliver("plan", *bodies)


def _jobs(account: Account, count: int) -> list[SendJob]:
    """Jobs of so many batches; the queue keeps some back for a second."""
    found: dict[int, SendJob] = {}

    def all_came() -> bool:
        for body in account.take_bodies(Queue.DISPATCH_SMS):
            job = from_body(body)
            assert isinstance(job, SendJob)
            found[job.batch] = job
        return len(found) == count

    wait_until(all_came)
    return [found[number] for number in sorted(found)]


def _put_policy(api: Api, **values: object) -> None:
    version = api.get("/v1/policy").body["version"]
    answer = api.put("/v1/policy", {"version": version} | values)
    assert answer.status == 200, answer.text
    from functions.campaigns import wiring as campaigns
    from functions.dispatch import wiring as dispatch
    from functions.sending import wiring as sending

    for wiring in (campaigns, dispatch, sending):
        wiring.deps.cache_clear()
