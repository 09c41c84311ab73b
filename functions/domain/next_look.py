"""What a step that has its time still has to look at, and when that is next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from functions.domain.breakdown import Told
from functions.domain.follow_up import Followed, FollowUp, due_at
from functions.domain.message import MessageStatus
from functions.domain.replies import BatchReplies

_NEVER_LEAVE = (MessageStatus.REFUSED, MessageStatus.CANCELLED)


class Seen(NamedTuple):
    """A batch of the message that is followed, and a bit for each message that was judged."""

    told: Told
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """So many messages are not judged yet; of those the next is due then, at the earliest.

    A moment that is past means: any time now. None: nothing is due.
    """

    messages: int = 0
    next_at: datetime | None = None

    def __add__(self, other: "Ahead") -> "Ahead":
        moments = [each for each in (self.next_at, other.next_at) if each is not None]
        return Ahead(
            messages=self.messages + other.messages, next_at=min(moments) if moments else None
        )


def ahead(batches: Iterable[Seen], step: FollowUp, *, now: datetime) -> Ahead:
    """What is left to be looked at of some batches."""
    found = Ahead()
    for each in batches:
        if each.done.bit_count() < len(each.told.standing.state):
            found += _one_by_one(each, step, now) if each.done else _together(each, step, now)
    return found


def _together(batch: Seen, step: FollowUp, now: datetime) -> Ahead:
    """Of a batch of which nothing was judged: counted without unpacking each message."""
    state = batch.told.standing.state
    left = sum(n for (status, _), n in state.tally().items() if status not in _NEVER_LEAVE)
    sent, _ = state.moments()
    # What failed at once left with its round.
    seconds = [*sent, *state.rounds[-1:]]
    moments = [datetime.fromtimestamp(at, tz=UTC) + step.after for at in seconds]
    if state.unsettled:
        leaves = batch.told.meta.not_before
        moments.append(step.after + (now if leaves is None else max(now, leaves)))
    return Ahead(messages=left, next_at=min(moments, default=None) if left else None)


def _one_by_one(batch: Seen, step: FollowUp, now: datetime) -> Ahead:
    meta, standing = batch.told
    followed = Followed(
        standing=standing,
        replies=BatchReplies.none(len(standing.state)),
        expires=meta.expires,
        not_before=meta.not_before,
    )
    left = [each for each in range(len(standing.state)) if not batch.done >> each & 1]
    moments = [due_at(followed, each, step, now=now) for each in left]
    due = [each for each in moments if each is not None]
    return Ahead(messages=len(due), next_at=min(due, default=None))
