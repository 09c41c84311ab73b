"""Senders: registered numbers and Kakao channels."""

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.update import Action

from functions.contracts.page import Page, Position
from functions.domain.channel import Channel
from functions.domain.ids import SenderId
from functions.domain.sender import Sender, SenderStatus
from functions.storage.base import Item, position_of, start_key, written


class SenderItem(Item):
    """One sender."""

    class Meta:
        """Short name of the table."""

        table = "senders"

    sender_id = UnicodeAttribute(hash_key=True)
    channel = UnicodeAttribute(null=True)
    address = UnicodeAttribute(null=True)
    display_name = UnicodeAttribute(null=True)
    opt_out_number = UnicodeAttribute(null=True)
    status = UnicodeAttribute(null=True)


class SenderStore:
    """Reads and writes senders."""

    def add(self, sender: Sender) -> None:
        """Write a new sender."""
        SenderItem(
            sender.sender_id,
            channel=str(sender.channel),
            address=sender.address,
            display_name=sender.display_name,
            opt_out_number=sender.opt_out_number,
            status=str(sender.status),
        ).save(condition=SenderItem.sender_id.does_not_exist())

    def get(self, sender_id: SenderId) -> Sender | None:
        """Read one sender, consistently."""
        try:
            return _to_sender(SenderItem.get(sender_id, consistent_read=True))
        except SenderItem.DoesNotExist:
            return None

    def move(self, sender_id: SenderId, *, to: SenderStatus) -> bool:
        """Change the status; False when there is no such sender."""
        item = SenderItem(sender_id)
        actions: list[Action] = [SenderItem.status.set(str(to))]
        known = SenderItem.address.exists()
        return written(lambda: item.update(actions=actions, condition=known))

    def page(self, *, limit: int, position: Position | None) -> Page[Sender]:
        """List senders in the table's order."""
        scan = SenderItem.scan(page_size=limit, limit=limit, last_evaluated_key=start_key(position))
        found = tuple(_to_sender(item) for item in scan)
        return Page(items=found, after=position_of(scan.last_evaluated_key))


def _to_sender(item: SenderItem) -> Sender:
    return Sender(
        sender_id=SenderId(item.sender_id),
        channel=Channel(item.channel or ""),
        address=item.address or "",
        display_name=item.display_name or "",
        opt_out_number=item.opt_out_number,
        status=SenderStatus(item.status or ""),
    )
