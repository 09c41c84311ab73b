"""Senders: registered before they are used."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.contracts.errors import Conflict, FieldError, InvalidInput, NotFound
from functions.domain.ad_label import InvalidOptOutNumber, parse_opt_out_number
from functions.domain.channel import Channel
from functions.domain.ids import MAIN_ACCOUNT, AccountName, ProofId, SenderId
from functions.domain.pace import Rate
from functions.domain.sender import (
    MAX_PROOFS,
    Proof,
    ProofKind,
    Review,
    Sender,
    SenderStatus,
)
from functions.domain.sender_number import (
    InvalidSenderNumber,
    parse_contact_number,
    parse_sender_number,
)
from functions.domain.text_size import normalise, unsendable

_KAKAO_CHANNEL = re.compile(r"[A-Za-z0-9_-]{3,64}")


class Senders(Protocol):
    """The store of senders."""

    def add(self, sender: Sender) -> None:
        """Write a new sender."""

    def get(self, sender_id: SenderId) -> Sender | None:
        """Read one sender."""

    def change(self, before: Sender, after: Sender) -> bool:
        """Write proofs and review anew, unless somebody else did since ``before``."""


class Files(Protocol):
    """The files of proofs."""

    @property
    def upload_headers(self) -> Mapping[str, str]:
        """What the upload must be sent with."""

    def upload_url(self, key: str) -> str:
        """Where a file may be PUT once."""

    def size(self, key: str) -> int | None:
        """Bytes of an uploaded file."""

    def download_url(self, key: str) -> str:
        """Where a file can be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderDeps:
    """What the use cases need; ``accounts`` are the names of those at the provider."""

    senders: Senders
    files: Files
    accounts: Callable[[], Collection[AccountName]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFile:
    """A proof with its file: where it can be read and its size, None before it is uploaded."""

    proof: Proof
    url: str | None
    size_bytes: int | None


def register(sender: Sender, *, deps: SenderDeps, now: datetime) -> Sender:
    """Register a sender, to be approved. Raises InvalidInput."""
    errors, address = _checked_address(sender)
    more, contact = _checked_contact(sender.contact)
    errors += more
    errors += _name_errors(sender)
    errors += _opt_out_errors(sender.opt_out_number)
    if errors:
        raise InvalidInput.of(*errors)
    registered = Sender(
        sender_id=sender.sender_id,
        channel=sender.channel,
        address=address,
        display_name=sender.display_name,
        contact=contact,
        opt_out_number=sender.opt_out_number,
        status=SenderStatus.PENDING,
        registered=now,
    )
    deps.senders.add(registered)
    return registered


def _name_errors(sender: Sender) -> list[FieldError]:
    """The name stands in every advertisement, so it must fit a text message."""
    name = normalise(sender.display_name).text.strip()
    if sender.channel is Channel.SMS and (unsendable(name) or len(name.splitlines()) != 1):
        message = "Use one line of characters that carriers can show."
        return [FieldError("/display_name", "unsendable_text", message)]
    return []


def _opt_out_errors(number: str | None) -> list[FieldError]:
    try:
        if number is not None:
            parse_opt_out_number(number)
    except InvalidOptOutNumber:
        message = "A free opt-out number starts with 080."
        return [FieldError(pointer="/opt_out_number", code="invalid_format", message=message)]
    return []


def _checked_address(sender: Sender) -> tuple[list[FieldError], str]:
    return _checked(sender.address, sender.channel, "/address")


def _checked(address: str, channel: Channel, pointer: str) -> tuple[list[FieldError], str]:
    if channel is Channel.KAKAO:
        if _KAKAO_CHANNEL.fullmatch(address):
            return [], address
        message = "Use the id of the Kakao channel (pfId)."
        return [FieldError(pointer=pointer, code="invalid_format", message=message)], ""
    try:
        return [], parse_sender_number(address)
    except InvalidSenderNumber as error:
        message = "Such a number cannot be registered as a sender."
        return [FieldError(pointer=pointer, code=str(error.code), message=message)], ""


def _checked_contact(number: str | None) -> tuple[list[FieldError], str | None]:
    try:
        return [], None if number is None else parse_contact_number(number)
    except InvalidSenderNumber as error:
        message = "Nobody can be called at such a number."
        return [FieldError(pointer="/contact", code=str(error.code), message=message)], None


def find(sender_id: SenderId, *, deps: SenderDeps) -> Sender:
    """Read a sender. Raises NotFound."""
    sender = deps.senders.get(sender_id)
    if sender is None:
        msg = "There is no such sender."
        raise NotFound(msg)
    return sender


def register_at(
    sender_id: SenderId, accounts: Mapping[AccountName, str], *, deps: SenderDeps
) -> Sender:
    """Say at which further accounts the sender is registered, and what it is called there.

    Raises NotFound, Conflict ``busy``, InvalidInput: ``unknown_account``,
    ``another_number``, or as when registering.
    """
    sender = find(sender_id, deps=deps)
    known = set(deps.accounts()) - {MAIN_ACCOUNT}
    errors, addresses = [], {}
    for account, given in accounts.items():
        pointer = f"/accounts/{account}"
        if account not in known:
            message = "There is no further account of this name."
            errors.append(FieldError(pointer, "unknown_account", message))
            continue
        more, address = _checked(given, sender.channel, pointer)
        errors += more or _number_errors(sender, address, pointer)
        addresses[account] = address
    if errors:
        raise InvalidInput.of(*errors)
    _change(sender, replace(sender, accounts=addresses), deps)
    return find(sender_id, deps=deps)


def _number_errors(sender: Sender, address: str, pointer: str) -> list[FieldError]:
    """A number is what was reviewed; a Kakao channel has another id at each account."""
    if sender.channel is Channel.KAKAO or address == sender.address:
        return []
    message = "A number is the same at every account; register another one by itself."
    return [FieldError(pointer, "another_number", message)]


def add_proof(
    sender_id: SenderId, kind: ProofKind, *, proof_id: ProofId, deps: SenderDeps, now: datetime
) -> Proof:
    """Expect a file that proves a right to the number. Raises NotFound, Conflict, InvalidInput."""
    sender = find(sender_id, deps=deps)
    if len(sender.proofs) >= MAX_PROOFS:
        message = f"A sender has at most {MAX_PROOFS} proofs."
        raise InvalidInput.field("/kind", "too_many", message)
    key = f"senders/{sender_id}/proof-{proof_id}"
    proof = Proof(proof_id=proof_id, kind=kind, object_key=key, added=now)
    _change(sender, replace(sender, proofs=(*sender.proofs, proof)), deps)
    return proof


def proof_files(sender_id: SenderId, *, deps: SenderDeps) -> tuple[ProofFile, ...]:
    """Read the proofs with where their files can be read. Raises NotFound."""
    sender = find(sender_id, deps=deps)
    return tuple(_file_of(proof, deps) for proof in sender.proofs)


def _file_of(proof: Proof, deps: SenderDeps) -> ProofFile:
    size = deps.files.size(proof.object_key)
    url = None if size is None else deps.files.download_url(proof.object_key)
    return ProofFile(proof=proof, url=url, size_bytes=size)


def review(sender_id: SenderId, decision: Review, *, deps: SenderDeps, now: datetime) -> Sender:
    """Decide about a sender; also later, when a registration ends or is questioned.

    Raises NotFound, Conflict ``busy``, InvalidInput: ``reason_required`` when a number is approved
    without a proof that was uploaded, ``not_allowed`` for dates of anything but an approval.
    """
    sender = find(sender_id, deps=deps)
    errors = _date_errors(decision, now=now)
    if decision.status is SenderStatus.APPROVED and not _is_grounded(sender, decision, deps):
        message = "No proof was uploaded: say why the number may be used."
        errors.append(FieldError(pointer="/note", code="reason_required", message=message))
    if errors:
        raise InvalidInput.of(*errors)
    _change(sender, sender.decided(decision, now=now), deps)
    return find(sender_id, deps=deps)


def limit(sender_id: SenderId, rate: Rate | None, *, deps: SenderDeps) -> Sender:
    """Change how fast a sender's messages may leave. Raises NotFound, Conflict ``busy``."""
    sender = find(sender_id, deps=deps)
    _change(sender, replace(sender, rate=rate), deps)
    return find(sender_id, deps=deps)


def _is_grounded(sender: Sender, decision: Review, deps: SenderDeps) -> bool:
    """Whether an approval rests on a file, a reason, or Kakao, who knows its channels."""
    if sender.channel is Channel.KAKAO or decision.note.strip():
        return True
    return any(deps.files.size(proof.object_key) for proof in sender.proofs)


def _date_errors(decision: Review, *, now: datetime) -> list[FieldError]:
    start, end = decision.valid_from, decision.valid_until
    if decision.status is not SenderStatus.APPROVED:
        message = "Only an approval has dates."
        dates = {"/valid_from": start, "/valid_until": end}
        given = [pointer for pointer, moment in dates.items() if moment is not None]
        return [FieldError(pointer, "not_allowed", message) for pointer in given]
    if end is not None and end <= (now if start is None else max(now, start)):
        message = "It must end after it begins, and later than now."
        return [FieldError(pointer="/valid_until", code="out_of_range", message=message)]
    return []


def _change(before: Sender, after: Sender, deps: SenderDeps) -> None:
    if not deps.senders.change(before, after):
        msg = "The sender was changed at the same time; try again."
        raise Conflict(msg, code="busy")
