"""What campaigns need of the world around them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.contracts.experiment_record import Draw
from functions.contracts.queues import Job
from functions.domain.audience import Audience
from functions.domain.batch import Batch, BatchMeta
from functions.domain.budget import Planned, Purse
from functions.domain.campaign import Campaign, Outcome, Part, PartForecast
from functions.domain.channel import Channel, Purpose
from functions.domain.contact import AttributeValue
from functions.domain.coupon import CouponPool, Grant, Granted, Holder
from functions.domain.evidence import Evidence
from functions.domain.experiment_look import Look
from functions.domain.history import PageName
from functions.domain.ids import (
    AudienceId,
    BatchNumber,
    CampaignId,
    ContactId,
    CouponPoolId,
    MessageNumber,
    SenderId,
    TemplateId,
)
from functions.domain.message import BatchState
from functions.domain.numbering import CodeOf, TokenOf
from functions.domain.openings import Tally
from functions.domain.pace import Lane
from functions.domain.planning import Compose, Person
from functions.domain.policy import Policy
from functions.domain.recipients import SkipReason, Source as RecipientSource
from functions.domain.sender import Sender
from functions.domain.standing import Standing
from functions.domain.stop_rules import Counts
from functions.domain.template import Template
from functions.domain.whereabouts import ZonesOfPhone


class Campaigns(Protocol):
    """The store of campaigns."""

    def create(self, campaign: Campaign) -> None:
        """Write a new campaign."""

    def get(self, campaign_id: CampaignId) -> Campaign | None:
        """Read one campaign."""

    def ensure(self, campaign: Campaign) -> bool:
        """Write a new campaign, where it is not there."""

    def mark_open(self, campaign: Campaign) -> None:
        """Have a campaign checked, and its goal looked for, from now on."""

    def change(self, before: Campaign, after: Campaign) -> bool:
        """Give a campaign the state of ``after``, where it is still as ``before``."""

    def part(self, campaign_id: CampaignId, part: str) -> Part | None:
        """Read one part."""

    def parts(self, campaign_id: CampaignId) -> tuple[Part, ...]:
        """Read all parts."""

    def add_part(self, part: Part) -> bool:
        """Write a newly resolved part."""

    def add_both(self, part: Part, rest: Part) -> bool:
        """Write both parts of a newly resolved slice, or none."""

    def mark_planned(self, part: Part) -> bool:
        """Make this plan the part's."""

    def save_forecast(self, campaign_id: CampaignId, simulation: str, found: PartForecast) -> None:
        """Write what would become of a part."""

    def forecasts(self, campaign_id: CampaignId, simulation: str) -> tuple[PartForecast, ...]:
        """Read a simulation's parts, in order."""


class People(Protocol):
    """Slices of people."""

    def save_direct(self, key: str, given: Sequence[str]) -> None:
        """Write contact ids and numbers as they were given."""

    def load_direct(self, key: str) -> tuple[str, ...]:
        """Read them back."""

    def save(self, key: str, people: Iterable[Person]) -> None:
        """Write people."""

    def load(self, key: str) -> tuple[Person, ...]:
        """Read people."""

    def delete(self, key: str) -> None:
        """Delete people; repeating it is harmless."""

    def save_outcomes(self, key: str, outcomes: Iterable[Outcome], *, at: datetime) -> None:
        """Write who was refused or held, why, and what was looked at."""

    def load_outcomes(self, key: str) -> tuple[Outcome, ...]:
        """Read them back."""


class Batches(Protocol):
    """The store of batches."""

    def reserve(self, count: int) -> BatchNumber:
        """Take numbers nobody else gets."""

    def create(self, batches: Iterable[Batch]) -> None:
        """Write new batches."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch."""

    def standings(
        self, numbers: Sequence[BatchNumber], *, outcomes: bool = False
    ) -> Sequence[Standing]:
        """Read state and clicks, and where asked outcomes, of many batches."""

    def change_state(
        self, number: BatchNumber, change: Callable[[BatchState], BatchState | None]
    ) -> BatchState | None:
        """Apply a change to the newest state; None when nothing was stored."""

    def evidence(self, number: BatchNumber) -> tuple[Evidence, ...]:
        """Read what was looked at."""

    def meta(self, number: BatchNumber, *, consistent: bool = False) -> BatchMeta | None:
        """Read what never changes of a batch; consistently just after it was written."""


class Histories(Protocol):
    """Which messages each contact got."""

    def noted(self, name: PageName) -> bool:
        """Whether all notes of a part were written."""

    def note(self, name: PageName, sent: Iterable[tuple[ContactId, MessageNumber]]) -> None:
        """Note all messages of a part."""


class Audiences(Protocol):
    """The store of audiences."""

    def get(self, audience_id: AudienceId) -> Audience | None:
        """Read one audience."""


class Templates(Protocol):
    """The store of templates."""

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        """Read one version."""


class Senders(Protocol):
    """The store of senders."""

    def get(self, sender_id: SenderId) -> Sender | None:
        """Read one sender."""


class Lanes(Protocol):
    """The store of lanes."""

    def book(self, lane: Lane, cost_us: int, now_us: int) -> int:
        """Get in the line of a campaign for so much time; tells when the turn begins."""

    def forget_turns(self, campaign_id: CampaignId) -> None:
        """Let the line of a campaign begin anew."""


class Coupons(Protocol):
    """The store of pools of coupons."""

    def get(self, pool_id: CouponPoolId) -> CouponPool | None:
        """Read a pool's definition."""

    def added(self, pool_id: CouponPoolId) -> int:
        """How many codes a pool has in all."""

    def granted(self, pool_id: CouponPoolId) -> Granted:
        """Read all grants of a pool."""

    def grant(self, pool_id: CouponPoolId, grant: Grant) -> bool:
        """Write the next grant; False when another stands in its place."""

    def codes(self, pool_id: CouponPoolId, numbers: Collection[int]) -> Mapping[int, str]:
        """Read codes by their numbers."""

    def holder_of(self, person: Person) -> Holder:
        """As whom somebody with a contact or a number gets a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Some recipients, where the next slice begins, and how many were skipped, by why."""

    people: tuple[Person, ...]
    next_cursor: str | None
    skipped: Mapping[SkipReason, int] = field(default_factory=dict)


class SafetyStore(Protocol):
    """What stands beside campaigns to keep them safe: budgets and watches."""

    def open_purse(self, campaign_id: CampaignId, amount: int) -> None:
        """Begin with a budget, in won."""

    def purse(self, campaign_id: CampaignId) -> Purse | None:
        """Read what is left."""

    def mark_planned_within(self, part: Part, *, purse: CampaignId) -> Planned:
        """Make this plan the part's, if what it costs is left of that campaign's budget."""

    def give_back(self, campaign_id: CampaignId, purse: Purse, amount: int) -> bool:
        """Let the budget have back what never left, ``amount`` in all."""

    def change_budget(self, before: Campaign, after: Campaign) -> bool:
        """Change a campaign and by how much its budget differs."""

    def turn(self, campaign_id: CampaignId) -> int:
        """Read the last turn of the watch."""

    def note_look(self, campaign_id: CampaignId, turn: int, counts: Counts) -> bool:
        """Note what a turn of the watch saw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyPorts:
    """What keeping campaigns safe needs.

    ``slice_up_to`` finds about so many recipients from a cursor on; ``people_count`` tells how
    many people there are, or more. ``policy_now`` reads the policy anew.
    """

    store: SafetyStore
    slice_up_to: Callable[[Campaign, str | None, int], Slice]
    people_count: Callable[[], int]
    policy_now: Callable[[], Policy]


class Experiments(Protocol):
    """The store of what was seen of experiments."""

    def looks(self, campaign_id: CampaignId) -> tuple[Look, ...]:
        """Read all looks, in order."""

    def add_look(self, campaign_id: CampaignId, look: Look) -> bool:
        """Write a look; False when there is one of this number."""

    def draws(self, campaign_id: CampaignId) -> tuple[Draw, ...]:
        """Read what was drawn for each part, in order."""

    def draw(self, campaign_id: CampaignId, part: str) -> Draw | None:
        """Read what was drawn for a part."""

    def add_draw(self, campaign_id: CampaignId, draw: Draw) -> bool:
        """Write what was drawn for a part; False when that was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentPorts:
    """What experiments need. ``rank`` gives a person's keyed hash within a campaign."""

    store: Experiments
    rank: Callable[[CampaignId, Person], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPorts:
    """What choosing among channels needs.

    ``tallies_before`` tells what people did on each channel with messages of a purpose in the
    days before one; ``draw`` gives a contact's keyed number within a campaign, from 0 to 1.
    """

    tallies_before: Callable[[date, Purpose], Mapping[Channel, Tally]]
    draw: Callable[[CampaignId, ContactId], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldoutPorts:
    """What holding people out needs.

    ``rank`` gives a person's keyed hash within a campaign, another than that of experiments;
    ``place`` the person's in the company's group of a name, of 0 to 2**64 - 1.
    """

    rank: Callable[[CampaignId, Person], bytes]
    place: Callable[[str, ContactId], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignDeps:
    """What the use cases need.

    ``slice_of`` finds recipients from a cursor on; ``excluded_by`` names the source that keeps
    somebody out; ``start`` puts a batch on its way, ``start_in_turn`` at the moment (in
    microseconds since 1970) that a limit gives it; ``provider_of`` names whose account a channel
    goes through;
    ``enqueue`` puts jobs of planning into their queue, ``enqueue_at`` one at a moment (given
    now); ``refresh`` has all audiences refreshed that were not since a moment; ``fresh`` makes
    a new name.
    ``next_run`` tells when a rule fits next: from its first time on, after a moment.
    ``policy`` gives the company's rules, ``zones_of_phone`` where a number's owner may be.
    """

    campaigns: Campaigns
    people: People
    batches: Batches
    histories: Histories
    templates: Templates
    senders: Senders
    audiences: Audiences
    coupons: Coupons
    slice_of: Callable[[Campaign, str | None], Slice]
    excluded_by: Callable[[Campaign, ContactId], RecipientSource | None]
    composer: Callable[[Template, Sender, Mapping[str, AttributeValue]], Compose]
    code_of: CodeOf
    token_of: TokenOf
    start: Callable[[BatchMeta, datetime], None]
    start_in_turn: Callable[[BatchMeta, int, datetime], None]
    lanes: Lanes
    provider_of: Callable[[Channel], str]
    enqueue: Callable[[Sequence[Job]], None]
    enqueue_at: Callable[[Job, datetime, datetime], None]
    refresh: Callable[[datetime], None]
    fresh: Callable[[str], str]
    policy: Callable[[], Policy]
    next_run: Callable[[str, datetime, datetime], datetime | None]
    zones_of_phone: ZonesOfPhone
    default_zone: ZoneInfo
    safety: SafetyPorts
    experiments: ExperimentPorts
    channels: ChannelPorts
    holdouts: HoldoutPorts
