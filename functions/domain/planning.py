"""From people to batches: decide for each, compose what they get, and group.

This is the first of the two times that every message passes the one door. The function is
pure: composing a text is given to it, and the numbers are assigned afterwards.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.domain.best_channel import BestChannel, ChannelChoice, Habit, Ranking
from functions.domain.best_time import Choice
from functions.domain.case import Case, PersonFacts, Terms
from functions.domain.case_of_person import case_for
from functions.domain.channel import Purpose
from functions.domain.contact import AttributeValue, Contact, Phone
from functions.domain.cutting import cut
from functions.domain.eligibility import Decision, Hold, Refuse, decide
from functions.domain.fatigue import Recent
from functions.domain.holdout import Arm, withheld
from functions.domain.ids import MAX_BATCH_SIZE, ContactId
from functions.domain.message import Send
from functions.domain.reason import HoldReason, RefusalReason
from functions.domain.route import Route
from functions.domain.suppression import Mark
from functions.domain.text_size import MessageType


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone addressed: a known contact, or just a number given directly.

    ``recent`` are the person's advertisements; None where they were not looked up. ``dropped`` is
    why they get nothing though they were found: of a follow-up, when it has become needless.
    ``arm`` is the group of a comparison that the person is in, if it is not those who get it.
    """

    contact: Contact | None
    phone: Phone | None
    marks: tuple[Mark, ...] = ()
    recent: Recent | None = None
    variables: Mapping[str, AttributeValue] = field(default_factory=dict, repr=False)
    dropped: RefusalReason | None = None
    arm: Arm | None = None

    @property
    def contact_id(self) -> ContactId | None:
        """Whose number it is, when known."""
        return None if self.contact is None else self.contact.contact_id

    @property
    def facts(self) -> PersonFacts:
        """What the door looks at, but the advertisements."""
        contact = self.contact
        if contact is None:
            return PersonFacts(self.phone, marks=self.marks)
        return PersonFacts(self.phone, contact.zone, contact.consents, self.marks)

    @classmethod
    def known(
        cls,
        contact: Contact,
        *,
        recent: Recent | None = None,
        variables: Mapping[str, AttributeValue] | None = None,
    ) -> "Person":
        """Address a contact at the phone of the profile."""
        facts = PersonFacts.of(contact)
        return cls(
            contact=contact,
            phone=facts.phone,
            marks=facts.marks,
            recent=recent,
            variables=variables or {},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """What one person would get. Tracked links are still marked by their place."""

    message_type: MessageType
    text: str = field(repr=False)
    subject: str | None = field(default=None, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    ad_label_correct: bool = True


_MAX_CHUNK_BYTES = 500_000
"""What a batch's texts have at most before they are compressed: an item of DynamoDB has 400 KB,
and random Hangul, which no one writes, shrinks to seven tenths."""

Compose = Callable[[Person], Composed | RefusalReason]


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftMessage:
    """A message that will be stored: whose, what, how it starts, and what was looked at."""

    person: Person
    composed: Composed
    send: int
    case: Case | None = None
    choice: Choice | None = None
    channel: ChannelChoice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A way to send: the route, and how to make what travels on it."""

    route: Route
    compose: Compose


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How a message may go: the lanes that are tried one after the other.

    The next one is tried where the one before was refused, with ``only_if`` for this reason.
    ``best`` puts them in order for each person; without it they are in order.
    """

    lanes: tuple[Lane, ...]
    only_if: RefusalReason | None = None
    best: BestChannel | None = None

    @property
    def variant(self) -> str:
        """Which of a campaign's variants goes these ways."""
        return self.lanes[0].route.variant

    def goes_on(self, refused: RefusalReason) -> bool:
        """Whether the next way is tried after such a refusal."""
        return self.only_if is None or refused is self.only_if

    def ranking(self, person: Person) -> Ranking | None:
        """In which order somebody's ways are tried, and why; None: as they are."""
        return None if self.best is None else self.best.rank(person.contact_id)

    def choice(
        self, ranking: Ranking | None, refused: Mapping[int, RefusalReason], place: int
    ) -> ChannelChoice | None:
        """Say why it is the way at this place, after others were refused."""
        if ranking is None:
            return None
        channel = self.lanes[place].route.channel
        habit = ranking.habits.get(channel, Habit())
        return ChannelChoice(
            channel=channel,
            by=ranking.by,
            messages=habit.messages,
            openings=habit.openings,
            passed_over=tuple(
                (self.lanes[each].route.channel, reason)
                for each, reason in refused.items()
                if each != place
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftBatch:
    """Messages of one route and type that start at the same moment (None: at once).

    ``begins`` is when they should have started, were nothing in their way (None: now). All are in
    the same ``arm`` of a comparison.
    """

    route: Route
    message_type: MessageType
    start_at: datetime | None
    messages: tuple[DraftMessage, ...]
    begins: datetime | None = None
    arm: Arm | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A person whom the door kept from getting the message, and what it looked at."""

    person: Person
    reason: RefusalReason
    case: Case | None = None
    channel: ChannelChoice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of everyone addressed."""

    batches: tuple[DraftBatch, ...]
    refusals: tuple[Refusal, ...]

    @property
    def refused(self) -> Mapping[RefusalReason, int]:
        """How many were refused, by reason."""
        return Counter(refusal.reason for refusal in self.refusals)


def plan(
    people: Iterable[Person],
    route: Route,
    *,
    compose: Compose,
    now: datetime,
    swap: Lane | None = None,
) -> Plan:
    """Decide and compose for everyone, then cut into batches of one route, type and start.

    ``swap`` is the other way to go for those whom a cap keeps back.
    """
    lane = Lane(route=route, compose=compose)
    lanes = (lane,) if swap is None else (lane, swap)
    ways = Ways(lanes=lanes, only_if=RefusalReason.CAPPED)
    return plan_each(((person, ways) for person in people), now=now)


def plan_each(people: Iterable[tuple[Person, Ways]], *, now: datetime) -> Plan:
    """The same for people who go ways of their own; no two variants share a batch."""
    planner = _Planner(now=now)
    for person, ways in people:
        planner.add(person, ways)
    return planner.plan()


@dataclass(frozen=True, slots=True)
class _Group:
    """What the messages of a batch have in common."""

    variant: str
    place: int
    message_type: MessageType
    start_at: datetime | None
    begins: datetime
    arm: Arm | None


@dataclass(slots=True, kw_only=True)
class _Planner:
    """Collects what becomes of each person; an address is written to once."""

    now: datetime
    ways: dict[str, Ways] = field(default_factory=dict)
    groups: defaultdict[_Group, list[DraftMessage]] = field(
        default_factory=lambda: defaultdict(list)
    )
    refusals: list[Refusal] = field(default_factory=list)
    seen: set[Phone | None] = field(default_factory=set)
    terms: dict[tuple[str, int, datetime], Terms] = field(default_factory=dict)

    def add(self, person: Person, ways: Ways) -> None:
        """Find out what becomes of this person."""
        self.ways[ways.variant] = ways
        found = self._tried(person, ways)
        if isinstance(found, Refusal):
            self.refusals.append(found)
            return
        group, message = found
        self.seen.add(person.phone)
        self.groups[group].append(message)

    def _tried(self, person: Person, ways: Ways) -> "tuple[_Group, DraftMessage] | Refusal":
        """Take the first way that is open; where none is, what was said of the first counts."""
        ranking = ways.ranking(person)
        refused: dict[int, RefusalReason] = {}
        for place in range(len(ways.lanes)) if ranking is None else ranking.places:
            outcome = self._outcome(person, ways, place)
            if not isinstance(outcome, RefusalReason):
                return _with_choice(outcome, ways.choice(ranking, refused, place))
            refused[place] = outcome
            if not ways.goes_on(outcome):
                break
        place, reason = next(iter(refused.items()))
        return Refusal(
            person=person,
            reason=reason,
            case=self._case(person, ways, place),
            channel=ways.choice(ranking, refused, place),
        )

    def plan(self) -> Plan:
        """Cut what was collected into batches."""
        batches = tuple(
            DraftBatch(
                route=route,
                message_type=group.message_type,
                start_at=group.start_at,
                messages=chunk,
                begins=group.begins,
                arm=group.arm,
            )
            for group, messages in self.groups.items()
            for route in (self.ways[group.variant].lanes[group.place].route,)
            for chunk in cut(
                messages,
                most=route.batch_size if withheld(group.arm) is None else MAX_BATCH_SIZE,
                most_bytes=_MAX_CHUNK_BYTES,
                bytes_of=_stored_bytes,
            )
        )
        return Plan(batches=batches, refusals=tuple(self.refusals))

    def _outcome(
        self, person: Person, ways: Ways, place: int
    ) -> tuple[_Group, DraftMessage] | RefusalReason:
        if person.contact is None and person.phone is None:
            return RefusalReason.UNKNOWN_CONTACT
        # Decided before composing: nobody's text is rendered who may not be written to.
        case = self._case(person, ways, place)
        lane = ways.lanes[place]
        begins = lane.route.begins(person, now=self.now)
        decision = decide(case, now=begins)
        if isinstance(decision, Refuse):
            return decision.reason
        if person.phone in self.seen:
            return RefusalReason.DUPLICATE_ADDRESS
        composed = lane.compose(person)
        if isinstance(composed, RefusalReason):
            return composed
        if not composed.ad_label_correct and lane.route.purpose is Purpose.ADVERTISING:
            return RefusalReason.AD_LABEL
        send, start_at = _start(decision, begins if begins > self.now else None)
        if (reason := withheld(person.arm)) is not None:
            send = Send.refused(reason)
        group = _Group(ways.variant, place, composed.message_type, start_at, begins, person.arm)
        choice = lane.route.choice(person)
        return group, DraftMessage(
            person=person, composed=composed, send=send, case=case, choice=choice
        )

    def _case(self, person: Person, ways: Ways, place: int) -> Case:
        route = ways.lanes[place].route
        begins = route.begins(person, now=self.now)
        key = ways.variant, place, begins
        if key not in self.terms:
            self.terms[key] = route.terms(now=begins, expires=route.expires(begins))
        facts = person.facts
        return case_for(
            facts,
            self.terms[key],
            route.zones(facts),
            ad_label_correct=True,
            recent=person.recent,
        )


def _with_choice(
    outcome: tuple[_Group, DraftMessage], choice: ChannelChoice | None
) -> tuple[_Group, DraftMessage]:
    if choice is None:
        return outcome
    group, message = outcome
    return group, replace(message, channel=choice)


def _start(decision: Decision, begins: datetime | None) -> tuple[int, datetime | None]:
    if isinstance(decision, Hold):
        return Send.held(decision.reason), decision.until
    return (Send.held(HoldReason.SCHEDULED) if begins else Send.PENDING), begins


def _stored_bytes(message: DraftMessage) -> int:
    composed = message.composed
    texts = (composed.text, composed.subject or "", *composed.variables.values())
    return sum(len(text.encode()) for text in texts)
