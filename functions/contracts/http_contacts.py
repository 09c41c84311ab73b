"""Bodies of the contact, consent, suppression and group calls."""

from typing import Annotated

from pydantic import Field

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
from functions.domain.consent import ConsentAction
from functions.domain.reason import SuppressionReason

MAX_BATCH = 500

Group = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f/]+$"), PRINTABLE]
Groups = Annotated[list[Group], Field(max_length=50)]
EmailText = Annotated[
    str,
    Field(max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+$"),
    PRINTABLE,
]
Locale = Annotated[str, Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]


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


class ContactBatch(Body):
    """Up to 500 contacts, each replaced as a whole."""

    contacts: Annotated[list[BatchContact], Field(min_length=1, max_length=MAX_BATCH)]


class ConsentPost(Body):
    """What a person said about a channel and purpose. ``at`` defaults to now."""

    channel: Annotated[Channel, Field(strict=False)]
    purpose: Annotated[ConsentPurpose, Field(strict=False)]
    action: Annotated[ConsentAction, Field(strict=False)]
    source: Line
    text_version: Annotated[str, Field(max_length=100), PRINTABLE] = ""
    at: Moment | None = None


class SuppressionPost(Body):
    """An address that must not be written to."""

    phone: PhoneText
    reason: Annotated[SuppressionReason, Field(strict=False)] = SuppressionReason.MANUAL
    source: Line


class GroupMembers(Body):
    """People to put into a group."""

    contact_ids: Annotated[list[Identifier], Field(min_length=1, max_length=MAX_BATCH)]
