"""The form of numbers that may be shown as the sender of a text in Korea."""

import re
from enum import StrEnum

# How people write numbers: 02-345-6789, 02)345-6789, (02) 345 6789, 02.345.6789.
_WRITTEN = re.compile(r"[0-9().\- ]+")
_NOT_DIGITS = re.compile(r"[^0-9]")

# 전기통신번호관리세칙: the area codes in use.
_AREA = r"(?:02|03[1-3]|04[1-4]|05[1-5]|06[1-4])"
# 15YY, 16YY and 18YY with four digits. NHN Cloud SMS console-guide, "발신 번호 등록 형식".
_REPRESENTATIVE = r"1[568][0-9]{6}"


class SenderNumberFault(StrEnum):
    """Why a number cannot be a sender; stable, shown to callers."""

    MALFORMED = "malformed"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    WRONG_LENGTH = "wrong_length"
    MISSING_AREA_CODE = "missing_area_code"
    AREA_CODE_NOT_ALLOWED = "area_code_not_allowed"
    SPECIAL_NUMBER = "special_number"
    NOT_REGISTRABLE = "not_registrable"
    NON_EXISTENT_RANGE = "non_existent_range"
    UNKNOWN_PREFIX = "unknown_prefix"


class InvalidSenderNumber(ValueError):
    """The number cannot be a sender; `code` says why. The number itself is not repeated."""

    def __init__(self, code: SenderNumberFault) -> None:
        """Keep the code, which is all that may be logged."""
        super().__init__(code.value)
        self.code = code


# In this order, the first that matches decides.
_REFUSED = tuple(
    (re.compile(pattern), fault)
    for pattern, fault in (
        # Exactly eight digits, no extension (cafe24 help 18446579030297; mallstore notice 68).
        (rf"(?!{_REPRESENTATIVE}$)1[568][0-9]{{2,}}", SenderNumberFault.WRONG_LENGTH),
        # 112, 1335 and the like: only their owners (cafe24; mallstore notice 68).
        (r"1[0-9]{2,3}", SenderNumberFault.SPECIAL_NUMBER),
        # 777-7777: the area code is part of the number (cafe24; mallstore notice 68).
        (r"[2-9][0-9]*", SenderNumberFault.MISSING_AREA_CODE),
        # Call forwarding (cafe24). An older notice allowed it: mallstore notice 68.
        (r"050[0-9]*", SenderNumberFault.NOT_REGISTRABLE),
        # Eight to eleven digits (NHN Cloud console-guide; cafe24); 030 alone has up to twelve
        # (cafe24; mallstore notice 68).
        (r"[0-9]{0,7}", SenderNumberFault.TOO_SHORT),
        (r"(?!030[0-9]{9}$)[0-9]{12,}", SenderNumberFault.TOO_LONG),
        # 031-1588-7777 (mallstore notice 68; NHN Cloud console-guide).
        (_AREA + _REPRESENTATIVE, SenderNumberFault.AREA_CODE_NOT_ALLOWED),
        # 070-0, 070-1, 010-0 and 010-1 (NHN Cloud console-guide).
        (r"0[17]0[01][0-9]*", SenderNumberFault.NON_EXISTENT_RANGE),
    )
)
_ACCEPTED = re.compile(
    "|".join(
        (
            _REPRESENTATIVE,
            # Any exchange, also 02-0xx-xxxx: it is the form that is judged here. Whether the
            # number exists is what the carrier's certificate proves.
            _AREA + r"[0-9]{7,8}",
            r"0[17]0[0-9]{8}",  # mobile and internet telephony: 010-ABYY-YYYY, 070-ABYY-YYYY
            r"030[0-9]{8,9}",  # 030-YYYY-YYYY and one more (cafe24)
            r"0[68]0[0-9]{7,8}",  # other shared service numbers, "0N0계열" (NHN Cloud)
        )
    )
)
_KNOWN_PREFIX = re.compile(rf"{_AREA}|0[13678]0")
# A number that forwards calls cannot send, but it can be called: 050X-YYYY-YYYY (mallstore
# notice 68: up to twelve digits).
_FORWARDED = re.compile(r"050[0-9]{8,9}")


def parse_sender_number(text: str) -> str:
    """Give the digits of a number that may be registered as a sender.

    Source: 전기통신사업법 84의2 with the ministry's notice (false caller numbers are blocked), in
    the form that NHN Cloud's SMS console-guide and cafe24's help 18446579030297 state it.
    That the form is right does not make the number registered or approved.

    Raises `InvalidSenderNumber` with the reason as its `code`.

    >>> parse_sender_number("02-012-3456")
    '020123456'
    """
    if not _WRITTEN.fullmatch(text):
        raise InvalidSenderNumber(SenderNumberFault.MALFORMED)
    digits = _NOT_DIGITS.sub("", text)
    for pattern, fault in _REFUSED:
        if pattern.fullmatch(digits):
            raise InvalidSenderNumber(fault)
    if _ACCEPTED.fullmatch(digits):
        return digits
    if _KNOWN_PREFIX.match(digits):
        raise InvalidSenderNumber(SenderNumberFault.WRONG_LENGTH)
    raise InvalidSenderNumber(SenderNumberFault.UNKNOWN_PREFIX)


def parse_contact_number(text: str) -> str:
    """Give the digits of a number at which an advertiser can be called.

    It has the form of a sender's number, or forwards calls (050). Source: 정보통신망법 art. 50(4)
    (an advertisement names the sender and a way to reach it).

    Raises `InvalidSenderNumber` with the reason as its `code`.

    >>> parse_contact_number("0505-012-3456-7")
    '050501234567'
    """
    digits = _NOT_DIGITS.sub("", text)
    if _WRITTEN.fullmatch(text) and _FORWARDED.fullmatch(digits):
        return digits
    return parse_sender_number(text)
