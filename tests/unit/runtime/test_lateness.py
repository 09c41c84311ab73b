"""Work that waited too long is told once it is taken; all other work costs nothing."""

import json
from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.queues import Queue
from functions.runtime.lateness import late_after_s, tell_late
from tests.builders import NOON
from tests.integration.template import load


def a_record(queue: str, *, age_s: float) -> dict[str, Any]:
    sent = NOON - timedelta(seconds=age_s)
    return {
        "eventSourceARN": f"arn:aws:sqs:us-east-1:123456789012:allim-prod-{queue}",
        "attributes": {"SentTimestamp": str(int(sent.timestamp() * 1000))},
    }


def told(capsys: pytest.CaptureFixture[str], *records: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics that were published."""
    tell_late(records, now=NOON)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]


@pytest.mark.parametrize("queue", Queue)
def test_late_work_of_any_queue_counts_in_one_metric(
    queue: Queue, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    late = a_record(str(queue), age_s=late_after_s(queue))
    in_time = a_record(str(queue), age_s=late_after_s(queue) - 2)

    (metric,) = told(capsys, in_time, late, late)

    (line,) = (vars(each) for each in caplog.records)
    assert (line["msg"], line["queue"]) == ("queue.late", f"allim-prod-{queue}")
    assert (line["records"], line["oldest_s"]) == (2, late_after_s(queue))
    # Not the service's own dimension: an alarm would be needed for each.
    assert (metric["service"], metric["WorkLate"]) == ("queues", [2.0])


@pytest.mark.parametrize("queue", Queue)
def test_work_in_time_tells_nothing(queue: Queue, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, a_record(str(queue), age_s=1)) == []


@pytest.mark.parametrize("record", [{}, {"eventSourceARN": "arn:aws:sqs:::other"}])
def test_records_of_no_queue_of_ours_are_passed_over(
    record: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(capsys, record | {"attributes": {"SentTimestamp": "0"}}, {}) == []


@pytest.mark.parametrize("queue", Queue)
def test_one_failed_attempt_makes_nothing_late(queue: Queue) -> None:
    name = "".join(part.capitalize() for part in str(queue).split("-"))
    visibility_s = load()["Resources"][f"{name}Queue"]["Properties"]["VisibilityTimeout"]

    assert late_after_s(queue) > visibility_s
