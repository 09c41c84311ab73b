"""What taking opt-outs needs of the world around it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from functions.channels.base import HearingReader, OptOutSource
from functions.contracts.queues import AddressRefused
from functions.domain.batch import Batch, BatchMeta
from functions.domain.channel import Channel
from functions.domain.contact import Phone
from functions.domain.follow_up import Condition
from functions.domain.ids import AddressHash, BatchNumber, ContactId, MessageNumber
from functions.domain.opt_out import OptOut
from functions.domain.reason import SuppressionReason
from functions.domain.replies import BatchReplies
from functions.domain.sweep import Sweep


class OptOuts(Protocol):
    """The store of opt-outs."""

    def by_address(
        self, hashed: AddressHash, opt_out: OptOut, *, now: datetime
    ) -> ContactId | None:
        """Suppress an address and withdraw the consents of whose it is; tells whose."""


class Batches(Protocol):
    """The store of batches."""

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch."""


class Replies(Protocol):
    """The store of answers to messages."""

    def change(
        self, number: BatchNumber, size: int, change: Callable[[BatchReplies], BatchReplies]
    ) -> None:
        """Apply a change to a batch's answers."""


class Inbox(Protocol):
    """Which received messages were worked off."""

    def knows(self, key: str) -> bool:
        """Whether this one was."""

    def remember(self, key: str, *, now: datetime) -> None:
        """Note that it is."""


class Sweeps(Protocol):
    """Where the sweeps over providers' lists stand."""

    def get(self, name: str) -> Sweep:
        """Read one; a new one where there is none."""

    def put(self, name: str, sweep: Sweep) -> None:
        """Write one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutDeps:
    """What taking an opt-out needs.

    ``refused_by`` says how somebody opted out whom a channel's provider refuses to write to,
    ``owner_of`` whose a number is, ``sent_to`` a person's messages, newest first; ``reacted`` puts
    an opt-out of somebody, at a moment, down to the message that it came of. ``followed`` has a
    batch looked at of which a fact was recorded.
    """

    opt_outs: OptOuts
    batches: Batches
    replies: Replies
    inbox: Inbox
    reader: Callable[[str], HearingReader | None]
    refused_by: Callable[[Channel], SuppressionReason]
    hash_of: Callable[[Phone], AddressHash]
    owner_of: Callable[[Phone], ContactId | None]
    sent_to: Callable[[ContactId], Iterator[MessageNumber]]
    reacted: Callable[[ContactId, datetime], None]
    followed: Callable[[BatchMeta, Condition], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepDeps:
    """What reading providers' lists of refusals needs: each account's list, by its name."""

    sources: Mapping[str, OptOutSource]
    sweeps: Sweeps
    enqueue: Callable[[Sequence[AddressRefused]], None]
    hash_of: Callable[[Phone], AddressHash]
