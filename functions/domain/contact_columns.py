"""What the columns of a file of contacts mean, by their headers in Korean and English."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence, Set as AbstractSet

from functions.domain.contact_file import Column, Field, FileFault, FileProblem

MAX_ATTRIBUTE_COLUMNS = 30
_MAX_NAME_CHARS = 50


_MAY_REPEAT = frozenset({Field.GROUP, Field.ATTRIBUTE, Field.IGNORED, Field.UNNAMED})
_ATTRIBUTE_PREFIX = f"{Field.ATTRIBUTE}:"
_PLAIN_FIELDS = [field for field in Field if field not in (Field.ATTRIBUTE, Field.UNNAMED)]
MEANINGS = (*map(str, _PLAIN_FIELDS), f"{_ATTRIBUTE_PREFIX}<name>")
"""What a mapping may say of a column."""

# "마케팅 동의" is left out on purpose: it may be the consent to use personal data (개인정보
# 보호법), which is not the consent to receive advertising (정보통신망법 art. 50).
_ADVERTISING = (
    "문자수신동의 sms수신동의 광고수신동의 문자수신 sms수신 광고문자수신동의 광고성문자수신동의"
)
_NIGHT = "야간수신동의 야간광고수신동의 야간문자수신동의 야간광고수신 야간수신"
_CONSENT_DATE = "동의일시 동의일자 동의일 동의날짜"
_HEADERS_BY_FIELD = {
    Field.CONTACT_ID: "고객번호 회원번호 고객id 회원id 고객아이디 회원아이디 아이디 id customerid "
    "customernumber customerno memberid memberno contactid",
    Field.PHONE: "휴대폰 휴대폰번호 휴대전화 휴대전화번호 핸드폰 핸드폰번호 mobile mobilephone "
    "mobilenumber cellphone",
    Field.EMAIL: "이메일 이메일주소 전자우편 email emailaddress",
    Field.ADVERTISING: f"{_ADVERTISING} smsconsent smsoptin adconsent",
    Field.NIGHT: f"{_NIGHT} nightconsent nightoptin",
    Field.CONSENT_DATE: f"{_CONSENT_DATE} 수신동의일시 수신동의일자 수신동의일 수신동의날짜 "
    "consentdate consentat consentedat",
    Field.GROUP: "그룹 등급 회원등급 고객등급 회원그룹 고객그룹 group grade tier",
}
_FIELD_BY_HEADER = {
    header: found for found, headers in _HEADERS_BY_FIELD.items() for header in headers.split()
}
_ANY_PHONE_WORDS = "연락처 전화번호 전화 phone phonenumber tel telephone"
_NAME_WORDS = "이름 성명 성함 고객명 회원명 name fullname customername"
_ANY_PHONE = frozenset(_ANY_PHONE_WORDS.split())
"""Headers that mean the mobile phone only when no other column says so outright."""
_ANY_PHONE_MEANING = "any_phone"
_NAMES = frozenset(_NAME_WORDS.split())

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9가-힣]+")
_YES_OR_NO = "여부"


def is_meaning(text: str) -> bool:
    """Whether a mapping may say this of a column.

    >>> is_meaning("phone"), is_meaning("attribute:point"), is_meaning("fax")
    (True, True, False)
    """
    name = text.removeprefix(_ATTRIBUTE_PREFIX)
    return text in MEANINGS if name == text else bool(name) and name == _name(name)


def repeated_meanings(mapping: Mapping[str, str]) -> list[str]:
    """The headers, in the mapping's order, of which it says what may be said of one only."""
    headers_by_meaning: dict[str, list[str]] = {}
    for header, meaning in mapping.items():
        if meaning not in _MAY_REPEAT:
            headers_by_meaning.setdefault(meaning, []).append(header)
    return [each for headers in headers_by_meaning.values() if len(headers) > 1 for each in headers]


def read_columns(
    headers: Sequence[str], mapping: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    """Say what each column holds: what the mapping says of its header, else what that suggests.

    What the mapping says of one column is not guessed of another. Raises FileProblem:
    ``unknown_headers`` when the mapping names one that is not there, ``missing_columns`` without
    a customer number, ``duplicate_columns`` when two mean the same, ``too_many_columns`` beyond
    30 that become attributes.

    >>> [str(column.field) for column in read_columns(["고객번호", "휴대폰", "쿠폰 코드"])]
    ['contact_id', 'phone', 'attribute']
    >>> [str(column.field) for column in read_columns(["번호", "폰"], {"번호": "contact_id"})]
    ['contact_id', 'attribute']
    """
    meanings = {_header(header): meaning for header, meaning in (mapping or {}).items()}
    unknown = meanings.keys() - set(map(_header, headers))
    if unknown:
        raise FileProblem(FileFault.UNKNOWN_HEADERS, sorted(unknown))
    columns = _columns(headers, meanings)
    # Until a customer number is found, the first row may be anything, a person's data included:
    # this comes first so that no other problem quotes it.
    if not any(column.field is Field.CONTACT_ID for column in columns):
        raise FileProblem(FileFault.MISSING_COLUMNS, _missing(columns))
    _check_repeated(columns)
    if sum(column.field in (Field.ATTRIBUTE, Field.GROUP) for column in columns) > (
        MAX_ATTRIBUTE_COLUMNS
    ):
        raise FileProblem(FileFault.TOO_MANY_COLUMNS)
    return columns


def _header(header: str) -> str:
    return unicodedata.normalize("NFC", header).strip()


def _columns(headers: Sequence[str], meanings: Mapping[str, str]) -> tuple[Column, ...]:
    free = [header for header in headers if _header(header) not in meanings]
    assigned = frozenset(meanings.values())
    if any(_FIELD_BY_HEADER.get(_key(header)) is Field.PHONE for header in free):
        assigned |= {_ANY_PHONE_MEANING}
    return tuple(
        _mapped(header, meanings[_header(header)], number=number)
        if _header(header) in meanings
        else _guessed(header, number=number, assigned=assigned)
        for number, header in enumerate(headers, start=1)
    )


def _mapped(header: str, meaning: str, *, number: int) -> Column:
    name = meaning.removeprefix(_ATTRIBUTE_PREFIX)
    if name != meaning:
        return Column(field=Field.ATTRIBUTE, name=name)
    return Column(field=Field(meaning), name=_name(header) or f"column_{number}")


def _key(header: str) -> str:
    key = _NOT_IN_NAMES.sub("", unicodedata.normalize("NFKC", header).casefold())
    return key.removesuffix(_YES_OR_NO)


def _guessed(header: str, *, number: int, assigned: AbstractSet[str]) -> Column:
    key = _key(header)
    if not header.strip():
        return Column(field=Field.UNNAMED, name=f"column_{number}")
    if key in _NAMES and f"{_ATTRIBUTE_PREFIX}name" not in assigned:
        return Column(field=Field.ATTRIBUTE, name="name")
    found = _FIELD_BY_HEADER.get(key, Field.ATTRIBUTE)
    if key in _ANY_PHONE and _ANY_PHONE_MEANING not in assigned:
        found = Field.PHONE
    if found in assigned:
        found = Field.ATTRIBUTE
    return Column(field=found, name=_name(header) or f"column_{number}")


def _name(header: str) -> str:
    plain = unicodedata.normalize("NFKC", header)
    name = _NOT_IN_NAMES.sub("_", plain).strip("_").lower()[:_MAX_NAME_CHARS]
    return f"_{name}"[:_MAX_NAME_CHARS] if name[:1].isdigit() else name


def _missing(columns: Iterable[Column]) -> list[str]:
    present = {column.field for column in columns}
    return [str(each) for each in (Field.CONTACT_ID, Field.PHONE) if each not in present]


def _check_repeated(columns: Iterable[Column]) -> None:
    names_by_meaning: dict[str, list[str]] = {}
    for column in columns:
        meaning = f"_{column.name}" if column.field in _MAY_REPEAT else str(column.field)
        names_by_meaning.setdefault(meaning, []).append(column.name)
    repeated = [name for names in names_by_meaning.values() if len(names) > 1 for name in names]
    if repeated:
        raise FileProblem(FileFault.DUPLICATE_COLUMNS, repeated)
