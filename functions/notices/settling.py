"""From requests that were made to notices that were sent, or could not be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.contracts.errors import NotFound
from functions.domain.batch import Batch, Binding
from functions.domain.consent import ConsentAction
from functions.domain.contact import Contact
from functions.domain.ids import ContactId, MessageNumber
from functions.domain.message import MessageStatus
from functions.domain.notice import Notice, NoticeKind, needs_confirmation
from functions.domain.reason import RefusalReason
from functions.domain.writing import ConsentChange
from functions.notices.ports import NoticeDeps

_NOT_TOLD = frozenset({MessageStatus.REFUSED, MessageStatus.FAILED, MessageStatus.CANCELLED})
_Place = tuple[Batch, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What was found: how many were sent or could not be, and requests nobody accepted yet."""

    sent: int
    undeliverable: int
    unbound: Mapping[str, Sequence[Notice]]


def settle(asked: Mapping[str, Sequence[Notice]], *, deps: NoticeDeps, now: datetime) -> Settled:
    """Look what became of each request, and keep the proof of what was accepted."""
    sent = undeliverable = 0
    unbound: dict[str, Sequence[Notice]] = {}
    for request_id, notices in asked.items():
        binding = deps.requests.find(request_id)
        if binding is None:
            unbound[request_id] = notices
            continue
        places = _places(binding, deps)
        for notice in notices:
            told = _settled(notice, places.get(notice.contact_id), deps=deps, now=now)
            sent += told is True
            undeliverable += told is False
    return Settled(sent=sent, undeliverable=undeliverable, unbound=unbound)


def _places(binding: Binding, deps: NoticeDeps) -> dict[ContactId, _Place]:
    batches = (deps.batches.load(number) for number in binding.batches)
    return {
        recipient.contact_id: (batch, ordinal)
        for batch in batches
        if batch is not None
        for ordinal, recipient in enumerate(batch.recipients)
        if recipient.contact_id is not None
    }


def _settled(
    notice: Notice, place: _Place | None, *, deps: NoticeDeps, now: datetime
) -> bool | None:
    """Whether the person was told; None when the request was made without them."""
    if place is None:
        deps.notices.release(notice)
        return None
    batch, ordinal = place
    state = batch.state.state_of(ordinal)
    if state.status in _NOT_TOLD:
        deps.notices.mark_undeliverable(notice, str(state.reason or state.status))
        return False
    return _sent(notice, batch, ordinal, deps=deps, now=now)


def _sent(notice: Notice, batch: Batch, ordinal: int, *, deps: NoticeDeps, now: datetime) -> bool:
    message_id = str(MessageNumber(batch=batch.meta.number, ordinal=ordinal))
    at = batch.meta.created
    # The proof first: the ledger then puts the next confirmation in the place of this one.
    deps.notices.mark_sent(notice, message_id, at=at)
    if notice.kind is NoticeKind.CONFIRM:
        return _confirmed(notice, message_id, at=at, deps=deps, now=now)
    return True


def _confirmed(
    notice: Notice, message_id: str, *, at: datetime, deps: NoticeDeps, now: datetime
) -> bool:
    change = ConsentChange(
        key=notice.key,
        action=ConsentAction.CONFIRM,
        at=at,
        source=f"notice:{message_id}",
        actor="allim",
        text_version="",
    )

    def decided(contact: Contact) -> Sequence[ConsentChange]:
        consent = contact.consents.get(notice.key)
        if not needs_confirmation(consent) or consent.at != notice.said:
            return []  # withdrawn, or given anew, since
        done = consent.confirmed is not None and consent.confirmed >= at
        return [] if done else [change]

    try:
        deps.consents.append_decided(notice.contact_id, decided, now=now)
    except NotFound:
        deps.notices.mark_undeliverable(notice, str(RefusalReason.UNKNOWN_CONTACT))
        return False
    return True
