"""Checks of each queue in the packaged template, and of what consumes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from infra.checks.functions import FUNCTION
from infra.packaging import template

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUEUE = "AWS::SQS::Queue"
_ATTEMPTS = 5
_VISIBILITY_PER_TIMEOUT = 6
"""AWS's advice for queues that wake a Lambda."""
_TOLD = ("DeadLetters", "QueuesStalled", "WorkLate")
Properties = dict[str, Any]


def queues_dead_letter(packaged: template.Node) -> Iterator[str]:
    """What failed five times goes to a queue of its own, named after it, which keeps it longer."""
    queues = template.resources(packaged, _QUEUE)
    for name, properties in _work(packaged):
        redrive = properties.get("RedrivePolicy")
        if redrive is None:
            yield f"{name} has no dead-letter queue"
            continue
        dead = queues[template.points_to(redrive["deadLetterTargetArn"]) or ""]["Properties"]
        if redrive["maxReceiveCount"] != _ATTEMPTS:
            yield f"{name} gives up after {redrive['maxReceiveCount']} attempts, not {_ATTEMPTS}"
        if dead["QueueName"] != {"Fn::Sub": properties["QueueName"]["Fn::Sub"] + "-dlq"}:
            yield f"{name} and its dead-letter queue have unlike names"
        if dead["MessageRetentionPeriod"] <= properties["MessageRetentionPeriod"]:
            yield f"the dead-letter queue of {name} forgets as soon as {name} does"


def queues_are_encrypted(packaged: template.Node) -> Iterator[str]:
    """Bodies are encrypted at rest."""
    for name, queue in template.resources(packaged, _QUEUE).items():
        if queue["Properties"].get("SqsManagedSseEnabled") is not True:
            yield f"{name} is not encrypted"


def queues_are_watched(packaged: template.Node) -> Iterator[str]:
    """The tick may look at each queue and its dead letters; alarms stand on what is told of them.

    That the tick knows each queue is for ``policies_match_the_environment`` to say.
    """
    alarms = template.resources(packaged, "AWS::CloudWatch::Alarm").values()
    watched = {
        alarm["Properties"]["MetricName"]
        for alarm in alarms
        if alarm["Properties"].get("AlarmActions")
    }
    yield from (f"no alarm on {metric}" for metric in _TOLD if metric not in watched)
    seen = _seen_by_the_tick(packaged)
    for name, _ in _work(packaged):
        if name not in seen:
            yield f"nothing watches {name}"
        if f"${{{name}.Arn}}-dlq" not in seen:
            yield f"nothing watches the dead letters of {name}"


def _seen_by_the_tick(packaged: template.Node) -> set[str]:
    """Queues by name, dead-letter queues as they are written, of which it may read the depth."""
    policies = template.resources(packaged, "AWS::IAM::Role")["TickRole"]["Properties"]["Policies"]
    return {
        resource.get("Fn::Sub") or template.points_to(resource) or ""
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        if "sqs:GetQueueAttributes" in statement["Action"]
        for resource in statement["Resource"]
    }


def queues_are_consumed(packaged: template.Node) -> Iterator[str]:
    """One function per queue, with partial responses and time to finish."""
    consumers = {queue: (fn, properties) for queue, fn, properties, _ in _sources(packaged)}
    for name, properties in _work(packaged):
        if name not in consumers:
            yield f"nothing consumes {name}"
            continue
        function, consumer = consumers[name]
        least = consumer["Timeout"] * _VISIBILITY_PER_TIMEOUT
        if properties.get("VisibilityTimeout", 30) < least:
            yield f"{name} shows work again before {function} may have ended: {least} s needed"


def sources_are_queues_of_ours(packaged: template.Node) -> Iterator[str]:
    """Event sources are declared in code with a placeholder that template.yaml replaces."""
    known = template.resources(packaged, _QUEUE)
    for queue, function, _, source in _sources(packaged):
        if queue not in known:
            yield f"{function} takes its work from {source['Queue']!r}"


def sources_report_partly(packaged: template.Node) -> Iterator[str]:
    """One bad record must not bring back the good ones."""
    for queue, function, _, source in _sources(packaged):
        if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{function} does not report single failures of {queue}"
        if "ScalingConfig" not in source:
            yield f"{function} takes {queue} with no bound on its concurrency"


def _work(packaged: template.Node) -> Iterator[tuple[str, Properties]]:
    """Queues that are not dead-letter queues: those with, or in need of, a redrive policy."""
    queues = template.resources(packaged, _QUEUE)
    dead = {
        template.points_to(queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])
        for queue in queues.values()
        if "RedrivePolicy" in queue["Properties"]
    }
    for name, queue in queues.items():
        if name not in dead:
            yield name, queue["Properties"]


def _sources(packaged: template.Node) -> Iterator[tuple[str, str, Properties, Properties]]:
    for name, function in template.resources(packaged, FUNCTION).items():
        for source in function["Properties"].get("Events", {}).values():
            if source["Type"] == "SQS":
                queue = template.points_to(source["Properties"]["Queue"]) or "?"
                yield queue, name, function["Properties"], source["Properties"]
