"""What the calls about experiments answer, for the description of the API only."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel

from functions.domain.experiment import Inconclusive, Metric, Mode, Rule


class Variant(BaseModel):
    """One way to do it; what is null is the campaign's own."""

    name: str
    weight: int
    template_id: str | None
    template_version: int | None
    sender_id: str | None
    at_local: str | None
    after_minutes: int


class Definition(BaseModel):
    """The rules of an experiment, as they were given."""

    variants: list[Variant]
    mode: Mode
    pilot_percent: int
    metric: Metric
    guard: Metric | None
    window_seconds: int
    min_sample: int
    significance: float
    look_seconds: int
    deadline_seconds: int
    when_inconclusive: Inconclusive
    part_seconds: int


class ExperimentRegistration(BaseModel):
    """What was fixed at the launch. ``sha256`` is the hash of ``text`` as UTF-8."""

    at: AwareDatetime
    sha256: str
    text: str


class VariantCount(BaseModel):
    """Messages whose window is over, how many led to the metric, and to the guard's."""

    name: str
    sent: int
    hits: int
    guard_hits: int
    rate: float


class RateInterval(BaseModel):
    """Where a rate truly is, by Wilson: for a single look; no decision is based on it."""

    confidence: float
    low: float
    high: float


class Bounds(BaseModel):
    """A figure as it was seen, and what it truly may be; null: without bound."""

    seen: float | None
    low: float | None
    high: float | None


class DifferenceToControl(BaseModel):
    """How a variant differs from the control: it holds at all looks and for all variants together.

    ``odds_ratio`` is what is known; ``points`` is the difference of rates (-1 to 1) that goes with
    it, given how many hits there were in all.
    """

    confidence: float
    points: Bounds
    odds_ratio: Bounds


class VariantResult(VariantCount):
    """A variant as it was weighed. Nothing is claimed in adaptive mode: both are null."""

    interval: RateInterval | None
    difference: DifferenceToControl | None


class ExperimentLook(BaseModel):
    """A look: for each part that it weighed, [sent, hits, guard's hits] of each variant.

    ``p_value`` is for "the leader is better than all others", and may be read at every look.
    """

    look: int
    at: AwareDatetime
    chain: int
    last: bool
    complete: bool
    parts: dict[str, dict[str, list[int]]]
    leader: str
    p_value: float
    leader_barred: bool


class ExperimentDecision(BaseModel):
    """How it ended: ``winner`` is null where it is inconclusive, ``chosen`` while it asks."""

    at: AwareDatetime
    look: int
    rule: Rule
    winner: str | None
    chosen: str | None
    record_sha256: str
    chosen_by: str | None
    chosen_at: AwareDatetime | None


class ExperimentDraw(BaseModel):
    """Adaptive mode: what was known when a part was planned, and how many got which variant."""

    part: str
    at: AwareDatetime
    known: list[VariantCount]
    people: dict[str, int]


class ExperimentRecord(BaseModel):
    """The whole record of an experiment. ``record_sha256`` is the hash of all looks.

    No significance is claimed in adaptive mode.
    """

    campaign_id: str
    status: Literal["draft", "running", "adaptive", "won", "inconclusive", "asks", "cancelled"]
    definition: Definition
    registration: ExperimentRegistration | None
    variants: list[VariantResult]
    looks: list[ExperimentLook]
    record_sha256: str
    decision: ExperimentDecision | None
    draws: list[ExperimentDraw]
    significance_claimed: bool
