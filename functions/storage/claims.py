"""Who may use an address: it is claimed before the profile that has it is saved."""

from collections.abc import Callable

from functions.contracts.errors import Conflict
from functions.domain.ids import AddressHash, ContactId
from functions.runtime.clock import wall_now
from functions.storage.base import written
from functions.storage.suppressions import AddressItem

_LONGEST_RUN_S = 900
"""No Lambda runs longer: who claimed an address before that saves no contact with it any more."""
Holds = Callable[[ContactId, AddressHash], bool]
"""Whether a person's profile has the address."""


def claim(hashed: AddressHash, contact_id: ContactId, *, holds: Holds) -> None:
    """Make the address this person's. Raises Conflict ``address_taken``."""
    now_s = int(wall_now().timestamp())
    mine = AddressItem(hashed, owner=contact_id, claimed=now_s)
    free = AddressItem.owner.does_not_exist() | (AddressItem.owner == contact_id)
    if written(lambda: mine.save(condition=free)):
        return
    for known in AddressItem.batch_get([hashed], consistent_read=True):
        if _in_use(known, now_s=now_s, holds=holds):
            msg = "The phone number belongs to another contact."
            raise Conflict(msg, code="address_taken")
        # Left behind by a writer that stopped between claiming and saving: take it over.
        free |= (AddressItem.owner == known.owner) & (AddressItem.claimed == known.claimed)
    if not written(lambda: mine.save(condition=free)):
        msg = "The phone number was just taken by another contact."
        raise Conflict(msg, code="address_taken")


def holder_of(hashed: AddressHash, *, holds: Holds) -> ContactId | None:
    """Who has the address; None when it is free for anybody who claims it."""
    now_s = int(wall_now().timestamp())
    for known in AddressItem.batch_get([hashed], consistent_read=True):
        if known.owner and _in_use(known, now_s=now_s, holds=holds):
            return ContactId(known.owner)
    return None


def release(hashed: AddressHash, contact_id: ContactId) -> None:
    """Leave the address to anybody, if it is this person's; repeating it is harmless."""
    written(lambda: AddressItem(hashed).delete(condition=AddressItem.owner == contact_id))


def _in_use(address: AddressItem, *, now_s: int, holds: Holds) -> bool:
    if now_s - int(address.claimed or 0) < _LONGEST_RUN_S:
        return True
    owner = address.owner
    return owner is not None and holds(ContactId(owner), AddressHash(address.address_hash))
