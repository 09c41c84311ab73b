"""Our SOLAPI adapter against the carrier simulator, over real HTTP."""

import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from functions.channels.base import Ambiguous, Outgoing, Parcel, Rejected, RetryLater
from functions.channels.solapi import Credentials, SolapiCallbacks, SolapiChannel
from functions.content.image import prepare
from functions.domain.contact import Phone
from functions.domain.ids import BatchNumber, MessageNumber
from functions.domain.message import Receipt
from functions.domain.reason import FailureReason
from functions.domain.text_size import MessageType
from infra.local.carrier.client import CarrierControl, wait_until
from infra.local.carrier.clock import real_time
from infra.local.carrier.testing import running_carrier
from tests.builders import a_phone

SENDER = "0200001234"
PF_ID = "KA01PF0000000000000000000000000"
TEMPLATE = "KA01TP0000000000000000000000000"


@pytest.fixture(scope="module")
def shared() -> Iterator[CarrierControl]:
    with running_carrier() as carrier:
        yield carrier


@pytest.fixture
def carrier(shared: CarrierControl) -> CarrierControl:
    shared.reset()
    shared.add_sender(SENDER)
    shared.add_template(TEMPLATE, pf_id=PF_ID, content="#{이름}님의 주문 #{번호}이 발송되었습니다.")
    shared.configure(report_delay_s=0)
    return shared


@pytest.fixture
def channel(carrier: CarrierControl) -> SolapiChannel:
    credentials = Credentials(api_key=carrier.api_key, api_secret=carrier.api_secret)
    return SolapiChannel(credentials, base_url=carrier.base_url)


def outgoing(ordinal: int, text: str = "안녕하세요", **values: object) -> Outgoing:
    ref = MessageNumber(batch=BatchNumber(5), ordinal=ordinal)
    return Outgoing(ref=ref, to=a_phone(ordinal + 1), text=text, **values)  # type: ignore[arg-type]


def parcel(*messages: Outgoing, kind: MessageType = MessageType.SMS, **values: object) -> Parcel:
    facts: dict[str, object] = {"sender": SENDER} | values
    return Parcel(message_type=kind, messages=messages, **facts)  # type: ignore[arg-type]


def wanted(*ordinals: int) -> dict[MessageNumber, Phone]:
    return {outgoing(n).ref: outgoing(n).to for n in ordinals}


def received(carrier: CarrierControl, count: int) -> list[dict[str, object]]:
    return wait_until(lambda: found if len(found := carrier.ledger()) == count else [])


def test_sms_arrives_with_our_reference(carrier: CarrierControl, channel: SolapiChannel) -> None:
    taken = channel.send(parcel(outgoing(0), outgoing(1)), now=real_time())

    assert taken.rejected == {}
    items = received(carrier, 2)
    assert {item["to"] for item in items} == {"01000000001", "01000000002"}
    assert {item["type"] for item in items} == {"SMS"}
    assert carrier.ledger(ref="m-5-01")[0]["to"] == "01000000002"


def test_lms_carries_its_subject(carrier: CarrierControl, channel: SolapiChannel) -> None:
    channel.send(
        parcel(outgoing(0, "가" * 100, subject="제목"), kind=MessageType.LMS), now=real_time()
    )

    (item,) = received(carrier, 1)
    assert (item["type"], item["subject"]) == ("LMS", "제목")


def test_mms_carries_an_uploaded_image(carrier: CarrierControl, channel: SolapiChannel) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (1600, 900), "orange").save(buffer, "PNG")

    file_id = channel.upload_image(prepare(buffer.getvalue()).data, now=real_time())
    sent = parcel(outgoing(0, subject="제목"), kind=MessageType.MMS, provider_file_id=file_id)
    taken = channel.send(sent, now=real_time())

    assert taken.rejected == {}
    (item,) = received(carrier, 1)
    assert item["type"] == "MMS"


def test_alimtalk_fills_the_approved_template(
    carrier: CarrierControl, channel: SolapiChannel
) -> None:
    message = outgoing(0, "", variables={"이름": "김하늘", "번호": "A-1"})

    taken = channel.send(
        parcel(message, kind=MessageType.ALIMTALK, sender=PF_ID, provider_template_id=TEMPLATE),
        now=real_time(),
    )

    assert taken.rejected == {}
    (item,) = received(carrier, 1)
    assert item["text"] == "김하늘님의 주문 A-1이 발송되었습니다."


def test_refused_messages_are_named_with_their_reason(
    carrier: CarrierControl, channel: SolapiChannel
) -> None:
    carrier.add_denial("01000000002", sender=SENDER)

    taken = channel.send(parcel(outgoing(0), outgoing(1)), now=real_time())

    assert taken.rejected == {outgoing(1).ref: FailureReason.OPTED_OUT}


def test_unregistered_sender_is_refused(channel: SolapiChannel) -> None:
    taken = channel.send(parcel(outgoing(0), sender="0299999999"), now=real_time())

    assert taken.rejected == {outgoing(0).ref: FailureReason.SENDER}


def test_wrong_secret_makes_messages_wait(carrier: CarrierControl) -> None:
    wrong = Credentials(api_key=carrier.api_key, api_secret="not this one")

    with pytest.raises(RetryLater) as later:
        SolapiChannel(wrong, base_url=carrier.base_url).send(parcel(outgoing(0)), now=real_time())

    assert later.value.after_s == 300


def test_wrong_clock_makes_messages_wait(channel: SolapiChannel) -> None:
    with pytest.raises(RetryLater):
        channel.send(parcel(outgoing(0)), now=real_time() - timedelta(hours=1))


def test_parcel_refused_as_a_whole_is_rejected(channel: SolapiChannel) -> None:
    with pytest.raises(Rejected):
        channel.send(parcel(), now=real_time())


@pytest.mark.parametrize(
    ("kind", "accepted"),
    [("garbled_after_accept", True), ("http_500_after_accept", True), ("drop_connection", False)],
)
def test_after_an_unreadable_answer_the_list_tells_what_was_accepted(
    carrier: CarrierControl,
    channel: SolapiChannel,
    kind: str,
    accepted: bool,
) -> None:
    carrier.configure(fault={"kind": kind, "count": 1})
    began = real_time()

    with pytest.raises(Ambiguous):
        channel.send(parcel(outgoing(0)), now=began)

    found = channel.find(wanted(0), since=began, now=real_time())
    assert found == ({outgoing(0).ref: None} if accepted else {})


def test_accepted_messages_are_found_and_others_are_not(
    carrier: CarrierControl, channel: SolapiChannel
) -> None:
    began = real_time()
    channel.send(parcel(*(outgoing(n) for n in range(120))), now=began)

    found = channel.find(wanted(0, 119, 150), since=began, now=real_time())

    assert found == {outgoing(0).ref: None, outgoing(119).ref: None}


def test_messages_are_found_behind_those_that_were_refused(
    carrier: CarrierControl, channel: SolapiChannel
) -> None:
    for number in range(30):
        carrier.add_denial(a_phone(number + 1).national, sender=SENDER)
    began = real_time()
    channel.send(parcel(*(outgoing(n) for n in range(32))), now=began)

    found = channel.find(wanted(*range(32)), since=began, now=real_time())

    assert found == {outgoing(30).ref: None, outgoing(31).ref: None}


@pytest.mark.parametrize(
    ("kind", "error"), [("http_429", RetryLater), ("http_500", Ambiguous), ("http_503", Ambiguous)]
)
def test_faults_are_told_apart(
    carrier: CarrierControl, channel: SolapiChannel, kind: str, error: type[Exception]
) -> None:
    carrier.configure(fault={"kind": kind, "count": 1})

    with pytest.raises(error):
        channel.send(parcel(outgoing(0)), now=real_time())


def test_nobody_listening_is_certainly_not_sent() -> None:
    credentials = Credentials(api_key="k", api_secret="s")
    nobody = SolapiChannel(credentials, base_url="http://127.0.0.1:9")

    with pytest.raises(RetryLater):
        nobody.send(parcel(outgoing(0)), now=real_time())


NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def a_report(**data: object) -> str:
    facts = {"statusCode": "4000", "customFields": {"ref": "m-5-01"}} | data
    return json.dumps([{"eventDataId": "e1", "data": facts, "retryCount": 0}])


def test_report_of_a_delivery_is_read() -> None:
    (event,) = SolapiCallbacks().read(a_report(dateReceived="2026-11-20T02:59:00.000Z"), now=NOW)

    at = datetime(2026, 11, 20, 2, 59, tzinfo=UTC)
    assert event.ref == MessageNumber(batch=BatchNumber(5), ordinal=1)
    assert event.receipt == Receipt(delivered=True, reason=None, at=at)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("3032", FailureReason.INVALID_NUMBER),
        ("3104", FailureReason.NOT_KAKAO_USER),
        ("3999", FailureReason.CARRIER),
        ("9999", FailureReason.OTHER),
    ],
)
def test_report_of_a_failure_is_read_in_our_words(code: str, reason: FailureReason) -> None:
    (event,) = SolapiCallbacks().read(a_report(statusCode=code), now=NOW)

    assert event.receipt.reason is reason


@pytest.mark.parametrize(
    "date", ["2026-11-20T04:00:00Z", "yesterday", None, "2026-11-20T02:59:00"], ids=str
)
def test_unbelievable_dates_become_our_own(date: str | None) -> None:
    (event,) = SolapiCallbacks().read(a_report(dateReceived=date), now=NOW)

    assert event.receipt.at == NOW


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "[1, null]",
        '[{"data": 3}]',
        a_report(customFields=None),
        a_report(customFields={"ref": "x"}),
        a_report(statusCode="3000"),
    ],
)
def test_what_is_not_about_our_messages_is_skipped(body: str) -> None:
    assert SolapiCallbacks().read(body, now=NOW) == ()


@pytest.mark.parametrize("body", ["", "{}", "not json"])
def test_what_is_no_callback_is_refused(body: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # json's and our own
        SolapiCallbacks().read(body, now=NOW)
