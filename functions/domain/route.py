"""What all messages of a send share: template, sender, and the rules that they are sent by."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from functions.domain.best_time import BestTime, Choice
from functions.domain.case import PersonFacts, Terms, ZoneRule
from functions.domain.channel import Channel, Purpose
from functions.domain.eligibility import strictest_hours
from functions.domain.fatigue import Offer, short_hash, tag_hash
from functions.domain.ids import MAX_BATCH_SIZE, ContactId
from functions.domain.local_time import LocalHour, SetMoment
from functions.domain.policy import LAW_ALONE, USUAL_PRIORITY, Policy, WhenCapped
from functions.domain.sender import Sender
from functions.domain.template import Template
from functions.domain.whereabouts import ZonesOfPhone, nowhere, zones_of


class Addressed(Protocol):
    """Someone to whom a message goes."""

    @property
    def contact_id(self) -> ContactId | None:
        """Who that is, when known."""

    @property
    def facts(self) -> PersonFacts:
        """What the door looks at, but the advertisements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What all messages of a send share, as far as the door looks at it.

    ``source`` names the campaign, journey or request; ``priority`` (1 to 9) decides who may take
    the reserved places of a cap. ``batch_size`` is how many leave in one call at most.
    ``variant`` names what is sent this way where a campaign has several.
    """

    template: Template
    sender: Sender
    default_zone: ZoneInfo
    policy: Policy = LAW_ALONE
    source: str = ""
    priority: int = USUAL_PRIORITY
    when_capped: WhenCapped = WhenCapped.SKIP
    zones_of_phone: ZonesOfPhone = field(default=nowhere, repr=False)
    at_local: LocalHour | SetMoment | None = None
    best: BestTime | None = None
    batch_size: int = MAX_BATCH_SIZE
    variant: str = ""

    def begins(self, who: Addressed, *, now: datetime) -> datetime:
        """When a person's message should begin: now, at the hour of the zone, or the best one."""
        if self.at_local is not None:
            zones, _ = self.zones(who.facts)
            return max(now, self.at_local.in_zone(zones[0]))
        choice = self.choice(who)
        return now if choice is None else max(now, choice.at)

    def choice(self, who: Addressed) -> Choice | None:
        """The person's best hour; None where none is asked for, or none is open."""
        if self.best is None:
            return None
        zones, _ = self.zones(who.facts)
        closed = strictest_hours(self.terms(now=self.best.after, expires=None))
        return self.best.choose(who.contact_id, closed=closed, zones=zones)

    def zones(self, facts: PersonFacts) -> tuple[tuple[ZoneInfo, ...], ZoneRule]:
        """Where somebody may be, and by what we know it."""
        known, default = self.zones_of_phone, self.default_zone
        return zones_of(facts.zone, facts.phone, zones_of_phone=known, default=default)

    @property
    def purpose(self) -> Purpose:
        """The template says what the message is for."""
        return self.template.purpose

    @property
    def channel(self) -> Channel:
        """The template says how it travels."""
        return self.template.channel

    def expires(self, start: datetime) -> datetime:
        """When a message that should start at this moment is given up."""
        return start + self.policy.rules(self.purpose).expires_after

    def terms(self, *, now: datetime, expires: datetime | None) -> Terms:
        """State what is the same for everyone of the send."""
        return Terms(
            purpose=self.purpose,
            channel=self.channel,
            sender_usable=self.sender.usable(now),
            offer=self._offer(),
            policy=self.policy,
            expires=expires,
            goods=self.template.goods,
            when_capped=self.when_capped,
        )

    def _offer(self) -> Offer:
        tags = tuple(sorted(self.template.tags))
        return Offer(
            channel=self.channel,
            template=short_hash(self.template.template_id),
            source=short_hash(self.source),
            priority=self.priority,
            tags=tags,
            tag_hashes=tuple(tag_hash(tag) for tag in tags),
        )
