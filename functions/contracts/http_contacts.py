"""Bodies of the contact, consent, suppression and group calls."""

from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from functions.contracts.http_address import PhoneText, ZoneText
from functions.contracts.http_base import (
    PRINTABLE,
    Body,
    Changes,
    Identifier,
    Line,
    Moment,
    Values,
)
from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import Basis, ConsentAction
from functions.domain.contact import MAX_GROUPS
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import Scope

MAX_BATCH = 500

Group = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f/]+$"), PRINTABLE]
Groups = Annotated[list[Group], Field(max_length=MAX_GROUPS)]
EmailText = Annotated[
    str,
    Field(max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+$"),
    PRINTABLE,
]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]


Goods = Annotated[str, Field(min_length=1, max_length=50), PRINTABLE]
"""A kind of goods, such as ``books``."""


def _ip(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError as error:
        code, msg = "invalid_format", "This is no IP address."
        raise PydanticCustomError(code, msg) from error


def _scope(text: str) -> str:
    try:
        return str(Scope.parse(text))
    except ValueError as error:
        code, msg = "invalid_format", "Use all, a class, a channel, or channel:class."
        raise PydanticCustomError(code, msg) from error


IpText = Annotated[str, Field(max_length=45), AfterValidator(_ip)]
ScopeText = Annotated[str, Field(max_length=40), AfterValidator(_scope)]


class ContactPut(Body):
    """The whole profile of a contact; what is left out is removed."""

    phone: PhoneText | None = None
    email: EmailText | None = None
    attributes: Values = Field(default_factory=dict)
    groups: Groups = Field(default_factory=list)
    locale: Locale = "ko"
    zone: ZoneText | None = None


class ContactPatch(Body):
    """Changes to a contact; what is left out stays, null removes.

    ``attributes`` are merged name by name, a null value removes the name.
    """

    phone: PhoneText | None = None
    email: EmailText | None = None
    attributes: Changes | None = None
    groups: Groups | None = None
    locale: Locale | None = None
    zone: ZoneText | None = None


class BatchContact(ContactPut):
    """One contact of a batch."""

    contact_id: Identifier


class ContactMerge(Body):
    """Who else is this person: their contact goes, what they had is this one's."""

    from_id: Annotated[Identifier, Field(alias="from")]


class ContactBatch(Body):
    """Up to 500 contacts, each replaced as a whole."""

    contacts: Annotated[list[BatchContact], Field(min_length=1, max_length=MAX_BATCH)]


class ConsentPost(Body):
    """What a person said about a channel and purpose. ``at`` defaults to now.

    ``text`` is the wording that the person saw; its SHA-256 is kept. With the basis of a
    transaction (decree art. 61(1)) ``goods`` names the kind of goods, and ``at`` is when it ended.
    """

    channel: Annotated[Channel, Field(strict=False)]
    purpose: Annotated[ConsentPurpose, Field(strict=False)]
    action: Annotated[ConsentAction, Field(strict=False)]
    source: Line
    text_version: Annotated[str, Field(max_length=100), PRINTABLE] = ""
    text: Annotated[str, Field(min_length=1, max_length=10_000)] | None = None
    at: Moment | None = None
    ip: IpText | None = None
    basis: Annotated[Basis, Field(strict=False)] = Basis.EXPLICIT
    goods: Goods | None = None

    @model_validator(mode="after")
    def _basis_fits(self) -> "ConsentPost":
        if (self.basis is Basis.TRANSACTION) != (self.goods is not None):
            code, msg = "goods_mismatch", "Name the goods with the basis transaction, else not."
            raise PydanticCustomError(code, msg)
        agreed = self.action in (ConsentAction.GRANT, ConsentAction.IMPORT)
        by_day = self.purpose is ConsentPurpose.ADVERTISING
        if self.basis is Basis.TRANSACTION and not (agreed and by_day):
            code, msg = "basis_not_allowed", "A transaction allows advertising by day, no more."
            raise PydanticCustomError(code, msg)
        return self


class _AddressPost(Body):
    """An address: a number, an e-mail address, or the hash that an export gave for one."""

    phone: PhoneText | None = None
    email: EmailText | None = None
    address_hash: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")] | None = None

    @model_validator(mode="after")
    def _one_address(self) -> "_AddressPost":
        given = [self.phone, self.email, self.address_hash]
        if sum(each is not None for each in given) != 1:
            code, msg = "one_of", "Give one of phone, email and address_hash."
            raise PydanticCustomError(code, msg)
        return self


class SuppressionPost(_AddressPost):
    """An address that must not be written to.

    ``scope`` is ``all``, a class (``advertising``), a channel (``sms``) or both
    (``sms:advertising``); opt-outs are usually of advertising, all else of everything. ``until``
    is its end; without one it holds for ever. ``since`` defaults to now.
    """

    reason: Annotated[SuppressionReason, Field(strict=False)] = SuppressionReason.MANUAL
    scope: ScopeText | None = None
    source: Line
    since: Moment | None = None
    until: Moment | None = None


class SuppressionBatch(Body):
    """Up to 500 suppressions, such as another system's or an earlier export's."""

    suppressions: Annotated[list[SuppressionPost], Field(min_length=1, max_length=MAX_BATCH)]


class GroupMembers(Body):
    """People to put into a group, or to take out of it."""

    contact_ids: Annotated[list[Identifier], Field(min_length=1, max_length=MAX_BATCH)]
