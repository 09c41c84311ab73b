"""Who waits for a turn under a limit long enough to stand in the ledger of what is held.

A new batch stands there from its first write on, so that its messages cost no write more than
others; one that finds its lanes full later is written once. The ledger's index costs each two
write units. Who waits less than a minute is ``pending``: nobody could act on it in time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from functions.domain.batch import Batch
from functions.domain.message import BatchState, Send
from functions.domain.pace import SECOND_US, Rate
from functions.domain.reason import HoldReason

LISTED_FROM_US = 60 * SECOND_US
_IN_LINE = Send.held(HoldReason.THROTTLE)
_READY = (Send.PENDING, Send.RELEASED)


def in_line(state: BatchState, ordinals: Iterable[int]) -> BatchState:
    """Note of these messages that they wait for their turn, unless they wait for something else."""
    ready = [ordinal for ordinal in ordinals if state.send_of(ordinal) in _READY]
    return state.with_sends(dict.fromkeys(ready, _IN_LINE)) if ready else state


def lined_up(batches: Sequence[Batch], *, before: int, rate: Rate) -> tuple[Batch, ...]:
    """New batches that leave one after the other, behind so many messages that come before."""
    marked = []
    for batch in batches:
        waits_us = rate.cost_us(before)
        if waits_us >= LISTED_FROM_US and batch.meta.not_before is None:
            state = in_line(batch.state, range(len(batch.state)))
            marked.append(replace(batch, state=state))
        else:
            marked.append(batch)
        before += batch.meta.size
    return tuple(marked)
