"""Finds a campaign's recipients, slice by slice."""

import json
from collections.abc import Sequence

from functions.campaigns.service import PART_SIZE, Slice, people_of
from functions.content.phone import InvalidPhone, parse_phone
from functions.contracts.errors import FieldError, InvalidInput
from functions.domain.campaign import AudienceKind, Campaign
from functions.domain.contact import Phone
from functions.domain.ids import ContactId
from functions.domain.planning import Person
from functions.storage.contacts import ContactStore
from functions.storage.people import PeopleStore
from functions.storage.recents import RecentStore
from functions.storage.suppressions import SuppressionStore

_PHONE, _CONTACT = "tel:", "id:"


def slice_of(campaign: Campaign, cursor: str | None) -> Slice:
    """Find the recipients from ``cursor`` on."""
    audience = campaign.audience
    match audience.kind:
        case AudienceKind.DIRECT:
            given = PeopleStore().load_direct(audience.direct_key or "")
            return Slice(people=_given_people(given), next_cursor=None)
        case AudienceKind.EVERYONE | AudienceKind.GROUP:
            position = None if cursor is None else json.loads(cursor)
            page = ContactStore().slice(size=PART_SIZE, position=position, group=audience.group)
            after = None if page.after is None else json.dumps(dict(page.after))
            return Slice(people=people_of(page.items), next_cursor=after)


def _given_people(given: Sequence[str]) -> tuple[Person, ...]:
    phones = [Phone(each.removeprefix(_PHONE)) for each in given if each.startswith(_PHONE)]
    ids = [ContactId(each.removeprefix(_CONTACT)) for each in given if each.startswith(_CONTACT)]
    owners = ContactStore().owners_of(phones) if phones else {}
    known = ContactStore().get_many([*ids, *owners.values()])
    # A claim on a number that outlived its profile's change makes nobody its owner.
    owned = {
        phone: owner
        for phone, owner in owners.items()
        if owner in known and known[owner].phone == phone
    }
    strangers = [phone for phone in phones if phone not in owned]
    addressed = dict.fromkeys([*(each for each in ids if each in known), *owned.values()])
    suppressed = SuppressionStore().marks_by_phone(strangers) if strangers else {}
    nobody = [each for each in ids if each not in known]
    recents = RecentStore().of(addressed)
    return (
        *people_of((known[each], recents[each]) for each in addressed),
        *(
            Person(contact=None, phone=phone, marks=suppressed.get(phone, ()))
            for phone in strangers
        ),
        *(Person(contact=None, phone=None) for _ in nobody),
    )


def normalised(given: Sequence[str]) -> tuple[str, ...]:
    """Tell numbers from contact ids, and drop repetitions. Raises InvalidInput.

    What has at least eight digits and no letters is a number.
    """
    found: dict[str, None] = {}
    errors = []
    for i, text in enumerate(given):
        try:
            found[_normal(text)] = None
        except InvalidPhone as error:
            pointer = f"/recipients/direct/{i}"
            message = "This is neither a contact id nor a Korean number that takes texts."
            errors.append(FieldError(pointer=pointer, code=error.code, message=message))
    if errors:
        raise InvalidInput.of(*errors)
    return tuple(found)


_MIN_PHONE_DIGITS = 8


def _normal(text: str) -> str:
    digits = sum(character.isdigit() for character in text)
    if digits < _MIN_PHONE_DIGITS or any(character.isalpha() for character in text):
        return _CONTACT + text
    phone = parse_phone(text)
    if not phone.is_korean:
        raise InvalidPhone("foreign_number")
    return _PHONE + phone.e164
