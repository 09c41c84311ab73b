"""An experiment of a campaign: its variants, and by which rules the best of them is told.

All of it is fixed and hashed when the campaign is launched (``contracts/experiment_document.py``),
before anybody knows an outcome.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from functions.domain.allotment import Weights
from functions.domain.ids import KeyId, SenderId, TemplateId

WHOLE = 100
MAX_VARIANTS = 10
LONGEST_GRACE = timedelta(minutes=2)
MAX_WEIGHT = 100
"""Of all variants together, so that seats repeat after 10,000 people at the latest."""


class Mode(StrEnum):
    """How shares are given."""

    FIXED = "fixed"
    """As the weights say; what is better is tested."""
    ADAPTIVE = "adaptive"
    """More to what did better so far (Thompson sampling); nothing is tested."""


class Metric(StrEnum):
    """What a message must lead to within the window."""

    CLICKED = "clicked"
    DELIVERED = "delivered"
    CONVERTED = "converted"
    """Led to the campaign's goal."""
    OPTED_OUT = "opted_out"
    """Only a guard: no variant wins by it."""


class Inconclusive(StrEnum):
    """What those get who wait, where no variant is the best for certain."""

    CONTROL = "control"
    BEST = "best"
    """Of what was seen."""
    ASK = "ask"
    """Nothing until somebody chooses."""


class Rule(StrEnum):
    """What brought an experiment to its end."""

    SIGNIFICANT = "significant"
    GUARD = "guard"
    """The best makes more people opt out than the control does."""
    DEADLINE = "deadline"
    ALL_MEASURED = "all_measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to do it; what is None is the campaign's own.

    It begins ``after`` the launch, and at the hour ``at_local`` where one is given. ``weight`` is
    its share beside those of the others.
    """

    name: str
    weight: int = 1
    template_id: TemplateId | None = None
    template_version: int | None = None
    sender_id: SenderId | None = None
    at_local: time | None = None
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """By which rules the best is told.

    A message counts when its ``window`` is over. Nobody wins before each variant has
    ``min_sample`` messages that count. With ``significance`` a, a variant that is not better than
    all others wins with a chance of at most a. There is a look every ``look_every`` from the
    launch on, and the last after ``deadline``.
    """

    metric: Metric = Metric.CLICKED
    guard: Metric | None = Metric.OPTED_OUT
    window: timedelta = timedelta(hours=1)
    min_sample: int = 100
    significance: float = 0.05
    look_every: timedelta = timedelta(minutes=15)
    deadline: timedelta = timedelta(days=1)
    inconclusive: Inconclusive = Inconclusive.CONTROL

    @property
    def grace(self) -> timedelta:
        """What happened at the end of a window is known so much later."""
        return min(self.window, LONGEST_GRACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What was fixed before the first message: the text, its SHA-256, and when."""

    at: datetime
    sha256: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """How an experiment ended: at which look, by which rule, and what everybody else gets.

    ``winner`` is None where it is inconclusive; ``chosen`` is None until somebody chooses.
    ``record`` is the SHA-256 of all looks up to this one.
    """

    at: datetime
    look: int
    rule: Rule
    winner: str | None
    chosen: str | None
    record: str
    chosen_by: KeyId | None = None
    chosen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """The experiment of a campaign; the first variant is the control.

    With ``pilot`` (percent) only so many take part, and the others wait for what comes of it.
    In adaptive mode parts are planned ``part_every`` one after the other.
    """

    variants: tuple[Variant, ...]
    mode: Mode = Mode.FIXED
    pilot: int = WHOLE
    criteria: Criteria = Criteria()
    part_every: timedelta = timedelta(hours=1)
    registration: Registration | None = None
    decision: Decision | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the variants, in their order."""
        return tuple(each.name for each in self.variants)

    @property
    def has_rest(self) -> bool:
        """Whether some wait for the decision."""
        return self.pilot < WHOLE

    @property
    def weights(self) -> Weights:
        """Of the variants, and last of those who wait, where there are any."""
        if not self.has_rest:
            return tuple(each.weight for each in self.variants)
        taking_part = tuple(each.weight * self.pilot for each in self.variants)
        total = sum(each.weight for each in self.variants)
        return (*taking_part, total * (WHOLE - self.pilot))

    @property
    def chosen(self) -> str | None:
        """What everybody gets who is not planned yet, once that is known."""
        return None if self.decision is None else self.decision.chosen

    @property
    def is_tested(self) -> bool:
        """Whether looks are made."""
        return self.mode is Mode.FIXED

    def variant(self, name: str) -> Variant:
        """The variant of this name. Raises LookupError."""
        for each in self.variants:
            if each.name == name:
                return each
        msg = f"there is no variant {name}"
        raise LookupError(msg)


def look_at(criteria: Criteria, *, launched: datetime, look: int) -> datetime:
    """When this look is due, counted from 0."""
    return launched + min(criteria.look_every * (look + 1), criteria.deadline)


def decided(experiment: Experiment, decision: Decision) -> Experiment:
    """Note how it ended; what was decided stays."""
    return experiment if experiment.decision else replace(experiment, decision=decision)


def chosen(experiment: Experiment, name: str, *, by: KeyId, at: datetime) -> Experiment | None:
    """Note what a person chose; None where nobody was asked. Repeating it is harmless."""
    decision = experiment.decision
    if decision is None or name not in experiment.names:
        return None
    if decision.chosen is not None:
        return experiment if (decision.chosen, decision.chosen_by) == (name, by) else None
    made = replace(decision, chosen=name, chosen_by=by, chosen_at=at)
    return replace(experiment, decision=made)


def at_once(experiment: Experiment) -> Experiment:
    """The same, but every variant begins at once: for who looks at them."""
    variants = (replace(each, at_local=None, after=timedelta(0)) for each in experiment.variants)
    return replace(experiment, variants=tuple(variants))


def fresh_trial(experiment: Experiment | None) -> Experiment | None:
    """What a run of a recurring campaign begins with."""
    return None if experiment is None else replace(experiment, registration=None, decision=None)
