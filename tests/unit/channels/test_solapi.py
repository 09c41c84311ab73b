"""The pure parts of the adapter, and how it pages; tests/contract holds it to the real thing."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.channels import solapi
from functions.channels.base import Ambiguous, NoBalance, Outgoing, Parcel, Rejected, RetryLater
from functions.channels.solapi import (
    REASON_BY_CODE,
    Credentials,
    SolapiCallbacks,
    SolapiChannel,
    authorization,
    build_request,
    read_taken,
    reason_of,
)
from functions.domain.contact import Phone
from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.pricing import Money
from functions.domain.reason import FailureReason
from functions.domain.text_size import MessageType
from functions.runtime.web import NoAnswer, NotConnected, WebAnswer
from tests.builders import NOON, a_phone

CREDENTIALS = Credentials(api_key="NCSKEY", api_secret="hidden")


def ref(ordinal: int) -> MessageNumber:
    return MessageNumber(batch=BatchNumber(7), ordinal=ordinal)


def a_parcel(**values: object) -> Parcel:
    messages = tuple(
        Outgoing(ref=ref(ordinal), to=a_phone(ordinal + 1), text="안녕") for ordinal in range(2)
    )
    facts: dict[str, object] = {
        "message_type": MessageType.SMS,
        "sender": "0200001234",
        "messages": messages,
    }
    return Parcel(**(facts | values))  # type: ignore[arg-type]


def test_call_is_signed_over_date_and_salt() -> None:
    header = authorization(CREDENTIALS, now=NOON, salt="salt")

    date = "2026-11-20T03:00:00+00:00"
    signature = hmac.new(b"hidden", f"{date}salt".encode(), hashlib.sha256).hexdigest()
    assert header == (f"HMAC-SHA256 apiKey=NCSKEY, date={date}, salt=salt, signature={signature}")
    assert "hidden" not in repr(CREDENTIALS)


def test_text_messages_go_out_in_one_request() -> None:
    built = build_request(a_parcel())

    assert built["allowDuplicates"] is False
    assert built["messages"][1] == {
        "to": "01000000002",
        "from": "0200001234",
        "type": "SMS",
        "text": "안녕",
        "autoTypeDetect": False,
        "customFields": {"ref": "m-7-01"},
    }


def test_mms_has_its_subject_and_image() -> None:
    message = Outgoing(ref=ref(0), to=a_phone(1), text="안녕", subject="제목")
    parcel = a_parcel(message_type=MessageType.MMS, messages=(message,), provider_file_id="FILE1")

    (built,) = build_request(parcel)["messages"]

    assert (built["type"], built["subject"], built["imageId"]) == ("MMS", "제목", "FILE1")


def test_alimtalk_fills_its_gaps_and_falls_back_on_nothing() -> None:
    message = Outgoing(ref=ref(0), to=a_phone(1), text="김하늘님", variables={"이름": "김하늘"})
    parcel = a_parcel(
        message_type=MessageType.ALIMTALK,
        sender="KA01PF",
        messages=(message,),
        provider_template_id="KA01TP",
    )

    (built,) = build_request(parcel)["messages"]

    assert "from" not in built
    assert built["type"] == "ATA"
    assert built["kakaoOptions"] == {
        "pfId": "KA01PF",
        "templateId": "KA01TP",
        "variables": {"#{이름}": "김하늘"},
        "disableSms": True,
    }


def test_everything_not_named_was_taken() -> None:
    assert read_taken({}, a_parcel()).rejected == {}
    assert read_taken({"failedMessageList": None}, a_parcel()).rejected == {}


@pytest.mark.parametrize(
    "failed",
    [
        {"customFields": {"ref": "m-7-01"}, "statusCode": "3058"},
        {"to": "01000000002", "statusCode": "3058"},
        {"to": "01000000002", "customFields": {"ref": "nonsense"}, "statusCode": "3058"},
        {"to": "01000000002", "customFields": None, "statusCode": 3058},
    ],
    ids=["by reference", "by number", "strange reference", "no reference"],
)
def test_refused_message_is_found_by_reference_or_number(failed: Mapping[str, Any]) -> None:
    taken = read_taken({"failedMessageList": [failed]}, a_parcel())

    assert taken.rejected == {ref(1): FailureReason.INVALID_NUMBER}


def test_what_the_balance_does_not_reach_for_is_no_failure_of_the_message() -> None:
    one = {"to": a_phone(1).national, "statusCode": "1030"}
    other = {"to": a_phone(2).national, "statusCode": "1030"}

    taken = read_taken({"failedMessageList": [other]}, a_parcel())

    assert (taken.rejected, taken.unpaid) == ({}, {ref(1)})
    with pytest.raises(NoBalance):
        read_taken({"failedMessageList": [one, other]}, a_parcel())


def test_refusal_that_is_about_nobody_here_is_skipped() -> None:
    failed = {"to": "01000000099", "statusCode": "3058"}

    assert read_taken({"failedMessageList": [failed]}, a_parcel()).rejected == {}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1026", FailureReason.DUPLICATE),
        ("1030", FailureReason.BALANCE),
        ("1062", FailureReason.SENDER),
        ("2061", FailureReason.OPTED_OUT),
        ("3040", FailureReason.TIMEOUT),
        ("3050", FailureReason.DEVICE),
        ("3102", FailureReason.NOT_FRIEND),
        ("3104", FailureReason.NOT_KAKAO_USER),
        ("3108", FailureReason.OUTSIDE_HOURS),
        ("3999", FailureReason.CARRIER),
        ("9999", FailureReason.OTHER),
        ("", FailureReason.OTHER),
        ("None", FailureReason.OTHER),
    ],
)
def test_codes_are_told_in_our_words(code: str, reason: FailureReason) -> None:
    assert reason_of(code) is reason


def test_no_success_is_called_a_failure() -> None:
    assert not {"2000", "3000", "4000"} & set(REASON_BY_CODE)


@dataclass
class FakeWeb:
    """Answers each request with the next of these, or fails with it.

    ``lists`` are the messages of numbers that are asked for; where there are any, each is.
    """

    answers: list[Any] = field(default_factory=list)
    lists: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, bytes | None]] = field(default_factory=list)

    def __call__(
        self, method: str, url: str, *, headers: dict[str, str], body: bytes | None = None
    ) -> WebAnswer:
        self.asked.append((method, url, body))
        to = parse_qs(urlsplit(url).query).get("to")
        if self.lists and to:
            document = {"messageList": self.lists.get(to[0], {})}
            return WebAnswer(status=200, body=json.dumps(document).encode())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, WebAnswer):
            return answer
        return WebAnswer(status=200, body=json.dumps(answer).encode())


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> FakeWeb:
    fake = FakeWeb()
    monkeypatch.setattr(solapi.web, "request", fake)
    return fake


@pytest.fixture
def channel(web: FakeWeb) -> SolapiChannel:
    return SolapiChannel(CREDENTIALS, base_url="https://api.example.com")


def test_parcel_is_handed_over_in_one_call(web: FakeWeb, channel: SolapiChannel) -> None:
    web.answers = [{"failedMessageList": []}]

    assert channel.send(a_parcel(), now=NOON).rejected == {}

    ((method, url, body),) = web.asked
    assert (method, url) == ("POST", "https://api.example.com/messages/v4/send-many/detail")
    assert json.loads(body or b"") == build_request(a_parcel())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (NotConnected("NewConnectionError"), RetryLater),
        (WebAnswer(status=429, body=b"", retry_after_s=7), RetryLater),
        (NoAnswer("ReadTimeoutError"), Ambiguous),
        (WebAnswer(status=500, body=b"{}"), Ambiguous),
        (WebAnswer(status=503, body=b""), Ambiguous),
        (WebAnswer(status=200, body=b"<html>"), Ambiguous),
        (WebAnswer(status=200, body=b"[]"), Ambiguous),
        (WebAnswer(status=400, body=b'{"errorCode": "BadRequest"}'), Rejected),
        (WebAnswer(status=400, body=b"<html>"), Rejected),
        (WebAnswer(status=400, body=b'{"errorCode": "1030"}'), NoBalance),
        (WebAnswer(status=402, body=b"{}"), NoBalance),
        (WebAnswer(status=408, body=b""), Ambiguous),
        (WebAnswer(status=401, body=b"<html>"), RetryLater),
        (WebAnswer(status=302, body=b"{}"), RetryLater),
    ],
)
def test_failures_are_of_three_kinds(
    answer: Any, error: type[Exception], web: FakeWeb, channel: SolapiChannel
) -> None:
    web.answers = [answer]

    with pytest.raises(error):
        channel.send(a_parcel(), now=NOON)


@pytest.mark.parametrize(
    ("answer", "funded"),
    [
        ({"balance": 18, "point": 0}, True),
        ({"balance": 17.5, "point": 0.5}, True),
        ({"balance": 0, "point": 18}, True),
        ({"balance": 17, "point": 0}, False),
        ({}, False),
        ({"balance": None, "point": "many"}, False),
    ],
)
def test_an_account_can_pay_by_its_balance_and_its_points(
    answer: Any, funded: bool, web: FakeWeb, channel: SolapiChannel
) -> None:
    web.answers = [answer]

    assert channel.funded(Money(minor=18), now=NOON) is funded

    assert [(method, url) for method, url, _ in web.asked] == [
        ("GET", "https://api.example.com/cash/v1/balance")
    ]


def test_provider_says_how_long_to_wait(web: FakeWeb, channel: SolapiChannel) -> None:
    web.answers = [WebAnswer(status=429, body=b"", retry_after_s=7)]

    with pytest.raises(RetryLater) as raised:
        channel.send(a_parcel(), now=NOON)

    assert raised.value.after_s == 7


def listed(ordinal: int, code: str) -> dict[str, Any]:
    return {"customFields": {"ref": str(ref(ordinal))}, "statusCode": code, "groupId": "G1"}


def wanted(*ordinals: int) -> dict[MessageNumber, Phone]:
    return {ref(n): a_phone(n) for n in ordinals}


def queries(web: FakeWeb) -> list[dict[str, list[str]]]:
    return [parse_qs(urlsplit(url).query) for _, url, _ in web.asked]


def test_one_message_leads_to_those_of_its_group(web: FakeWeb, channel: SolapiChannel) -> None:
    foreign = {"customFields": {"ref": "m-9-00"}, "statusCode": "2000", "groupId": "G0"}
    group = {"a": listed(0, "2000"), "b": listed(1, "1062"), "c": foreign}
    web.answers = [
        {"messageList": {"x": foreign, "a": listed(0, "2000")}, "nextKey": None},
        {"messageList": group, "nextKey": "more"},
        {"messageList": {"d": listed(2, "3058"), "e": {"statusCode": "2000"}}, "nextKey": None},
    ]

    found = channel.find(wanted(0, 1, 2, 3), since=NOON, now=NOON + timedelta(hours=1))

    assert found == {ref(0): None, ref(1): FailureReason.SENDER, ref(2): None}
    one, first, second = queries(web)
    assert one["to"] == [a_phone(0).national]
    assert "to" not in first
    assert first["groupId"] == second["groupId"] == ["G1"]
    assert second["startKey"] == ["more"]
    assert one["startDate"] == ["2026-11-20T02:45:00+00:00"]
    assert one["endDate"] == ["2026-11-20T03:15:00+00:00"]


def a_long_list() -> list[dict[str, Any]]:
    """Five pages of other people's messages, as asked for without a number."""
    full = {str(n): {"customFields": {"ref": "m-9-00"}} for n in range(500)}
    return [{"messageList": full, "nextKey": "more"} for _ in range(5)]


def test_a_short_list_is_read_where_the_first_number_tells_nothing(
    web: FakeWeb, channel: SolapiChannel
) -> None:
    web.lists = {"nobody": {}}
    web.answers = [{"messageList": {"b": listed(1, "2000")}, "nextKey": None}]

    assert channel.find(wanted(0, 1, 2), since=NOON, now=NOON) == {ref(1): None}

    assert len(web.asked) == 2


def test_beside_a_long_list_every_number_is_asked_for_until_one_is_known(
    web: FakeWeb, channel: SolapiChannel
) -> None:
    web.lists = {a_phone(12).national: {"a": listed(12, "2000")}}
    web.answers = [*a_long_list(), {"messageList": {"a": listed(12, "2000")}}]

    assert channel.find(wanted(*range(20)), since=NOON, now=NOON) == {ref(12): None}

    asked = {query["to"][0] for query in queries(web) if "to" in query}
    # Eight at a time: not those behind the eight in which it was.
    assert a_phone(12).national in asked <= {a_phone(n).national for n in range(17)}


def test_what_was_never_taken_is_not_found(web: FakeWeb, channel: SolapiChannel) -> None:
    web.lists = {"nobody": {}}
    web.answers = a_long_list()

    assert channel.find(wanted(*range(20)), since=NOON, now=NOON) == {}

    asked = [query["to"][0] for query in queries(web) if "to" in query]
    assert sorted(asked) == [a_phone(n).national for n in range(20)]


def test_list_without_messages_finds_nothing(web: FakeWeb, channel: SolapiChannel) -> None:
    web.answers = [{"messageList": None}] * 2

    assert channel.find(wanted(0), since=NOON, now=NOON) == {}


def test_image_gets_the_providers_own_id(web: FakeWeb, channel: SolapiChannel) -> None:
    web.answers = [{"fileId": "FILE1"}]

    assert channel.upload_image(b"jpeg", now=NOON) == "FILE1"
    assert json.loads(web.asked[0][2] or b"")["file"] == "anBlZw=="


def a_report(**data: object) -> dict[str, Any]:
    facts = {
        "customFields": {"ref": "m-7-01"},
        "statusCode": "4000",
        "dateReceived": "2026-11-20T03:00:05Z",
    }
    return {"data": facts | data}


def test_reports_of_our_messages_are_read() -> None:
    reports = [a_report(), a_report(customFields={"ref": "m-7-02"}, statusCode="3050")]

    delivered, failed = SolapiCallbacks().read(json.dumps(reports), now=NOON)

    assert (delivered.ref, delivered.receipt.delivered) == (ref(1), True)
    assert delivered.receipt.at == datetime(2026, 11, 20, 3, 0, 5, tzinfo=UTC)
    assert (failed.ref, failed.receipt.delivered) == (ref(2), False)
    assert failed.receipt.reason is FailureReason.DEVICE


@pytest.mark.parametrize(
    "item",
    [
        a_report(statusCode="2000"),
        a_report(statusCode="3000"),
        a_report(customFields={}),
        a_report(customFields=None),
        a_report(customFields={"ref": 7}),
        a_report(customFields={"ref": "m-7-ff"}),
        {"data": None},
        {},
        "text",
        None,
    ],
)
def test_whatever_else_a_callback_holds_is_skipped(item: object) -> None:
    assert SolapiCallbacks().read(json.dumps([item]), now=NOON) == ()


@pytest.mark.parametrize(
    "date", [None, "", "soon", "2026-11-20T03:00:05", "2026-11-21T03:00:00Z", 5]
)
def test_date_that_nobody_can_believe_becomes_our_own(date: object) -> None:
    (event,) = SolapiCallbacks().read(json.dumps([a_report(dateReceived=date)]), now=NOON)

    assert event.receipt.at == NOON


@pytest.mark.parametrize("body", ["", "not json", "{}", "null", '"text"'])
def test_what_is_no_callback_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"not an array|malformed|truncated"):
        SolapiCallbacks().read(body, now=NOON)
