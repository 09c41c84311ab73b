"""Audiences through the API: defined, answered by one look at all people, explained."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from tests.integration.api import Api
from tests.integration.http.clock import SEOUL, Clock
from tests.integration.http.problems import assert_problem
from tests.integration.http.pump import Pump
from tests.integration.http.shop import (
    Json,
    a_contact,
    a_customer,
    a_sender,
    a_template,
    an_ad,
    message,
    phone,
    send,
)

_SEOUL_PEOPLE: Json = {"attribute": "city", "equals": "서울"}


@pytest.fixture(scope="module")
def people(api: Api, clock: Clock, pump: Pump) -> Mapping[str, str]:
    """Five people, some of whom bought, one who was sent to."""
    for number, city in enumerate(("서울", "서울", "부산", "부산", "서울"), start=1):
        attributes = {"name": "김하늘", "city": city, "age": 20 + number}
        a_customer(api, f"p{number}", number, attributes=attributes, groups=["vip"][: number % 2])
    yesterday = (clock.now().astimezone(SEOUL) - timedelta(days=1)).isoformat()
    events = [
        {
            "event_id": f"e{number}",
            "contact_id": f"p{number}",
            "name": "purchase",
            "time": yesterday,
            "value": {"minor": 10_000 * number, "currency": "KRW"},
        }
        for number in (1, 3)
    ]
    answer = api.post("/v1/events", {"events": events})
    assert answer.status == 202, answer.text
    send(api, an_ad(api), a_sender(api), {"contact_id": "p2"})
    pump.run()
    return {}


def _made(api: Api, definition: object, **values: object) -> Json:
    answer = api.post("/v1/audiences", {"name": "시험", "definition": definition} | values)
    assert answer.status == 201, answer.text
    return answer.body


def _answered(api: Api, pump: Pump, definition: object, **values: object) -> Json:
    made = _made(api, definition, **values)
    pump.run()
    return api.get(f"/v1/audiences/{made['audience_id']}").body


def _refreshed(api: Api, pump: Pump, audience_id: str) -> Json:
    started = api.post(f"/v1/audiences/{audience_id}/refresh", {})
    assert started.status == 202, started.text
    pump.run()
    run = api.get(f"/v1/refreshes/{started.body['run_id']}").body
    assert run["status"] == "done"
    usage = run["usage"]
    assert usage["read_units"] > 0
    assert usage["files_written"] > 0
    assert usage["cost"]["micros"] > 0
    return run


def _members(api: Api, audience_id: str, *, limit: int = 100) -> list[str]:
    found, more = [], f"?limit={limit}"
    while more:
        page = api.get(f"/v1/audiences/{audience_id}/members{more}").body
        found += [each["contact_id"] for each in page["items"]]
        cursor = page["next_cursor"]
        more = f"?limit={limit}&cursor={cursor}" if cursor else ""
    return sorted(found)


def test_an_audience_is_answered_and_refreshed(
    api: Api, pump: Pump, clock: Clock, people: object
) -> None:
    audience = _answered(api, pump, _SEOUL_PEOPLE)
    _refreshed(api, pump, audience["audience_id"])
    assert _members(api, audience["audience_id"], limit=2) == ["p1", "p2", "p5"]

    api.patch("/v1/contacts/p3", {"attributes": {"city": "서울"}})
    api.patch("/v1/contacts/p1", {"attributes": {"city": "부산"}})
    clock.move_by(timedelta(minutes=5))
    run = _refreshed(api, pump, audience["audience_id"])

    after = api.get(f"/v1/audiences/{audience['audience_id']}").body["members"]
    assert (after["count"], after["entered"], after["left"]) == (3, 1, 1)
    assert after["run_id"] == run["run_id"]
    assert _members(api, audience["audience_id"]) == ["p2", "p3", "p5"]
    api.patch("/v1/contacts/p3", {"attributes": {"city": "부산"}})
    api.patch("/v1/contacts/p1", {"attributes": {"city": "서울"}})


@pytest.mark.parametrize(
    ("definition", "members"),
    [
        ({"event": "purchase", "window": {"last_days": 7}}, {"p1", "p3"}),
        ({"event": "purchase", "measure": "sum", "at_least": 20_000}, {"p3"}),
        ({"event": "$sent"}, {"p2"}),
        ({"group": "vip"}, {"p1", "p3", "p5"}),
        ({"consent": "sms:advertising"}, {"p1", "p2", "p3", "p4", "p5"}),
        ({"reachable": "email"}, set()),
        ({"none": [{"attribute": "age", "at_least": 23}]}, {"p1", "p2"}),
    ],
)
def test_conditions_see_what_is_stored(
    api: Api, pump: Pump, clock: Clock, people: object, definition: Json, members: set[str]
) -> None:
    clock.move_by(timedelta(minutes=1))
    audience = _answered(api, pump, definition)
    _refreshed(api, pump, audience["audience_id"])

    found = _members(api, audience["audience_id"])
    preview = api.post("/v1/audiences/preview", {"definition": definition}).body

    assert {each for each in found if each.startswith("p")} == members
    assert (preview["count"], preview["exact"]) == (len(found), True)
    assert sorted(each["contact_id"] for each in preview["sample"]) == found
    for contact_id in ("p1", "p2", "p3", "p4", "p5"):
        told = api.get(f"/v1/audiences/{audience['audience_id']}/explain?contact_id={contact_id}")
        assert told.body["holds"] == (contact_id in members)


def test_who_wrote_back_is_known_by_campaign_and_day(
    api: Api, pump: Pump, clock: Clock, people: object
) -> None:
    hook = api.get("/v1/webhooks/incoming").body["paths"]["inbound"]
    text = {"id": "mo-1", "from": phone(2), "text": "네", "at": clock.now().isoformat()}
    assert api.post(hook, text, Authorization="").status == 200
    pump.run()

    replied = _answered(api, pump, {"event": "$replied"})["audience_id"]
    clock.move_by(timedelta(minutes=1))
    _refreshed(api, pump, replied)

    assert _members(api, replied) == ["p2"]
    told = api.get(f"/v1/audiences/{replied}/explain?contact_id=p2").body
    assert (told["holds"], told["saw"]) == (True, 1)


def test_one_line_says_the_same_as_a_tree(api: Api, pump: Pump) -> None:
    made = _made(api, 'city = "서울" and not did("purchase", last 7 days)')
    again = _made(api, made["text"])

    assert made["definition"] == again["definition"]
    assert made["text"] == again["text"]


def test_what_became_of_messages_cannot_be_live(api: Api) -> None:
    about_messages = _made(api, {"event": "$sent"})["audience_id"]

    for definition in ({"event": "$clicked"}, {"audience": about_messages}):
        body = {"name": "x", "definition": definition, "live": True}
        answer = api.post("/v1/audiences", body)

        assert answer.status == 422
        assert [each["code"] for each in answer.body["errors"]] == ["cannot_be_live"]


def test_every_fault_of_a_definition_is_named(api: Api) -> None:
    faulty = {"all": [{"attribute": "a"}, {"event": "x", "window": {"last_days": 0}}, {"no": 1}]}

    answer = api.post("/v1/audiences", {"name": "x", "definition": faulty})

    assert answer.status == 422
    pointers = [each["pointer"] for each in answer.body["errors"]]
    assert len(pointers) >= 3
    assert all(each.startswith("/definition/all/") for each in pointers)


def test_audiences_made_of_audiences_have_no_cycles(api: Api) -> None:
    first = _made(api, {"all": []})["audience_id"]
    second = _made(api, {"audience": first})["audience_id"]

    body = {"name": "x", "definition": {"audience": second}}
    cycle = api.put(f"/v1/audiences/{first}", body)
    unknown = api.post("/v1/audiences", {"name": "x", "definition": {"audience": "aud_none"}})
    in_use = api.delete(f"/v1/audiences/{first}")

    assert cycle.status == unknown.status == 422
    assert cycle.body["errors"][0]["code"] == "audience_cycle"
    assert unknown.body["errors"][0]["code"] == "audience_unknown"
    assert_problem(in_use, 409, "audience_in_use")
    assert api.delete(f"/v1/audiences/{second}").status == 204
    assert api.delete(f"/v1/audiences/{first}").status == 204


def test_a_changed_definition_is_answered_anew(api: Api, pump: Pump, people: object) -> None:
    audience = _answered(api, pump, _SEOUL_PEOPLE)
    changed = api.put(
        f"/v1/audiences/{audience['audience_id']}",
        {"name": "부산", "definition": {"attribute": "city", "equals": "부산"}},
    ).body
    pump.run()

    assert changed["version"] == 2
    assert _members(api, audience["audience_id"]) == ["p3", "p4"]


def test_what_asks_about_fixed_days_is_answered_once(api: Api) -> None:
    fixed = {"event": "purchase", "window": {"from": "2026-11-01", "to": "2026-11-20"}}

    assert _made(api, fixed)["refresh"] == "once"
    assert _made(api, fixed, refresh="daily")["refresh"] == "daily"
    assert _made(api, {"event": "purchase", "window": {"last_days": 3}})["refresh"] == "daily"
    assert _made(api, _SEOUL_PEOPLE)["refresh"] == "daily"


def test_what_is_not_there_is_not_found(api: Api) -> None:
    for path in ("/v1/audiences/aud_x", "/v1/audiences/aud_x/members", "/v1/refreshes/x"):
        assert_problem(api.get(path), 404, "not_found")
    a_contact(api, "somebody", None)
    made = _made(api, {"all": []})["audience_id"]
    explained = api.get(f"/v1/audiences/{made}/explain?contact_id=nobody")
    assert_problem(explained, 404, "not_found")


def test_messages_go_to_groups_and_audiences(api: Api, pump: Pump, people: object) -> None:
    audience = _answered(api, pump, _SEOUL_PEOPLE)["audience_id"]
    notice, sender = a_template(api), a_sender(api)

    sent = send(api, notice, sender, {"audience": audience}, {"group": "vip"}, {"contact_id": "p4"})
    unknown = api.post("/v1/messages", message(notice, sender, {"audience": "aud_none"}))

    assert sorted(each["contact_id"] for each in sent["messages"]) == ["p1", "p2", "p3", "p4", "p5"]
    assert_problem(unknown, 422, "invalid_input", ("/to/0/audience", "audience_not_ready"))


def test_a_segment_of_pinpoint_becomes_an_audience(api: Api, pump: Pump, people: object) -> None:
    segment = {
        "Name": "Seoul, by SMS",
        "Dimensions": {
            "Attributes": {"city": {"AttributeType": "INCLUSIVE", "Values": ["서울"]}},
            "Behavior": {"Recency": {"Duration": "DAY_7", "RecencyType": "ACTIVE"}},
            "Demographic": {"DeviceType": {"DimensionType": "INCLUSIVE", "Values": ["phone"]}},
        },
    }
    body = {"format": "pinpoint", "segment": segment, "activity": "purchase"}
    answer = api.post("/v1/audiences/import", body)

    assert answer.status == 201, answer.text
    assert answer.body["name"] == "Seoul, by SMS"
    assert [(each["code"], each["effect"]) for each in answer.body["untranslated"]] == [
        ("by_day", "approximate"),
        ("not_kept", "wider"),
    ]
    _refreshed(api, pump, answer.body["audience_id"])
    assert _members(api, answer.body["audience_id"]) == ["p1"]


def test_a_segment_of_which_nothing_can_be_translated_is_refused(api: Api) -> None:
    segment = {
        "Dimensions": {"Demographic": {"DeviceType": {"Values": ["phone"]}}, "Sky": {"a": 1}}
    }
    answer = api.post("/v1/audiences/import", {"format": "pinpoint", "segment": segment})

    assert_problem(
        answer,
        422,
        "invalid_input",
        ("/segment/Dimensions/Demographic/DeviceType", "not_kept"),
        ("/segment/Dimensions/Sky/a", "unknown_dimension"),
    )
