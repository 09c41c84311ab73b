"""A shop that uses the API: its sender, its templates, its customers."""

import base64
import io
from datetime import datetime
from typing import Any

from PIL import Image

from functions.access.service import make_key
from functions.contracts.queues import LinkHit, Queue
from functions.domain.ids import KeyId, MessageNumber
from functions.runtime import queues
from functions.storage.keys import KeyStore
from tests.builders import NOON
from tests.integration.api import Api
from tests.traces import CHROME

SENDER = "0200001234"
OPT_OUT = "080-012-3456"
KAKAO_CHANNEL = "KA01PF0000000000000000000000000"
KAKAO_TEMPLATE = "KA01TP0000000000000000000000000"
KAKAO_TEXT = "#{이름}님, 주문 #{번호}을 보냈습니다."

Json = dict[str, Any]


def a_token(*scopes: str) -> str:
    """The token of a new key with these scopes."""
    made = make_key(
        key_id=KeyId("key_" + "_".join(scopes)),
        secret="s" * 32,
        name="test",
        scopes=scopes,
        now=NOON,
    )
    KeyStore().add(made.key)
    return made.token


def phone(number: int) -> str:
    """A number that nobody can have."""
    return f"010-0{number // 10_000:03d}-{number % 10_000:04d}"


def e164(number: int) -> str:
    """The same number as the API shows it."""
    return f"+82100{number:07d}"


def a_sender(api: Api, *, status: str = "approved", **values: object) -> str:
    """Register a sender and review it; its id."""
    body: Json = {
        "channel": "sms",
        "address": "02-0000-1234",
        "display_name": "알림상점",
        "opt_out_number": OPT_OUT,
    }
    sender_id: str = _made(api, "/v1/senders", body | values)["sender_id"]
    if status != "pending":
        decision = {"status": status, "note": "our own number"}
        _made(api, f"/v1/senders/{sender_id}/review", decision)
    return sender_id


def a_kakao_sender(api: Api) -> str:
    """Register a Kakao channel; its id."""
    return a_sender(api, channel="kakao", address=KAKAO_CHANNEL, opt_out_number=None)


def a_template(api: Api, *, approved: bool = True, **values: object) -> str:
    """Write version 1 of an order notice by SMS, and have it approved; its id."""
    body: Json = {
        "name": "주문 알림",
        "channel": "sms",
        "purpose": "transactional",
        "body": "주문을 보냈습니다.",
    }
    template_id: str = _made(api, "/v1/templates", body | values)["template_id"]
    if approved:
        approve(api, template_id)
    return template_id


def an_ad(api: Api, **values: object) -> str:
    """Write an advertisement to persons with a name, and have it approved; its id."""
    facts: Json = {
        "name": "봄 할인",
        "purpose": "advertising",
        "body": "{{ contact.name }}님 봄 할인",
    }
    return a_template(api, **(facts | values))


def an_alimtalk(api: Api) -> str:
    """Write the Alimtalk that Kakao approved; its id."""
    return a_template(
        api,
        channel="kakao",
        body=KAKAO_TEXT,
        provider_template_id=KAKAO_TEMPLATE,
        variables={"이름": "{{ contact.name }}", "번호": "{{ order }}"},
    )


def an_image(api: Api) -> str:
    """Upload a picture; its id."""
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), "orange").save(buffer, "PNG")
    data = base64.b64encode(buffer.getvalue()).decode()
    image_id: str = _made(api, "/v1/images", {"data": data})["image_id"]
    return image_id


def approve(api: Api, template_id: str, *, version: int = 1) -> None:
    """Take a version through review."""
    _made(api, f"/v1/templates/{template_id}/submit", {"version": version})
    _made(api, f"/v1/templates/{template_id}/approve", {"version": version})


def a_contact(api: Api, contact_id: str, number: int | None, **values: object) -> str:
    """Write a contact; its id."""
    body: Json = {"attributes": {"name": "김하늘"}}
    if number is not None:
        body["phone"] = phone(number)
    answer = api.put(f"/v1/contacts/{contact_id}", body | values)
    assert answer.status == 201, answer.text
    return contact_id


def a_customer(api: Api, contact_id: str, number: int | None, **values: object) -> str:
    """Write a contact who agreed to advertisements by SMS; its id."""
    a_contact(api, contact_id, number, **values)
    consent(api, contact_id, "grant")
    return contact_id


def consent(api: Api, contact_id: str, action: str, **values: object) -> Json:
    """Record a consent to advertisements by SMS; the evidence."""
    body: Json = {
        "channel": "sms",
        "purpose": "advertising",
        "action": action,
        "source": "signup form",
    }
    return _made(api, f"/v1/contacts/{contact_id}/consents", body | values)


def send(api: Api, template_id: str, sender_id: str, *to: Json, **values: object) -> Json:
    """Send a message; the answer's body."""
    return _made(api, "/v1/messages", message(template_id, sender_id, *to, **values))


def message(template_id: str, sender_id: str, *to: Json, **values: object) -> Json:
    """The body of a request to send."""
    body: Json = {"template_id": template_id, "template_version": 1, "sender_id": sender_id}
    return body | {"to": list(to)} | values


def a_campaign(api: Api, template_id: str, sender_id: str, **values: object) -> str:
    """Draft a campaign; its id."""
    body: Json = {
        "name": "봄 할인",
        "template_id": template_id,
        "template_version": 1,
        "sender_id": sender_id,
        "recipients": {"everyone": True},
    }
    campaign_id: str = _made(api, "/v1/campaigns", body | values)["campaign_id"]
    return campaign_id


def message_of(api: Api, campaign_id: str, contact_id: str) -> MessageNumber:
    """Somebody's message of a campaign."""
    told = api.get(f"/v1/campaigns/{campaign_id}/why?contact_id={contact_id}").body
    number = MessageNumber.parse(told["message_id"])
    assert number is not None
    return number


def open_link(number: MessageNumber, at: datetime, *, link: int = 0, agent: str = CHROME) -> None:
    """Open a link of a message; the opening waits in its queue."""
    hit = LinkHit(
        batch=number.batch,
        ordinal=number.ordinal,
        link=link,
        at=int(at.timestamp()),
        method="GET",
        user_agent=agent,
        network="203.0.113.0/24",
    )
    queues.send([hit], to=Queue.CLICKS)


def _made(api: Api, path: str, body: Json) -> Json:
    answer = api.post(path, body)
    assert answer.status in (200, 201, 202), answer.text
    made: Json = answer.body
    return made
