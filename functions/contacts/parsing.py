"""From request bodies to contacts, with every bad field named at once."""

import re
from urllib.parse import unquote

from functions.content.phone import InvalidPhone, parse_phone
from functions.contracts.errors import FieldError, InvalidInput
from functions.contracts.http_address import MESSAGE_BY_PHONE_FAULT
from functions.contracts.http_contacts import ContactBatch, ContactPatch, ContactPut
from functions.domain.contact import Contact, Email, Phone
from functions.domain.ids import ContactId

_CONTACT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_GROUP = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff/]{1,100}")


def contact_id(text: str) -> ContactId:
    """Read the id in a path. Raises InvalidInput."""
    if not _CONTACT_ID.fullmatch(text):
        message = (
            "Use 1 to 64 of the characters A-Z a-z 0-9 . _ : - and start with a letter or digit."
        )
        raise InvalidInput.field("/path/contact_id", "invalid_format", message)
    return ContactId(text)


def group(text: str) -> str:
    """Read the group's name in a path. Raises InvalidInput."""
    name = unquote(text)
    if not _GROUP.fullmatch(name):
        message = "Use 1 to 100 characters, no control characters and no slash."
        raise InvalidInput.field("/path/name", "invalid_format", message)
    return name


def phone(text: str, *, pointer: str) -> Phone:
    """Read a phone number of a query. Raises InvalidInput."""
    try:
        return parse_phone(text)
    except InvalidPhone as error:
        message = MESSAGE_BY_PHONE_FAULT[error.code]
        raise InvalidInput.field(pointer, error.code, message) from error


def contact(contact_id_: ContactId, body: ContactPut) -> Contact:
    """Read a whole profile."""
    return Contact(
        contact_id=contact_id_,
        phone=None if body.phone is None else parse_phone(body.phone),
        email=None if body.email is None else Email(body.email),
        attributes=dict(body.attributes),
        groups=frozenset(body.groups),
        locale=body.locale,
        zone=body.zone,
    )


def contacts(body: ContactBatch) -> list[Contact]:
    """Read a batch of profiles. Raises InvalidInput when one stands there twice."""
    made = [contact(ContactId(each.contact_id), each) for each in body.contacts]
    errors = _repeated(made)
    if errors:
        raise InvalidInput.of(*errors)
    return made


def changes(body: ContactPatch) -> dict[str, object]:
    """Read the fields that a patch names."""
    given = {name: getattr(body, name) for name in body.model_fields_set}
    if body.phone is not None:
        given["phone"] = parse_phone(body.phone)
    if body.email is not None:
        given["email"] = Email(body.email)
    if "groups" in given:
        given["groups"] = frozenset(body.groups or ())
    if "locale" in given:
        given["locale"] = body.locale or "ko"
    return given


def _repeated(made: list[Contact]) -> list[FieldError]:
    seen: set[object] = set()
    errors = []
    for i, each in enumerate(made):
        for name, value in (("contact_id", each.contact_id), ("phone", each.phone)):
            if value is not None and value in seen:
                message = "It stands twice in this request."
                pointer = f"/contacts/{i}/{name}"
                errors.append(FieldError(pointer=pointer, code="duplicate", message=message))
            seen.add(value)
    return errors
