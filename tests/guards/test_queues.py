"""Every queue is fed and worked off, and so is every kind of job."""

import ast

import pytest

from functions.contracts.queues import JOB_TYPES, Queue
from functions.dispatch.handing_over import SETTLE
from tests.guards.source import called, dotted, nodes, tree
from tests.integration.template import load, resources_of

_NAMES = [job_type.__name__ for job_type in JOB_TYPES]


def _logical_id(queue: Queue) -> str:
    return "".join(part.capitalize() for part in str(queue).split("-")) + "Queue"


@pytest.mark.parametrize("queue", Queue)
def test_a_queue_stands_in_the_template(queue: Queue) -> None:
    properties = resources_of("AWS::SQS::Queue")[_logical_id(queue)]

    assert properties["QueueName"] == {"Fn::Sub": f"${{AppName}}-${{Stage}}-{queue}"}


@pytest.mark.parametrize("queue", Queue)
def test_a_queue_has_one_consumer(queue: Queue) -> None:
    arn = {"Fn::GetAtt": [_logical_id(queue), "Arn"]}
    consumers = [
        name
        for name, resource in load()["Resources"].items()
        for event in resource.get("Properties", {}).get("Events", {}).values()
        if event["Properties"].get("Queue") == arn
    ]

    assert len(consumers) == 1


def test_the_template_has_no_queue_that_the_code_does_not_know() -> None:
    queues = {name for name in resources_of("AWS::SQS::Queue") if name.endswith("Queue")}

    assert queues == {_logical_id(queue) for queue in Queue}


@pytest.mark.parametrize("queue", Queue)
def test_a_queue_is_fed_by_the_code(queue: Queue) -> None:
    found = [
        dotted(path)
        for path, node in nodes()
        if isinstance(node, ast.Attribute)
        and node.attr == queue.name
        and isinstance(node.value, ast.Name)
        and node.value.id == "Queue"
    ]

    assert found


@pytest.mark.parametrize("job", _NAMES)
def test_a_kind_of_job_has_a_producer(job: str) -> None:
    producers = [dotted(path) for path, node in nodes() if called(node) == job]

    assert producers


@pytest.mark.parametrize("job", _NAMES)
def test_a_kind_of_job_has_a_consumer(job: str) -> None:
    consumers = [
        dotted(path)
        for path, node in nodes("*/events.py")
        if isinstance(node, ast.arg) and node.annotation is not None and job in _names_in(node)
    ]

    assert len(consumers) >= 1


def _names_in(argument: ast.arg) -> set[str]:
    return {node.id for node in ast.walk(argument) if isinstance(node, ast.Name)}


def test_every_kind_of_job_is_registered() -> None:
    records = [
        node.name
        for name in (
            "contracts/queues.py",
            "contracts/campaign_jobs.py",
            "contracts/export_jobs.py",
            "contracts/goal_jobs.py",
            "contracts/webhook_jobs.py",
        )
        for node in tree(next(path for path, _ in nodes(name))).body
        if isinstance(node, ast.ClassDef)
    ]

    assert sorted(records) == sorted([*_NAMES, "Queue"])


@pytest.mark.parametrize("name", ["DispatchSms", "DispatchKakao"])
def test_a_lease_outlives_its_worker_by_what_a_call_under_way_needs_to_arrive(name: str) -> None:
    timeout_s = load()["Resources"][name]["Properties"]["Timeout"]
    lease_s = load()["Parameters"]["DispatchLeaseSeconds"]["Default"]

    assert lease_s > timeout_s + SETTLE.total_seconds()
