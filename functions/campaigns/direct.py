"""Reads numbers and contact ids that somebody typed or pasted, in any spelling."""

import re
from collections.abc import Iterable, Sequence

from functions.content.phone import InvalidPhone, parse_phone
from functions.contracts.errors import FieldError
from functions.domain.contact import Phone
from functions.domain.ids import ContactId

PHONE, CONTACT = "tel:", "id:"
"""What an entry begins with once it is read."""
MAX_ERRORS = 100
_MIN_PHONE_DIGITS = 8
_SEPARATORS = re.compile(r"[\r\n\t,;，；、]+")
_AROUND = " \"'\u00a0\u200b\u3000\ufeff"
"""Quotation marks and invisible characters that spreadsheets and chats leave around a number."""
_CONTACT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


def entries_of(text: str) -> tuple[str, ...]:
    """Part a pasted text at line breaks, commas, semicolons and tabs; blanks are left out."""
    parts = (each.strip(_AROUND) for each in _SEPARATORS.split(text))
    return tuple(each for each in parts if each)


def read_direct(given: Sequence[str], *, pointer: str) -> tuple[tuple[str, ...], list[FieldError]]:
    """Tell numbers from contact ids and drop repetitions; also the first 100 that are neither.

    What has at least eight digits and no letters is a number.
    """
    found: dict[str, None] = {}
    errors: list[FieldError] = []
    for place, text in enumerate(given):
        try:
            found[_read(text.strip(_AROUND))] = None
        except InvalidPhone as error:
            message = "This is neither a contact id nor a Korean number that takes texts."
            errors.append(FieldError(f"{pointer}/{place}", error.code, message))
            if len(errors) == MAX_ERRORS:
                break
    return tuple(found), errors


def _read(text: str) -> str:
    digits = sum(character.isdigit() for character in text)
    if digits < _MIN_PHONE_DIGITS or any(character.isalpha() for character in text):
        if _CONTACT_ID.fullmatch(text) is None:
            raise InvalidPhone("invalid_format")
        return CONTACT + text
    phone = parse_phone(text)
    if not phone.is_korean:
        raise InvalidPhone("foreign_number")
    return PHONE + phone.e164


def phones_of(entries: Iterable[str]) -> list[Phone]:
    """The numbers among what was read."""
    return [Phone(each.removeprefix(PHONE)) for each in entries if each.startswith(PHONE)]


def ids_of(entries: Iterable[str]) -> list[ContactId]:
    """The contact ids among what was read."""
    return [ContactId(each.removeprefix(CONTACT)) for each in entries if each.startswith(CONTACT)]
