"""Puts the opt-outs feature together."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache

from functions.channels.registry import hearing_reader, opt_out_sources, refused_by
from functions.contracts.queues import AddressRefused, Queue
from functions.domain.batch import BatchMeta
from functions.domain.contact import Phone
from functions.domain.follow_up import Condition
from functions.domain.ids import AddressHash, ContactId, MessageNumber
from functions.domain.reaction import Reaction
from functions.optouts.ports import OptOutDeps, SweepDeps
from functions.runtime import queues
from functions.storage.announcing import announce
from functions.storage.batches import BatchStore
from functions.storage.contacts import ContactStore
from functions.storage.histories import HistoryStore
from functions.storage.inbox import InboxStore
from functions.storage.opt_outs import OptOutStore
from functions.storage.reactions import ReactionStore
from functions.storage.replies import ReplyStore
from functions.storage.suppressions import address_hash
from functions.storage.sweeps import SweepStore
from functions.storage.triggers import follow_at_once


@cache
def deps() -> OptOutDeps:
    """What taking an opt-out needs."""
    return OptOutDeps(
        opt_outs=OptOutStore(),
        batches=BatchStore(),
        replies=ReplyStore(),
        inbox=InboxStore(),
        reader=hearing_reader,
        refused_by=refused_by,
        hash_of=_hash_of,
        owner_of=ContactStore().owner_of,
        sent_to=_sent_to,
        reacted=_reacted,
        followed=_followed,
    )


@cache
def sweep_deps() -> SweepDeps:
    """What reading the providers' lists needs."""
    return SweepDeps(
        sources=opt_out_sources(), sweeps=SweepStore(), enqueue=_enqueue, hash_of=_hash_of
    )


def _enqueue(jobs: Sequence[AddressRefused]) -> None:
    queues.send(jobs, to=Queue.OPTOUTS)


def _reacted(owner: ContactId, at: datetime) -> None:
    ReactionStore().of_owner(owner, Reaction.OPTED_OUT, at=at)


def _followed(meta: BatchMeta, fact: Condition) -> None:
    follow_at_once(meta, fact)
    announce([meta.number])


def _hash_of(phone: Phone) -> AddressHash:
    return address_hash(phone.e164)


def _sent_to(contact_id: ContactId) -> Iterator[MessageNumber]:
    return (number for _, number in HistoryStore().of(contact_id))
