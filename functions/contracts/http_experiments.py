"""Bodies of the calls about experiments of campaigns."""

from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from functions.contracts.http_base import Body, Identifier
from functions.domain.experiment import (
    MAX_VARIANTS,
    MAX_WEIGHT,
    WHOLE,
    Criteria,
    Experiment,
    Inconclusive,
    Metric,
    Mode,
    Variant,
)
from functions.domain.ids import SenderId, TemplateId

VariantName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$")]
"""A short name, such as b or evening."""
_Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_MINUTES_A_WEEK = 10_080
_DAY_S = 86_400
_LONGEST_S = 14 * _DAY_S
"""Half as long as who waits is kept in the bucket, so that whoever is asked has time to choose."""
_MOST_LOOKS = 500


class VariantPost(Body):
    """One way to do it; what is left out is the campaign's own.

    ``weight`` is its share beside those of the others. It begins ``after_minutes`` from the launch
    on, and at the hour ``at_local`` on everybody's own clock where one is given.
    """

    name: VariantName
    weight: Annotated[int, Field(ge=1, le=MAX_WEIGHT)] = 1
    template_id: Identifier | None = None
    template_version: Annotated[int, Field(ge=1)] | None = None
    sender_id: Identifier | None = None
    at_local: _Clock | None = None
    after_minutes: Annotated[int, Field(ge=0, le=_MINUTES_A_WEEK)] = 0

    @model_validator(mode="after")
    def _one_version(self) -> "VariantPost":
        if (self.template_id is None) != (self.template_version is None):
            code, msg = "template_mismatch", "Give template_id with template_version, or neither."
            raise PydanticCustomError(code, msg)
        return self

    @property
    def variant(self) -> Variant:
        """As the domain has it."""
        return Variant(
            name=self.name,
            weight=self.weight,
            template_id=None if self.template_id is None else TemplateId(self.template_id),
            template_version=self.template_version,
            sender_id=None if self.sender_id is None else SenderId(self.sender_id),
            at_local=None if self.at_local is None else time.fromisoformat(self.at_local),
            after=timedelta(minutes=self.after_minutes),
        )


class ExperimentPost(Body):
    """Variants of a campaign, and by which rules the best of them is told.

    The first variant is the control. With ``pilot_percent`` only so many recipients take part;
    the others wait and get what wins. A message counts ``window_seconds`` after it was sent, as
    one that led to ``metric`` by then or did not. ``guard`` bars a variant that makes more people
    opt out than the control. Nobody wins before each variant has ``min_sample`` messages that
    count; a variant that is not better than all others wins with a chance of ``significance`` at
    most, though there is a look every ``look_seconds``. The last look is ``deadline_seconds``
    after the launch; without a winner by then the others get what ``when_inconclusive`` says.
    In ``mode`` ``adaptive`` shares follow what did better so far, part by part of 2,000 people,
    one every ``part_seconds``; nothing is tested, and nobody waits.
    """

    variants: Annotated[list[VariantPost], Field(min_length=2, max_length=MAX_VARIANTS)]
    mode: Annotated[Mode, Field(strict=False)] = Mode.FIXED
    pilot_percent: Annotated[int, Field(ge=1, le=WHOLE)] = WHOLE
    metric: Literal["clicked", "delivered", "converted"] = "clicked"
    guard: Literal["opted_out"] | None = "opted_out"
    window_seconds: Annotated[int, Field(ge=5, le=_LONGEST_S)] = 3_600
    min_sample: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    significance: Annotated[float, Field(ge=0.0001, le=0.5)] = 0.05
    look_seconds: Annotated[int, Field(ge=5, le=_DAY_S)] = 900
    deadline_seconds: Annotated[int, Field(ge=5, le=_LONGEST_S)] = _DAY_S
    when_inconclusive: Annotated[Inconclusive, Field(strict=False)] = Inconclusive.CONTROL
    part_seconds: Annotated[int, Field(ge=5, le=_DAY_S)] = 3_600

    @model_validator(mode="after")
    def _fits(self) -> "ExperimentPost":
        names = [each.name for each in self.variants]
        if len(set(names)) < len(names):
            code, msg = "not_unique", "Give every variant a name of its own."
        elif sum(each.weight for each in self.variants) > MAX_WEIGHT:
            code, msg = "weights_too_large", "Use weights of at most 100 together."
        elif self.mode is Mode.ADAPTIVE and self.pilot_percent < WHOLE:
            code, msg = "no_pilot", "In adaptive mode nobody waits: leave out pilot_percent."
        elif self.deadline_seconds <= self.window_seconds:
            code, msg = "deadline_too_early", "Let deadline_seconds be more than window_seconds."
        elif self.deadline_seconds > self.look_seconds * _MOST_LOOKS:
            code, msg = "too_many_looks", "Look less often: 500 times at most until the deadline."
        else:
            return self
        raise PydanticCustomError(code, msg)

    @property
    def experiment(self) -> Experiment:
        """As the domain has it."""
        return Experiment(
            variants=tuple(each.variant for each in self.variants),
            mode=self.mode,
            pilot=self.pilot_percent,
            part_every=timedelta(seconds=self.part_seconds),
            criteria=Criteria(
                metric=Metric(self.metric),
                guard=None if self.guard is None else Metric(self.guard),
                window=timedelta(seconds=self.window_seconds),
                min_sample=self.min_sample,
                significance=self.significance,
                look_every=timedelta(seconds=self.look_seconds),
                deadline=timedelta(seconds=self.deadline_seconds),
                inconclusive=self.when_inconclusive,
            ),
        )


class ChoicePost(Body):
    """The variant that those get who wait."""

    variant: VariantName
