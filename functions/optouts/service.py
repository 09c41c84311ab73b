"""Takes what people say: opt-outs from refusal codes, 080 calls and replies, and answers.

Every use case may be repeated: the store of opt-outs completes what died, and leaves alone what
the person agreed to since.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from functions.channels.base import Heard, InboundMessage, OptOutEvent
from functions.contracts.queues import AddressRefused, CallbackReceived, OptOutReceived
from functions.domain.contact import Phone
from functions.domain.ids import AddressHash, BatchNumber
from functions.domain.opt_out import OptOut, scope_of
from functions.domain.opt_out_words import Keyword, read_keyword
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import usual_scope
from functions.optouts.ports import OptOutDeps
from functions.optouts.replies import note_reply

_ACTOR = "recipient"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of one thing that somebody said, for the log.

    ``outcome`` is ``opted_out``, or what a received text was: ``start``, ``answer`` to a message of
    ours, ``message``, ``known``.
    """

    outcome: str
    source: str
    owner_known: bool = False


OPTED_OUT, ANSWER, MESSAGE, KNOWN = "opted_out", "answer", "message", "known"


def take_refusal(job: OptOutReceived, *, deps: OptOutDeps, now: datetime) -> Taken | None:
    """Opt out whom a provider refused to write to; None when there is no such message."""
    batch = deps.batches.load(BatchNumber(job.batch))
    if batch is None or job.ordinal >= len(batch.recipients):
        return None
    phone = batch.recipients[job.ordinal].phone
    if phone is None:
        return None
    reason = deps.refused_by(batch.meta.channel)
    opt_out = OptOut(
        reason=reason,
        scope=scope_of(reason, phone),
        at=_moment(job.at, now),
        source=f"refusal:{batch.meta.channel}",
        actor=_ACTOR,
    )
    return _opt_out(deps.hash_of(phone), opt_out, deps=deps, now=now)


def take_address(job: AddressRefused, *, deps: OptOutDeps, now: datetime) -> Taken:
    """Opt out whoever has this address. Raises ValueError for a reason that is none."""
    reason = SuppressionReason(job.reason)
    opt_out = OptOut(
        reason=reason,
        scope=usual_scope(reason),
        at=_moment(job.at, now),
        source=job.source,
        actor=_ACTOR,
    )
    return _said_so(AddressHash(job.address), opt_out, deps=deps, now=now)


def take_callback(
    callback: CallbackReceived, *, deps: OptOutDeps, now: datetime
) -> Iterator[Taken]:
    """Work off what people said. Raises ValueError for an unreadable callback."""
    reader = deps.reader(callback.provider)
    if reader is None:
        msg = "a callback of a provider that does not tell what people said"
        raise ValueError(msg)
    for heard in reader.hear(callback.body, now=now):
        yield _take(heard, callback.provider, deps=deps, now=now)


def _take(heard: Heard, provider: str, *, deps: OptOutDeps, now: datetime) -> Taken:
    match heard:
        case OptOutEvent():
            opt_out = _said(heard.reason, heard.phone, heard.at, source=f"080:{provider}", now=now)
            return _said_so(deps.hash_of(heard.phone), opt_out, deps=deps, now=now)
        case InboundMessage():
            return _take_message(heard, provider, deps=deps, now=now)


def _take_message(
    message: InboundMessage, provider: str, *, deps: OptOutDeps, now: datetime
) -> Taken:
    key, source = f"{provider}#{message.key}", f"reply:{provider}"
    if deps.inbox.knows(key):
        return Taken(outcome=KNOWN, source=source)
    keyword = read_keyword(message.text)
    taken = Taken(outcome=keyword or MESSAGE, source=source)
    if keyword is Keyword.STOP:
        reason = SuppressionReason.OPT_OUT_REPLY
        opt_out = _said(reason, message.sender, message.at, source=source, now=now)
        taken = _said_so(deps.hash_of(message.sender), opt_out, deps=deps, now=now)
    if keyword is None and note_reply(message, deps=deps, now=now) is not None:
        taken = Taken(outcome=ANSWER, source=source, owner_known=True)
    # Only now: a worker that dies before this works the message off again.
    deps.inbox.remember(key, now=now)
    return taken


def _said(
    reason: SuppressionReason, phone: Phone, at: datetime, *, source: str, now: datetime
) -> OptOut:
    return OptOut(
        reason=reason,
        scope=scope_of(reason, phone),
        at=min(at, now),
        source=source,
        actor=_ACTOR,
    )


def _said_so(hashed: AddressHash, opt_out: OptOut, *, deps: OptOutDeps, now: datetime) -> Taken:
    """Take what the person said now, not a refusal that tells of an earlier word."""
    return _opt_out(hashed, opt_out, deps=deps, now=now, answers=True)


def _opt_out(
    hashed: AddressHash,
    opt_out: OptOut,
    *,
    deps: OptOutDeps,
    now: datetime,
    answers: bool = False,
) -> Taken:
    owner = deps.opt_outs.by_address(hashed, opt_out, now=now)
    if owner is not None and answers:
        deps.reacted(owner, opt_out.at)
    return Taken(outcome=OPTED_OUT, source=opt_out.source, owner_known=owner is not None)


def _moment(epoch_s: int, now: datetime) -> datetime:
    return min(datetime.fromtimestamp(epoch_s, tz=UTC), now)
