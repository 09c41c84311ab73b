"""One cell of a file of contacts: its text, and what it means where it stands."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime, tzinfo

from functions.domain.contact import Email, Phone
from functions.domain.contact_file import RowFault
from functions.domain.ids import ContactId
from functions.domain.korean_date import read_date

MAX_VALUE_CHARS = 200
MAX_CELL_CHARS = 10_000
_MAX_GROUP_CHARS = 100
_MAX_EMAIL_CHARS = 254

NOT_A_NUMBER = "not_a_number"
PhoneReader = Callable[[str], Phone | str]
"""Reads a phone number, or says by a code what is wrong with it: NOT_A_NUMBER or another."""


_CONTACT_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s.\x00-\x1f]+(?:\.[^@\s.\x00-\x1f]+)+")
_NEGATIVE_NUMBER = re.compile(r"[-－][0-9][0-9,]*(?:\.[0-9]+)?%?")
# Nothing but digits and what parts them: "+82 10-…" is meant, "+SUM(…)" is not.
_NUMBER_WITH_PLUS = re.compile(r"[+＋][0-9０-９ ().\-－]+")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
_LINE_BREAK = re.compile(r"\r?\n")
# Besides controls: the marks that make text read in another order than it is written.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# OWASP "CSV Injection": what a spreadsheet takes for the start of a formula, in both widths.
_FORMULA_STARTS = tuple("=+-@\t\r＝＋－＠")
_YES_WORDS = "y yes 예 네 동의 동의함 수신 수신동의 수신함 허용 수신허용 true t 1 o ○ on"
_NO_WORDS = (
    "n no 아니오 아니요 미동의 비동의 동의안함 거부 수신거부 미수신 비허용 false f 0 x × off"
)
_YES = frozenset(_YES_WORDS.split())
_NO = frozenset(_NO_WORDS.split())


class BadCell(ValueError):
    """A cell that cannot be used; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def usable(cell: str, read_phone: PhoneReader) -> str:
    """The text without what spreadsheets leave around it; may be blank. Raises BadCell."""
    if len(cell) > MAX_CELL_CHARS:
        raise BadCell(RowFault.CELL_TOO_LARGE)
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", cell))
    plain = _LINE_BREAK.sub(" ", text).strip(" \u00a0\u3000")
    if plain in ("", "-"):  # a lone hyphen is how many systems export "nothing"
        return ""
    if _is_formula(text, plain, read_phone):
        raise BadCell(RowFault.FORMULA_INJECTION)
    if _CONTROL.search(plain):
        raise BadCell(RowFault.CONTROL_CHARACTERS)
    if len(plain) > MAX_VALUE_CHARS:
        raise BadCell(RowFault.TOO_LONG)
    return plain


def _is_formula(text: str, plain: str, read_phone: PhoneReader) -> bool:
    if not text.startswith(_FORMULA_STARTS) and not plain.startswith(_FORMULA_STARTS):
        return False
    if _NUMBER_WITH_PLUS.fullmatch(plain):
        return read_phone(plain) == NOT_A_NUMBER
    return not _NEGATIVE_NUMBER.fullmatch(plain)


def contact_id(text: str) -> ContactId:
    """Read a customer number. Raises BadCell."""
    plain = unicodedata.normalize("NFKC", text)
    if not _CONTACT_ID.fullmatch(plain):
        raise BadCell(RowFault.INVALID_ID)
    return ContactId(plain)


def phone(text: str, read_phone: PhoneReader) -> Phone:
    """Read a Korean mobile number. Raises BadCell."""
    found = read_phone(text)
    if isinstance(found, str):
        raise BadCell(found)
    if not found.is_korean:
        raise BadCell(RowFault.FOREIGN_NUMBER)
    return found


def email(text: str) -> Email:
    """Read an e-mail address. Raises BadCell."""
    if len(text) > _MAX_EMAIL_CHARS or not _EMAIL.fullmatch(text):
        raise BadCell(RowFault.INVALID_EMAIL)
    return Email(text)


def yes_or_no(text: str) -> bool:
    """Read a consent. Raises BadCell for anything but the known words: nothing is guessed."""
    word = re.sub(r"\s", "", unicodedata.normalize("NFKC", text).casefold())
    if word not in _YES | _NO:
        raise BadCell(RowFault.UNKNOWN_CONSENT_VALUE)
    return word in _YES


def consent_date(text: str, *, zone: tzinfo, now: datetime) -> datetime:
    """Read when somebody agreed, which cannot be after ``now``. Raises BadCell."""
    moment = read_date(text, zone=zone)
    if moment is None:
        raise BadCell(RowFault.INVALID_DATE)
    if moment > now:
        raise BadCell(RowFault.DATE_IN_FUTURE)
    return moment


def group(text: str) -> str:
    """Read the name of a group. Raises BadCell."""
    if len(text) > _MAX_GROUP_CHARS:
        raise BadCell(RowFault.TOO_LONG)
    return group_name(text)


def group_name(text: str) -> str:
    """The group that a text names; a slash would cut the path of the calls about groups."""
    return text.replace("/", "-")
