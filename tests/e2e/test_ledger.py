"""What is held is listed, released and cancelled; what a queue lost is found and finished."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner

from functions.contracts.codec import to_body
from functions.contracts.queues import RequestCheckJob
from infra.cli.__main__ import main
from infra.local.carrier.client import wait_until
from tests.e2e.shop import Json, Shop

pytestmark = pytest.mark.e2e
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
PEOPLE = 5


@pytest.fixture
def campaign(shop: Shop) -> str:
    """A campaign to five customers, still a draft."""
    to = [shop.a_customer() for _ in range(PEOPLE)]
    body = {
        "name": "재입고",
        "template_id": shop.a_template("{{ contact.name }}님, 재입고되었습니다."),
        "template_version": 1,
        "sender_id": shop.a_sender(),
        "recipients": {"direct": to},
    }
    campaign_id: str = shop.api.post("/v1/campaigns", body)["campaign_id"]
    return campaign_id


@contextmanager
def closed_hours(shop: Shop) -> Iterator[None]:
    """The shop is closed from one to four; it is two o'clock."""
    _put_policy(shop, [{"name": "closed", "starts": "13:00", "ends": "16:00", "weekdays": WEEK}])
    try:
        yield
    finally:
        _put_policy(shop, [])


def _put_policy(shop: Shop, windows: list[Json]) -> None:
    version = shop.api.get("/v1/policy")["version"]
    shop.api.put("/v1/policy", {"version": version, "windows": windows})
    # Each worker remembers the policy of before for 15 seconds.
    time.sleep(16)


@contextmanager
def asleep(shop: Shop, function: str) -> Iterator[None]:
    """Nobody works a function's queue off meanwhile."""
    account = shop.system.stack.account
    client = account.session.client("lambda", endpoint_url=account.endpoint_url)
    sources = client.list_event_source_mappings(FunctionName=f"allim-local-{function}")
    (uuid,) = [each["UUID"] for each in sources["EventSourceMappings"]]
    client.update_event_source_mapping(UUID=uuid, Enabled=False)
    try:
        yield
    finally:
        client.update_event_source_mapping(UUID=uuid, Enabled=True)


def test_held_messages_are_listed_cancelled_and_released(shop: Shop, campaign: str) -> None:
    which = {"campaign_id": campaign, "reason": "quiet_hours"}
    with closed_hours(shop):
        shop.api.post(f"/v1/campaigns/{campaign}/launch")
        held = wait_until(lambda: _all_held(shop, campaign), deadline_s=60)

        assert {(each["reason"], each["source"]["id"]) for each in held} == {
            ("quiet_hours", campaign)
        }
        assert {each["until"][11:16] for each in held} == {"07:00"}  # 16:00 in Seoul
        unwanted = [each["message_id"] for each in held[:2]]
        assert shop.api.post("/v1/held/cancel", {"message_ids": unwanted})["queued"] == 2
        wait_until(lambda: _report(shop, campaign)["cancelled"] == 2, deadline_s=60)

        assert shop.api.post("/v1/held/release", which)["queued"] == 3
        wait_until(lambda: _looked_at_again(shop, held[2]["message_id"]), deadline_s=60)
        assert _report(shop, campaign)["held"] == 3

    def released() -> bool:
        # Workers remember the hours of before for some seconds.
        shop.api.post("/v1/held/release", which)
        return bool(_report(shop, campaign)["sent"] == 3)

    wait_until(released, deadline_s=90)
    report = wait_until(lambda: _finished(shop, campaign), deadline_s=60)

    assert (report["sent"], report["cancelled"], report["adds_up"]) == (3, 2, True)
    arrived = [len(shop.on_the_phone(each["message_id"])) for each in held]
    assert arrived == [0, 0, 1, 1, 1]
    assert shop.api.get("/v1/held", campaign_id=campaign)["items"] == []


def test_a_job_that_its_queue_lost_is_made_anew(shop: Shop, campaign: str) -> None:
    with asleep(shop, "dispatch-sms"):
        shop.api.post(f"/v1/campaigns/{campaign}/launch")
        wait_until(lambda: _jobs(shop) >= 1, deadline_s=60)
        sqs = shop.system.stack.account.sqs
        sqs.purge_queue(QueueUrl=shop.outputs["DispatchSmsQueueUrl"])
    report = _report(shop, campaign)
    assert (report["status"], report["pending"]) == ("running", PEOPLE)

    found = _allim(shop, campaign, "--after", "0")
    finished = wait_until(lambda: _finished(shop, campaign), deadline_s=60)
    again = _allim(shop, campaign)

    assert found.output == (
        f"{PEOPLE} recipients = {PEOPLE} pending\n"
        "put on its way again: 1 × dispatch.send\n"
        "launched, not finished\n"
    )
    assert (finished["sent"], finished["adds_up"]) == (PEOPLE, True)
    assert again.output.endswith("finished\n")
    assert (found.exit_code, again.exit_code) == (0, 0)
    texts = [each for each in shop.carrier.ledger(status="any") if "재입고" in each["text"]]
    assert len(texts) == len({each["to"] for each in texts}) == PEOPLE


def test_a_request_whose_job_was_lost_is_sent_by_the_hourly_look(shop: Shop) -> None:
    _look_after_requests(shop)
    wait_until(lambda: _looked(shop), deadline_s=60)
    with asleep(shop, "dispatch-sms"):
        (message,) = shop.send(shop.a_template("잃어버린 문자"), shop.a_customer())
        wait_until(lambda: _jobs(shop) >= 1, deadline_s=60)
        shop.system.stack.account.sqs.purge_queue(QueueUrl=shop.outputs["DispatchSmsQueueUrl"])

    def found() -> bool:
        # The first look ends before this message, the second takes it in.
        _look_after_requests(shop)
        time.sleep(1)
        return bool(shop.message(message["message_id"])["status"] == "delivered")

    wait_until(found, deadline_s=60)

    assert len(shop.on_the_phone(message["message_id"])) == 1


def _look_after_requests(shop: Shop) -> None:
    body = to_body(RequestCheckJob(patience_s=0))
    queue = shop.outputs["RequestsQueueUrl"]
    shop.system.stack.account.sqs.send_message(QueueUrl=queue, MessageBody=body)


def _looked(shop: Shop) -> bool:
    account = shop.system.stack.account
    found = account.session.client("dynamodb", endpoint_url=account.endpoint_url).get_item(
        TableName=shop.outputs["BatchesTableName"],
        Key={"batch": {"N": "0"}, "kind": {"S": "REQUESTS"}},
        ConsistentRead=True,
    )
    return "Item" in found


def _allim(shop: Shop, *words: str) -> Any:
    place = ["--stage", "local", "--endpoint", shop.system.stack.endpoint_url]
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, ["reconcile", *words, *place])


def _all_held(shop: Shop, campaign: str) -> list[Json] | None:
    items: list[Json] = shop.api.get("/v1/held", campaign_id=campaign)["items"]
    return items if len(items) == PEOPLE else None


def _looked_at_again(shop: Shop, message_id: str) -> bool:
    """Whether the door held a message again after it was released."""
    looks = shop.api.get(f"/v1/messages/{message_id}/evidence")["looks"]
    return bool(looks) and shop.message(message_id)["status"] == "held"


def _report(shop: Shop, campaign: str) -> Json:
    return shop.api.get(f"/v1/campaigns/{campaign}/report")


def _finished(shop: Shop, campaign: str) -> Json | None:
    report = _report(shop, campaign)
    arrived = report["delivered"] == report["sent"]
    return report if report["status"] == "finished" and arrived else None


def _jobs(shop: Shop) -> int:
    attribute = "ApproximateNumberOfMessages"
    found = shop.system.stack.account.sqs.get_queue_attributes(
        QueueUrl=shop.outputs["DispatchSmsQueueUrl"], AttributeNames=[attribute]
    )["Attributes"]
    return int(found[attribute])
