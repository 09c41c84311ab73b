"""The company's own hours and caps through the API, and what they do to messages."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from functions.campaigns import wiring as campaigns
from functions.dispatch import wiring as dispatch
from functions.sending import wiring as sending
from functions.storage.policies import PolicyItem
from infra.local.carrier.client import CarrierControl
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.clock import Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import a_campaign, a_customer, a_sender, a_template, an_ad, send

_EVERY_DAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_LUNCH = {"name": "lunch", "starts": "11:00", "ends": "13:00", "weekdays": _EVERY_DAY}


@pytest.fixture(autouse=True)
def the_law_alone(account: Account) -> Iterator[None]:
    """Rules of one test must not hold up the next."""
    yield
    for item in PolicyItem.scan():
        item.delete()
    _forget()


def _forget() -> None:
    """Workers remember the policy for some seconds; a test does not wait for them."""
    for wiring in (campaigns, sending, dispatch):
        wiring.deps.cache_clear()


def _put(api: Api, **policy: object) -> Answer:
    version = api.get("/v1/policy").body["version"]
    answer = api.put("/v1/policy", {"version": version, **policy})
    _forget()
    return answer


def test_at_first_there_is_the_law_alone(api: Api) -> None:
    policy = api.get("/v1/policy").body

    assert (policy["version"], policy["windows"], policy["caps"]) == (0, [], [])
    assert policy["classes"]["advertising"] == {"when_closed": "hold", "expires_after_hours": 72}


def test_a_policy_is_read_as_it_was_put(api: Api) -> None:
    cap = {
        "name": "three a week",
        "most": 3,
        "period": "calendar_weeks",
        "length": 1,
        "channel": "sms",
        "tag": "sale",
        "same": "anything",
        "reserves": [{"priority": 8, "places": 1}],
    }
    window = {**_LUNCH, "on_holidays": True, "classes": ["advertising"], "channels": ["sms"]}
    classes = {"advertising": {"when_closed": "next_slot", "expires_after_hours": 24}}

    put = _put(api, windows=[window], caps=[cap], classes=classes, slots=["10:00", "18:30"])

    read = api.get("/v1/policy").body
    assert put.status == 200, put.text
    assert read == put.body
    assert (read["version"], read["windows"], read["caps"]) == (1, [window], [cap])
    assert read["classes"]["advertising"] == classes["advertising"]
    assert read["slots"] == ["10:00", "18:30"]


def test_an_outdated_version_is_not_put(api: Api) -> None:
    _put(api)

    answer = api.put("/v1/policy", {"version": 0})

    assert_problem(answer, 409, "busy")


def test_every_bad_field_is_named(api: Api) -> None:
    answer = _put(
        api,
        windows=[{"name": "w", "starts": "25:00", "ends": "08:00", "weekdays": ["mon"]}],
        caps=[{"name": "c", "most": -1, "period": "calendar_weeks", "length": 1}],
        slots=[],
    )
    no_days = _put(api, windows=[{"name": "w", "starts": "20:00", "ends": "08:00"}])
    too_long = _put(api, caps=[{"name": "c", "most": 1, "period": "calendar_days", "length": 32}])

    pointers = {error["pointer"] for error in answer.body["errors"]}
    assert pointers == {"/windows/0/starts", "/caps/0/most", "/slots"}
    assert_problem(no_days, 422, "invalid_input", ("/windows/0", "no_days"))
    assert_problem(too_long, 422, "invalid_input", ("/caps/0", "out_of_range"))


def test_only_an_admin_may_put_it(api: Api, make_api) -> None:
    answer = make_api("campaigns").put("/v1/policy", {"version": 0})

    assert_problem(answer, 403, "forbidden")


def test_a_notice_waits_for_the_end_of_own_hours_and_then_leaves(
    api: Api, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    _put(api, windows=[_LUNCH])
    a_customer(api, "luncher", 1)
    notice = a_template(api, body="주문을 보냈습니다.")

    (message,) = send(api, notice, a_sender(api), {"contact_id": "luncher"})["messages"]
    clock.move_by(timedelta(hours=1, minutes=1))
    carrier.configure(clock_offset_s=clock.offset_s)
    pump.tick()
    clock.set_to_noon()
    carrier.configure(clock_offset_s=clock.offset_s)

    assert (message["status"], message["reason"]) == ("held", "quiet_hours")
    later = api.get(f"/v1/messages/{message['message_id']}").body
    assert later["status"] in ("sent", "delivered")


def test_what_a_class_drops_is_refused(api: Api) -> None:
    _put(api, windows=[_LUNCH], classes={"transactional": {"when_closed": "drop"}})
    a_customer(api, "dropped", 2)

    (message,) = send(api, a_template(api), a_sender(api), {"contact_id": "dropped"})["messages"]

    assert (message["status"], message["reason"]) == ("refused", "closed_hours")


def test_a_swap_must_be_as_sound_as_the_campaign(api: Api) -> None:
    sender, ad, draft = a_sender(api), an_ad(api), a_template(api, approved=False)
    body = {
        "name": "swap",
        "template_id": ad,
        "template_version": 1,
        "sender_id": sender,
        "recipients": {"everyone": True},
        "when_capped": "swap",
    }
    swap = {"template_id": draft, "template_version": 1, "sender_id": "snd_nobody"}

    without = api.post("/v1/campaigns", body)
    unsound = api.post("/v1/campaigns", {**body, "swap": swap})

    assert_problem(without, 422, "invalid_input", ("", "swap_mismatch"))
    assert_problem(
        unsound,
        422,
        "invalid_input",
        ("/swap/template_id", "not_approved"),
        ("/swap/sender_id", "not_found"),
    )


def test_a_campaign_keeps_its_rules(api: Api) -> None:
    ad, sender = an_ad(api), a_sender(api)
    swap = {"template_id": ad, "template_version": 1, "sender_id": sender}

    made = a_campaign(api, ad, sender, priority=8, when_capped="swap", swap=swap)

    read = api.get(f"/v1/campaigns/{made}").body
    assert (read["priority"], read["when_capped"], read["swap"]) == (8, "swap", swap)
