"""Senders: registered before they are used."""

import re
from dataclasses import dataclass
from typing import Protocol

from functions.contracts.errors import FieldError, InvalidInput, NotFound
from functions.domain.ad_label import InvalidOptOutNumber, parse_opt_out_number
from functions.domain.channel import Channel
from functions.domain.ids import SenderId
from functions.domain.sender import Sender, SenderStatus
from functions.domain.sender_number import InvalidSenderNumber, parse_sender_number
from functions.domain.text_size import normalise, unsendable

_KAKAO_CHANNEL = re.compile(r"[A-Za-z0-9_-]{3,64}")


class Senders(Protocol):
    """The store of senders."""

    def add(self, sender: Sender) -> None:
        """Write a new sender."""

    def get(self, sender_id: SenderId) -> Sender | None:
        """Read one sender."""

    def move(self, sender_id: SenderId, *, to: SenderStatus) -> bool:
        """Change the status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderDeps:
    """What the use cases need."""

    senders: Senders


def register(sender: Sender, *, deps: SenderDeps) -> Sender:
    """Register a sender, to be approved. Raises InvalidInput."""
    errors, address = _checked_address(sender)
    errors += _name_errors(sender)
    errors += _opt_out_errors(sender.opt_out_number)
    if errors:
        raise InvalidInput.of(*errors)
    registered = Sender(
        sender_id=sender.sender_id,
        channel=sender.channel,
        address=address,
        display_name=sender.display_name,
        opt_out_number=sender.opt_out_number,
        status=SenderStatus.PENDING,
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
    if sender.channel is Channel.KAKAO:
        if _KAKAO_CHANNEL.fullmatch(sender.address):
            return [], sender.address
        message = "Use the id of the Kakao channel (pfId)."
        return [FieldError(pointer="/address", code="invalid_format", message=message)], ""
    try:
        return [], parse_sender_number(sender.address)
    except InvalidSenderNumber as error:
        message = "Such a number cannot be registered as a sender."
        return [FieldError(pointer="/address", code=str(error.code), message=message)], ""


def find(sender_id: SenderId, *, deps: SenderDeps) -> Sender:
    """Read a sender. Raises NotFound."""
    sender = deps.senders.get(sender_id)
    if sender is None:
        msg = "There is no such sender."
        raise NotFound(msg)
    return sender


def review(sender_id: SenderId, *, status: SenderStatus, deps: SenderDeps) -> Sender:
    """Approve or reject a sender; also later, when a registration ends. Raises NotFound."""
    if not deps.senders.move(sender_id, to=status):
        msg = "There is no such sender."
        raise NotFound(msg)
    return find(sender_id, deps=deps)
