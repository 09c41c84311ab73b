"""Phone numbers and time zones in request bodies, checked with everything else of the body."""

from collections.abc import Mapping
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from functions.content.phone import InvalidPhone, parse_phone

MESSAGE_BY_PHONE_FAULT: Mapping[str, str] = {
    "not_a_number": "This is not a phone number.",
    "invalid_number": "No such number can exist in its numbering plan.",
    "landline": "Only mobile numbers can take text messages.",
}


def _readable(text: str) -> str:
    try:
        parse_phone(text)
    except InvalidPhone as error:
        raise PydanticCustomError(error.code, MESSAGE_BY_PHONE_FAULT[error.code]) from error
    return text


def _domestic(text: str) -> str:
    if not parse_phone(text).is_korean:
        code = "foreign_number"
        msg = "This channel sends to Korean numbers only."
        raise PydanticCustomError(code, msg)
    return text


def _known_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        code = "unknown_zone"
        msg = "Use a name of the IANA time zone database, such as Asia/Seoul."
        raise PydanticCustomError(code, msg) from error
    return text


PhoneText = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_readable)]
"""A number in any spelling that can take text messages."""
DomesticPhoneText = Annotated[PhoneText, AfterValidator(_domestic)]
"""Such a number of the Korean numbering plan; foreign ones have a channel of their own."""
ZoneText = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_known_zone)]
"""The name of a time zone."""
