"""An experiment of a campaign through the API: a pilot, its winner to the rest, the record."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.queues import Queue
from functions.domain.ids import BatchNumber, MessageNumber
from functions.storage.batches import BatchStore
from functions.storage.timers import TimerItem
from infra.local.carrier.client import CarrierControl
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import Clock, later
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import a_campaign, a_customer, a_sender, an_ad, open_link

PEOPLE = 60
LINK = '{{ "https://shop.example.com/spring" | track }}'
RULES = {
    "pilot_percent": 50,
    "window_seconds": 300,
    "min_sample": 10,
    "look_seconds": 1200,
    "deadline_seconds": 7200,
}


HEAVY = [{"name": "a", "weight": 60}, {"name": "b", "weight": 60}]
UNKNOWN = [{"name": "a"}, {"name": "b", "sender_id": "snd_none"}]
HALF = [{"name": "a"}, {"name": "b", "template_id": "tpl"}]


@pytest.fixture(scope="module", autouse=True)
def people(api: Api) -> None:
    for number in range(1, PEOPLE + 1):
        a_customer(api, f"split-{number}", 700 + number)


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def ads(api: Api) -> tuple[str, str]:
    return an_ad(api, body=f"봄 {LINK}"), an_ad(api, body=f"여름 {LINK}")


@pytest.fixture(autouse=True)
def no_leftovers(account: Account) -> Iterator[None]:
    yield
    for queue in Queue:
        account.take_bodies(queue)
    TimerItem("CURSOR", "CURSOR").delete()


def variants(ads: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"name": "spring"}, {"name": "summer", "template_id": ads[1], "template_version": 1}]


def a_split(api: Api, ads: tuple[str, str], sender: str, **rules: object) -> str:
    experiment = {"variants": variants(ads), **RULES, **rules}
    ids = [f"split-{number}" for number in range(1, PEOPLE + 1)]
    return a_campaign(api, ads[0], sender, recipients={"direct": ids}, experiment=experiment)


def _record(api: Api, campaign: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/v1/campaigns/{campaign}/experiment").body
    return found


def _report(api: Api, campaign: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/v1/campaigns/{campaign}/report").body
    return found


def _page(api: Api, campaign: str) -> str:
    link = api.post(f"/v1/campaigns/{campaign}/report-link", {}).body["url"]
    return api.get(f"/r/{link.rpartition('/r/')[2]}?lang=en").text


def _open_links(api: Api, campaign: str, clock: Clock, *, variant: str) -> None:
    """Everybody who got a variant opens its link."""
    store = BatchStore()
    for number in range(1, PEOPLE + 1):
        told = api.get(f"/v1/campaigns/{campaign}/why?contact_id=split-{number}").body
        message = MessageNumber.parse(told["message_id"] or "")
        if message is None:
            continue
        meta = store.meta(BatchNumber(message.batch))
        if meta is not None and meta.variant == variant:
            open_link(message, clock.now())


def test_pilot_names_a_winner_which_the_others_get(
    api: Api,
    ads: tuple[str, str],
    sender: str,
    pump: Pump,
    clock: Clock,
    carrier: CarrierControl,
) -> None:
    campaign = a_split(api, ads, sender)
    assert _record(api, campaign)["status"] == "draft"
    assert api.post(f"/v1/campaigns/{campaign}/launch", {}).status == 202
    pump.run()
    report = _report(api, campaign)
    assert (report["recipients"], report["sent"], report["pending"]) == (PEOPLE, 30, 30)
    assert _record(api, campaign)["status"] == "running"

    with later(clock, carrier, timedelta(minutes=2)):
        _open_links(api, campaign, clock, variant="summer")
        pump.run()
    with later(clock, carrier, timedelta(minutes=21)):
        pump.tick()

    record = _record(api, campaign)
    assert (record["status"], record["decision"]["rule"]) == ("won", "significant")
    assert (record["decision"]["winner"], record["decision"]["look"]) == ("summer", 0)
    assert [(each["name"], each["sent"], each["hits"]) for each in record["variants"]] == [
        ("spring", 15, 0),
        ("summer", 15, 15),
    ]
    control, better = record["variants"]
    assert (control["interval"]["low"], better["interval"]["high"]) == (0.0, 1.0)
    assert (control["difference"], better["difference"]["confidence"]) == (None, 0.95)
    points, odds = better["difference"]["points"], better["difference"]["odds_ratio"]
    assert points == {"seen": 1.0, "low": pytest.approx(0.51, abs=0.01), "high": 1.0}
    assert (odds["seen"], odds["high"]) == (None, None)
    assert "summer won." in _page(api, campaign)
    known = record["registration"]
    assert hashlib.sha256(known["text"].encode()).hexdigest() == known["sha256"]
    assert json.loads(known["text"])["metric"] == "clicked"
    report = _report(api, campaign)
    assert (report["status"], report["sent"], report["adds_up"]) == ("finished", PEOPLE, True)
    assert _texts(carrier) == {"봄": 15, "여름": 45}


def _texts(carrier: CarrierControl) -> Counter[str]:
    """How many phones have which text."""
    texts = [each["text"] for each in carrier.ledger(status="any")]
    return Counter(word for text in texts for word in ("봄", "여름") if f"{word} http" in text)


def test_rules_hold_from_the_launch_on(
    api: Api, ads: tuple[str, str], sender: str, pump: Pump
) -> None:
    campaign = a_campaign(api, ads[0], sender, recipients={"direct": ["split-1"]})
    path = f"/v1/campaigns/{campaign}/experiment"
    assert_problem(api.get(path), 404, "not_found")
    body = {"variants": variants(ads), **RULES}

    changed = api.put(path, body | {"pilot_percent": 20})
    assert (changed.status, changed.body["experiment"]["pilot_percent"]) == (200, 20)
    assert changed.body["safety"]["edition"] == 2
    api.post(f"/v1/campaigns/{campaign}/launch", {})

    assert_problem(api.put(path, body), 409, "experiment_fixed")
    assert_problem(api.post(f"{path}/choice", {"variant": "spring"}), 409, "not_asked")
    unknown = api.post(f"{path}/choice", {"variant": "none"})
    assert_problem(unknown, 422, "invalid_input", ("/variant", "not_found"))


@pytest.mark.parametrize(
    ("rules", "pointer", "code"),
    [
        ({"variants": [{"name": "a"}]}, "/experiment/variants", "too_few"),
        ({"variants": [{"name": "a"}, {"name": "a"}]}, "/experiment", "not_unique"),
        ({"variants": HEAVY}, "/experiment", "weights_too_large"),
        ({"mode": "adaptive"}, "/experiment", "no_pilot"),
        ({"deadline_seconds": 300}, "/experiment", "deadline_too_early"),
        ({"look_seconds": 10, "deadline_seconds": 10_000}, "/experiment", "too_many_looks"),
        ({"metric": "converted"}, "", "no_goal"),
        ({"variants": UNKNOWN}, "/experiment/variants/1/sender_id", "not_found"),
        ({"variants": HALF}, "/experiment/variants/1", "template_mismatch"),
    ],
)
def test_unsound_rules_are_refused(  # the pointer says where
    api: Api, ads: tuple[str, str], sender: str, rules: dict[str, Any], pointer: str, code: str
) -> None:
    body = {
        "name": "봄",
        "template_id": ads[0],
        "template_version": 1,
        "sender_id": sender,
        "recipients": {"everyone": True},
        "experiment": {"variants": variants(ads), **RULES} | rules,
    }

    answer = api.post("/v1/campaigns", body)

    assert_problem(answer, 422, "invalid_input", (pointer, code))


def test_everybody_who_tests_gets_every_variant(
    api: Api, ads: tuple[str, str], sender: str
) -> None:
    campaign = a_split(api, ads, sender)

    tested = api.post(f"/v1/campaigns/{campaign}/test", {"to": ["split-1"]})

    assert (tested.status, len(tested.body["messages"])) == (202, 2)


def test_simulation_shows_what_variants_cost(
    api: Api, ads: tuple[str, str], sender: str, pump: Pump
) -> None:
    campaign = a_split(api, ads, sender)

    started = api.post(f"/v1/campaigns/{campaign}/simulate", {}).body["simulation_id"]
    pump.run()

    found = api.get(f"/v1/campaigns/{campaign}/simulations/{started}").body
    assert (found["complete"], found["ready"]) == (True, PEOPLE)
