"""Phone numbers as people write them, read by Google's libphonenumber."""

import unicodedata

import phonenumbers

from functions.domain.contact import Phone

_DIGITS = 5


class InvalidPhone(ValueError):
    """A text that is no phone number we can write to; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def parse_phone(text: str, *, region: str = "KR") -> Phone:
    """Read a number in any spelling, such as ``010-0000-0000`` or ``+82 10 0000 0000``.

    Raises InvalidPhone: ``not_a_number``, ``invalid_number`` or ``landline``.
    """
    # Full-width digits and spreadsheets' loss of the leading zero are common in Korean lists.
    plain = unicodedata.normalize("NFKC", text).strip()
    if sum(character.isdigit() for character in plain) < _DIGITS:
        raise InvalidPhone("not_a_number")
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException as error:
        raise InvalidPhone("not_a_number") from error
    if not phonenumbers.is_valid_number(number):
        raise InvalidPhone("invalid_number")
    phone = Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    if phone.is_korean and not phone.is_korean_mobile:
        # libphonenumber knows 010 numbers of ten digits, which are not given out.
        raise InvalidPhone("invalid_number" if phone.e164.startswith("+8210") else "landline")
    return phone
