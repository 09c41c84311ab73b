"""Bodies of the campaign calls."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from functions.contracts.http_base import PRINTABLE, Body, Identifier, Line, Moment, Values
from functions.contracts.http_contacts import Group
from functions.contracts.http_experiments import ExperimentPost
from functions.contracts.http_follow_ups import FollowUps
from functions.contracts.http_goal import GoalPost
from functions.contracts.http_holdout import HoldoutPercent
from functions.contracts.http_rate import RatePost
from functions.contracts.http_ways import WaysPost
from functions.domain.holdout import Holdout, share_of
from functions.domain.policy import USUAL_PRIORITY
from functions.domain.recipients import MAX_SOURCES

_MAX_GIVEN = 50_000
"""Entries before repetitions are dropped."""
_MAX_PASTED_CHARS = 1_000_000
_HOURS_A_WEEK = 168
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""An hour of the day, such as 09:00."""
Rule = Annotated[str, Field(min_length=10, max_length=200, pattern=r"^[A-Z0-9=;,+-]+$")]
"""A rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=MO."""


class SourcePost(Body):
    """People by what they have in common: exactly one of these.

    ``direct`` and ``direct_text`` hold contact ids and Korean numbers in any spelling; a pasted
    text is parted at line breaks, commas, semicolons and tabs.
    """

    everyone: bool = False
    group: Group | None = None
    audience: Identifier | None = None
    direct: (
        Annotated[
            list[Annotated[str, Field(min_length=1, max_length=64), PRINTABLE]],
            Field(min_length=1, max_length=_MAX_GIVEN),
        ]
        | None
    ) = None
    direct_text: (
        Annotated[str, Field(min_length=1, max_length=_MAX_PASTED_CHARS), PRINTABLE] | None
    ) = None

    @property
    def kinds(self) -> int:
        """How many ways to say who are used."""
        given = (self.group, self.audience, self.direct, self.direct_text)
        return self.everyone + sum(each is not None for each in given)

    @model_validator(mode="after")
    def _one_kind(self) -> "SourcePost":
        if self._misfit():
            code = "one_of"
            msg = "Give exactly one of everyone, group, audience, direct, direct_text and include."
            raise PydanticCustomError(code, msg)
        return self

    def _misfit(self) -> bool:
        return self.kinds != 1


class RecipientsPost(SourcePost):
    """Who a campaign is for: everyone of ``include`` who is in no source of ``exclude``.

    A single source may stand in place of ``include``. At most 10,000 numbers and contact ids are
    given directly, repetitions not counted.
    """

    include: Annotated[list[SourcePost], Field(min_length=1, max_length=MAX_SOURCES)] | None = None
    exclude: Annotated[list[SourcePost], Field(max_length=MAX_SOURCES)] = Field(
        default_factory=list
    )

    def _misfit(self) -> bool:
        return self.kinds + (self.include is not None) != 1


class CampaignPost(WaysPost):
    """A campaign as a draft.

    It has a template with version and a sender, or with ``channel`` ``best`` two to five ``ways``,
    each of another channel, of which each person gets the one on which they most likely open a
    link; ``explore_percent`` get one by chance. ``priority`` (1 to 9) decides who may take the
    reserved places of a cap; ``when_capped`` what becomes of those whom a cap keeps back: left
    out, delayed, or sent ``swap`` instead. Once
    launched, it waits for ``send_at``; with ``recurs`` (a rule of RFC 5545 without COUNT, by the
    clocks of the company's zone) it is sent again from then on. ``at_local`` is the hour at which
    everybody gets it on their own clock. With ``send_time`` ``best`` it waits up to
    ``best_within_hours`` for the hour at which each is most likely to open it. With
    ``refresh_first`` its audiences are refreshed when its moment has come, and it is launched
    once they are. ``rate`` is how fast it
    may leave at most. ``coupon_pool`` is where the codes for ``{{ coupon }}`` in its templates
    come from. ``goal`` is what it is to bring about, ``experiment`` the variants
    among which the best is looked for. ``holdout_percent`` of its people (advertising only) get
    nothing, so that it shows what it brings about. ``follow_ups`` are what its people get next, by
    what becomes of their message.
    """

    name: Line
    recipients: RecipientsPost
    variables: Values = Field(default_factory=dict)
    priority: Annotated[int, Field(ge=1, le=9)] = USUAL_PRIORITY
    send_at: Moment | None = None
    at_local: Clock | None = None
    send_time: Literal["best"] | None = None
    best_within_hours: Annotated[int, Field(ge=1, le=_HOURS_A_WEEK)] = 24
    recurs: Rule | None = None
    refresh_first: bool = False
    rate: RatePost | None = None
    coupon_pool: Identifier | None = None
    goal: GoalPost | None = None
    experiment: ExperimentPost | None = None
    holdout_percent: HoldoutPercent = 0.0
    follow_ups: FollowUps = Field(default_factory=list)

    @property
    def best_within(self) -> timedelta | None:
        """How long a message may wait for the best time of each; None: it does not."""
        return None if self.send_time is None else timedelta(hours=self.best_within_hours)

    @property
    def holdout(self) -> Holdout | None:
        """Whom it holds out; None: nobody."""
        share = share_of(self.holdout_percent)
        return Holdout(share=share) if share else None

    @model_validator(mode="after")
    def _one_time(self) -> "CampaignPost":
        if self.send_time is not None and self.at_local is not None:
            code, msg = "one_of", "Give send_time or at_local, not both."
            raise PydanticCustomError(code, msg)
        return self

    @model_validator(mode="after")
    def _has_a_goal(self) -> "CampaignPost":
        wants = self.experiment is not None and self.experiment.metric == "converted"
        if wants and self.goal is None:
            code, msg = "no_goal", "Give a goal with the metric converted."
            raise PydanticCustomError(code, msg)
        return self

    @model_validator(mode="after")
    def _recurs_from(self) -> "CampaignPost":
        if self.recurs is not None and self.send_at is None:
            code, msg = "no_first_time", "Give send_at with recurs: the first time."
            raise PydanticCustomError(code, msg)
        return self
