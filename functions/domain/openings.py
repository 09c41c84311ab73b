"""When people opened what they got lately, found in the rows of those messages' batches."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from functions.domain.best_time import ClickHours
from functions.domain.channel import Channel
from functions.domain.clicks import Visitor
from functions.domain.fatigue import Entry, Recent
from functions.domain.ids import BatchNumber, ContactId, unpacked_number
from functions.domain.standing import Standing

NEWEST = 20
"""So many advertisements of a person are looked at."""
MOST_BATCHES = 2_000
"""So many batches are read for a part: two read units each at most."""


class Tally(NamedTuple):
    """So many messages, and of how many of them a person opened a link."""

    messages: int = 0
    opened: int = 0


class Opening(NamedTuple):
    """What somebody got on which channel, and when a link of it was opened first, if it was.

    ``others`` are those who got a message of the same batch.
    """

    channel: Channel
    opened: datetime | None
    others: Tally = Tally()


def batches_of(recents: Iterable[Recent]) -> list[BatchNumber]:
    """The batches of people's newest advertisements: those that most of them were in, first."""
    found = Counter(
        unpacked_number(each.number)[0] for recent in recents for each in _newest(recent)
    )
    return [number for number, _ in found.most_common(MOST_BATCHES)]


def openings_of(
    recents: Mapping[ContactId, Recent], standings: Iterable[Standing]
) -> dict[ContactId, tuple[Opening, ...]]:
    """What each person got lately and what was opened of it; a machine's opening is none."""
    by_number = {each.number: (each, _tally(each)) for each in standings}
    return {
        contact_id: tuple(_openings(_newest(recent), by_number))
        for contact_id, recent in recents.items()
    }


def click_hours_of(
    openings: Mapping[ContactId, Iterable[Opening]],
) -> dict[ContactId, ClickHours]:
    """When people opened what they got; who opened nothing is left out."""
    opened = {
        contact_id: [each.opened for each in found if each.opened is not None]
        for contact_id, found in openings.items()
    }
    return {contact_id: ClickHours.of(each) for contact_id, each in opened.items() if each}


def _openings(
    entries: Sequence[Entry], by_number: Mapping[BatchNumber, tuple[Standing, Tally]]
) -> Iterator[Opening]:
    for entry in entries:
        batch, ordinal = unpacked_number(entry.number)
        found = by_number.get(batch)
        if found is not None:
            standing, (messages, opened) = found
            at = _opened(standing, ordinal)
            others = Tally(messages - 1, opened - (at is not None))
            yield Opening(entry.channel, at, others)


def _tally(standing: Standing) -> Tally:
    return Tally(len(standing.state), standing.clicks.count(Visitor.HUMAN))


def _opened(standing: Standing, ordinal: int) -> datetime | None:
    elapsed_s = standing.clicks.first(ordinal, Visitor.HUMAN)
    if elapsed_s is None:
        return None
    return datetime.fromtimestamp(standing.state.created, tz=UTC) + timedelta(seconds=elapsed_s)


def _newest(recent: Recent) -> Sequence[Entry]:
    return recent.entries[-NEWEST:]
