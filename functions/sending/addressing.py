"""From the recipients of a request to people."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from functions.contracts.errors import FieldError, InvalidInput
from functions.domain.contact import Contact, Phone
from functions.domain.ids import ContactId
from functions.domain.planning import Person
from functions.domain.reason import RefusalReason
from functions.domain.suppression import Mark
from functions.sending.expanding import expanded
from functions.sending.ports import Addressee, SendingDeps, SendRequest


def people_of(request: SendRequest, deps: SendingDeps) -> tuple[Person, ...]:
    """Find who is addressed. Raises InvalidInput for the unknown and the repeated."""
    addressees: Sequence[Addressee] = expanded(request.addressees, deps)
    phones = [each.phone for each in addressees if each.phone is not None]
    owners = deps.contacts.owners_of(phones) if phones else {}
    ids = [each.contact_id or owners.get(each.phone) for each in addressees]  # type: ignore[arg-type]  # one of the two is there
    known = deps.contacts.get_many(each for each in ids if each is not None)
    addressees, ids = _without_extras(addressees, ids, known)
    ids = [
        _true_owner(addressee, contact_id, known)
        for addressee, contact_id in zip(addressees, ids, strict=True)
    ]
    strangers = [
        addressee.phone
        for addressee, contact_id in zip(addressees, ids, strict=True)
        if addressee.phone is not None and contact_id is None
    ]
    suppressed = deps.suppressed(strangers) if strangers else {}
    people = [
        _person(addressee, None if contact_id is None else known.get(contact_id), suppressed)
        for addressee, contact_id in zip(addressees, ids, strict=True)
    ]
    errors = _unknown(addressees, known) + _repeated(people, ids)
    if errors:
        raise InvalidInput.of(*errors)
    return tuple(people)


def kept_from_group(people: Sequence[Person], deps: SendingDeps) -> tuple[Person, ...]:
    """Drop those of an advertisement who are in the company's group that gets none."""
    group, seeds = deps.policy().holdout, deps.policy().seeds
    if group is None:
        return tuple(people)
    dropped = RefusalReason.HELD_OUT_GLOBALLY
    return tuple(
        replace(each, dropped=dropped)
        if group.takes(each.contact_id, seeds=seeds, place_of=deps.group_place)
        else each
        for each in people
    )


def _without_extras(
    addressees: Sequence[Addressee],
    ids: Sequence[ContactId | None],
    known: Mapping[ContactId, Contact],
) -> tuple[list[Addressee], list[ContactId | None]]:
    """Drop those whom a group or audience brought and who are gone, or are named by number."""
    named = {contact_id for each, contact_id in zip(addressees, ids, strict=True) if each.named}
    kept = [
        (each, contact_id)
        for each, contact_id in zip(addressees, ids, strict=True)
        if each.named or (contact_id in known and contact_id not in named)
    ]
    return [each for each, _ in kept], [contact_id for _, contact_id in kept]


def _true_owner(
    addressee: Addressee, contact_id: ContactId | None, known: Mapping[ContactId, Contact]
) -> ContactId | None:
    """Whose message it is. A claim on a number that outlived its profile's change is nobody's."""
    if addressee.phone is None or contact_id is None:
        return contact_id
    contact = known.get(contact_id)
    return contact_id if contact is not None and contact.phone == addressee.phone else None


def _unknown(
    addressees: Sequence[Addressee], known: Mapping[ContactId, Contact]
) -> list[FieldError]:
    return [
        FieldError(f"/to/{i}/contact_id", "not_found", "There is no such contact.")
        for i, addressee in enumerate(addressees)
        if addressee.contact_id is not None and addressee.contact_id not in known
    ]


def _person(
    addressee: Addressee,
    contact: Contact | None,
    suppressed: Mapping[Phone, tuple[Mark, ...]],
) -> Person:
    if contact is not None:
        return Person.known(contact, variables=addressee.variables)
    phone = addressee.phone
    return Person(
        contact=None,
        phone=phone,
        marks=() if phone is None else suppressed.get(phone, ()),
        variables=addressee.variables,
    )


def _repeated(
    people: Sequence[Person], contact_ids: Sequence[ContactId | None]
) -> list[FieldError]:
    """Name who stands twice: as the same contact, or by number and as the contact who has it."""
    seen: set[Phone | ContactId | None] = set()
    errors = []
    for i, names in enumerate(zip((person.phone for person in people), contact_ids, strict=True)):
        if any(name is not None and name in seen for name in names):
            message = "This recipient stands twice in the request."
            errors.append(FieldError(f"/to/{i}", "duplicate", message))
        seen.update(names)
    return errors


def with_recents(people: Sequence[Person], deps: SendingDeps) -> tuple[Person, ...]:
    """Add the advertisements that each got lately, for the caps."""
    ids = [person.contact_id for person in people if person.contact_id is not None]
    recents = deps.recents(ids) if ids else {}
    return tuple(
        person if person.contact_id is None else replace(person, recent=recents[person.contact_id])
        for person in people
    )
