"""Opt-outs: the address is suppressed first, then the consents are withdrawn."""

from collections.abc import Iterator
from datetime import datetime

from functions.contracts.errors import NotFound
from functions.domain.consent import ConsentRecord
from functions.domain.contact import Contact, Email, Phone
from functions.domain.ids import AddressHash, ContactId
from functions.domain.opt_out import (
    OptOut,
    concerns_email,
    concerns_phone,
    standing,
    withdrawals,
)
from functions.domain.suppression import Mark, Suppression
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
from functions.storage.suppressions import SuppressionStore, address_hash


class OptOutStore:
    """Writes opt-outs down; repeating one that died at any point completes it.

    The mark on the address comes first, for it also stops what is already planned.
    """

    def by_address(
        self, hashed: AddressHash, opt_out: OptOut, *, now: datetime
    ) -> ContactId | None:
        """Suppress an address and withdraw the consents of whose it is; tells whose.

        Raises Conflict or Unavailable when others keep writing at once.
        """
        marks = self._suppress(hashed, opt_out, now=now)
        owner = SuppressionStore().owner_of(hashed)
        if owner is None:
            return None
        self._show(owner, hashed, *marks)
        try:
            self._withdraw(owner, opt_out, now=now)
        except NotFound:
            return None
        return owner

    def by_contact(
        self, contact_id: ContactId, opt_out: OptOut, *, now: datetime
    ) -> tuple[ConsentRecord, ...]:
        """Suppress the person's addresses that the scope concerns, and withdraw.

        Raises NotFound for an unknown person, else as ``by_address``.
        """
        profile = ContactStore().get(contact_id)
        if profile is None:
            msg = "There is no such contact."
            raise NotFound(msg)
        for hashed in _addresses(profile.contact, opt_out):
            self._show(contact_id, hashed, *self._suppress(hashed, opt_out, now=now))
        return self._withdraw(contact_id, opt_out, now=now)

    def suppress(
        self,
        address: Phone | Email,
        opt_out: OptOut,
        *,
        holder: ContactId | None,
        now: datetime,
    ) -> None:
        """Suppress an address, withdrawing nothing, and show it on whose it is.

        An e-mail address is nobody's by itself: ``holder`` says whose. Raises Unavailable when
        others keep writing at once.
        """
        hashed = address_hash(address.e164 if isinstance(address, Phone) else address.address)
        marks = self._suppress(hashed, opt_out, now=now)
        owner = SuppressionStore().owner_of(hashed) if isinstance(address, Phone) else holder
        if owner is not None:
            self._show(owner, hashed, *marks)

    def _suppress(
        self, hashed: AddressHash, opt_out: OptOut, *, now: datetime
    ) -> tuple[Mark, Mark | None]:
        """Give the mark that stands now, and the one whose place it took."""

        def decide(known: Suppression | None) -> Suppression:
            mark = standing(_mark(known), opt_out.mark, now=now)
            says = opt_out.source if known is None or mark == opt_out.mark else known.source
            return Suppression(address_hash=hashed, mark=mark, source=says)

        stands, replaced = SuppressionStore().put_decided(hashed, opt_out.scope, decide)
        return stands.mark, _mark(replaced)

    def _show(
        self, owner: ContactId, hashed: AddressHash, mark: Mark, replaced: Mark | None
    ) -> None:
        ContactStore().add_marks(owner, hashed, [mark])
        if replaced is not None and replaced != mark:
            ContactStore().clear_marks(owner, hashed, [replaced])

    def _withdraw(
        self, owner: ContactId, opt_out: OptOut, *, now: datetime
    ) -> tuple[ConsentRecord, ...]:
        return ConsentStore().append_decided(
            owner, lambda contact: withdrawals(contact, opt_out), now=now
        )


def _mark(suppression: Suppression | None) -> Mark | None:
    return None if suppression is None else suppression.mark


def _addresses(contact: Contact, opt_out: OptOut) -> Iterator[AddressHash]:
    if contact.phone_hash is not None and concerns_phone(opt_out.scope):
        yield contact.phone_hash
    if contact.email is not None and concerns_email(opt_out.scope):
        yield address_hash(contact.email.address)
