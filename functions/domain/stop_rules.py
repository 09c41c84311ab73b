"""Stop rules: at which rates of failures, opt-outs and complaints a campaign stops itself.

A rule speaks when the rate is above its limit beyond chance: were the true rate at the limit, so
many cases would come up less than once in a hundred looks, by Chernoff's bound (H. Chernoff,
Ann. Math. Statist. 23, 1952). So few messages do not stop a campaign by bad luck, and many do so
close to the limit. The usual limits are ours, not a law's.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import log

PER_UNIT = 10_000
"""Limits are counted in ten thousandths: 250 is 2.5 %."""
_SURE = log(100)


class StopReason(StrEnum):
    """Why a campaign was paused by itself."""

    FAILED_RATE = "failed_rate"
    OPT_OUT_RATE = "opt_out_rate"
    COMPLAINT_RATE = "complaint_rate"
    BUDGET_REACHED = "budget_reached"
    APPROVAL_REQUIRED = "approval_required"


BY_RULE = frozenset({StopReason.FAILED_RATE, StopReason.OPT_OUT_RATE, StopReason.COMPLAINT_RATE})
"""What a person may override by a resume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRules:
    """Limits in ten thousandths; None: no such rule. Below ``min_sent`` messages none speaks."""

    failed: int | None = 1_000
    opted_out: int | None = 200
    complained: int | None = 10
    min_sent: int = 100


USUAL_RULES = StopRules()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Messages that a provider was asked to send, and what is known to have come of them.

    ``waiting`` are those that have not left yet, or of which nobody knows.
    """

    sent: int = 0
    failed: int = 0
    opted_out: int = 0
    complained: int = 0
    waiting: int = 0


def judged(rules: StopRules | None, counts: Counts) -> StopReason | None:
    """Say which rule stops the campaign, the gravest first; None: it may go on."""
    if rules is None or counts.sent < max(rules.min_sent, 1):
        return None
    for limit, bad, reason in (
        (rules.complained, counts.complained, StopReason.COMPLAINT_RATE),
        (rules.opted_out, counts.opted_out, StopReason.OPT_OUT_RATE),
        (rules.failed, counts.failed, StopReason.FAILED_RATE),
    ):
        if limit is not None and is_above(bad, counts.sent, limit=limit):
            return reason
    return None


def is_above(bad: int, of: int, *, limit: int) -> bool:
    """Whether so many of so many are more than ``limit`` ten thousandths beyond chance.

    >>> is_above(20, 100, limit=1_000), is_above(21, 100, limit=1_000)
    (False, True)
    """
    if of <= 0 or bad * PER_UNIT <= of * limit:
        return False
    rate, usual = min(bad / of, 1.0), limit / PER_UNIT
    return usual <= 0 or of * _distance(rate, usual) > _SURE


def _distance(rate: float, usual: float) -> float:
    """How unlike two rates are: their relative entropy, in nats."""
    others = 0.0 if rate >= 1 else (1 - rate) * log((1 - rate) / (1 - usual))
    return rate * log(rate / usual) + others
