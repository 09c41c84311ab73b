"""Safe launches on the deployed system: a ramp that stops itself, a budget, a second key."""

from collections.abc import Iterator

import pytest

from infra.demo.api import Api, ApiError
from infra.local.carrier.client import wait_until
from tests.e2e.shop import Json, Shop

pytestmark = pytest.mark.e2e
PEOPLE, SHARE = 40, 10
ALL_FAIL = {str(digit): "3042" for digit in range(10)}
PATIENCE_S = 180.0


@pytest.fixture(scope="module")
def audience(system) -> Iterator[str]:
    """Forty people who agreed to advertisements, found by a refresh."""
    shop = Shop(system)
    for _ in range(PEOPLE):
        contact_id = shop.a_customer()
        shop.api.patch(f"/v1/contacts/{contact_id}", {"attributes": {"ramp": "yes"}})
    definition = {"attribute": "ramp", "equals": "yes"}
    made = shop.api.post("/v1/audiences", {"name": "ramp", "definition": definition})
    path = f"/v1/audiences/{made['audience_id']}"
    wait_until(lambda: counted(shop, path) == PEOPLE, deadline_s=PATIENCE_S)
    yield made["audience_id"]
    shop.close()


def counted(shop: Shop, path: str) -> int:
    """How many are in it after a refresh."""
    run = shop.api.post(f"{path}/refresh")["run_id"]
    wait_until(
        lambda: shop.api.get(f"/v1/refreshes/{run}")["status"] == "done", deadline_s=PATIENCE_S
    )
    members: Json = shop.api.get(path)["members"] or {}
    return int(members.get("count", 0))


@pytest.fixture
def second(system, shop: Shop) -> Iterator[Api]:
    """Somebody else, with a key of their own."""
    key = shop.api.post("/v1/keys", {"name": "second", "scopes": ["campaigns", "read"]})
    api = Api(system.deployment.api_url, token=key["token"])
    yield api
    api.close()


@pytest.fixture
def spring(shop: Shop) -> Json:
    """What all campaigns of these stories have in common."""
    body = "{{ contact.name }}님, 봄 할인"
    template_id = shop.a_template(body, purpose="advertising")
    return {
        "name": "봄",
        "template_id": template_id,
        "template_version": 1,
        "sender_id": shop.a_sender(),
    }


def test_a_ramp_whose_first_share_fails_stops_itself_and_a_person_goes_on(
    shop: Shop, second: Api, audience: str, spring: Json
) -> None:
    shop.carrier.configure(forced_codes=ALL_FAIL)
    campaign = a_campaign(
        shop,
        spring,
        audience,
        ramp={"steps": [25, 100], "wait_minutes": 1},
        stop_rules={"min_sent": 5},
    )

    shop.api.post(f"/v1/campaigns/{campaign}/launch")
    stopped = wait_for(shop, campaign, status="paused")

    assert (stopped["paused_because"], stopped["failed"]) == ("failed_rate", SHARE)
    assert (stopped["recipients"], stopped["ramp_percent"]) == (SHARE, 25)
    assert len(received(shop, spring)) == SHARE

    shop.carrier.configure(forced_codes={})
    resumed = second.post(f"/v1/campaigns/{campaign}/resume")
    finished = wait_for(shop, campaign, status="finished")

    (note,) = resumed["safety"]["resumes"]
    assert note["because"] == "failed_rate"
    assert (finished["sent"], finished["failed"]) == (PEOPLE - SHARE, SHARE)
    phones = [each["to"] for each in received(shop, spring)]
    assert len(phones) == len(set(phones)) == PEOPLE


def test_a_budget_stops_at_the_part_that_does_not_fit(
    shop: Shop, audience: str, spring: Json
) -> None:
    price = price_of(shop, spring)
    rules = {"ramp": {"steps": [50, 100], "wait_minutes": 60}, "stop_rules": None}
    won = {"amount": price * (PEOPLE - 1), "currency": "KRW"}
    campaign = a_campaign(shop, spring, audience, **rules, budget=won)
    shop.api.post(f"/v1/campaigns/{campaign}/launch")
    wait_for(shop, campaign, sent=PEOPLE // 2)

    # Everybody else is one part, which costs one message too much.
    shop.api.put(f"/v1/campaigns/{campaign}/safety", {"ramp": None, "budget": won})
    shop.api.post(f"/v1/campaigns/{campaign}/resume")
    stopped = wait_for(shop, campaign, paused_because="budget_reached")

    assert (stopped["sent"], stopped["pending"]) == (PEOPLE // 2, PEOPLE // 2)
    assert stopped["budget_reserved"]["amount"] == price * PEOPLE // 2
    enough = {"amount": price * PEOPLE, "currency": "KRW"}
    shop.api.put(f"/v1/campaigns/{campaign}/safety", {"ramp": None, "budget": enough})
    shop.api.post(f"/v1/campaigns/{campaign}/resume")
    finished = wait_for(shop, campaign, status="finished")
    assert finished["cost"]["minor"] == finished["budget_reserved"]["amount"] == price * PEOPLE


def test_a_large_campaign_leaves_after_a_test_and_with_a_second_key(
    shop: Shop, second: Api, audience: str, spring: Json
) -> None:
    seed = shop.a_customer()
    put_policy(shop, approval_above=PEOPLE - 1, test_before_launch=True, seeds=[seed])
    try:
        campaign = a_campaign(shop, spring, audience)
        with pytest.raises(ApiError, match="test_required"):
            shop.api.post(f"/v1/campaigns/{campaign}/launch")

        tested = shop.api.post(f"/v1/campaigns/{campaign}/test", {})
        message_id = tested["messages"][0]["message_id"]
        shop.wait_for(message_id, "sent", "delivered")
        with pytest.raises(ApiError, match="approval_required"):
            shop.api.post(f"/v1/campaigns/{campaign}/launch")
        with pytest.raises(ApiError, match="same_key"):
            shop.api.post(f"/v1/campaigns/{campaign}/approve")
        second.post(f"/v1/campaigns/{campaign}/approve")
        shop.api.post(f"/v1/campaigns/{campaign}/launch")

        finished = wait_for(shop, campaign, status="finished")
    finally:
        put_policy(shop)
    assert finished["sent"] == finished["recipients"] == PEOPLE
    assert len(shop.on_the_phone(message_id)) == 1


def a_campaign(shop: Shop, spring: Json, audience: str, **values: object) -> str:
    body = spring | {"recipients": {"audience": audience}} | values
    campaign_id: str = shop.api.post("/v1/campaigns", body)["campaign_id"]
    return campaign_id


def wait_for(shop: Shop, campaign: str, **facts: object) -> Json:
    """Wait until the report says so."""

    def so() -> Json | None:
        report = shop.api.get(f"/v1/campaigns/{campaign}/report")
        return report if all(report[name] == value for name, value in facts.items()) else None

    return wait_until(so, deadline_s=PATIENCE_S)


def received(shop: Shop, spring: Json) -> list[Json]:
    """What the carrier took of these campaigns."""
    assert spring
    return [each for each in shop.carrier.ledger(status="any") if "봄 할인" in each["text"]]


def price_of(shop: Shop, spring: Json) -> int:
    body = {"version": 1, "sender_id": spring["sender_id"], "contact": {"name": "이야기꾼"}}
    shown = shop.api.post(f"/v1/templates/{spring['template_id']}/preview", body)
    minor: int = shown["price"]["minor"]
    return minor


def put_policy(shop: Shop, **policy: object) -> None:
    version = shop.api.get("/v1/policy")["version"]
    shop.api.put("/v1/policy", {"version": version, **policy})
