"""Makes things for tests, showing only what matters to the test."""

from dataclasses import fields
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from functions.domain.audience import Audience, Membership
from functions.domain.batch import Batch, BatchMeta, Recipient, Source
from functions.domain.campaign import Campaign, Part
from functions.domain.case import Case, Terms
from functions.domain.channel import Channel, ConsentPurpose, Purpose
from functions.domain.consent import Consent, ConsentKey
from functions.domain.contact import Contact, Phone
from functions.domain.fatigue import Offer, short_hash
from functions.domain.ids import (
    AddressHash,
    AudienceId,
    BatchNumber,
    CampaignId,
    ContactId,
    SenderId,
    TemplateId,
)
from functions.domain.message import BatchState, Send
from functions.domain.planning import Person
from functions.domain.policy import LAW_ALONE, USUAL_PRIORITY
from functions.domain.pricing import unit_price
from functions.domain.reason import SuppressionReason
from functions.domain.recipients import EVERYONE, Recipients
from functions.domain.route import Route
from functions.domain.sender import Sender, SenderStatus
from functions.domain.suppression import Mark, Scope, usual_scope
from functions.domain.template import Template, TemplateStatus
from functions.domain.text_size import MessageType

SEOUL = ZoneInfo("Asia/Seoul")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=SEOUL).astimezone(UTC)
"""A Friday noon in Seoul."""
NIGHT = datetime(2026, 11, 20, 22, 30, tzinfo=SEOUL).astimezone(UTC)
MORNING = datetime(2026, 11, 21, 8, 0, tzinfo=SEOUL).astimezone(UTC)
"""When the night after ``NIGHT`` ends."""

SMS_ADS = ConsentKey(Channel.SMS, ConsentPurpose.ADVERTISING)
SMS_NIGHT_ADS = ConsentKey(Channel.SMS, ConsentPurpose.NIGHT_ADVERTISING)
AD_TEXT = "(광고)알림상점\n봄 할인\n무료수신거부 0800123456"


def a_consent(*, granted: bool = True) -> Consent:
    return Consent(granted=granted, at=datetime(2026, 1, 1, tzinfo=UTC), seq=1)


def a_mark(
    reason: SuppressionReason = SuppressionReason.MANUAL,
    *,
    scope: Scope | None = None,
    since: datetime = datetime(2026, 6, 1, tzinfo=UTC),
    until: datetime | None = None,
) -> Mark:
    """A suppression of the scope that the reason usually has, of last June."""
    scope = usual_scope(reason) if scope is None else scope
    return Mark(reason=reason, scope=scope, since=since, until=until)


def an_offer(**values: object) -> Offer:
    facts: dict[str, object] = {
        "channel": Channel.SMS,
        "template": short_hash("tpl_1"),
        "source": short_hash("cmp_1"),
        "priority": USUAL_PRIORITY,
    }
    return Offer(**(facts | values))  # type: ignore[arg-type]


def some_terms(**values: object) -> Terms:
    """Of an advertisement by SMS, with no rules but the law."""
    facts: dict[str, object] = {
        "purpose": Purpose.ADVERTISING,
        "channel": Channel.SMS,
        "sender_usable": True,
        "offer": an_offer(),
        "policy": LAW_ALONE,
    }
    return Terms(**(facts | values))  # type: ignore[arg-type]


_OF_TERMS = {each.name for each in fields(Terms)}


def a_case(**values: object) -> Case:
    """An advertisement by SMS that may leave at noon; values of its terms may be given too."""
    terms = {name: value for name, value in values.items() if name in _OF_TERMS}
    facts: dict[str, object] = {
        "terms": some_terms(**terms),
        "has_address": True,
        "consents": {SMS_ADS: a_consent()},
        "marks": (),
        "ad_label_correct": True,
        "zones": (SEOUL,),
    }
    own = {name: value for name, value in values.items() if name not in _OF_TERMS}
    return Case(**(facts | own))  # type: ignore[arg-type]


def a_phone(number: int = 1) -> Phone:
    return Phone(f"+8210{number:08d}")


def a_contact(number: int = 1, **values: object) -> Contact:
    """Somebody who agreed to advertisements by SMS."""
    facts: dict[str, object] = {
        "contact_id": ContactId(f"c{number}"),
        "phone": a_phone(number),
        "phone_hash": AddressHash(f"hash{number}"),
        "attributes": {"name": "김하늘"},
        "consents": {SMS_ADS: a_consent()},
    }
    return Contact(**(facts | values))  # type: ignore[arg-type]


def a_person(number: int = 1, **values: object) -> Person:
    return Person.known(a_contact(number, **values))


def a_sender(**values: object) -> Sender:
    facts: dict[str, object] = {
        "sender_id": SenderId("snd_1"),
        "channel": Channel.SMS,
        "address": "0200001234",
        "display_name": "알림상점",
        "opt_out_number": "080-012-3456",
        "status": SenderStatus.APPROVED,
    }
    return Sender(**(facts | values))  # type: ignore[arg-type]


def a_template(**values: object) -> Template:
    facts: dict[str, object] = {
        "template_id": TemplateId("tpl_1"),
        "version": 1,
        "name": "봄 할인",
        "channel": Channel.SMS,
        "purpose": Purpose.ADVERTISING,
        "body": "{{ contact.name }}님 봄 할인",
        "status": TemplateStatus.APPROVED,
    }
    return Template(**(facts | values))  # type: ignore[arg-type]


def a_route(**values: object) -> Route:
    facts: dict[str, object] = {
        "template": a_template(),
        "sender": a_sender(),
        "default_zone": SEOUL,
    }
    return Route(**(facts | values))  # type: ignore[arg-type]


def a_recipient(number: int = 1, *, text: str = AD_TEXT) -> Recipient:
    return Recipient(contact_id=ContactId(f"c{number}"), phone=a_phone(number), text=text)


def a_meta(number: int = 7, *, size: int = 1, **values: object) -> BatchMeta:
    facts: dict[str, object] = {
        "number": BatchNumber(number),
        "source": Source(kind="campaign", source_id="cmp_1", part="000000"),
        "channel": Channel.SMS,
        "purpose": Purpose.ADVERTISING,
        "message_type": MessageType.SMS,
        "unit_price": unit_price(MessageType.SMS),
        "sender_id": SenderId("snd_1"),
        "template_id": TemplateId("tpl_1"),
        "template_version": 1,
        "size": size,
        "created": NOON,
        "not_before": None,
        "expires": datetime(2026, 11, 23, tzinfo=UTC),
    }
    return BatchMeta(**(facts | values))  # type: ignore[arg-type]


def a_batch(number: int = 7, *, size: int = 1, **values: object) -> Batch:
    """A planned batch of an advertisement to contacts c1, c2, …"""
    return Batch(
        meta=a_meta(number, size=size, **values),
        recipients=tuple(a_recipient(i + 1) for i in range(size)),
        state=BatchState.fresh([Send.PENDING] * size, now=NOON),
    )


def a_campaign(**values: object) -> Campaign:
    """A draft for everyone."""
    facts: dict[str, object] = {
        "campaign_id": CampaignId("cmp_1"),
        "name": "봄 할인",
        "template_id": TemplateId("tpl_1"),
        "template_version": 1,
        "sender_id": SenderId("snd_1"),
        "recipients": Recipients(include=(EVERYONE,)),
        "variables": {},
        "created": NOON,
    }
    return Campaign(**(facts | values))  # type: ignore[arg-type]


def an_audience(
    audience_id: str, *, run_id: str | None, shards: int = 1, at: datetime = NOON
) -> Audience:
    """An audience as it was refreshed in this run; None: never."""
    members = None
    if run_id is not None:
        members = Membership(
            run_id=run_id,
            day=NOON.date(),
            at=at,
            shards=shards,
            count=3,
            entered=0,
            left=0,
        )
    return Audience(
        audience_id=AudienceId(audience_id),
        name="단골",
        definition={},
        created=NOON,
        changed=NOON,
        members=members,
    )


def a_part(number: int = 0, **values: object) -> Part:
    """A part of three people that waits to be planned; the last one."""
    facts: dict[str, object] = {
        "campaign_id": CampaignId("cmp_1"),
        "part": f"{number:06d}",
        "size": 3,
        "people_key": f"parts/cmp_1/{number:06d}-p_1",
        "next_cursor": None,
    }
    return Part(**(facts | values))  # type: ignore[arg-type]
