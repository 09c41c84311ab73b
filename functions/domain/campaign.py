"""A campaign: one message to many people, and where it stands."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from functions.domain.best_channel import ChannelChoice
from functions.domain.best_time import Choice
from functions.domain.case import Case
from functions.domain.experiment import Experiment
from functions.domain.follow_up import FollowUp
from functions.domain.goal import Goal
from functions.domain.holdout import Drawn, Holdout
from functions.domain.ids import (
    BatchNumber,
    CampaignId,
    ContactId,
    CouponPoolId,
    SenderId,
    TemplateId,
)
from functions.domain.membership import NOBODY, Members
from functions.domain.pace import Rate
from functions.domain.policy import USUAL_PRIORITY, WhenCapped
from functions.domain.reason import HoldReason, RefusalReason
from functions.domain.recipients import Recipients, SkipReason
from functions.domain.safety import USUAL_SAFETY, Safety
from functions.domain.simulation import Forecast


class CampaignStatus(StrEnum):
    """A campaign's way. ``finished`` is never stored: it follows from the rows."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LAUNCHED = "launched"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    ENDED = "ended"
    """A series of which nothing comes any more."""


UNDER_WAY = frozenset({CampaignStatus.SCHEDULED, CampaignStatus.LAUNCHED})
"""What a campaign gets into when it begins, or goes on, to have work to do."""


class Gate(StrEnum):
    """Whether messages may leave now, as far as what made them goes."""

    OPEN = "open"
    SHUT = "shut"
    GONE = "gone"
    """They never may again."""


_GATE_BY_STATUS = {
    CampaignStatus.PAUSED: Gate.SHUT,
    CampaignStatus.CANCELLED: Gate.GONE,
}


def gate_of(status: CampaignStatus) -> Gate:
    """Whether messages of a campaign of this status may leave."""
    return _GATE_BY_STATUS.get(status, Gate.OPEN)


def narrowest(gates: Collection[Gate]) -> Gate:
    """Whether messages may leave that all of these must let through."""
    return next((gate for gate in (Gate.GONE, Gate.SHUT) if gate in gates), Gate.OPEN)


MAX_WAYS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way that messages of a campaign may go: a version of a template, and who sends it."""

    template_id: TemplateId
    template_version: int
    sender_id: SenderId


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign's definition and state.

    ``priority`` (1 to 9) decides who may take the reserved places of a cap; ``swap`` is what those
    get instead whom a cap keeps back, usually on another channel. ``ways``, each of another
    channel, are those of which everybody gets the best, the first being the campaign's own;
    ``explore`` percent get one by chance. ``send_at`` is when
    it is to be launched (again, where it recurs by a rule of RFC 5545 from ``first_at`` on), and
    ``at_local`` the hour at which everybody then gets it on their own clock, or ``best_within`` how
    long it may wait for the hour that suits each best. ``series`` is what
    a run of a recurring campaign came from. With ``refresh_first`` it waits, when its moment has
    come, for a refresh of its audiences. ``safety`` is what keeps it safe, ``rate`` how fast it
    may leave at most, ``coupon_pool`` where its people's codes come from, ``goal`` what it is to
    bring about, ``experiment`` the variants among which the best is looked for, ``holdout`` whom
    it leaves out to compare. ``follow_ups`` say who gets what next; ``parent`` is the campaign or
    request that this one follows, as its ``step``. ``version`` counts the changes of
    its state, and guards each.
    """

    campaign_id: CampaignId
    name: str
    template_id: TemplateId
    template_version: int
    sender_id: SenderId
    recipients: Recipients
    variables: Mapping[str, str | int | float | bool]
    created: datetime
    priority: int = USUAL_PRIORITY
    when_capped: WhenCapped = WhenCapped.SKIP
    swap: Way | None = None
    ways: tuple[Way, ...] = ()
    explore: int = 0
    status: CampaignStatus = CampaignStatus.DRAFT
    launched: datetime | None = None
    send_at: datetime | None = None
    at_local: time | None = None
    best_within: timedelta | None = None
    recurs: str | None = None
    first_at: datetime | None = None
    series: CampaignId | None = None
    refresh_first: bool = False
    safety: Safety = USUAL_SAFETY
    rate: Rate | None = None
    coupon_pool: CouponPoolId | None = None
    goal: Goal | None = None
    experiment: Experiment | None = None
    holdout: Holdout | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    parent: CampaignId | None = None
    step: str = ""
    version: int = 0

    @property
    def pursued(self) -> Goal | None:
        """Its goal as events are looked at for it."""
        measured = self.holdout is not None
        return None if self.goal is None else replace(self.goal, measured=measured)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A slice of a campaign's recipients, planned by one job.

    ``size`` people were resolved into it. Once ``planned``, everyone of them is either counted
    in ``refused`` or is a message of one of ``batches``, so that
    ``size = sum(refused) + sum(batch sizes) + cancelled``. ``cancelled`` is everyone, or nobody:
    a campaign that is cancelled before it came to them. ``members`` tells who may be in it.
    ``skipped`` counts those who stood in a source there and are no recipients. ``cost`` is what
    its messages cost at most, in won. ``batch_variants`` names the variant of each batch, where
    the campaign has several; else it is empty. ``planned_at`` is when the batches were made.
    ``first`` people were found in the slices before it. In a part of the ``rest`` everybody waits
    for what comes of an experiment. ``drawn`` tells who of its slice, and of those before, was held
    out; None where nobody is.
    Of a follow-up, a part is what a look at a part of
    its parent found: ``seen`` messages were judged, and ``done`` has a bit for each message that
    this look or one before it judged.
    """

    campaign_id: CampaignId
    part: str
    size: int
    people_key: str
    next_cursor: str | None
    planned: bool = False
    refused: Mapping[RefusalReason, int] = field(default_factory=dict)
    batches: tuple[BatchNumber, ...] = ()
    batch_sizes: tuple[int, ...] = ()
    batch_variants: tuple[str, ...] = ()
    cancelled: int = 0
    outcomes_key: str | None = None
    members: Members = NOBODY
    skipped: Mapping[SkipReason, int] = field(default_factory=dict)
    cost: int = 0
    planned_at: datetime | None = None
    first: int = 0
    rest: bool = False
    drawn: Drawn | None = None
    seen: int = 0
    done: int = 0

    @property
    def waits(self) -> bool:
        """Whether its people wait for what comes of an experiment."""
        return self.rest and not self.planned

    @property
    def kept_before(self) -> int:
        """How many people who are not held out were found in the slices before it."""
        return self.first if self.drawn is None else self.drawn.kept_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What planning found for somebody who did not get a message ready to leave, and why.

    ``reason`` is None for whose message was ready, on the best ``channel``.
    """

    contact_id: ContactId | None
    reason: HoldReason | RefusalReason | None
    at: datetime
    case: Case | None
    choice: Choice | None = None
    channel: ChannelChoice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartForecast:
    """What would become of a slice of a campaign's people; ``last`` when none follows."""

    part: str
    forecast: Forecast
    last: bool
