"""Live membership through the API: a change of a person is known without a refresh."""

from datetime import timedelta
from typing import Any

from functions.contracts.queues import Queue
from functions.live.wiring import definitions
from functions.storage.contacts import ContactItem
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.http.clock import Clock
from tests.integration.http.pump import Pump
from tests.integration.http.shop import Json, a_customer


def _live(api: Api, definition: object) -> str:
    body = {"name": "지금", "definition": definition, "live": True}
    answer = api.post("/v1/audiences", body)
    assert answer.status == 201, answer.text
    definitions.cache_clear()
    return answer.body["audience_id"]


def _changed(api: Api, pump: Pump, *kinds: tuple[str, str]) -> None:
    """What DynamoDB's stream says of these rows."""
    records = [
        {
            "eventID": "1",
            "eventName": "MODIFY",
            "dynamodb": {"Keys": {"contact_id": {"S": contact_id}, "kind": {"S": kind}}},
        }
        for contact_id, kind in kinds
    ]
    api.client.lambda_.invoke("people_changed", {"Records": records})
    pump.run()


def _within(api: Api, contact_id: str) -> list[str]:
    found = api.get(f"/v1/contacts/{contact_id}/audiences").body
    return [each["audience_id"] for each in found["within"]]


def test_a_change_of_the_profile_is_known(api: Api, pump: Pump) -> None:
    a_customer(api, "live1", 71, attributes={"city": "부산"})
    audience = _live(api, {"attribute": "city", "equals": "제주"})
    _changed(api, pump, ("live1", "PROFILE"))
    assert _within(api, "live1") == []

    api.patch("/v1/contacts/live1", {"attributes": {"city": "제주"}})
    _changed(api, pump, ("live1", "PROFILE"))
    assert _within(api, "live1") == [audience]

    api.patch("/v1/contacts/live1", {"attributes": {"city": "부산"}})
    _changed(api, pump, ("live1", "PROFILE"))
    left = api.get("/v1/contacts/live1/audiences").body["left"]
    assert [(each["audience_id"], each["left"] is not None) for each in left] == [(audience, True)]


def test_an_event_is_known(api: Api, pump: Pump, clock: Clock) -> None:
    a_customer(api, "live2", 72)
    audience = _live(api, {"event": "wishlist"})
    time = (clock.now() - timedelta(minutes=1)).isoformat()
    event: Json = {"event_id": "w1", "contact_id": "live2", "name": "wishlist", "time": time}

    api.post("/v1/events", {"events": [event]})
    pump.run()
    _changed(api, pump, ("live2", "ACTIVITY"))

    assert audience in _within(api, "live2")


def test_an_erased_person_is_in_nothing(api: Api, pump: Pump) -> None:
    a_customer(api, "live3", 73)
    _live(api, {"all": []})
    _changed(api, pump, ("live3", "PROFILE"))
    assert _within(api, "live3")

    api.delete("/v1/contacts/live3")
    pump.run()
    _changed(api, pump, ("live3", "PROFILE"))

    assert api.get("/v1/contacts/live3/audiences").status == 404
    assert list(ContactItem.query("live3")) == []


def test_with_no_live_audience_nothing_is_queued(api: Api, pump: Pump, account: Account) -> None:
    for each in api.get("/v1/audiences?limit=500").body["items"]:
        api.delete(f"/v1/audiences/{each['audience_id']}")
    definitions.cache_clear()
    records: list[Any] = [{"dynamodb": {"Keys": {"contact_id": {"S": "c"}, "kind": {"S": "k"}}}}]

    api.client.lambda_.invoke("people_changed", {"Records": records})

    assert account.take_bodies(Queue.LIVE) == []
