"""SOLAPI (formerly CoolSMS), HTTP API v4: SMS, LMS, MMS and Alimtalk.

Facts: the official SDK ``solapi`` 5.0.3 and https://developers.solapi.com, gathered in the
project's notes on Korean messaging, section 1. The provider documents no idempotency key, so a
call without a readable answer is ambiguous, and ``find`` asks the message list for our
references, which travel as ``customFields``.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Any
from urllib.parse import urlencode

from functions.channels.base import (
    Ambiguous,
    DeliveryEvent,
    NoBalance,
    Outgoing,
    Parcel,
    Rejected,
    RetryLater,
    Taken,
)
from functions.channels.moments import CLOCK_TOLERANCE, believable
from functions.domain.contact import Phone
from functions.domain.ids import MessageNumber
from functions.domain.message import Receipt
from functions.domain.pricing import Money
from functions.domain.reason import FailureReason
from functions.domain.text_size import MessageType
from functions.runtime import quick_json, web
from functions.runtime.ids import fresh_secret
from functions.runtime.spread import spread

_REF = "ref"
_PAGE, _ASKED_AT_ONCE = 500, 8
_SHORT = 4 * _PAGE
"""A list of so many messages is read whole sooner than a parcel's numbers are asked for."""
_LONGEST_CALL = timedelta(minutes=15)
_ACCEPTED = frozenset({"2000", "3000", "4000"})
_DELIVERED = "4000"
_PENDING = frozenset({"2000", "3000"})
_TYPE = {
    MessageType.SMS: "SMS",
    MessageType.LMS: "LMS",
    MessageType.MMS: "MMS",
    MessageType.ALIMTALK: "ATA",
}

REASON_BY_CODE: Mapping[str, FailureReason] = (
    dict.fromkeys(
        ["1010", "1011", "1013", "1014", "1025", "1027", "1028", "1029", "1031", "1032"],
        FailureReason.CONTENT,
    )
    | dict.fromkeys(["1023", "1034"], FailureReason.CONTENT)
    | dict.fromkeys(["1026"], FailureReason.DUPLICATE)
    | dict.fromkeys(["1030", "2230"], FailureReason.BALANCE)
    | dict.fromkeys([str(code) for code in range(1041, 1054)], FailureReason.TEMPLATE)
    | dict.fromkeys(["1060", "1064", "2060", "2063", "2064"], FailureReason.BLOCKED)
    | dict.fromkeys(["1061", "2061"], FailureReason.OPTED_OUT)
    | dict.fromkeys(["1062", "2062", "3013", "3059", "3101", "3106"], FailureReason.SENDER)
    | dict.fromkeys(["2254", "3054", "3055"], FailureReason.SPAM)
    | dict.fromkeys(["3010", "3011", "3032", "3052", "3058"], FailureReason.INVALID_NUMBER)
    | dict.fromkeys(["3045", "3047"], FailureReason.BLOCKED)
    | dict.fromkeys(["3040"], FailureReason.TIMEOUT)
    | dict.fromkeys(
        ["3041", "3042", "3043", "3044", "3046", "3050", "3053", "3056", "3057"],
        FailureReason.DEVICE,
    )
    | dict.fromkeys(["3102"], FailureReason.NOT_FRIEND)
    | dict.fromkeys(["3103", "3105"], FailureReason.TEMPLATE)
    | dict.fromkeys(["3104", "3107"], FailureReason.NOT_KAKAO_USER)
    | dict.fromkeys(["3108"], FailureReason.OUTSIDE_HOURS)
)
"""SOLAPI's status codes in our words; other 3xxx are ``carrier``, the rest ``other``."""


def reason_of(code: str) -> FailureReason:
    """Say in our words why a message failed."""
    fallback = FailureReason.CARRIER if code.startswith("3") else FailureReason.OTHER
    return REASON_BY_CODE.get(code, fallback)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """An API key of SOLAPI."""

    api_key: str
    api_secret: str = field(repr=False)


def authorization(credentials: Credentials, *, now: datetime, salt: str) -> str:
    """The header of a call: HMAC-SHA256 over date and salt."""
    date = now.astimezone(UTC).isoformat()
    signature = hmac.new(
        credentials.api_secret.encode(), (date + salt).encode(), hashlib.sha256
    ).hexdigest()
    return (
        f"HMAC-SHA256 apiKey={credentials.api_key}, date={date}, salt={salt}, signature={signature}"
    )


def build_request(parcel: Parcel) -> dict[str, Any]:
    """The body of ``send-many/detail``. Duplicates within a parcel are refused there."""
    return {
        "messages": [_build_message(parcel, message) for message in parcel.messages],
        "allowDuplicates": False,
        "showMessageList": False,
    }


def _build_message(parcel: Parcel, message: Outgoing) -> dict[str, Any]:
    built: dict[str, Any] = {
        "to": message.to.national,
        "from": parcel.sender,
        "type": _TYPE[parcel.message_type],
        "text": message.text,
        "autoTypeDetect": False,
        "customFields": {_REF: str(message.ref)},
    }
    if parcel.message_type is MessageType.ALIMTALK:
        del built["from"]
        built["kakaoOptions"] = {
            "pfId": parcel.sender,
            "templateId": parcel.provider_template_id,
            "variables": {f"#{{{name}}}": value for name, value in message.variables.items()},
            "disableSms": True,
        }
    if message.subject is not None:
        built["subject"] = message.subject
    if parcel.provider_file_id is not None:
        built["imageId"] = parcel.provider_file_id
    return built


def read_taken(answer: Mapping[str, Any], parcel: Parcel) -> Taken:
    """Read which messages of the parcel were refused at registration.

    Raises NoBalance when none was taken, because the account cannot pay them.
    """
    failures = answer.get("failedMessageList") or ()
    if not failures:
        return Taken(rejected={})
    ref_by_number = {message.to.national: message.ref for message in parcel.messages}
    rejected = {}
    for failed in failures:
        ref = _ref_of(failed) or ref_by_number.get(str(failed.get("to")))
        if ref is not None:
            rejected[ref] = reason_of(str(failed.get("statusCode")))
    unpaid = frozenset(ref for ref, why in rejected.items() if why is FailureReason.BALANCE)
    if len(unpaid) == len(parcel.messages):
        msg = "nothing of the parcel could be paid"
        raise NoBalance(msg)
    return Taken(rejected={r: w for r, w in rejected.items() if r not in unpaid}, unpaid=unpaid)


def _ref_of(message: Mapping[str, Any]) -> MessageNumber | None:
    fields = message.get("customFields")
    ref = fields.get(_REF) if isinstance(fields, dict) else None
    return MessageNumber.parse(ref) if isinstance(ref, str) else None


def _window(since: datetime) -> dict[str, str]:
    """What is asked for of the message list, at whatever number."""
    return {
        "dateType": "CREATED",
        "startDate": (since - CLOCK_TOLERANCE).isoformat(),
        # The call was made right after ``since``: what came much later is not it.
        "endDate": (since + _LONGEST_CALL).isoformat(),
        "limit": str(_PAGE),
    }


def _by_eight(numbers: Sequence[str]) -> Iterator[Sequence[str]]:
    return (numbers[i : i + _ASKED_AT_ONCE] for i in range(0, len(numbers), _ASKED_AT_ONCE))


def _taken_of(
    messages: Iterable[Mapping[str, Any]], refs: Mapping[MessageNumber, Phone]
) -> dict[MessageNumber, FailureReason | None]:
    found: dict[MessageNumber, FailureReason | None] = {}
    for message in messages:
        ref, code = _ref_of(message), str(message.get("statusCode"))
        if ref is not None and ref in refs:
            registered = code in _ACCEPTED or code.startswith("3")
            found[ref] = None if registered else reason_of(code)
    return found


class SolapiChannel:
    """Sends through one SOLAPI account."""

    can_be_asked = True

    def __init__(self, credentials: Credentials, *, base_url: str) -> None:
        self._credentials = credentials
        self._base_url = base_url

    def send(self, parcel: Parcel, *, now: datetime) -> Taken:
        """Hand a parcel over in one call; see ``Channel.send``."""
        body = build_request(parcel)
        return read_taken(self._call("POST", "/messages/v4/send-many/detail", body, now), parcel)

    def find(
        self, refs: Mapping[MessageNumber, Phone], *, since: datetime, now: datetime
    ) -> Mapping[MessageNumber, FailureReason | None]:
        """Look our references up in the message list; see ``Channel.find``.

        A parcel is one group there, so one message, looked up by its number, leads to all. What
        was refused at registration may not be listed: where the first number tells nothing, the
        list of half an hour does while it is short. It has thousands of pages while a large
        campaign is sent; then every number is asked for until one is known.
        """
        window = _window(since)
        if not refs:
            # Who asks about nothing wants to know whether anybody answers.
            self.get("/messages/v4/list", window | {"limit": "1"}, now=now)
            return {}
        numbers = [to.national for to in refs.values()]
        group_id = self._group_of(numbers[:1], refs, window, now=now)
        if group_id is None:
            listed = self._short_list(window, now=now)
            if listed is not None:
                return _taken_of(listed, refs)
            some = (self._group_of(each, refs, window, now=now) for each in _by_eight(numbers[1:]))
            group_id = next(filter(None, some), None)
        if group_id is None:
            return {}
        return _taken_of(self._messages({"groupId": group_id} | window, now=now), refs)

    def _group_of(
        self,
        numbers: Sequence[str],
        refs: Mapping[MessageNumber, Phone],
        window: Mapping[str, str],
        *,
        now: datetime,
    ) -> str | None:
        """The group in which one of these numbers got one of these messages."""
        lists = spread(lambda to: list(self._messages({"to": to, **window}, now=now)), numbers)
        known = (each for each in chain.from_iterable(lists) if _ref_of(each) in refs)
        return next((str(each["groupId"]) for each in known), None)

    def _short_list(
        self, window: Mapping[str, str], *, now: datetime
    ) -> list[Mapping[str, Any]] | None:
        """Everything in the window; None where that is much."""
        listed = list(islice(self._messages(window, now=now), _SHORT + 1))
        return listed if len(listed) <= _SHORT else None

    def funded(self, least: Money, *, now: datetime) -> bool:
        """Look at the balance; see ``Channel.funded``. Points pay messages as well."""
        found = self.get("/cash/v1/balance", {}, now=now)
        return _won(found.get("balance")) + _won(found.get("point")) >= least.minor

    def upload_image(self, jpeg: bytes, *, now: datetime) -> str:
        """Store an image for MMS; see ``Channel.upload_image``."""
        body = {"file": base64.b64encode(jpeg).decode(), "type": "MMS", "name": "image.jpg"}
        return str(self._call("POST", "/storage/v1/files", body, now)["fileId"])

    def _messages(self, wanted: Mapping[str, str], *, now: datetime) -> Iterator[Mapping[str, Any]]:
        start_key: str | None = None
        while True:
            query = wanted if start_key is None else {**wanted, "startKey": start_key}
            page = self.get("/messages/v4/list", query, now=now)
            yield from (page.get("messageList") or {}).values()
            start_key = page.get("nextKey")
            if not start_key:
                return

    def get(self, path: str, query: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
        """Ask for a page of one of the lists. Raises ChannelError."""
        asked = f"{path}?{urlencode(query)}" if query else path
        return self._call("GET", asked, None, now)

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None, now: datetime
    ) -> dict[str, Any]:
        headers = {
            "Authorization": authorization(self._credentials, now=now, salt=fresh_secret()),
            "Content-Type": "application/json",
        }
        payload = None if body is None else quick_json.write(body)
        try:
            answer = web.request(method, self._base_url + path, headers=headers, body=payload)
        except web.NotConnected as error:
            raise RetryLater(str(error)) from error
        except web.NoAnswer as error:
            raise Ambiguous(str(error)) from error
        return _read_answer(answer)


def _won(value: object) -> float:
    return value if isinstance(value, int | float) else 0


_TOO_MANY, _SERVER_FAULT, _REDIRECT = 429, 500, 300
_TIMED_OUT = 408
_BAD_REQUEST, _PAYMENT_REQUIRED = 400, 402
_ACCOUNT_PAUSE_S = 300
_OUR_ACCOUNT = (401, 403)
"""Key, clock or address list are wrong: nothing is wrong with the messages, so they wait."""


def _read_answer(answer: web.WebAnswer) -> dict[str, Any]:
    if answer.status == _TOO_MANY:
        msg = "HTTP 429"
        raise RetryLater(msg, after_s=answer.retry_after_s)
    if answer.status in _OUR_ACCOUNT or _REDIRECT <= answer.status < _BAD_REQUEST:
        msg = f"HTTP {answer.status}: the account cannot send"
        raise RetryLater(msg, after_s=_ACCOUNT_PAUSE_S)
    if answer.status >= _SERVER_FAULT or answer.status == _TIMED_OUT:
        # SOLAPI does not document what a 5xx means for messages already read.
        msg = f"HTTP {answer.status}"
        raise Ambiguous(msg)
    document = _document(answer)
    if answer.status >= _REDIRECT:
        code = str(document.get("errorCode", answer.status))
        if reason_of(code) is FailureReason.BALANCE or answer.status == _PAYMENT_REQUIRED:
            raise NoBalance(code)
        raise Rejected(reason_of(code), code=code)
    return document


def _document(answer: web.WebAnswer) -> dict[str, Any]:
    try:
        document = quick_json.read(answer.body)
    except ValueError as error:
        if answer.status >= _REDIRECT:
            raise Rejected(FailureReason.OTHER, code=str(answer.status)) from error
        msg = "an unreadable success"
        raise Ambiguous(msg) from error
    if not isinstance(document, dict):
        msg = "an unreadable success"
        raise Ambiguous(msg)
    return document


class SolapiCallbacks:
    """Reads the report webhook: an array of one item a message."""

    def read(self, body: str, *, now: datetime) -> tuple[DeliveryEvent, ...]:
        """Read a callback; see ``CallbackReader.read``."""
        items = quick_json.read(body)
        if not isinstance(items, list):
            msg = "not an array"
            raise ValueError(msg)  # noqa: TRY004  # a wrong value from outside, not a wrong type
        events = (_event(item, now) for item in items if isinstance(item, dict))
        return tuple(event for event in events if event is not None)


def _event(item: Mapping[str, Any], now: datetime) -> DeliveryEvent | None:
    data = item.get("data")
    if not isinstance(data, dict):
        return None
    ref, code = _ref_of(data), str(data.get("statusCode"))
    if ref is None or code in _PENDING:
        return None
    delivered = code == _DELIVERED
    receipt = Receipt(
        delivered=delivered,
        reason=None if delivered else reason_of(code),
        at=_reported_at(data, now),
    )
    return DeliveryEvent(ref=ref, receipt=receipt)


def _reported_at(data: Mapping[str, Any], now: datetime) -> datetime:
    """When the carrier says it was; our own time when it says nothing believable."""
    return believable(data.get("dateReceived") or data.get("dateReported"), now=now)
