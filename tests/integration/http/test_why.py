"""Why somebody got a campaign's message or did not, what it would do, and a message's evidence."""

import hashlib

import pytest

from functions.contracts.queues import Queue
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_campaign,
    a_contact,
    a_customer,
    a_sender,
    an_ad,
    consent,
    e164,
)

_COUNTED = ("recipients", "held", "refused", "refused_by_reason", "cost")


@pytest.fixture(scope="module")
def campaign(api: Api, account: Account, pump: Pump) -> str:
    """A campaign that reached two, and lost one between planning and sending."""
    a_customer(api, "yes-1", 1)
    a_customer(api, "yes-2", 2)
    a_customer(api, "changed", 3)
    a_contact(api, "no-consent", 4)
    campaign_id = a_campaign(api, an_ad(api), a_sender(api))
    api.post(f"/v1/campaigns/{campaign_id}/launch", {})
    for _ in ("resolve", "plan"):
        api.deliver("plan", *account.take_bodies(Queue.PLAN))
    consent(api, "changed", "withdraw")
    pump.run()
    return campaign_id


def test_a_refusal_at_planning_names_each_rule_and_what_it_saw(api: Api, campaign: str) -> None:
    told = _why(api, campaign, "no-consent")

    assert (told["status"], told["reason"], told["message_id"]) == ("refused", "no_consent", None)
    assert told["dispatched"] == []
    failed = next(each for each in told["planned"]["rules"] if each["verdict"] != "pass")
    assert (failed["rule"], failed["verdict"]) == ("consent", "refuse")
    assert failed["saw"]["consent"] is None


def test_a_refusal_at_dispatch_shows_what_had_changed(api: Api, campaign: str) -> None:
    told = _why(api, campaign, "changed")

    assert (told["status"], told["reason"]) == ("refused", "no_consent")
    (look,) = told["dispatched"]
    consented = next(each for each in look["rules"] if each["rule"] == "consent")
    assert consented["saw"]["consent"]["granted"] is False


def test_whoever_got_the_message_sees_what_let_it_go(api: Api, campaign: str) -> None:
    told = _why(api, campaign, "yes-1")

    assert told["status"] == "sent"
    (look,) = told["dispatched"]
    assert look["decision"] == "send"
    assert all(each["verdict"] == "pass" for each in look["rules"])


def test_a_stranger_was_not_addressed(api: Api, campaign: str) -> None:
    answer = api.get(f"/v1/campaigns/{campaign}/why?contact_id=nobody")

    assert_problem(answer, 404, "not_addressed")


def test_asking_why_needs_to_say_about_whom(api: Api, campaign: str) -> None:
    answer = api.get(f"/v1/campaigns/{campaign}/why")

    assert_problem(answer, 422, "invalid_input", ("/query/contact_id", "missing"))


def test_the_evidence_of_a_message_has_no_number_and_no_text(api: Api, campaign: str) -> None:
    message_id = _why(api, campaign, "yes-1")["message_id"]
    message = api.get(f"/v1/messages/{message_id}").body

    answer = api.get(f"/v1/messages/{message_id}/evidence")

    told = answer.body
    assert e164(1) not in answer.text
    assert message["text"] not in answer.text
    assert told["text_sha256"] == hashlib.sha256(message["text"].encode()).hexdigest()
    assert (told["contact_id"], told["status"]) == ("yes-1", "sent")
    assert [look["decision"] for look in told["looks"]] == ["send"]


def test_evidence_of_no_message_is_not_found(api: Api) -> None:
    assert_problem(api.get("/v1/messages/m-999-01/evidence"), 404, "not_found")


def test_a_simulation_tells_what_the_launch_then_does(api: Api, pump: Pump, campaign: str) -> None:
    assert campaign
    again = a_campaign(api, an_ad(api), a_sender(api))

    started = api.post(f"/v1/campaigns/{again}/simulate", {})
    where = f"/v1/campaigns/{again}/simulations/{started.body['simulation_id']}"
    before = api.get(where).body
    pump.run()
    forecast = api.get(where).body
    untouched = api.get(f"/v1/campaigns/{again}/report").body
    api.post(f"/v1/campaigns/{again}/launch", {})
    pump.run()
    real = api.get(f"/v1/campaigns/{again}/report").body

    assert (started.status, before["complete"]) == (202, False)
    assert (forecast["complete"], untouched["status"], untouched["recipients"]) == (
        True,
        "draft",
        0,
    )
    assert {name: forecast[name] for name in _COUNTED} == {name: real[name] for name in _COUNTED}
    assert sum(forecast["by_type"].values()) == forecast["ready"] + forecast["held"]


def _why(api: Api, campaign_id: str, contact_id: str) -> Json:
    answer = api.get(f"/v1/campaigns/{campaign_id}/why?contact_id={contact_id}")
    assert answer.status == 200, answer.text
    told: Json = answer.body
    return told
