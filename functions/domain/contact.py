"""A person we may write to. Personal values never show in a repr."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from functions.domain.consent import Consent, ConsentKey
from functions.domain.ids import AddressHash, ContactId
from functions.domain.suppression import Mark

AttributeValue = str | int | float | bool
MASK = "***"
_KOREAN_MOBILE = re.compile(r"\+82(?:10[0-9]{8}|1[16-9][0-9]{7,8})")
MAX_GROUPS = 50
"""So many groups one person may be in."""
MAX_ATTRIBUTES = 100
MAX_ATTRIBUTES_CHARS = 20_000
"""Names and values together: an item of DynamoDB has at most 400 KB, and one of these may take
twelve bytes there (JSON writes an emoji as two escapes)."""


def attributes_chars(attributes: Mapping[str, object]) -> int:
    """How many characters names and values have together."""
    return sum(len(name) + len(str(value)) for name, value in attributes.items())


class GroupChange(StrEnum):
    """What became of putting somebody into a group, or taking them out."""

    DONE = "done"
    UNKNOWN = "unknown"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number in E.164 form; shown only as its last two digits."""

    e164: str

    def __repr__(self) -> str:
        return f"Phone({MASK}{self.e164[-2:]})"

    __str__ = __repr__

    @property
    def national(self) -> str:
        """The digits a Korean carrier expects, such as 01012345678."""
        if self.e164.startswith("+82"):
            return "0" + self.e164[3:]
        return self.e164

    @property
    def is_north_american(self) -> bool:
        """Whether the number is of the North American numbering plan."""
        return self.e164.startswith("+1")

    @property
    def is_korean(self) -> bool:
        """Whether the number is of the Korean numbering plan."""
        return self.e164.startswith("+82")

    @property
    def is_korean_mobile(self) -> bool:
        """Whether it can take a text message (010, 011, 016 to 019).

        Not every 01x or 1xxx can: 012 is a pager, 1588-0000 a company's switchboard.
        """
        return _KOREAN_MOBILE.fullmatch(self.e164) is not None


@dataclass(frozen=True, slots=True)
class Email:
    """An e-mail address; shown masked."""

    address: str

    def __repr__(self) -> str:
        return f"Email({MASK})"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The profile of one person, with what is in force of consent and suppression.

    ``suppressions`` maps the hash of an address of this person to why it is kept back.
    """

    contact_id: ContactId
    phone: Phone | None = None
    email: Email | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict, repr=False)
    groups: frozenset[str] = frozenset()
    locale: str = "ko"
    zone: str | None = None
    consents: Mapping[ConsentKey, Consent] = field(default_factory=dict)
    suppressions: Mapping[AddressHash, tuple[Mark, ...]] = field(default_factory=dict)
    phone_hash: AddressHash | None = None
