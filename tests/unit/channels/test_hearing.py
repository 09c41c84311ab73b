"""Readers of what people said: NHN Cloud's 080 webhook, and relays of received texts."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from functions.channels.base import HearingReader, InboundMessage, OptOutEvent
from functions.channels.inbound import InboundCallbacks
from functions.channels.nhn import NhnCallbacks
from functions.domain.contact import Phone
from functions.domain.reason import SuppressionReason
from tests.builders import NOON

PHONE = Phone("+821000000001")
HOOK = {
    "hookId": "202007271010101010sadasdavas",
    "recipientNo": "01000000001",
    "unsubscribeNo": "08000001234",
    "enterpriseName": "NHN Cloud",
    "createdDateTime": "2020-09-09T11:25:10.000+09:00",
}
TEXT = {
    "id": "mo-1",
    "from": "010-0000-0001",
    "to": "0200001234",
    "text": "수신거부",
    "at": "2026-11-20T02:59:00+00:00",
}


def nhn(*hooks: object, event: str = "UNSUBSCRIBE") -> str:
    return json.dumps({"hooksId": "1", "productName": "SMS", "event": event, "hooks": hooks})


def test_nhn_tells_who_called_the_080_number_and_when() -> None:
    assert NhnCallbacks().hear(nhn(HOOK), now=NOON) == (
        OptOutEvent(
            key="202007271010101010sadasdavas",
            phone=PHONE,
            reason=SuppressionReason.OPT_OUT_CALL,
            at=datetime(2020, 9, 9, 2, 25, 10, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    "event", ["MESSAGE_RESULT_UPDATE", "CONVERSION_BLOCK", "INTERNATIONAL_DELIVERY_RECEIPT"]
)
def test_other_events_of_nhn_are_no_refusals(event: str) -> None:
    assert NhnCallbacks().hear(nhn(HOOK, event=event), now=NOON) == ()


def test_hooks_that_name_nobody_whom_we_can_write_to_are_skipped() -> None:
    hooks = ["strange", {}, HOOK | {"recipientNo": "021234567"}, HOOK]

    assert [each.key for each in NhnCallbacks().hear(nhn(*hooks), now=NOON)] == [HOOK["hookId"]]


def test_relay_tells_who_wrote_what_and_when() -> None:
    expected = InboundMessage(
        key="mo-1", sender=PHONE, text="수신거부", at=NOON - timedelta(minutes=1)
    )

    assert InboundCallbacks().hear(json.dumps(TEXT), now=NOON) == (expected,)
    assert InboundCallbacks().hear(json.dumps([TEXT, TEXT]), now=NOON) == (expected, expected)


def test_what_was_written_does_not_show() -> None:
    (message,) = InboundCallbacks().hear(json.dumps(TEXT), now=NOON)

    assert "수신거부" not in repr(message)
    assert "00000001" not in repr(message)


@pytest.mark.parametrize(
    "at", ["", "yesterday", "2026-11-20T02:59:00", "2099-01-01T00:00:00+00:00", None, 7]
)
def test_moment_that_cannot_be_believed_is_now(at: object) -> None:
    for reader, body in (
        (InboundCallbacks(), json.dumps(TEXT | {"at": at})),
        (NhnCallbacks(), nhn(HOOK | {"createdDateTime": at})),
    ):
        assert [each.at for each in reader.hear(body, now=NOON)] == [NOON]


def test_text_from_a_short_code_is_skipped() -> None:
    assert InboundCallbacks().hear(json.dumps(TEXT | {"from": "114"}), now=NOON) == ()


def test_what_is_no_message_is_skipped_beside_messages() -> None:
    body = json.dumps([1, TEXT | {"id": ""}, TEXT | {"text": None}, {"id": "x"}, TEXT])

    assert [each.key for each in InboundCallbacks().hear(body, now=NOON)] == ["mo-1"]


def test_nothing_received_is_nothing() -> None:
    assert InboundCallbacks().hear("[]", now=NOON) == ()


@pytest.mark.parametrize("reader", [NhnCallbacks(), InboundCallbacks()], ids=["nhn", "inbound"])
@pytest.mark.parametrize(
    "body", ["not json", "1", '"text"', "null", "{}", '[{"data": {}}]', '{"hooks": {}}']
)
def test_callback_of_somebody_else_is_an_error(reader: HearingReader, body: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        reader.hear(body, now=NOON)
