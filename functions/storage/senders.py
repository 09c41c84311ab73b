"""Senders: registered numbers and Kakao channels, with the review they went through."""

from datetime import datetime
from typing import Any

from pynamodb.attributes import JSONAttribute, UnicodeAttribute, UTCDateTimeAttribute
from pynamodb.expressions.update import Action

from functions.contracts.page import Page, Position
from functions.contracts.rate_document import rate_from_json, rate_to_json
from functions.domain.channel import Channel
from functions.domain.ids import ProofId, SenderId
from functions.domain.sender import Proof, ProofKind, Sender, SenderStatus
from functions.storage.base import Item, position_of, start_key, written
from functions.storage.wire import get_row, reader_of


class SenderItem(Item):
    """One sender."""

    class Meta:
        """Short name of the table."""

        table = "senders"

    sender_id = UnicodeAttribute(hash_key=True)
    channel = UnicodeAttribute(null=True)
    address = UnicodeAttribute(null=True)
    display_name = UnicodeAttribute(null=True)
    contact = UnicodeAttribute(null=True)
    opt_out_number = UnicodeAttribute(null=True)
    status = UnicodeAttribute(null=True)
    proofs = JSONAttribute(null=True)
    accounts = JSONAttribute(null=True)
    registered = UTCDateTimeAttribute(null=True)
    reviewed = UTCDateTimeAttribute(null=True)
    note = UnicodeAttribute(null=True)
    valid_from = UTCDateTimeAttribute(null=True)
    valid_until = UTCDateTimeAttribute(null=True)
    rate = JSONAttribute(null=True)


class SenderStore:
    """Reads and writes senders."""

    def add(self, sender: Sender) -> None:
        """Write a new sender."""
        SenderItem(
            sender.sender_id,
            channel=str(sender.channel),
            address=sender.address,
            display_name=sender.display_name,
            contact=sender.contact,
            opt_out_number=sender.opt_out_number,
            **_registration(sender),
        ).save(condition=SenderItem.sender_id.does_not_exist())

    def get(self, sender_id: SenderId) -> Sender | None:
        """Read one sender, consistently."""
        return get_row("senders", {"sender_id": {"S": sender_id}}, _read)

    def change(self, before: Sender, after: Sender) -> bool:
        """Write proofs, review and limit anew, unless somebody else did since ``before``."""
        item = SenderItem(before.sender_id)
        attributes: Any = SenderItem
        actions: list[Action] = []
        for name, value in _registration(after).items():
            attribute = getattr(attributes, name)
            actions.append(attribute.remove() if value is None else attribute.set(value))
        same = SenderItem.status == str(before.status)
        for name in ("proofs", "reviewed", "accounts", "rate"):
            known, attribute = _registration(before)[name], getattr(attributes, name)
            same &= attribute.does_not_exist() if known is None else attribute == known
        return written(lambda: item.update(actions=actions, condition=same))

    def page(self, *, limit: int, position: Position | None) -> Page[Sender]:
        """List senders in the table's order."""
        scan = SenderItem.scan(page_size=limit, limit=limit, last_evaluated_key=start_key(position))
        found = tuple(_to_sender(item) for item in scan)
        return Page(items=found, after=position_of(scan.last_evaluated_key))


def _registration(sender: Sender) -> dict[str, Any]:
    """What changes of a sender."""
    proofs = [
        [each.proof_id, str(each.kind), each.object_key, each.added.isoformat()]
        for each in sender.proofs
    ]
    return {
        "status": str(sender.status),
        "proofs": proofs or None,
        "registered": sender.registered,
        "reviewed": sender.reviewed,
        "note": sender.note or None,
        "valid_from": sender.valid_from,
        "valid_until": sender.valid_until,
        "accounts": dict(sender.accounts) or None,
        "rate": rate_to_json(sender.rate),
    }


def _to_sender(item: SenderItem) -> Sender:
    return Sender(
        sender_id=SenderId(item.sender_id),
        channel=Channel(item.channel or ""),
        address=item.address or "",
        display_name=item.display_name or "",
        contact=item.contact,
        opt_out_number=item.opt_out_number,
        status=SenderStatus(item.status or ""),
        proofs=tuple(_to_proof(*each) for each in item.proofs or ()),
        registered=item.registered,
        reviewed=item.reviewed,
        note=item.note or "",
        valid_from=item.valid_from,
        valid_until=item.valid_until,
        accounts=item.accounts or {},
        rate=rate_from_json(item.rate),
    )


_read = reader_of(SenderItem, _to_sender)


def _to_proof(proof_id: str, kind: str, object_key: str, added: str) -> Proof:
    return Proof(
        proof_id=ProofId(proof_id),
        kind=ProofKind(kind),
        object_key=object_key,
        added=datetime.fromisoformat(added),
    )
