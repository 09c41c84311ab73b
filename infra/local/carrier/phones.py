"""What reached the phones, as the ledger and the page show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.local.carrier import calls, codes, wire

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.local.carrier.records import Button, Message, Phone, Reply, Template
    from infra.local.carrier.registry import Registry
    from infra.local.carrier.store import Store

_BUBBLES: Final = 200
_PREVIEW_CHARS: Final = 60


def ledger_selection(
    store: Store, *, to: str | None, ref: str | None, everything: bool
) -> Sequence[Message]:
    """Select messages that reached a phone, or all that were accepted, oldest first."""
    found: Sequence[Message] = store.timeline if everything else store.delivered
    if ref is not None:
        found = store.with_ref(ref)
    elif to is not None:
        found = store.to_phone(to)
    return [
        message
        for message in found
        if to in (None, message.draft.to) and (everything or message.status_code == codes.DELIVERED)
    ]


def ledger_line(message: Message) -> dict[str, object]:
    """Write one message of the ledger."""
    draft = message.draft
    return {
        "messageId": message.message_id,
        "groupId": message.group.group_id,
        "account": message.group.api_key,
        "to": draft.to,
        "from": draft.sender,
        "type": draft.type,
        "subject": draft.subject,
        "text": draft.text,
        "imageId": draft.image_id,
        "customFields": dict(draft.custom_fields or {}),
        "templateId": draft.kakao.template_id if draft.kakao else None,
        "replacement": message.is_replacement,
        "statusCode": message.status_code,
        "acceptedAt": wire.timestamp(message.created),
        "receivedAt": wire.timestamp(message.reported),
    }


def summary(phone: Phone) -> dict[str, object]:
    """Write one line of the list of phones."""
    last = _last(phone)
    return {
        "number": phone.number,
        "messages": len(phone.messages),
        "received": phone.delivered,
        "replies": len(phone.replies),
        "lastAt": wire.timestamp(last[0]),
        "lastText": last[1][:_PREVIEW_CHARS],
    }


def view(phone: Phone, *, registry: Registry) -> dict[str, object]:
    """Write everything one phone shows, oldest first; only the last 200 of each direction."""
    return {
        **summary(phone),
        "bubbles": [_bubble(one, registry) for one in phone.messages[-_BUBBLES:]],
        "sent": [reply(one) for one in phone.replies[-_BUBBLES:]],
        "freeNumber": calls.last_named(phone.messages),
    }


def reply(record: Reply) -> dict[str, object]:
    """Write a text that came back from a phone."""
    return {
        "messageId": record.message_id,
        "from": record.phone,
        "to": record.to,
        "text": record.text,
        "dateReceived": wire.timestamp(record.received),
    }


def relayed(record: Reply) -> dict[str, object]:
    """Write a text that came back as a relay posts it.

    SOLAPI publishes no webhook for received texts; this is the form of ``/hooks/inbound``.
    """
    return {
        "id": record.message_id,
        "from": record.phone,
        "to": record.to,
        "text": record.text,
        "at": wire.timestamp(record.received),
    }


def template(record: Template) -> dict[str, object]:
    """Write an approved template."""
    return {
        "templateId": record.template_id,
        "pfId": record.pf_id,
        "content": record.content,
        "buttons": [_button(button) for button in record.buttons],
    }


def _bubble(message: Message, registry: Registry) -> dict[str, object]:
    draft = message.draft
    shown = registry.files.get(draft.image_id or "")
    return {
        **ledger_line(message),
        "image": f"/_sim/files/{shown.file_id}" if shown else None,
        "buttons": [_button(button) for button in _buttons(message, registry)],
        "denied": registry.denies(recipient=draft.to, sender=draft.sender),
        "state": codes.status_word(message.status_code),
        "stateText": codes.text(message.status_code),
    }


def _buttons(message: Message, registry: Registry) -> Sequence[Button]:
    use = message.draft.kakao
    if use is None:
        return ()
    if use.buttons is not None:
        return use.buttons
    known = registry.templates.get(use.template_id)
    return known.buttons if known else ()


def _button(button: Button) -> dict[str, object]:
    return {"buttonName": button.name, "buttonType": button.kind, "linkMo": button.link}


def _last(phone: Phone) -> tuple[float | None, str]:
    ends = [(one.created, one.draft.text) for one in phone.messages[-1:]]
    ends += [(one.received, one.text) for one in phone.replies[-1:]]
    return max(ends, default=(None, ""))
