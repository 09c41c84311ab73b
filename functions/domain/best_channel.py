"""The channel on which somebody most likely opens a link, by what they and others opened there.

A channel's score is the share of messages of which people open a link on it, times how much more
or less than others this person opened there. What would be expected of the person is told by the
others who got the same messages: so one that has no link, or has just come, speaks neither for a
channel nor against it. It is the mean of a rate that is gamma-distributed among people.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from functions.domain.channel import Channel
from functions.domain.ids import ContactId
from functions.domain.openings import Opening, Tally
from functions.domain.reason import RefusalReason

MOST_EXPLORED = 20
USUALLY_EXPLORED = 5
"""Percent of people who get a way by chance."""
_OTHERS_COUNT = 4
"""So many openings of a person's own weigh as much as that they are like everybody else: as many
as for the best time. Fewer gain little where tastes differ, and lose more where they do not
(``benchmarks/best_channel.py``)."""
_CHANNEL_COUNTS = 100
"""So many messages on a channel weigh as much as that it is like all channels together."""
_FIRST_GUESS = Tally(messages=10, opened=1)
"""What is known where nothing is."""
_BATCH_COUNTS = 20
"""So many messages of a batch weigh as much as that it is like all others of its channel."""
_DIGITS = 9
"""Scores that are the same up to here are equal."""
_PERCENT = 100


class ChosenBy(StrEnum):
    """What a channel was chosen by."""

    OWN_OPENINGS = "own_openings"
    OTHERS_OPENINGS = "others_openings"
    PRICE = "price"
    """It is the cheapest of equally good ones, or the first of those that cost the same."""
    EXPLORED = "explored"
    """Chance, so that a channel of which little is known can prove itself."""


class Habit(NamedTuple):
    """What somebody got on a channel and opened of it, and what others would have opened of it."""

    messages: int = 0
    openings: int = 0
    expected: float = 0.0

    @property
    def factor(self) -> float:
        """How much more than others the person opens: 1 where nothing is known."""
        return (self.openings + _OTHERS_COUNT) / (self.expected + _OTHERS_COUNT)


class Ranking(NamedTuple):
    """In which order somebody's ways are tried, by their places, and why the first is first."""

    places: tuple[int, ...]
    by: ChosenBy
    habits: Mapping[Channel, Habit]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChoice:
    """The channel that was taken, why it or one before it was the first, and what was known.

    ``passed_over`` are channels that came before it, and why no message may leave on them.
    """

    channel: Channel
    by: ChosenBy
    messages: int = 0
    openings: int = 0
    passed_over: tuple[tuple[Channel, RefusalReason], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BestChannel:
    """Ranks the ways of a campaign, each of another channel, for each person.

    ``prices`` are those of a message on each way, in won. ``tallies`` are what people did on each
    channel, ``openings`` what each person did. ``explore`` percent get a way by chance: those
    whose ``draw``, a number from 0 to 1 that is always the same for a person, is small.
    """

    channels: tuple[Channel, ...]
    prices: tuple[int, ...]
    explore: int = USUALLY_EXPLORED
    draw: Callable[[ContactId], float] = field(default=lambda _: 1.0, repr=False)
    tallies: Mapping[Channel, Tally] = field(default_factory=dict)
    openings: Mapping[ContactId, tuple[Opening, ...]] = field(default_factory=dict, repr=False)
    rates: Mapping[Channel, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rates", rates_of(self.channels, self.tallies))

    def rank(self, contact_id: ContactId | None) -> Ranking:
        """Rank the ways for somebody; a number that nobody is known by has no openings."""
        habits = self._habits(contact_id)
        none = Habit()
        scores = [
            round(self.rates[each] * habits.get(each, none).factor, _DIGITS)
            for each in self.channels
        ]
        places = sorted(range(len(scores)), key=lambda at: (-scores[at], self.prices[at], at))
        drawn = self._explored(contact_id)
        if drawn is not None:
            others = (each for each in places if each != drawn)
            return Ranking((drawn, *others), ChosenBy.EXPLORED, habits)
        first, second = places[:2]
        if scores[first] == scores[second]:
            by = ChosenBy.PRICE
        else:
            by = ChosenBy.OWN_OPENINGS if habits else ChosenBy.OTHERS_OPENINGS
        return Ranking(tuple(places), by, habits)

    def _habits(self, contact_id: ContactId | None) -> Mapping[Channel, Habit]:
        openings = () if contact_id is None else self.openings.get(contact_id, ())
        return habits_of((each for each in openings if each.channel in self.rates), self.rates)

    def _explored(self, contact_id: ContactId | None) -> int | None:
        """The way that somebody gets by chance, each as likely as the others."""
        if contact_id is None or not self.explore:
            return None
        drawn = self.draw(contact_id) * _PERCENT / self.explore
        return int(drawn * len(self.channels)) if drawn < 1 else None


def rates_of(
    channels: Iterable[Channel], tallies: Mapping[Channel, Tally]
) -> Mapping[Channel, float]:
    """Which share of messages people open on each channel, as if each were like all at first."""
    known = {each: tallies.get(each, Tally()) for each in channels}
    messages = _FIRST_GUESS.messages + sum(each.messages for each in known.values())
    opened = _FIRST_GUESS.opened + sum(each.opened for each in known.values())
    everywhere = opened / messages
    return {
        channel: (tally.opened + _CHANNEL_COUNTS * everywhere) / (tally.messages + _CHANNEL_COUNTS)
        for channel, tally in known.items()
    }


def habits_of(
    openings: Iterable[Opening], rates: Mapping[Channel, float]
) -> Mapping[Channel, Habit]:
    """What a person got on each channel and opened, beside what others opened of the same."""
    found: defaultdict[Channel, Habit] = defaultdict(Habit)
    for each in openings:
        messages, opened, expected = found[each.channel]
        others = each.others
        share = (others.opened + _BATCH_COUNTS * rates[each.channel]) / (
            others.messages + _BATCH_COUNTS
        )
        found[each.channel] = Habit(
            messages + 1, opened + (each.opened is not None), expected + share
        )
    return dict(found)
