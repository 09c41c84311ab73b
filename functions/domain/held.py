"""The ledger of what is held: how a batch is marked in it, and what may be done with its messages.

Releasing opens no other door: a released message is as one that was just planned, and is decided
again by all rules in force. What the law or a rule still keeps back is held again.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from functions.domain.batch import BatchMeta, Source
from functions.domain.eligibility import Hold, decide
from functions.domain.evidence import Evidence
from functions.domain.ids import BatchNumber
from functions.domain.message import BatchState, MessageStatus, Send
from functions.domain.reason import CODE_BY_HOLD, FailureReason, HoldReason

REQUEST_PLACES = tuple(f"requests#{number}" for number in range(8))
"""Where requests' batches stand: several places, for many single messages are written at once."""
_REASON_BY_LETTER = {chr(ord("a") + code): reason for reason, code in CODE_BY_HOLD.items()}
_LETTER_BY_REASON = {reason: letter for letter, reason in _REASON_BY_LETTER.items()}
_ENTRY = re.compile("([a-z])([0-9]+)")
_LAST_MOMENT = timedelta(minutes=2)
"""A look before sending also asks whether the message may leave as late as its lease ends: sooner
than this. What is held at neither moment is held for another reason."""


class HeldAction(StrEnum):
    """What may be done with held messages."""

    RELEASE = "release"
    CANCEL = "cancel"
    EXPIRE = "expire"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBatch:
    """A batch of the ledger: how many of its messages wait, by why."""

    number: BatchNumber
    counts: Mapping[HoldReason, int]

    def held_for(self, reason: HoldReason | None) -> int:
        """How many wait for this reason (None: for any)."""
        return sum(self.counts.values()) if reason is None else self.counts.get(reason, 0)


def place_of(source: Source, number: BatchNumber) -> str:
    """Where a batch stands in the ledger: with its campaign, or at a place of requests."""
    if source.kind == "campaign":
        return source.source_id
    return REQUEST_PLACES[number % len(REQUEST_PLACES)]


def mark_of(state: BatchState) -> str:
    """How many messages are held, by why, as short text; empty when none is.

    >>> from datetime import UTC
    >>> held = [Send.held(HoldReason.NIGHT)] * 3 + [Send.PENDING]
    >>> mark_of(BatchState.fresh(held, now=datetime(2026, 11, 20, tzinfo=UTC)))
    'a3'
    """
    tally = state.tally()
    counts = {
        _LETTER_BY_REASON[reason]: count
        for (status, reason), count in tally.items()
        if status is MessageStatus.HELD and isinstance(reason, HoldReason)
    }
    return "".join(f"{letter}{counts[letter]}" for letter in sorted(counts))


def counts_of(mark: str) -> dict[HoldReason, int]:
    """Read a mark back."""
    return {_REASON_BY_LETTER[letter]: int(count) for letter, count in _ENTRY.findall(mark)}


def held_ordinals(state: BatchState, reason: HoldReason | None = None) -> tuple[int, ...]:
    """Ordinals of the messages that are held for this reason (None: for any)."""
    found = (
        (ordinal, state.state_of(ordinal)) for ordinal in state.ordinals_of(MessageStatus.HELD)
    )
    return tuple(
        ordinal
        for ordinal, message in found
        if message.status is MessageStatus.HELD and reason in (None, message.reason)
    )


def changed(
    state: BatchState,
    action: HeldAction,
    *,
    only: Collection[int] | None,
    reason: HoldReason | None,
    now: datetime,
) -> BatchState:
    """Release, cancel or give up what is held (``only`` these ordinals); the rest stays as it is.

    Times of receipts and clicks count from when a batch may leave, so a release may move that.
    """
    chosen = [i for i in held_ordinals(state, reason) if only is None or i in only]
    if action is not HeldAction.RELEASE:
        return state.with_sends(dict.fromkeys(chosen, _END_BY_ACTION[action]))
    if not chosen:
        return state
    released = state.with_sends(dict.fromkeys(chosen, Send.RELEASED))
    return replace(released, created=min(state.created, int(now.timestamp())))


_END_BY_ACTION = {
    HeldAction.CANCEL: Send.CANCELLED,
    HeldAction.EXPIRE: Send.failed(FailureReason.EXPIRED),
}


def early_due(meta: BatchMeta, state: BatchState, *, again: bool, now: datetime) -> tuple[int, ...]:
    """Ordinals of what is to be looked at now: all that waits; of what is early, the released.

    ``again`` when something that was released is looked at once more: by then it may be pending,
    or held, but not by the schedule.
    """
    waiting = state.waiting()
    if meta.not_before is None or now >= meta.not_before:
        return waiting
    scheduled = Send.held(HoldReason.SCHEDULED)
    return tuple(
        ordinal
        for ordinal in waiting
        if (send := state.send_of(ordinal)) == Send.RELEASED or (again and send != scheduled)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Since when a message is held, and until when (None: until somebody looks again)."""

    since: datetime
    until: datetime | None


def wait_of(meta: BatchMeta, ordinal: int, reason: HoldReason, looks: Sequence[Evidence]) -> Wait:
    """Tell from the looks of the door, oldest first, how long a message waits.

    One that the door did not look at since it was planned waits for its batch's time. When the
    turn comes of one that a limit keeps back is known to its job alone.
    """
    if reason is HoldReason.THROTTLE:
        return Wait(since=meta.created, until=None)
    wait = Wait(since=meta.created, until=meta.not_before)
    found = False
    for look in reversed(looks):
        if ordinal not in look.cases:
            continue
        hold = _hold(look, ordinal)
        if hold is None or hold.reason is not reason:
            break
        wait = Wait(since=look.at, until=wait.until if found else hold.until)
        found = True
    return wait


def _hold(look: Evidence, ordinal: int) -> Hold | None:
    for moment in (look.at, look.at + _LAST_MOMENT):
        decision = decide(look.cases[ordinal], now=moment)
        if isinstance(decision, Hold):
            return decision
    return None
