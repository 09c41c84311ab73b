"""The tick tells of dead letters and of queues that nobody takes, by the names that alarms have."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.queues import Queue
from functions.storage.timers import TimerStore
from tests.builders import NOON
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.template import load

Json = dict[str, Any]


AT = NOON + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _a_minute_with_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the first of an hour, of which the tick sends a job of its own."""
    monkeypatch.setattr("functions.runtime.entry.utc_now", lambda: AT)
    TimerStore().advance(AT - timedelta(minutes=1))


@pytest.mark.parametrize("queue", [Queue.PLAN, Queue.LIVE])
def test_a_dead_letter_sets_off_its_alarm(
    account: Account, api: Api, queue: Queue, capsys: pytest.CaptureFixture[str]
) -> None:
    account.sqs.send_message(QueueUrl=_url(account, queue) + "-dlq", MessageBody="poison")

    metrics = _tick(api, capsys)

    assert _seen_by("DeadLettersAlarm", metrics) == [1.0]
    assert _seen_by("QueuesStalledAlarm", metrics) == []


def test_a_queue_that_nobody_takes_sets_off_its_alarm(
    account: Account, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    account.sqs.send_message(QueueUrl=_url(account, Queue.COMPLIANCE), MessageBody="job")

    metrics = _tick(api, capsys)

    assert _seen_by("QueuesStalledAlarm", metrics) == [1.0]
    assert _seen_by("DeadLettersAlarm", metrics) == []


def test_work_that_is_being_done_sets_off_nothing(
    account: Account, api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    url = _url(account, Queue.COMPLIANCE)
    account.sqs.send_message(QueueUrl=url, MessageBody="job")
    account.sqs.receive_message(QueueUrl=url)

    assert _tick(api, capsys) == []


def test_where_nothing_is_amiss_nothing_is_published(
    api: Api, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _tick(api, capsys) == []


def _tick(api: Api, capsys: pytest.CaptureFixture[str]) -> list[Json]:
    """The metrics of one tick, without the work that it sets going."""
    capsys.readouterr()
    event = api.client.events.generate_cw_event("aws.events", "tick", {}, [])
    api.client.lambda_.invoke("tick", event)
    lines = capsys.readouterr().out.splitlines()
    return [json.loads(line) for line in lines if "_aws" in line]


def _seen_by(alarm: str, metrics: list[Json]) -> list[float]:
    """What an alarm of the template sees of these metrics; the service is each function's own."""
    watches = load()["Resources"][alarm]["Properties"]
    assert watches["Dimensions"] == [{"Name": "service", "Value": "tick"}]
    values = (metric.get(watches["MetricName"]) for metric in metrics)
    return [value for found in values if found for value in found]


def _url(account: Account, queue: Queue) -> str:
    return account.environment()[f"QUEUE_{queue.name}_URL"]
