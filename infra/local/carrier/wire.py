"""The JSON shapes of SOLAPI's answers and reports.

Sources: korea.md 1.6-1.8; the models of the Python package ``solapi`` 5.0.3; sample answers in
https://github.com/solapi/documents, api-reference/messages.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from infra.local.carrier import codes, limits, outcomes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from infra.local.carrier.account import Account
    from infra.local.carrier.drafts import Refusal
    from infra.local.carrier.records import Button, Denial, Group, KakaoUse, Message, StoredFile

_TYPES: Final = (
    *("sms", "lms", "mms", "ata", "cta", "cti", "nsa", "fax", "voice"),
    *("rcs_sms", "rcs_lms", "rcs_mms", "rcs_tpl", "rcs_itpl", "rcs_ltpl"),
)


def timestamp(epoch_s: float | None) -> str | None:
    """Write a time as SOLAPI does: UTC, milliseconds, Z."""
    if epoch_s is None:
        return None
    date = datetime.fromtimestamp(epoch_s, tz=UTC)
    return f"{date:%Y-%m-%dT%H:%M:%S}.{date.microsecond // 1000:03d}Z"


def accepted(message: Message) -> dict[str, object]:
    """Write one line of messageList in the answer to a send request."""
    return {
        "messageId": message.message_id,
        "statusCode": codes.ACCEPTED,
        "statusMessage": codes.text(codes.ACCEPTED),
        "customFields": dict(message.draft.custom_fields or {}),
    }


def refused(message_id: str, refusal: Refusal, *, account_id: str) -> dict[str, object]:
    """Write one line of failedMessageList; every key but customFields must exist."""
    draft = refusal.draft
    return {
        "to": draft.to,
        "from": draft.sender,
        "type": draft.type,
        "country": draft.country,
        "messageId": message_id,
        "statusCode": refusal.code,
        "statusMessage": codes.text(refusal.code),
        "accountId": account_id,
        "customFields": dict(draft.custom_fields or {}),
    }


def single(message: Message, *, account_id: str) -> dict[str, object]:
    """Write the answer to ``POST /messages/v4/send``."""
    return {
        "groupId": message.group.group_id,
        "messageId": message.message_id,
        "accountId": account_id,
        "to": message.draft.to,
        "from": message.draft.sender,
        "type": message.draft.type,
        "country": message.draft.country,
        "statusCode": codes.ACCEPTED,
        "statusMessage": codes.text(codes.ACCEPTED),
    }


def message(record: Message, *, account_id: str) -> dict[str, object]:
    """Write a message as the lists show it."""
    draft = record.draft
    network_code, network_name = outcomes.network(draft.to)
    at_carrier = record.processed is not None
    return {
        "_id": record.message_id,
        "messageId": record.message_id,
        "groupId": record.group.group_id,
        "accountId": account_id,
        "type": draft.type,
        "country": draft.country,
        "to": draft.to,
        "from": draft.sender,
        "subject": draft.subject,
        "text": draft.text,
        "imageId": draft.image_id,
        "status": codes.status_word(record.status_code),
        "statusCode": record.status_code,
        "reason": None if record.reported is None else codes.text(record.status_code),
        "networkName": network_name if at_carrier else None,
        "networkCode": network_code if at_carrier else None,
        "autoTypeDetect": True,
        "replacement": record.is_replacement,
        "replacements": list(draft.replacements),
        "resendCount": 0,
        "customFields": dict(draft.custom_fields or {}),
        "kakaoOptions": _kakao(draft.kakao),
        "log": _message_log(record),
        **_dates(record),
        "dateCreated": timestamp(record.created),
        "dateUpdated": timestamp(record.updated),
    }


def report(record: Message) -> dict[str, object]:
    """Write the ``data`` of a delivery report."""
    draft = record.draft
    return {
        "messageId": record.message_id,
        "groupId": record.group.group_id,
        "type": draft.type,
        "to": draft.to,
        "from": draft.sender,
        "statusCode": record.status_code,
        "statusMessage": codes.text(record.status_code),
        **_dates(record),
        "networkCode": outcomes.network(draft.to)[0],
        "kakaoOptions": _kakao(draft.kakao),
        "rcsOptions": None,
        "naverOptions": None,
        "customFields": dict(draft.custom_fields or {}),
    }


def group(record: Group, *, account_id: str) -> dict[str, object]:
    """Write a group: the answer to a send request and an item of the group list."""
    return {
        "_id": record.group_id,
        "groupId": record.group_id,
        "accountId": account_id,
        "masterAccountId": None,
        "apiVersion": "4",
        "status": record.status,
        "allowDuplicates": record.allow_duplicates,
        "isRefunded": record.refunds > 0,
        "count": _counts(record),
        "countForCharge": _charged(record),
        "balance": _money(record),
        "point": {"requested": 0, "replacement": 0, "refund": 0, "sum": 0},
        "app": {"profit": dict.fromkeys(_TYPES, 0), "appId": record.app_id, "version": None},
        "log": _group_log(record),
        "price": _prices(record),
        "serviceMethod": "MT",
        "sdkVersion": record.sdk_version,
        "osPlatform": record.os_platform,
        "customFields": {},
        "prepaid": True,
        "scheduledDate": timestamp(record.scheduled_for),
        "dateSent": timestamp(record.sent),
        "dateCompleted": timestamp(record.completed),
        "dateCreated": timestamp(record.created),
        "dateUpdated": timestamp(record.updated),
    }


def balance(account: Account) -> dict[str, object]:
    """Write the answer to ``GET /cash/v1/balance``."""
    alert = {
        "notificationBalance": "0",
        "currentBalance": str(account.balance),
        "balances": [],
        "channels": [],
        "enabled": False,
    }
    return {
        "accountId": account.account_id,
        "balance": account.balance,
        "point": 0,
        "deposit": 0,
        "balanceOnly": account.balance,
        "minimumCash": 0,
        "rechargeTo": 0,
        "rechargeTryCount": 0,
        "autoRecharge": 0,
        "lowBalanceAlert": alert,
    }


def file(record: StoredFile, *, account_id: str, url: str) -> dict[str, object]:
    """Write the answer to an upload."""
    return {
        "kakao": {"daou": None, "biztalk": None},
        "type": record.kind,
        "originalName": record.name,
        "name": record.name,
        "link": record.link,
        "width": record.width,
        "height": record.height,
        "fileSize": len(record.content),
        "fileId": record.file_id,
        "url": url,
        "accountId": account_id,
        "references": [],
        "dateCreated": timestamp(record.created),
        "dateUpdated": timestamp(record.created),
    }


def denial(record: Denial) -> dict[str, object]:
    """Write one 080 refusal."""
    return {
        "handleKey": record.handle_key,
        "type": "DENIAL",
        "senderNumber": record.sender,
        "recipientNumber": record.recipient,
        "dateCreated": timestamp(record.created),
        "dateUpdated": timestamp(record.created),
    }


def _dates(record: Message) -> dict[str, object]:
    return {
        "dateProcessed": timestamp(record.processed),
        "dateReported": timestamp(record.reported),
        "dateReceived": timestamp(record.reported),
    }


def _kakao(use: KakaoUse | None) -> dict[str, object] | None:
    if use is None:
        return None
    return {
        "pfId": use.pf_id,
        "templateId": use.template_id,
        "disableSms": use.disable_sms,
        "variables": dict(use.variables),
        "imageId": None,
        "buttons": [_button(button) for button in use.buttons or ()],
    }


def _button(button: Button) -> dict[str, object]:
    return {"buttonName": button.name, "buttonType": button.kind, "linkMo": button.link}


def _counts(record: Group) -> dict[str, int]:
    registered = len(record.messages) - record.replaced
    return {
        "total": registered + record.refused,
        "sentTotal": registered if record.sent is not None else 0,
        "sentSuccess": record.delivered,
        "sentFailed": record.failed,
        "sentPending": record.open if record.sent is not None else 0,
        "sentReplacement": record.replaced,
        "refund": record.refunds,
        "registeredFailed": record.refused,
        "registeredSuccess": registered,
    }


def _charged(record: Group) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {kind: {} for kind in _TYPES}
    for (kind, country), number in record.charged.items():
        counts[kind][country] = number
    return counts


def _money(record: Group) -> dict[str, int]:
    total = record.won_requested + record.won_replacement - record.won_refund
    return {
        "requested": record.won_requested,
        "replacement": record.won_replacement,
        "refund": record.won_refund,
        "sum": total,
    }


def _prices(record: Group) -> dict[str, dict[str, int]]:
    # An object per country: the list that older documents show fails the SDK's own validation.
    prices = {kind.lower(): won for kind, won in limits.PRICES.items()}
    countries = {"82"} | {country for _, country in record.charged}
    return {country: dict(prices) for country in sorted(countries)}


def _group_log(record: Group) -> list[dict[str, object]]:
    events = [
        (record.created, "메시지 그룹이 생성되었습니다."),
        *_charge_lines(record),
        (record.sent, "메시지를 발송했습니다."),
        (record.completed, "발송이 완료되었습니다."),
    ]
    return [{"createAt": timestamp(at), "message": line} for at, line in events if at is not None]


def _charge_lines(record: Group) -> Iterable[tuple[float | None, str]]:
    for (kind, country), number in sorted(record.charged.items()):
        line = f"국가코드({country})의 {kind.upper()} {number} 건이 추가되었습니다."
        yield record.created, line


def _message_log(record: Message) -> list[dict[str, object]]:
    events = [
        (record.created, "메시지가 접수되었습니다."),
        (record.processed, "이통사로 전달했습니다."),
        (record.reported, codes.text(record.status_code)),
    ]
    return [{"createAt": timestamp(at), "message": line} for at, line in events if at is not None]
