"""Bodies of the template and image calls."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from functions.contracts.http_base import (
    ONE_LINE,
    PRINTABLE,
    Body,
    Identifier,
    Line,
    Moment,
    Name,
    Values,
)
from functions.contracts.http_contacts import Goods
from functions.contracts.http_policy import Tag
from functions.contracts.http_senders import AccountKey
from functions.domain.channel import Channel, Purpose
from functions.domain.fatigue import MAX_TAGS
from functions.domain.link_mark import MAX_LINKS
from functions.domain.web_address import MAX_ADDRESS_CHARS

_Source = Annotated[str, Field(min_length=1, max_length=10_000), PRINTABLE]
_Address = Annotated[str, Field(min_length=1, max_length=MAX_ADDRESS_CHARS), PRINTABLE]
_UtmValue = Annotated[str, Field(min_length=1, max_length=100), PRINTABLE, ONE_LINE]
_Expression = Annotated[str, Field(min_length=1, max_length=500), PRINTABLE]


class Track(StrEnum):
    """Which addresses of a text are tracked: those with ``track``, or bare ones as well."""

    MARKED = "marked"
    ALL = "all"


class Utm(Body):
    """UTM parameters that tracked addresses get, unless they have them already.

    ``{campaign}`` in a value becomes the id of the campaign that sent the message.
    """

    source: _UtmValue | None = None
    medium: _UtmValue | None = None
    campaign: _UtmValue | None = None
    term: _UtmValue | None = None
    content: _UtmValue | None = None


class LinkTarget(Body):
    """Where a tracked link leads: ``url``, or elsewhere on phones with iOS or Android.

    ``ios`` and ``android`` may be addresses of apps. From ``until`` on visitors get a page that
    says that the offer is over.
    """

    url: _Address
    ios: _Address | None = None
    android: _Address | None = None
    until: Moment | None = None


class TemplatePost(Body):
    """A new template, or a new version of one.

    ``body`` is MiniJinja for SMS: ``{{ contact.name }}``, ``{{ "https://…" | track }}``. For
    Kakao it is the text that Kakao approved, with ``#{name}`` gaps, and ``variables`` gives the
    expression for each gap. ``purpose`` is the message class: once a version is approved, later
    ones keep it. ``goods`` is the kind of goods advertised, in the words of the consents that rest
    on a transaction; ``tags`` are those of the policy's frequency caps. ``provider_template_ids``
    are the ids of a Kakao template at further accounts, by their names.

    ``track`` ``all`` also tracks the bare web addresses of body and subject (of an Alimtalk: of
    its expressions); ``links`` are rules for single tracked addresses, named by their ``url``.
    With ``click_id`` web pages get the code of the link as ``allim_click``, by which they can
    report what their visitor did.
    """

    name: Line
    channel: Annotated[Channel, Field(strict=False)]
    purpose: Annotated[Purpose, Field(strict=False)]
    body: _Source
    subject: Annotated[str, Field(min_length=1, max_length=200), PRINTABLE] | None = None
    image_id: Identifier | None = None
    provider_template_id: Identifier | None = None
    provider_template_ids: Annotated[dict[AccountKey, Identifier], Field(max_length=8)] = Field(
        default_factory=dict
    )
    variables: Annotated[dict[Name, _Expression], Field(max_length=40)] = Field(
        default_factory=dict
    )
    goods: Goods | None = None
    tags: Annotated[list[Tag], Field(max_length=MAX_TAGS)] = Field(default_factory=list)
    track: Annotated[Track, Field(strict=False)] = Track.MARKED
    utm: Utm = Utm()
    click_id: bool = False
    links: Annotated[list[LinkTarget], Field(max_length=MAX_LINKS)] = Field(default_factory=list)


class TemplateReview(Body):
    """Why a version was approved or rejected.

    A ``note`` is needed to approve a notice that reads like an advertisement (``warnings``).
    """

    version: Annotated[int, Field(ge=1)]
    note: Annotated[str, Field(max_length=500), PRINTABLE] = ""


class TemplateSubmit(Body):
    """The version to review."""

    version: Annotated[int, Field(ge=1)]


class TemplatePreview(Body):
    """Show what somebody would get: a contact, or given values."""

    version: Annotated[int, Field(ge=1)]
    sender_id: Identifier
    contact_id: Identifier | None = None
    contact: Values = Field(default_factory=dict)
    variables: Values = Field(default_factory=dict)


class ImagePost(Body):
    """An image in base64, of at most 3.5 MB; it is turned into a JPEG that carriers take."""

    data: Annotated[str, Field(min_length=1)]
