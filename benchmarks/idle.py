"""What a month costs in which nothing happens: what template.yaml and the schedules keep alive.

As deployed without further parameters: no dashboard.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from benchmarks.prices import Step
from tests.integration.template import load, resources_of

if TYPE_CHECKING:
    from benchmarks.prices import Prices

_MONTHLY = {
    "AWS::CloudWatch::Alarm": "alarm_month",
    "AWS::KMS::Key": "kms_key_month",
    "AWS::SecretsManager::Secret": "secret_month",
}
RUNS_AN_HOUR = {
    "Tick": 60,
    "OptOutPoll": 30,
    "AudiencesDaily": 6,
    "NoticesDaily": 1,
    "ComplianceDaily": 1,
}
"""The schedules in ``functions/*/events.py``; a test holds the two together."""
_READS_A_RUN, _WRITES_A_RUN = 3.0, 1.0
"""Of the rows that say how far the last run came; the tick looks at two minutes' timers too."""
_CPU_MS_A_RUN = 5.0
_LOOKS_AN_HOUR = 12
"""Of the tick at every queue and its dead letters (``functions/timers/watching.py``)."""


def month(prices: Prices) -> Counter[str]:
    """Units of a month."""
    # What counts nothing publishes nothing, so there are no custom metrics.
    units: Counter[str] = Counter(
        {unit: len(resources_of(kind)) for kind, unit in _MONTHLY.items()}
    )
    units["sqs_request"] = _polls(prices) + _looks(prices)
    for function, an_hour in RUNS_AN_HOUR.items():
        units += _schedule(function, an_hour * prices.idle["hours"], prices)
    # The tick has the queue of plans look for campaigns under way: sent, received, deleted.
    # And that of requests for jobs that were lost.
    for function in ("Plan", "Requests"):
        units += _schedule(function, prices.idle["hours"], prices)
        units["sqs_request"] += 3 * prices.idle["hours"]
    return units


def _polls(prices: Prices) -> float:
    """Long polls of Lambda that find nothing; each is a request."""
    said = prices.idle
    pollers = sum(
        said["pollers"] if bounded else said["pollers_without_bound"]
        for name, bounded in consumed().items()
        if name not in _switched_off()
    )
    return math.ceil(pollers * said["hours"] * 3600 / said["poll_s"])


def _looks(prices: Prices) -> float:
    return 2 * len(consumed()) * _LOOKS_AN_HOUR * prices.idle["hours"]


def consumed() -> dict[str, bool]:
    """The functions that a queue wakes up, and whether their concurrency is bounded on AWS."""
    resources: dict[str, Any] = load()["Resources"]
    return {
        name: "MaximumConcurrency" in properties["ScalingConfig"]
        for name, each in resources.items()
        for source in each.get("Properties", {}).get("Events", {}).values()
        if "FunctionResponseTypes" in (properties := source.get("Properties", {}))
    }


def _switched_off() -> set[str]:
    """Functions whose queue is polled only where a parameter wants it."""
    resources: dict[str, Any] = load()["Resources"]
    return {
        name
        for name, each in resources.items()
        for source in each.get("Properties", {}).get("Events", {}).values()
        if "Enabled" in source.get("Properties", {})
    }


def _schedule(function: str, runs: float, prices: Prices) -> Counter[str]:
    memory = load()["Resources"][function]["Properties"]["MemorySize"]
    requests = runs * (_READS_A_RUN + _WRITES_A_RUN)
    known = {**prices.lambda_, "cpu_ms": {function: _CPU_MS_A_RUN}}
    step = Step(
        function=function, memory_mb=memory, invocations=runs, things=runs, requests=requests
    )
    units = step.units(known, prices.log)
    units["dynamodb_read"] = runs * _READS_A_RUN
    units["dynamodb_write"] = runs * _WRITES_A_RUN
    return units
