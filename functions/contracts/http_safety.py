"""What the campaign calls take about a safe launch."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from functions.contracts.http_base import PRINTABLE, Body
from functions.domain.policy import MAX_SEEDS
from functions.domain.safety import MAX_STEPS, USUAL_RAMP, WHOLE, Ramp, Safety
from functions.domain.stop_rules import PER_UNIT, USUAL_RULES, StopRules

_PERCENT = PER_UNIT / 100
_MOST_WON = 1_000_000_000_000


def _rising(steps: list[int]) -> list[int]:
    if steps != sorted(set(steps)) or steps[-1] != WHOLE:
        code, msg = "not_rising", "Use percentages that rise to 100."
        raise PydanticCustomError(code, msg)
    return steps


def _hundredths(percent: float) -> float:
    if abs(percent * _PERCENT - round(percent * _PERCENT)) > 1e-6:  # noqa: PLR2004  # of a float
        code, msg = "too_precise", "Use at most two decimals."
        raise PydanticCustomError(code, msg)
    return percent


_Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False), AfterValidator(_hundredths)]


class RampPost(Body):
    """Shares of the recipients in percent, rising to 100, each watched for ``wait_minutes``."""

    steps: Annotated[
        list[Annotated[int, Field(ge=1, le=WHOLE)]],
        Field(min_length=1, max_length=MAX_STEPS),
        AfterValidator(_rising),
    ]
    wait_minutes: Annotated[int, Field(ge=1, le=10_080)] = 15


class StopRulesPost(Body):
    """Rates, in percent of what was sent, above which the campaign pauses itself; null: none.

    They speak from ``min_sent`` messages on, and when a rate is above its limit beyond chance.
    """

    failed_percent: _Percent | None = 10
    opt_out_percent: _Percent | None = 2
    complaint_percent: _Percent | None = 0.1
    min_sent: Annotated[int, Field(ge=1, le=1_000_000)] = 100


class BudgetPost(Body):
    """What the campaign's messages may cost, in won; nothing leaves that would pass it."""

    amount: Annotated[int, Field(ge=0, le=_MOST_WON)]
    currency: Literal["KRW"] = "KRW"


class SafetyPut(Body):
    """What keeps a campaign safe, as a whole.

    Without ``ramp``, a campaign to more than 100,000 people lets in 1 %, then 10 %, then the
    rest, 15 minutes apart; without ``stop_rules`` the usual ones hold; null says that there is
    none.
    """

    ramp: RampPost | None = Field(default=None)
    stop_rules: StopRulesPost | None = Field(default=None)
    budget: BudgetPost | None = None

    @property
    def safety(self) -> Safety:
        """As the domain has it."""
        given = self.model_fields_set
        return Safety(
            ramp=USUAL_RAMP if "ramp" not in given else _ramp(self.ramp),
            rules=USUAL_RULES if "stop_rules" not in given else _rules(self.stop_rules),
            budget=None if self.budget is None else self.budget.amount,
        )


def _ramp(post: RampPost | None) -> Ramp | None:
    if post is None:
        return None
    return Ramp(steps=tuple(post.steps), wait=timedelta(minutes=post.wait_minutes))


def _rules(post: StopRulesPost | None) -> StopRules | None:
    if post is None:
        return None
    return StopRules(
        failed=_limit(post.failed_percent),
        opted_out=_limit(post.opt_out_percent),
        complained=_limit(post.complaint_percent),
        min_sent=post.min_sent,
    )


def _limit(percent: float | None) -> int | None:
    return None if percent is None else round(percent * _PERCENT)


class SeedsPost(Body):
    """Who gets a test: contact ids or Korean numbers; without any, the policy's seeds."""

    to: (
        Annotated[
            list[Annotated[str, Field(min_length=1, max_length=64), PRINTABLE]],
            Field(min_length=1, max_length=MAX_SEEDS),
        ]
        | None
    ) = None
