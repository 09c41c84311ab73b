"""Campaigns through the API: drafted, launched once, followed to a report that adds up."""

from collections.abc import Callable, Iterator

import pytest

from functions.contracts.queues import Queue
from infra.local.carrier.client import CarrierControl
from tests.integration.account import Account
from tests.integration.api import Answer, Api
from tests.integration.http.problems import assert_problem, everything_in
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_campaign,
    a_contact,
    a_customer,
    a_sender,
    a_template,
    an_ad,
    consent,
    e164,
    phone,
)


@pytest.fixture(scope="module", autouse=True)
def people(api: Api) -> None:
    """Seven people, of whom four may be written to; two are VIPs."""
    a_customer(api, "yes-1", 1, groups=["VIP"])
    a_customer(api, "yes-2", 2)
    a_customer(api, "yes-3", 3)
    a_customer(api, "carrier-fails", 4)
    a_contact(api, "no-consent", 5, groups=["VIP"])
    a_customer(api, "no-number", None)
    a_customer(api, "no-name", 7, attributes={})


@pytest.fixture(scope="module")
def sender(api: Api) -> str:
    return a_sender(api)


@pytest.fixture(scope="module")
def ad(api: Api) -> str:
    return an_ad(api)


@pytest.fixture(autouse=True)
def no_leftovers(account: Account) -> Iterator[None]:
    """A campaign that a test only launched must not be sent by the next one."""
    yield
    for queue in Queue:
        account.take_bodies(queue)


def test_a_campaign_is_a_draft_first(api: Api, account: Account, ad: str, sender: str) -> None:
    made = _post(api, ad, sender, recipients={"group": "VIP"}, variables={"coupon": "A1"})

    assert made.status == 201
    campaign_id = made.body["campaign_id"]
    assert made.body == {
        "campaign_id": campaign_id,
        "name": "봄 할인",
        "status": "draft",
        "template_id": ad,
        "template_version": 1,
        "sender_id": sender,
        "recipients": {
            "include": [{"kind": "group", "group": "VIP", "audience": None, "run_id": None}],
            "exclude": [],
        },
        "variables": {"coupon": "A1"},
        "priority": 5,
        "when_capped": "skip",
        "swap": None,
        "channel": None,
        "ways": [],
        "explore_percent": None,
        "holdout_percent": 0.0,
        "created": made.body["created"],
        "send_at": None,
        "at_local": None,
        "send_time": None,
        "best_within_hours": None,
        "refresh_first": False,
        "coupon_pool": None,
        "goal": None,
        "experiment": None,
        "follow_ups": [],
        "parent": None,
        "step": None,
        "recurs": None,
        "series": None,
        "rate": None,
        "launched": None,
        "safety": made.body["safety"],
    }
    assert api.get(f"/v1/campaigns/{campaign_id}").body == made.body
    assert account.take_bodies(Queue.PLAN) == []
    assert _report(api, campaign_id)["status"] == "draft"


def test_a_goal_is_kept_with_the_campaign(api: Api, ad: str, sender: str) -> None:
    usual = _post(api, ad, sender, goal={"event": "purchase"})
    own = _post(api, ad, sender, goal={"event": "가입", "window_hours": 2160, "touch": "delivered"})

    assert usual.body["goal"] == {"event": "purchase", "window_hours": 72, "touch": "clicked"}
    assert own.body["goal"] == {"event": "가입", "window_hours": 2160, "touch": "delivered"}
    assert api.get(f"/v1/campaigns/{own.body['campaign_id']}").body == own.body


def test_a_campaign_to_everyone_is_followed_to_its_report(
    api: Api, ad: str, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    carrier.configure(forced_codes={"0004": "3042"})
    campaign_id = a_campaign(api, ad, sender)

    launched = _launch(api, campaign_id)
    before = _report(api, campaign_id)
    pump.run()
    sent = _report(api, campaign_id)
    pump.take_reports(*_messages_of(api, "yes-1", "yes-2", "yes-3", "carrier-fails"))
    report = _report(api, campaign_id)

    assert (launched.status, launched.body["status"]) == (202, "launched")
    assert (before["status"], before["recipients_final"]) == ("running", False)
    assert (sent["sent"], sent["pending"]) == (4, 0)
    (channel,) = report.pop("by_channel")
    assert (channel["messages"], channel["delivered"], channel["failed"]) == (4, 3, 1)
    assert sum(hour["delivered"] for hour in report.pop("by_hour")) == 3
    assert report.pop("by_link") == report.pop("by_variant") == []
    assert report == {
        "campaign_id": campaign_id,
        "status": "finished",
        "recipients_final": True,
        "recipients": 7,
        "sent": 3,
        "delivered": 3,
        "held": 0,
        "refused": 3,
        "refused_by_reason": {"no_consent": 1, "no_address": 1, "unrenderable": 1},
        "failed": 1,
        "failed_by_reason": {"device": 1},
        "unknown": 0,
        "pending": 0,
        "cancelled": 0,
        "skipped": 0,
        "skipped_by_reason": {},
        "human_clicks": 0,
        "machine_clicks": 0,
        "unknown_clicks": 0,
        "cost": {"minor": 54, "currency": "KRW"},
        "opted_out": 0,
        "complained": 0,
        "adds_up": True,
        "family": None,
        "holdout": None,
        "paused_because": None,
        "ramp_percent": None,
        "budget": None,
        "budget_reserved": None,
        "budget_of": None,
        "follow_ups": [],
        "converted": 0,
        "conversions": 0,
        "value": {"minor": 0, "currency": "KRW"},
        "estimate": None,
    }
    assert {each["to"] for each in carrier.ledger()} >= {"01000000001", "01000000002"}


def test_the_report_adds_up_at_every_step(
    api: Api, ad: str, sender: str, pump: Pump, account: Account
) -> None:
    campaign_id = a_campaign(api, ad, sender)
    _launch(api, campaign_id)

    seen = []
    for function, queue in (
        ("plan", Queue.PLAN),
        ("plan", Queue.PLAN),
        ("dispatch_sms", Queue.DISPATCH_SMS),
    ):
        api.deliver(function, *account.take_bodies(queue))
        seen.append(_report(api, campaign_id))

    assert [each["adds_up"] for each in seen] == [True, True, True]
    assert [(each["recipients"], each["pending"], each["sent"]) for each in seen] == [
        (7, 7, 0),
        (7, 4, 0),
        (7, 0, 4),
    ]


def test_a_campaign_to_a_group_goes_to_its_members(
    api: Api, ad: str, sender: str, pump: Pump
) -> None:
    campaign_id = a_campaign(api, ad, sender, recipients={"group": "VIP"})

    _launch(api, campaign_id)
    pump.run()

    report = _report(api, campaign_id)
    assert (report["recipients"], report["sent"]) == (2, 1)
    assert report["refused_by_reason"] == {"no_consent": 1}


def test_a_campaign_to_a_group_of_nobody_is_finished(
    api: Api, ad: str, sender: str, pump: Pump
) -> None:
    campaign_id = a_campaign(api, ad, sender, recipients={"group": "none such"})

    _launch(api, campaign_id)
    pump.run()

    report = _report(api, campaign_id)
    assert (report["status"], report["recipients"], report["adds_up"]) == ("finished", 0, True)


def test_a_campaign_to_people_given_directly_tells_ids_from_numbers(
    api: Api, sender: str, pump: Pump, carrier: CarrierControl
) -> None:
    notice = a_template(api, body="정기 점검 안내")
    direct = ["yes-1", phone(1), "yes-2", "+82 10 0000 0099", "ghost", "yes-2"]
    campaign_id = a_campaign(api, notice, sender, recipients={"direct": direct})
    before = len(carrier.ledger())

    _launch(api, campaign_id)
    pump.run()

    report = _report(api, campaign_id)
    # yes-1 stands there as a person and as a number, and is one recipient.
    assert report["skipped_by_reason"] == {"already_included": 1}
    assert report["recipients"] == 4
    assert (report["sent"], report["refused_by_reason"]) == (3, {"unknown_contact": 1})
    arrived = [each["to"] for each in carrier.ledger()[before:]]
    assert sorted(arrived) == ["01000000001", "01000000002", "01000000099"]


def test_consent_withdrawn_between_planning_and_sending_counts(
    api: Api, account: Account, ad: str, sender: str, pump: Pump
) -> None:
    consent(api, "no-consent", "grant")
    campaign_id = a_campaign(api, ad, sender, recipients={"direct": ["no-consent"]})
    _launch(api, campaign_id)
    for _ in ("resolve", "plan"):
        api.deliver("plan", *account.take_bodies(Queue.PLAN))

    consent(api, "no-consent", "withdraw")
    pump.run()

    report = _report(api, campaign_id)
    assert (report["sent"], report["refused_by_reason"]) == (0, {"no_consent": 1})
    assert report["adds_up"] is True


def test_work_that_comes_twice_is_done_once(
    api: Api, account: Account, ad: str, sender: str, carrier: CarrierControl
) -> None:
    campaign_id = a_campaign(api, ad, sender)
    _launch(api, campaign_id)
    before = len(carrier.ledger(status="any"))

    for function, queue in (
        ("plan", Queue.PLAN),
        ("plan", Queue.PLAN),
        ("dispatch_sms", Queue.DISPATCH_SMS),
    ):
        bodies = account.take_bodies(queue)
        api.deliver(function, *bodies)
        api.deliver(function, *bodies)

    report = _report(api, campaign_id)
    assert (report["recipients"], report["sent"]) == (7, 4)
    arrived = [each["to"] for each in carrier.ledger(status="any")[before:]]
    assert len(arrived) == len(set(arrived)) == 4


def test_a_campaign_is_launched_once(
    api: Api, ad: str, sender: str, pump: Pump, account: Account
) -> None:
    campaign_id = a_campaign(api, ad, sender, recipients={"group": "VIP"})
    _launch(api, campaign_id)
    pump.run()
    before = everything_in(account)

    again = _launch(api, campaign_id)

    assert_problem(again, 409, "already_launched")
    assert everything_in(account) == before


def test_a_launch_that_did_not_reach_the_queue_can_be_repeated(
    api: Api, account: Account, ad: str, sender: str, pump: Pump
) -> None:
    campaign_id = a_campaign(api, ad, sender, recipients={"group": "VIP"})
    _launch(api, campaign_id)
    account.take_bodies(Queue.PLAN)  # as if the queue had not answered

    again = _launch(api, campaign_id)
    pump.run()

    assert_problem(again, 409, "already_launched")
    assert _report(api, campaign_id)["status"] == "finished"


def test_a_campaign_waits_for_its_sender_to_be_approved(api: Api, ad: str) -> None:
    pending = a_sender(api, status="pending")
    campaign_id = a_campaign(api, ad, pending)

    refused = _launch(api, campaign_id)
    api.post(f"/v1/senders/{pending}/review", {"status": "approved", "note": "checked"})
    launched = _launch(api, campaign_id)

    assert_problem(refused, 409, "sender_not_approved")
    assert launched.status == 202


def test_what_is_no_campaign_is_not_found(api: Api) -> None:
    assert_problem(api.get("/v1/campaigns/cmp_none"), 404, "not_found")
    assert_problem(api.get("/v1/campaigns/cmp_none/report"), 404, "not_found")
    assert_problem(_launch(api, "cmp_none"), 404, "not_found")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"template_id": "tpl_none"}, [("/template_id", "not_found")]),
        ({"template_version": 2}, [("/template_id", "not_found")]),
        ({"sender_id": "snd_none"}, [("/sender_id", "not_found")]),
        (
            {"template_id": "tpl_none", "sender_id": "snd_none"},
            [("/template_id", "not_found"), ("/sender_id", "not_found")],
        ),
        ({"recipients": {}}, [("/recipients", "one_of")]),
        ({"recipients": {"everyone": True, "group": "VIP"}}, [("/recipients", "one_of")]),
        ({"recipients": {"everyone": False}}, [("/recipients", "one_of")]),
        ({"recipients": {"direct": []}}, [("/recipients/direct", "too_few")]),
        (
            {"recipients": {"direct": [f"c{number}" for number in range(10_001)]}},
            [("/recipients", "too_many")],
        ),
        (
            {"recipients": {"direct": ["yes-1", "02-123-4567", "+1 202-555-0123", "010-0000-000"]}},
            [
                ("/recipients/direct/1", "landline"),
                ("/recipients/direct/2", "foreign_number"),
                ("/recipients/direct/3", "invalid_number"),
            ],
        ),
        ({"recipients": {"direct": ["a\x00"]}}, [("/recipients/direct/0", "invalid_characters")]),
        ({"goal": {}}, [("/goal/event", "missing")]),
        ({"goal": {"event": "$clicked"}}, [("/goal/event", "reserved")]),
        ({"goal": {"event": "a", "window_hours": 0}}, [("/goal/window_hours", "out_of_range")]),
        ({"goal": {"event": "a", "window_hours": 2161}}, [("/goal/window_hours", "out_of_range")]),
        ({"goal": {"event": "a", "touch": "seen"}}, [("/goal/touch", "not_allowed")]),
    ],
)
def test_refuses_a_campaign_that_could_not_be_sent(
    api: Api,
    account: Account,
    ad: str,
    sender: str,
    changes: dict[str, object],
    fields: list[tuple[str, str]],
) -> None:
    before = everything_in(account)

    answer = _post(api, ad, sender, **changes)

    assert_problem(answer, 422, "invalid_input", *fields, sent=str(changes))
    assert everything_in(account) == before


def test_refuses_a_campaign_of_an_unapproved_template_or_an_unfit_sender(
    api: Api, ad: str, sender: str
) -> None:
    draft = a_template(api, approved=False)
    without_opt_out = a_sender(api, opt_out_number=None)

    unapproved = _post(api, draft, sender)
    unfit = _post(api, ad, without_opt_out)

    assert_problem(unapproved, 422, "invalid_input", ("/template_id", "not_approved"))
    assert_problem(unfit, 422, "invalid_input", ("/sender_id", "no_opt_out_number"))


def test_launching_needs_its_scope(
    api: Api, make_api: Callable[..., Api], ad: str, sender: str
) -> None:
    campaign_id = a_campaign(api, ad, sender)

    assert_problem(_launch(make_api("read"), campaign_id), 403, "forbidden")
    assert api.get(f"/v1/campaigns/{campaign_id}").body["status"] == "draft"


def _post(api: Api, ad: str, sender: str, **values: object) -> Answer:
    body: Json = {
        "name": "봄 할인",
        "template_id": ad,
        "template_version": 1,
        "sender_id": sender,
        "recipients": {"everyone": True},
    }
    return api.post("/v1/campaigns", body | values)


def _launch(api: Api, campaign_id: str) -> Answer:
    return api.post(f"/v1/campaigns/{campaign_id}/launch", {})


def _report(api: Api, campaign_id: str) -> Json:
    answer = api.get(f"/v1/campaigns/{campaign_id}/report")
    assert answer.status == 200, answer.text
    report: Json = answer.body
    assert e164(1) not in answer.text
    return report


def _messages_of(api: Api, *contact_ids: str) -> list[Json]:
    """The newest message of each."""
    return [
        api.get(f"/v1/messages?contact_id={each}&limit=1").body["items"][0] for each in contact_ids
    ]
