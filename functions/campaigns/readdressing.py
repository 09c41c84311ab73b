"""Finds recipients of earlier messages as they are now."""

from collections.abc import Sequence

from functions.campaigns.resolving import ResolvingDeps
from functions.domain.batch import Recipient
from functions.domain.ids import ContactId
from functions.domain.planning import Person

_NOBODY = Person(contact=None, phone=None)


def people_again(recipients: Sequence[Recipient], *, deps: ResolvingDeps) -> list[Person]:
    """Address the same people, each in its place: contacts at the phones they have now.

    A contact that is gone is nobody, whom the door refuses.
    """
    ids = [each.contact_id for each in recipients if each.contact_id is not None]
    phones = [
        each.phone for each in recipients if each.contact_id is None and each.phone is not None
    ]
    known = deps.directory.get_many(ids) if ids else {}
    recents = deps.recents(known) if known else {}
    marks = deps.suppressed(phones) if phones else {}

    def of_contact(contact_id: ContactId) -> Person:
        contact = known.get(contact_id)
        return _NOBODY if contact is None else Person.known(contact, recent=recents[contact_id])

    def again(recipient: Recipient) -> Person:
        if recipient.contact_id is not None:
            return of_contact(recipient.contact_id)
        if recipient.phone is None:
            return _NOBODY
        return Person(contact=None, phone=recipient.phone, marks=marks.get(recipient.phone, ()))

    return [again(each) for each in recipients]
