"""What the carrier remembers: messages, groups, files and replies."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from infra.local.carrier import codes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from infra.local.carrier.jsonval import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One button of an Alimtalk; ``link`` is the mobile address of a web link."""

    name: str
    kind: str
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KakaoUse:
    """The kakaoOptions of one message."""

    pf_id: str
    template_id: str
    disable_sms: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    buttons: tuple[Button, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message as asked for, before or after its checks. Empty text means absent."""

    to: str
    sender: str
    type: str
    text: str
    country: str = "82"
    subject: str | None = None
    image_id: str | None = None
    custom_fields: Mapping[str, str] | None = None
    kakao: KakaoUse | None = None
    replacements: tuple[JsonObject, ...] = ()


@dataclass(slots=True, kw_only=True, eq=False)
class Group:
    """One send request and the sums over its messages."""

    group_id: str
    created: float
    api_key: str = ""
    allow_duplicates: bool = False
    app_id: str | None = None
    sdk_version: str | None = None
    os_platform: str | None = None
    scheduled_for: float | None = None
    status: str = "PENDING"
    updated: float = 0.0
    sent: float | None = None
    completed: float | None = None
    messages: list[Message] = field(default_factory=list)
    charged: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: int = 0
    open: int = 0
    delivered: int = 0
    failed: int = 0
    replaced: int = 0
    refunds: int = 0
    won_requested: int = 0
    won_replacement: int = 0
    won_refund: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """One accepted message on its way to one phone."""

    message_id: str
    group: Group
    draft: Draft
    created: float
    price: int
    is_replacement: bool = False
    status_code: str = codes.ACCEPTED
    processed: float | None = None
    reported: float | None = None

    @property
    def updated(self) -> float:
        """Give the time of the last change."""
        return self.reported or self.processed or self.created


@dataclass(slots=True, kw_only=True, eq=False)
class Reply:
    """A text that a phone sent back."""

    message_id: str
    phone: str
    to: str
    text: str
    received: float


@dataclass(slots=True, kw_only=True, eq=False)
class Phone:
    """Everything one recipient's number was sent or answered."""

    number: str
    messages: list[Message] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    delivered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """An uploaded file."""

    file_id: str
    kind: str
    name: str
    content: bytes
    created: float
    width: int | None = None
    height: int | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """One person's refusal, by an 080 call, of everything from one sender number."""

    handle_key: str
    sender: str
    recipient: str
    created: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """An approved Alimtalk template: text with ``#{name}`` slots and its buttons."""

    template_id: str
    pf_id: str
    content: str
    buttons: tuple[Button, ...] = ()
