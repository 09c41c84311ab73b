"""Poison in a queue: it holds nothing up, is found, explained, moved back and dropped."""

import pytest
from click.testing import CliRunner

from functions.contracts.codec import to_body
from functions.contracts.queues import PlanJob
from infra.cli.__main__ import main
from infra.local.carrier.client import wait_until
from tests.e2e.shop import Shop

pytestmark = pytest.mark.e2e
QUEUE = "dispatch-sms"
POISON = "no job at all"
LOST = to_body(PlanJob(campaign_id="cmp_nobody", part="000000"))


@pytest.fixture
def impatient(shop: Shop):
    """The queues bring work back after a second, so that five attempts take seconds."""
    urls = [shop.outputs[name] for name in ("DispatchSmsQueueUrl", "PlanQueueUrl")]
    sqs = shop.system.stack.account.sqs
    usual = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])["Attributes"]
        for url in urls
    ]
    for url in urls:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    yield
    for url, attributes in zip(urls, usual, strict=True):
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)


def test_poison_ends_among_the_dead_letters_and_holds_nothing_up(shop: Shop, impatient) -> None:
    sqs = shop.system.stack.account.sqs
    sqs.send_message(QueueUrl=shop.outputs["DispatchSmsQueueUrl"], MessageBody=POISON)
    (sent,) = shop.send(shop.a_template("주문이 접수되었습니다."), shop.a_customer())

    shop.wait_for(sent["message_id"], "delivered")
    wait_until(lambda: _dead(shop, QUEUE) == 1, deadline_s=60)

    assert _allim(shop, "list").exit_code == 3
    shown = _allim(shop, "show", QUEUE).output
    assert "unreadable characters=13" in shown
    assert "ContractError" in shown

    assert _allim(shop, "redrive", QUEUE, "--all").output == f"1 moved back to {QUEUE}\n"
    assert _dead(shop, QUEUE) == 0
    wait_until(lambda: _dead(shop, QUEUE) == 1, deadline_s=60)
    assert _allim(shop, "drop", QUEUE, "--all").output == f"1 dropped from {QUEUE}\n"
    assert _dead(shop, QUEUE) == 0


def test_shows_why_work_failed(shop: Shop, impatient) -> None:
    url = shop.outputs["PlanQueueUrl"]
    shop.system.stack.account.sqs.send_message(QueueUrl=url, MessageBody=LOST)

    wait_until(lambda: _dead(shop, "plan") == 1, deadline_s=60)

    shown = _allim(shop, "show", "plan").output
    assert "campaign.plan campaign_id=cmp_nobody" in shown
    assert "NotFound at" in shown
    _allim(shop, "drop", "plan", "--all")


def _allim(shop: Shop, *words: str):
    place = ["--stage", "local", "--endpoint", shop.system.stack.endpoint_url]
    return CliRunner(env={"COLUMNS": "200"}).invoke(main, ["dlq", *words, *place])


def _dead(shop: Shop, queue: str) -> int:
    sqs = shop.system.stack.account.sqs
    url = sqs.get_queue_url(QueueName=f"allim-local-{queue}-dlq")["QueueUrl"]
    attribute = "ApproximateNumberOfMessages"
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])["Attributes"]
    return int(found[attribute])
