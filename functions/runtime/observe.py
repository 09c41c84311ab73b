"""Log lines and metrics: events with keys, never prose, never personal data."""

import sys
import traceback
from collections.abc import Mapping
from types import TracebackType

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger(utc=True)
metrics = Metrics(namespace="Allim")


def info(event: str, **facts: object) -> None:
    """Log a fact under a stable dotted name such as ``dispatch.batch.sent``."""
    logger.info(event, extra=facts)


def warn(event: str, **facts: object) -> None:
    """Log a state that is degraded and heals by itself."""
    logger.warning(event, extra=facts)


def fault(event: str, **facts: object) -> None:
    """Log what somebody must change code or configuration for, from within its ``except``.

    The places of the stack are logged but not the error's text, which may quote a value.
    """
    _, error, stack = sys.exc_info()
    places = [f"{place.filename}:{place.lineno} {place.name}" for place in _places(stack)]
    facts = {"error": type(error).__name__, "aws": _aws_code(error), "stack": places} | facts
    logger.error(event, extra=facts)


def _aws_code(error: BaseException | None) -> str | None:
    """The code with which an AWS service refused, such as AccessDeniedException."""
    response = getattr(error, "response", None)
    return response.get("Error", {}).get("Code") if isinstance(response, dict) else None


def _places(stack: TracebackType | None) -> list[traceback.FrameSummary]:
    return traceback.extract_tb(stack)[-8:]


def count(counts: Mapping[str, float], **dimensions: str) -> None:
    """Emit counters in one line; dimensions are few-valued (channel, provider, outcome)."""
    positive = {name: value for name, value in counts.items() if value}
    if not positive:
        return
    for dimension, value in dimensions.items():
        metrics.add_dimension(name=dimension, value=value)
    for name, number in positive.items():
        metrics.add_metric(name=name, unit=MetricUnit.Count, value=number)
    metrics.flush_metrics()
