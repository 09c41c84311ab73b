"""What follows a message: who gets which step next, judged by what is known of their message.

A step is looked at for many messages at once. Each message is looked at once for a step: at its
own moment, which counts from when it left; or, for a step at once, when what it waits for has
happened. A message counts as having left when a provider was asked to take it, whatever came of
that. So of a timed step everybody whose message left matches either the condition or its opposite.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from functions.domain.clicks import Visitor
from functions.domain.ids import BatchNumber, CampaignId, SenderId, TemplateId
from functions.domain.message import BatchState, MessageState, MessageStatus, is_open
from functions.domain.reaction import Reaction
from functions.domain.reason import FailureReason, RefusalReason
from functions.domain.replies import BatchReplies
from functions.domain.standing import Standing

MAX_DEPTH = 5
MAX_STEPS = 20
"""Of a whole tree."""
MAX_AFTER = timedelta(days=30)
FOLLOWED_FOR = timedelta(days=30)
"""So long after a message left, what happens is followed at once."""
AT_ONCE = timedelta(0)
_GIVEN_UP = timedelta(days=1)
"""So long after it expired, a message that still waits is not looked for any more."""
_LATENESS = 8
"""Looks for what waits grow apart: one comes late by at most this part of the wait so far."""
_SOONEST = timedelta(minutes=1)
"""So long after a look that judged somebody comes the next."""
TOGETHER = timedelta(seconds=5)
"""Those who come due so soon after the first are looked at together."""


class Condition(StrEnum):
    """What has to be known of a message for the step to follow."""

    CLICKED = "clicked"
    NOT_CLICKED = "not_clicked"
    DELIVERED = "delivered"
    NOT_DELIVERED = "not_delivered"
    REPLIED = "replied"
    NOT_REPLIED = "not_replied"
    CONVERTED = "converted"
    NOT_CONVERTED = "not_converted"

    @property
    def positive(self) -> bool:
        """Whether something has to happen, not to be missing."""
        return self in _FACTS

    @property
    def fact(self) -> "Condition":
        """What has to happen, or to be missing."""
        return self if self.positive else Condition(self.value.removeprefix("not_"))


_FACTS = frozenset({Condition.CLICKED, Condition.DELIVERED, Condition.REPLIED, Condition.CONVERTED})
_LETTER_BY_FACT = {
    Condition.CLICKED: "c",
    Condition.DELIVERED: "d",
    Condition.REPLIED: "r",
    Condition.CONVERTED: "v",
}


class Branch(StrEnum):
    """Where a step hangs below its message: at most one that needs a fact, and one that misses it.

    Its letter is part of the step's name and of its campaign's id.
    """

    YES = "y"
    NO = "n"


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A step: if this is known of a message so long ``after`` it left, its person gets this.

    With ``after`` 0 it follows at once when the fact happens. ``link`` is the place of the one
    tracked link that counts. ``follow_ups`` follow this step's own messages.
    """

    condition: Condition
    after: timedelta
    template_id: TemplateId
    template_version: int
    sender_id: SenderId
    link: int | None = None
    variables: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    follow_ups: tuple["FollowUp", ...] = ()

    @property
    def branch(self) -> Branch:
        """Where it hangs."""
        return Branch.YES if self.condition.positive else Branch.NO

    @property
    def at_once(self) -> bool:
        """Whether it follows when the fact happens."""
        return self.after == AT_ONCE

    @property
    def depth(self) -> int:
        """How many steps the longest chain from here has."""
        return 1 + max((each.depth for each in self.follow_ups), default=0)

    @property
    def steps(self) -> int:
        """How many steps there are from here on."""
        return 1 + sum(each.steps for each in self.follow_ups)


def step_of(follow_ups: Sequence[FollowUp], branch: str) -> FollowUp | None:
    """The step of a branch."""
    return next((each for each in follow_ups if each.branch == branch), None)


def child_id(parent: CampaignId, branch: str) -> CampaignId:
    """The campaign that a step sends: its id says whose step it is."""
    return CampaignId(f"{parent}-{branch}")


def origin_of(source_id: str) -> tuple[str, str]:
    """The campaign or request at the root of a tree, and the step below it (empty: itself)."""
    origin, _, step = source_id.partition("-")
    return origin, step


def triggers_of(follow_ups: Sequence[FollowUp]) -> str:
    """Which facts a batch's steps follow at once, a letter each: kept with what never changes."""
    facts = {each.condition.fact for each in follow_ups if each.at_once}
    return "".join(sorted(_LETTER_BY_FACT[each] for each in facts))


def triggers(letters: str, fact: Condition) -> bool:
    """Whether a fact is followed at once."""
    return _LETTER_BY_FACT[fact] in letters


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A batch as a step looks at it.

    It waits until ``not_before`` and is given up at ``expires``; both matter only while some of
    it waits.
    """

    standing: Standing
    replies: BatchReplies
    expires: datetime
    not_before: datetime | None = None

    @property
    def number(self) -> BatchNumber:
        """Its number."""
        return self.standing.number

    @property
    def state(self) -> BatchState:
        """What became of its messages."""
        return self.standing.state


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A message whose person gets the step; ``dropped`` is why they do not after all."""

    batch: BatchNumber
    ordinal: int
    dropped: RefusalReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at a group of batches found.

    ``done`` has a bit for each message, by its place in the group: those that need not be looked
    at again. ``seen`` counts those that were judged now; ``next_at`` is when there is more to see.
    """

    done: int
    seen: int
    matches: tuple[Match, ...]
    next_at: datetime | None


def look(
    group: Sequence[Followed], step: FollowUp, *, done: int, now: datetime, first: int = 0
) -> Look:
    """Judge every message that is due and was not judged before.

    ``first`` is the place in the group of the first message of these batches.
    """
    bits, seen, place = done, 0, first
    matches: list[Match] = []
    moments: list[datetime] = []
    for batch in group:
        for ordinal in range(len(batch.state)):
            bit = 1 << place
            place += 1
            if bits & bit:
                continue
            found = _judged(batch, ordinal, step, now=now)
            if isinstance(found, datetime):
                moments.append(found)
                continue
            if found is _Verdict.PENDING:
                continue
            bits |= bit
            seen += found is not _Verdict.NEVER_LEFT
            if found is _Verdict.YES:
                matches.append(_match(batch, ordinal, step))
    next_at = min(moments) + TOGETHER if moments else None
    if next_at is not None and seen:
        next_at = max(next_at, now + _SOONEST)
    return Look(done=bits, seen=seen, matches=tuple(matches), next_at=next_at)


class _Verdict(StrEnum):
    YES = "yes"
    NO = "no"
    NEVER_LEFT = "never_left"
    PENDING = "pending"
    """A step at once waits for a fact, which will bring a look by itself."""


def _judged(batch: Followed, ordinal: int, step: FollowUp, *, now: datetime) -> _Verdict | datetime:
    """What a message comes to, or when to look at it again."""
    message = batch.state.state_of(ordinal)
    left_at = _left_at(batch.state, message)
    happened = _happened(batch, ordinal, step, message)
    if left_at is None:
        if step.at_once and happened and is_open(message.status, message.reason):
            # Whoever answers has it, though the provider's own answer is not known yet.
            return _Verdict.YES
        return _waits(batch, message, step, now=now)
    if step.at_once:
        if now > left_at + FOLLOWED_FOR:
            return _Verdict.NO
        return _Verdict.YES if happened else _Verdict.PENDING
    if now < left_at + step.after:
        return left_at + step.after
    return _Verdict.YES if happened is step.condition.positive else _Verdict.NO


def due_at(batch: Followed, ordinal: int, step: FollowUp, *, now: datetime) -> datetime | None:
    """When a message is judged, for a step that has its time; None: it never is."""
    message = batch.state.state_of(ordinal)
    left_at = _left_at(batch.state, message)
    if left_at is not None:
        return left_at + step.after
    found = _waits(batch, message, step, now=now)
    return found if isinstance(found, datetime) else None


def _left_at(state: BatchState, message: MessageState) -> datetime | None:
    """When a provider was asked to take it; None: it was not, or nobody knows yet."""
    if message.sent_at is not None:
        return message.sent_at
    if message.receipt is not None and message.status in _REPORTED:
        return message.receipt.at
    rejected = (
        message.status is MessageStatus.FAILED and message.reason is not FailureReason.EXPIRED
    )
    given_up = message.status is MessageStatus.UNKNOWN and message.reason is not None
    if (rejected or given_up) and state.rounds:
        return datetime.fromtimestamp(state.rounds[-1], tz=UTC)
    return None


_REPORTED = (MessageStatus.DELIVERED, MessageStatus.FAILED)


def _waits(
    batch: Followed, message: MessageState, step: FollowUp, *, now: datetime
) -> _Verdict | datetime:
    over = now > batch.expires + _GIVEN_UP
    if over or not is_open(message.status, message.reason):
        return _Verdict.NEVER_LEFT
    if step.at_once:
        return _Verdict.PENDING
    leaves = now
    if batch.not_before is not None and message.status is MessageStatus.HELD:
        # Who is not held any more was released before.
        leaves = max(now, batch.not_before)
    waited = now - datetime.fromtimestamp(batch.state.created, tz=UTC)
    # Cannot be due before: it has not left yet.
    return leaves + max(step.after, waited / _LATENESS)


def _happened(batch: Followed, ordinal: int, step: FollowUp, message: MessageState) -> bool:
    match step.condition.fact:
        case Condition.CLICKED if step.link is not None:
            return batch.standing.clicks.opened(ordinal, step.link)
        case Condition.CLICKED:
            return batch.standing.clicks.first(ordinal, Visitor.HUMAN) is not None
        case Condition.REPLIED:
            return batch.replies.first(ordinal) is not None
        case Condition.CONVERTED:
            return batch.standing.outcomes.converted(ordinal) is not None
        case _:
            return message.status is MessageStatus.DELIVERED


def _match(batch: Followed, ordinal: int, step: FollowUp) -> Match:
    return Match(batch=batch.number, ordinal=ordinal, dropped=_dropped(batch, ordinal, step))


def _dropped(batch: Followed, ordinal: int, step: FollowUp) -> RefusalReason | None:
    """Why somebody who matches is left out: what the message was for came about, or was refused.

    Opt-outs that name no message, or another one, are the door's to find.
    """
    if batch.standing.reactions.has(ordinal, Reaction.OPTED_OUT):
        return RefusalReason.OPTED_OUT_SINCE
    converted = batch.standing.outcomes.converted(ordinal) is not None
    if converted and step.condition is not Condition.CONVERTED:
        return RefusalReason.CONVERTED
    return None


def walk(
    parent: CampaignId, follow_ups: Sequence[FollowUp]
) -> Iterator[tuple[CampaignId, FollowUp]]:
    """Every step of a tree with the id of its campaign, each before those that follow it."""
    for step in follow_ups:
        own = child_id(parent, step.branch)
        yield own, step
        yield from walk(own, step.follow_ups)
