"""Follow-ups through the API: on a campaign and on a request, in the report, refused when wrong."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.domain.ids import BatchNumber
from functions.domain.replies import BatchReplies
from functions.storage.replies import ReplyStore
from functions.storage.timers import TimerItem
from infra.local.carrier.client import CarrierControl
from tests.integration.api import Api
from tests.integration.http.clock import Clock, later
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    a_campaign,
    a_customer,
    a_sender,
    a_template,
    an_ad,
    message_of,
    open_link,
)

HOUR = timedelta(hours=1)
TRACKED = '신상품 {{ "https://shop.example.com/a" | track }}'


@pytest.fixture(autouse=True)
def _ticks_begin_now(api: Api, clock: Clock) -> None:
    """The tests before went into the future and came back, which ticks do not."""
    TimerItem("CURSOR", "CURSOR", due=clock.now()).save()


def a_step(template: str, sender: str, **values: Any) -> dict[str, Any]:
    facts = {
        "if": "not_clicked",
        "after_minutes": 60,
        "template_id": template,
        "template_version": 1,
        "sender_id": sender,
    }
    return {name: value for name, value in (facts | values).items() if value is not None}


def report_of(api: Api, campaign: str) -> dict[str, Any]:
    report: dict[str, Any] = api.get(f"/v1/campaigns/{campaign}/report").body
    return report


def test_who_clicked_gets_one_step_and_who_did_not_the_other(
    api: Api, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    people = [a_customer(api, f"follow-{n}", 400 + n) for n in range(3)]
    sender, thanks = a_sender(api), an_ad(api, body="고맙습니다")
    reminder = an_ad(api, body="잊지 마세요")
    campaign = a_campaign(
        api,
        an_ad(api, body=TRACKED),
        sender,
        recipients={"direct": people},
        follow_ups=[
            a_step(thanks, sender, **{"if": "clicked", "after_minutes": None}),
            a_step(
                reminder,
                sender,
                follow_ups=[a_step(reminder, sender, **{"if": "delivered"})],
            ),
        ],
    )
    assert api.post(f"/v1/campaigns/{campaign}/launch", {}).status == 202
    pump.run()
    with later(clock, carrier, timedelta(minutes=5)):
        open_link(message_of(api, campaign, "follow-1"), clock.now())
        pump.run()

    yes, no = report_of(api, campaign)["follow_ups"]
    assert (yes["if"], yes["campaign_id"], yes["matched"], yes["sent"]) == (
        "clicked",
        f"{campaign}-y",
        1,
        1,
    )
    assert (no["status"], no["looked_at"]) == ("running", 0)
    assert (no["not_looked_at"], yes["not_looked_at"], yes["cost"]["minor"]) == (3, None, 18)
    assert clock.now() < datetime.fromisoformat(no["next_look"]) <= clock.now() + HOUR

    # A moment later, for ticks keep what is due in this second for the next.
    with later(clock, carrier, HOUR + timedelta(minutes=2)):
        pump.tick()
    yes, no = report_of(api, campaign)["follow_ups"]
    assert (no["status"], no["looked_at"], no["matched"], no["sent"]) == ("finished", 3, 2, 2)
    assert no["follow_ups"][0]["status"] == "running"
    told = api.get(f"/v1/campaigns/{campaign}-n/why?contact_id=follow-2").body
    text = api.get(f"/v1/messages/{told['message_id']}").body["text"]
    assert "잊지 마세요" in text
    family = report_of(api, campaign)["family"]
    assert (family["sent"], family["cost"]["minor"], no["not_looked_at"]) == (6, 6 * 18, 0)
    page = api.post(f"/v1/campaigns/{campaign}/report-link", {}).body["url"]
    assert "Opened no link" in api.get(f"/r/{page.rpartition('/r/')[2]}?lang=en").text
    below = api.get(f"/v1/campaigns/{campaign}-n").body
    assert (below["parent"], below["step"], below["status"]) == (campaign, "n", "launched")

    with later(clock, carrier, 3 * HOUR):
        pump.tick()
    (last,) = report_of(api, campaign)["follow_ups"][1]["follow_ups"]
    # The carrier of these tests reports nothing by itself.
    assert (last["looked_at"], last["matched"]) == (2, 0)


def test_whoever_opted_out_meanwhile_is_dropped_at_the_door_with_the_reason(
    api: Api, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    people = [a_customer(api, f"follow-{n}", 400 + n) for n in range(10, 12)]
    sender, reminder = a_sender(api), an_ad(api, body="잊지 마세요")
    campaign = a_campaign(
        api,
        an_ad(api, body=TRACKED),
        sender,
        recipients={"direct": people},
        follow_ups=[a_step(reminder, sender)],
    )
    api.post(f"/v1/campaigns/{campaign}/launch", {})
    pump.run()
    change = {"channel": "sms", "purpose": "advertising", "action": "withdraw", "source": "test"}
    assert api.post(f"/v1/contacts/{people[0]}/consents", change).status in (200, 201)
    with later(clock, carrier, 2 * HOUR):
        pump.tick()
    (step,) = report_of(api, campaign)["follow_ups"]

    assert (step["matched"], step["sent"], step["dropped_by_reason"]) == (2, 1, {"no_consent": 1})


def test_request_is_followed_by_whoever_answered(
    api: Api, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    sender, template = a_sender(api), a_template(api)
    people = [a_customer(api, f"follow-{n}", 400 + n) for n in range(20, 23)]
    body = {
        "template_id": template,
        "template_version": 1,
        "sender_id": sender,
        "to": [{"contact_id": each} for each in people],
        "follow_ups": [a_step(template, sender, **{"if": "replied", "after_minutes": 120})],
    }
    answer = api.post("/v1/messages", body).body
    pump.run()
    number = BatchNumber(int(answer["messages"][0]["message_id"].split("-")[1], 16))
    ReplyStore().change(number, 3, lambda known: known.with_reply(1, elapsed_s=60))
    assert ReplyStore().of({number: 3}) == {
        number: BatchReplies.none(3).with_reply(1, elapsed_s=60)
    }
    with later(clock, carrier, 3 * HOUR):
        pump.tick()
    report = report_of(api, answer["request_id"])

    (step,) = report["follow_ups"]
    assert (report["recipients"], report["sent"]) == (3, 3)
    assert (step["looked_at"], step["matched"], step["sent"]) == (3, 1, 1)
    assert step["campaign_id"] == f"{answer['request_id']}-y"


def test_cancelled_campaign_is_not_followed_and_a_step_is_paused_by_its_id(
    api: Api, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    sender, reminder = a_sender(api), an_ad(api, body="잊지 마세요")
    person = a_customer(api, "follow-30", 430)
    made = [
        a_campaign(
            api,
            an_ad(api, body=TRACKED),
            sender,
            recipients={"direct": [person]},
            follow_ups=[a_step(reminder, sender)],
        )
        for _ in range(2)
    ]
    for campaign in made:
        api.post(f"/v1/campaigns/{campaign}/launch", {})
    pump.run()
    assert api.post(f"/v1/campaigns/{made[0]}/cancel", {}).status in (200, 202)
    assert api.post(f"/v1/campaigns/{made[1]}-n/pause", {}).status in (200, 202)
    with later(clock, carrier, 2 * HOUR):
        pump.tick()
        ((cancelled,), (paused,)) = (report_of(api, each)["follow_ups"] for each in made)
        assert (cancelled["looked_at"], cancelled["sent"]) == (0, 0)
        assert (paused["status"], paused["matched"], paused["sent"]) == ("paused", 1, 0)

        assert api.post(f"/v1/campaigns/{made[1]}-n/resume", {}).status in (200, 202)
        pump.run()
    (resumed,) = report_of(api, made[1])["follow_ups"]
    assert resumed["sent"] == 1


def test_request_that_waits_is_cancelled_by_its_id_and_its_steps_with_it(
    api: Api, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    sender, template = a_sender(api), a_template(api)
    person = a_customer(api, "follow-50", 450)
    body = {
        "template_id": template,
        "template_version": 1,
        "sender_id": sender,
        "to": [{"contact_id": person}],
        "send_at": (clock.now() + HOUR).isoformat(),
        "follow_ups": [a_step(template, sender, **{"if": "not_replied"})],
    }
    request = api.post("/v1/messages", body).body["request_id"]

    assert api.post(f"/v1/campaigns/{request}/cancel", {}).status in (200, 202)
    pump.run()

    assert pump.poison == []
    with later(clock, carrier, 3 * HOUR):
        pump.tick()
    report = report_of(api, request)
    assert (report["status"], report["cancelled"], report["sent"]) == ("cancelled", 1, 0)
    assert report["follow_ups"][0]["looked_at"] == 0


def test_step_comes_by_when_a_message_left_also_where_it_was_released_early(
    api: Api, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    sender, template = a_sender(api), a_template(api)
    body = {
        "template_id": template,
        "template_version": 1,
        "sender_id": sender,
        "to": [{"contact_id": a_customer(api, "follow-52", 452)}],
        "send_at": (clock.now() + 48 * HOUR).isoformat(),
        "follow_ups": [a_step(template, sender, **{"if": "not_replied"})],
    }
    request = api.post("/v1/messages", body).body
    released = {"message_ids": [request["messages"][0]["message_id"]]}
    assert api.post("/v1/held/release", released).status == 202
    pump.run()
    with later(clock, carrier, HOUR + timedelta(minutes=2)):
        pump.tick()

    (step,) = report_of(api, request["request_id"])["follow_ups"]
    assert (step["looked_at"], step["sent"]) == (1, 1)


def test_step_that_found_nobody_is_resumed_and_cancelled(
    api: Api, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    sender, reminder = a_sender(api), an_ad(api, body="잊지 마세요")
    campaign = a_campaign(
        api,
        an_ad(api, body=TRACKED),
        sender,
        recipients={"direct": [a_customer(api, "follow-51", 451)]},
        follow_ups=[a_step(reminder, sender, **{"if": "delivered"})],
    )
    api.post(f"/v1/campaigns/{campaign}/launch", {})
    pump.run()
    with later(clock, carrier, 2 * HOUR):
        pump.tick()
        for act in ("resume", "cancel"):
            assert api.post(f"/v1/campaigns/{campaign}-y/{act}", {}).status in (200, 202)
            pump.run()

    (step,) = report_of(api, campaign)["follow_ups"]
    assert (pump.poison, step["looked_at"], step["matched"]) == ([], 1, 0)


def test_steps_are_paid_for_by_the_campaigns_budget(
    api: Api, pump: Pump, clock: Clock, carrier: CarrierControl
) -> None:
    sender, reminder = a_sender(api), an_ad(api, body="잊지 마세요")
    people = [a_customer(api, f"follow-{n}", 400 + n) for n in range(60, 63)]
    campaign = a_campaign(
        api,
        an_ad(api, body=TRACKED),
        sender,
        recipients={"direct": people},
        budget={"amount": 5 * 18, "currency": "KRW"},
        follow_ups=[a_step(reminder, sender)],
    )
    api.post(f"/v1/campaigns/{campaign}/launch", {})
    pump.run()
    with later(clock, carrier, 2 * HOUR):
        pump.tick()
        report = report_of(api, campaign)
        (step,) = report["follow_ups"]
        own = report_of(api, f"{campaign}-n")
        assert (step["status"], step["paused_because"]) == ("paused", "budget_reached")
        assert (step["matched"], step["sent"], report["budget_reserved"]["amount"]) == (3, 0, 54)
        assert (own["budget"]["amount"], own["budget_of"]) == (90, campaign)

        safety = {"ramp": None, "budget": {"amount": 6 * 18, "currency": "KRW"}}
        assert api.put(f"/v1/campaigns/{campaign}/safety", safety).status == 200
        assert api.post(f"/v1/campaigns/{campaign}-n/resume", {}).status == 202
        pump.run()

    report = report_of(api, campaign)
    assert report["follow_ups"][0]["sent"] == 3
    assert report["budget_reserved"]["amount"] == report["family"]["cost"]["minor"] == 6 * 18


def _deep(step: dict[str, Any], levels: int) -> dict[str, Any]:
    return step if levels == 1 else step | {"follow_ups": [_deep(step, levels - 1)]}


@pytest.mark.parametrize(
    ("steps", "pointer", "code"),
    [
        (lambda s: [s(after_minutes=None)], "/follow_ups/0", "after_missing"),
        (lambda s: [s(after_minutes=0)], "/follow_ups/0/after_minutes", "out_of_range"),
        (lambda s: [s(after_minutes=43_201)], "/follow_ups/0/after_minutes", "out_of_range"),
        (lambda s: [s(**{"if": "opened"})], "/follow_ups/0/if", "not_allowed"),
        (lambda s: [s(**{"if": "replied", "link": 0})], "/follow_ups/0", "link_mismatch"),
        (lambda s: [s(), s(**{"if": "not_replied"})], "/follow_ups", "too_many_branches"),
        (lambda s: [s(link=1)], "/follow_ups/0/link", "not_tracked"),
        (lambda s: [_deep(s(), 6)], "/follow_ups", "too_deep"),
        (lambda s: [s(template_id="tpl_9")], "/follow_ups/0/template_id", "not_found"),
        (
            lambda s: [_deep(s(), 1) | {"follow_ups": [s(sender_id="snd_9")]}],
            "/follow_ups/0/follow_ups/0/sender_id",
            "not_found",
        ),
    ],
)
def test_step_that_makes_no_sense_is_named(api: Api, steps: Any, pointer: str, code: str) -> None:
    sender, ad = a_sender(api), an_ad(api, body=TRACKED)
    body = {
        "name": "x",
        "template_id": ad,
        "template_version": 1,
        "sender_id": sender,
        "recipients": {"everyone": True},
        "follow_ups": steps(lambda **values: a_step(ad, sender, **values)),
    }

    assert_problem(api.post("/v1/campaigns", body), 422, "invalid_input", (pointer, code))


def test_more_steps_than_a_tree_may_have_are_refused(api: Api) -> None:
    sender, ad = a_sender(api), an_ad(api)

    def both(levels: int) -> list[dict[str, Any]]:
        below = both(levels - 1) if levels > 1 else []
        return [
            a_step(ad, sender, **{"if": each, "follow_ups": below})
            for each in ("replied", "not_replied")
        ]

    body = {
        "name": "x",
        "template_id": ad,
        "template_version": 1,
        "sender_id": sender,
        "recipients": {"everyone": True},
        "follow_ups": both(4),
    }

    answer = api.post("/v1/campaigns", body)

    assert_problem(answer, 422, "invalid_input", ("/follow_ups", "too_many_steps"))


def test_variables_of_all_steps_together_fit_a_row(api: Api) -> None:
    sender, ad = a_sender(api), an_ad(api, body=TRACKED)

    def answer_to(chars: int, call: str, **values: Any) -> Any:
        # An emoji takes most bytes, as JSON in the row of the campaign.
        texts = {f"v{n}": "😀" * (chars // 20 - 2) for n in range(10)}
        step = a_step(ad, sender, variables=texts, follow_ups=[a_step(ad, sender, variables=texts)])
        own = {f"w{n}": "😀" * 990 for n in range(20)}
        way = {"template_id": ad, "template_version": 1, "sender_id": sender}
        return api.post(call, way | {"variables": own, "follow_ups": [step]} | values)

    everyone = {"name": "x", "recipients": {"everyone": True}}
    assert answer_to(10_000, "/v1/campaigns", **everyone).status == 201
    for call, values in (("campaigns", everyone), ("messages", {"to": [{"contact_id": "c1"}]})):
        answer = answer_to(10_040, f"/v1/{call}", **values)
        assert_problem(answer, 422, "invalid_input", ("/follow_ups", "too_large"))


@pytest.mark.parametrize("levels", [12, 150, 5_000])
def test_tree_of_any_size_is_refused(api: Api, levels: int) -> None:
    step = '{"if": "not_replied", "after_minutes": 1, "template_id": "t", "template_version": 1, '
    step += '"sender_id": "s", "follow_ups": ['
    body = (
        '{"name": "x", "template_id": "t", "template_version": 1, "sender_id": "s", '
        f'"recipients": {{"everyone": true}}, "follow_ups": [{step * levels}{"]}" * levels}]}}'
    )

    assert api.call("POST", "/v1/campaigns", body.encode()).status in (400, 422)


def test_simulation_tells_the_most_and_what_assumed_rates_make_of_it(api: Api, pump: Pump) -> None:
    people = [a_customer(api, f"follow-{n}", 400 + n) for n in range(40, 44)]
    sender, ad = a_sender(api), an_ad(api, body=TRACKED)
    below = a_step(a_template(api), sender, **{"if": "delivered", "after_minutes": 10})
    campaign = a_campaign(
        api,
        ad,
        sender,
        recipients={"direct": people},
        follow_ups=[a_step(ad, sender, follow_ups=[below])],
    )
    place = f"/v1/campaigns/{campaign}"
    simulation = api.post(f"{place}/simulate", {}).body["simulation_id"]
    pump.run()

    plain = api.get(f"{place}/simulations/{simulation}").body
    assumed = api.get(f"{place}/simulations/{simulation}?clicked=25&delivered=90.5").body
    wrong = api.get(f"{place}/simulations/{simulation}?clicked=101")

    (step,) = plain["follow_ups"]
    assert plain["complete"]
    assert (step["at_most"]["messages"], step["expected"]) == (4, None)
    assert step["follow_ups"][0]["at_most"]["messages"] == 4
    (step,) = assumed["follow_ups"]
    assert (step["assumed_percent"], step["expected"]["messages"]) == (75.0, 3)
    (last,) = step["follow_ups"]
    assert (last["assumed_percent"], last["expected"]["messages"]) == (67.875, 3)
    assert last["at_most"]["by_type"] == {"sms": 4}
    assert_problem(wrong, 422, "invalid_input", ("/query/clicked", "out_of_range"))
    assert api.get(f"{place}-n").status == 404
