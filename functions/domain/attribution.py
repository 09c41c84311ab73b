"""Which messages an event of a person is put down to: all that touched them soon enough before.

An event is kept with every touch, so each model can be counted from it, also later. It is looked
at when it comes, and again on demand: a look only depends on what is known of messages by then,
so looking again gives the same, unless a receipt or a click came late, or was judged anew.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from functions.domain.clicks import BatchClicks, Visitor
from functions.domain.event import Event
from functions.domain.goal import LONGEST, Goal, TouchRule
from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.message import BatchState
from functions.domain.outcome import HAPPENED, Credit, mark_of

KEPT_FOR = 2 * LONGEST
"""So long a person's events are kept: the longest window, and as long again to look once more."""
MAX_EVENTS = 500
"""Of one person; of more the newest are kept. What the others were put down to stays."""
MAX_TOUCHES = 200
"""Of one event; of more the newest are kept."""
MAX_UNTOUCHED = 50
"""Messages of one event that did not touch, where that is noted; of more the newest are."""
MAX_FROM_PAGES, FROM_PAGES_IN = 10, timedelta(days=1)
"""So many events of one person are taken from pages in a day: whoever has a link can send them."""


class Touch(NamedTuple):
    """When a message got to somebody (epoch seconds), and which; the order is that of time."""

    at: int
    batch: BatchNumber
    ordinal: int


class Reached(NamedTuple):
    """A message to a person, what its campaign is after, and how far the message got.

    ``touched`` and ``began`` are epoch seconds; the latter matters where the goal is measured.
    """

    number: MessageNumber
    goal: Goal
    touched: int | None
    began: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalEvent:
    """An event that is some campaign's goal, as the last look at it found it.

    ``key`` stands for its id, ``at`` is epoch seconds. ``touches`` are in the order of time,
    ``untouched`` are messages of measured goals that it came in the window of without a touch, and
    ``left`` those that an earlier look took for either. ``look`` counts the looks that
    found something new, from 1; 0 before the first.
    """

    key: int
    name: str
    at: int
    minor: int = 0
    from_page: bool = False
    touches: tuple[Touch, ...] = ()
    untouched: tuple[MessageNumber, ...] = ()
    left: tuple[MessageNumber, ...] = ()
    look: int = 0

    @classmethod
    def of(cls, event: Event, *, from_page: bool = False) -> "GoalEvent":
        """An event that nobody has looked at."""
        return cls(
            key=event.key,
            name=event.name,
            at=int(event.at.timestamp()),
            minor=event.minor,
            from_page=from_page,
        )

    def looked_at(self, reached: Iterable[Reached]) -> "GoalEvent":
        """The event as it is put down to those of a person's messages that touched."""
        messages = tuple(reached)
        touches = touches_of(self.name, self.at, messages)
        touched = {number_of(each) for each in touches}
        untouched = untouched_of(self.name, self.at, messages, touched)
        if self.look and (touches, untouched) == (self.touches, self.untouched):
            return self
        left = {*self.left, *self.numbers} - touched - set(untouched)
        return replace(
            self,
            touches=touches,
            untouched=untouched,
            left=tuple(sorted(left)),
            look=self.look + 1,
        )

    @property
    def numbers(self) -> tuple[MessageNumber, ...]:
        """The messages at which it counts for something."""
        return (*map(number_of, self.touches), *self.untouched)

    def credits(self, began: Mapping[BatchNumber, int]) -> Iterator[tuple[BatchNumber, Credit]]:
        """What to write at each batch. ``began`` tells when they did, in epoch seconds."""
        for place, touch in enumerate(self.touches):
            elapsed_s = self.at - began[touch.batch]
            yield touch.batch, self._credit(touch.ordinal, place, len(self.touches), elapsed_s)
        for number in self.untouched:
            elapsed_s = self.at - began[number.batch]
            yield number.batch, self._credit(number.ordinal, HAPPENED, 0, elapsed_s)
        for number in self.left:
            yield number.batch, self._credit(number.ordinal, 0, 0, 0)

    def _credit(self, ordinal: int, place: int, of: int, elapsed_s: int) -> Credit:
        return Credit(
            ordinal=ordinal,
            mark=mark_of(self.key),
            elapsed_s=elapsed_s,
            look=self.look,
            place=place,
            of=of,
            minor=self.minor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalLog:
    """A person's events that are goals, oldest first, and the version of the row (0: none)."""

    events: tuple[GoalEvent, ...] = ()
    version: int = 0

    def joined_by(self, events: Iterable[GoalEvent], *, now: datetime) -> "GoalLog":
        """Take in events; one whose key is known stays as it is. What is too old goes."""
        known = {each.key: each for each in self.events}
        for each in events:
            known.setdefault(each.key, each)
        oldest = int((now - KEPT_FOR).timestamp())
        kept = sorted((each for each in known.values() if each.at >= oldest), key=_moment)
        return replace(self, events=tuple(kept[-MAX_EVENTS:]))

    def looked_at(self, keys: Iterable[int], reached: Sequence[Reached]) -> "GoalLog":
        """Look at the events of these keys."""
        wanted = frozenset(keys)
        return replace(
            self,
            events=tuple(
                each.looked_at(reached) if each.key in wanted else each for each in self.events
            ),
        )

    def of(self, keys: Iterable[int]) -> tuple[GoalEvent, ...]:
        """The events of these keys that are kept."""
        wanted = frozenset(keys)
        return tuple(each for each in self.events if each.key in wanted)

    def takes_from_pages(self, key: int, *, now: datetime) -> bool:
        """Whether one more may come from a page; one that is known always may."""
        since = int((now - FROM_PAGES_IN).timestamp())
        fresh = [each for each in self.events if each.from_page and each.at > since]
        return len(fresh) < MAX_FROM_PAGES or any(each.key == key for each in self.events)


def number_of(touch: Touch) -> MessageNumber:
    """The message that touched."""
    return MessageNumber(batch=touch.batch, ordinal=touch.ordinal)


def touches_of(name: str, at: int, reached: Iterable[Reached]) -> tuple[Touch, ...]:
    """The touches that an event of a moment converts, in the order of time, the newest 200."""
    found = {
        Touch(each.touched, each.number.batch, each.number.ordinal)
        for each in reached
        if each.touched is not None
        and each.goal.event == name
        and each.goal.reached(touched=each.touched, at=at)
    }
    return tuple(sorted(found))[-MAX_TOUCHES:]


def untouched_of(
    name: str, at: int, reached: Iterable[Reached], touched: Collection[MessageNumber]
) -> tuple[MessageNumber, ...]:
    """The messages of measured goals that an event of a moment came in the window of, unmoved.

    By number, the 50 that began last.
    """
    found = sorted(
        (each.began, each.number)
        for each in reached
        if each.goal.measured
        and each.goal.event == name
        and each.number not in touched
        and each.goal.reached(touched=each.began, at=at)
    )
    return tuple(sorted(number for _, number in found[-MAX_UNTOUCHED:]))


def touched_at(rule: TouchRule, ordinal: int, state: BatchState, clicks: BatchClicks) -> int | None:
    """When a message touched somebody by this rule, in epoch seconds; None: not yet."""
    if rule is TouchRule.DELIVERED:
        receipt = state.state_of(ordinal).receipt
        return int(receipt.at.timestamp()) if receipt is not None and receipt.delivered else None
    elapsed_s = clicks.first(ordinal, Visitor.HUMAN)
    return None if elapsed_s is None else state.created + elapsed_s


def _moment(event: GoalEvent) -> tuple[int, int]:
    return (event.at, event.key)
