"""Putting people's events down to messages.

What is found of an event is written twice. First in the row of the person, on the condition that
nobody else wrote there; then at the batches, where a later look wins. So dying in between is
mended by whoever brings the event again, and of two workers none undoes the other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from functions.contracts.errors import Unavailable
from functions.domain.attribution import GoalEvent, GoalLog, Reached
from functions.domain.follow_up import Condition
from functions.domain.goal import LONGEST, Goal
from functions.domain.ids import BatchNumber, CampaignId, ContactId, MessageNumber
from functions.domain.outcome import BatchOutcomes, Credit

Holder = ContactId | MessageNumber
"""A person; or a message, whose recipient is nobody known."""
GoalsOf = Callable[[Iterable[CampaignId]], Mapping[CampaignId, Goal]]
_MAX_TRIES = 8


class Logs(Protocol):
    """The store of people's goal events."""

    def of(self, holder: Holder) -> GoalLog:
        """Read somebody's."""

    def save(self, holder: Holder, log: GoalLog) -> bool:
        """Write the row in place of its version."""


class Reach(Protocol):
    """Finds how far messages got."""

    def of(self, holder: Holder, *, since: datetime, goals_of: GoalsOf) -> Sequence[Reached]:
        """The messages of campaigns with a goal that may have got to somebody since a moment."""

    def began(self, numbers: Iterable[BatchNumber]) -> Mapping[BatchNumber, int]:
        """When batches began."""


class Outcomes(Protocol):
    """The store of what came of batches."""

    def change(self, number: BatchNumber, change: Callable[[BatchOutcomes], BatchOutcomes]) -> bool:
        """Apply ``change``, perhaps several times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributionDeps:
    """What attribution needs.

    ``open_goals`` are those that events can still reach, some seconds old perhaps; ``goals_of``
    reads those of any campaigns. ``followed`` has a batch looked at of which a fact was recorded.
    """

    logs: Logs
    reach: Reach
    outcomes: Outcomes
    open_goals: Callable[[], Mapping[CampaignId, Goal]]
    goals_of: GoalsOf
    followed: Callable[[BatchNumber, Condition], None]


def attribute(
    holder: Holder, events: Iterable[GoalEvent], *, deps: AttributionDeps, now: datetime
) -> int:
    """Put down those events that are an open goal to messages; tells how many touched something.

    Nothing is read for others, and nothing written about somebody who got no message of such a
    campaign. One that was looked at before is not looked at again, only shown at the batches:
    dying in between is mended so. Raises Unavailable.
    """
    goals = deps.open_goals()
    names = {goal.event for goal in goals.values()}
    wanted = [each for each in events if each.name in names]
    if not wanted:
        return 0

    def among_open(campaigns: Iterable[CampaignId]) -> Mapping[CampaignId, Goal]:
        return {each: goals[each] for each in campaigns if each in goals}

    def fresh_in(log: GoalLog) -> Sequence[GoalEvent]:
        return [each for each in wanted if not log.of([each.key])]

    keys = {each.key for each in wanted}
    who = _Look(holder=holder, goals_of=among_open, deps=deps, now=now)
    return who.settle(fresh_in, lambda log: log.of(keys))


def attribute_again(holder: Holder, *, deps: AttributionDeps, now: datetime) -> int:
    """Look again at all events of somebody that are kept; tells how many touched something.

    Raises Unavailable.
    """
    who = _Look(holder=holder, goals_of=deps.goals_of, deps=deps, now=now)
    return who.settle(lambda log: log.events, lambda log: log.events)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """A look at events of one person."""

    holder: Holder
    goals_of: GoalsOf
    deps: AttributionDeps
    now: datetime

    def settle(
        self,
        events_in: Callable[[GoalLog], Sequence[GoalEvent]],
        shown_of: Callable[[GoalLog], Sequence[GoalEvent]],
    ) -> int:
        """Look at some events, and write what is known of those that are to be shown."""
        for _ in range(_MAX_TRIES):
            # First the row, then how far messages got: whoever writes the row after this read
            # has looked after it too, so an older look never takes the place of a newer one.
            known = self.deps.logs.of(self.holder)
            log = self._looked_at(known, events_in(known))
            if log == known or self.deps.logs.save(self.holder, log):
                shown = shown_of(log)
                _show(shown, deps=self.deps)
                return sum(bool(each.touches) for each in shown)
        msg = "A person's events are being changed by others all the time."
        raise Unavailable(msg)

    def _looked_at(self, known: GoalLog, events: Sequence[GoalEvent]) -> GoalLog:
        if not events:
            return known
        first = datetime.fromtimestamp(min(each.at for each in events), tz=UTC)
        reached = self.deps.reach.of(self.holder, since=first - LONGEST, goals_of=self.goals_of)
        after = {each.goal.event for each in reached}
        # Of somebody who got no message with this goal nothing is kept.
        taken = [each for each in events if each.look or each.name in after]
        keys = {each.key for each in taken}
        return known.joined_by(taken, now=self.now).looked_at(keys, reached)


def _show(events: Iterable[GoalEvent], *, deps: AttributionDeps) -> None:
    """Write at the batches what the person's row says."""
    known = tuple(events)
    began = deps.reach.began(number.batch for each in known for number in each.numbers)
    by_batch: defaultdict[BatchNumber, list[Credit]] = defaultdict(list)
    for each in known:
        for number, credit in each.credits(began):
            by_batch[number].append(credit)
    for number, credits_ in sorted(by_batch.items()):
        deps.outcomes.change(number, lambda before, found=credits_: before.merged(found))  # type: ignore[misc]  # found is bound now
        if any(each.of for each in credits_):
            deps.followed(number, Condition.CONVERTED)
