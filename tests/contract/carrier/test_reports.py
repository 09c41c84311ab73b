"""Delivery reports: grouped, retried, repeated and reordered."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from infra.local.carrier.client import wait_until
from tests.contract.carrier.direct import numbers, sms

if TYPE_CHECKING:
    from infra.local.carrier.client import CarrierControl
    from tests.contract.carrier.direct import DirectClient
    from tests.contract.carrier.receiver import Receiver


def recipients(receiver: Receiver) -> list[str]:
    return [item["data"]["to"] for item in receiver.items]


def test_reports_the_outcome_of_a_message(
    direct: DirectClient, carrier: CarrierControl, receiver: Receiver
) -> None:
    carrier.configure(forced_codes={"0001": "3043"})

    answer = direct.send(sms(customFields={"ref": "m-1"}))

    (report,) = receiver.wait_for_items(1)
    data = report["data"]
    assert (data["statusCode"], data["to"], data["from"]) == ("3043", "01000000001", "0212345678")
    assert data["messageId"] == answer["messageList"][0]["messageId"]
    assert data["groupId"] == answer["groupInfo"]["groupId"]
    assert data["customFields"] == {"ref": "m-1"}
    assert (report["retryCount"], bool(report["eventDataId"])) == (0, True)
    assert None not in (data["dateProcessed"], data["dateReported"], data["statusMessage"])


def test_reports_at_most_100_outcomes_per_call(direct: DirectClient, receiver: Receiver) -> None:
    direct.send(*(sms(to=number) for number in numbers(250)))

    receiver.wait_for_items(250)
    assert sorted(recipients(receiver)) == numbers(250)
    assert max(len(call) for call in receiver.calls) == 100


@pytest.mark.parametrize("status", [500, 404, 204, 302])
def test_calls_again_until_the_answer_is_200(
    direct: DirectClient, carrier: CarrierControl, receiver: Receiver, status: int
) -> None:
    receiver.answers = [status, status]

    direct.send(sms())

    wait_until(lambda: carrier.counters()["reports_confirmed"] == 1)
    assert [item["retryCount"] for item in receiver.items] == [0, 1, 2]
    assert len({item["eventDataId"] for item in receiver.items}) == 1


def test_gives_up_after_five_calls(
    direct: DirectClient, carrier: CarrierControl, receiver: Receiver
) -> None:
    receiver.answers = [500] * 10

    direct.send(sms())

    wait_until(lambda: carrier.counters()["reports_given_up"] == 1)
    assert len(receiver.calls) == 5


def test_calls_again_when_nobody_listens(direct: DirectClient, carrier: CarrierControl) -> None:
    carrier.configure(webhook_url="http://127.0.0.1:9/nobody")

    direct.send(sms())

    wait_until(lambda: carrier.counters()["reports_given_up"] == 1)
    assert carrier.counters()["webhook_calls"] == 5


def test_repeats_a_share_of_the_reports_with_the_same_event_id(
    direct: DirectClient, carrier: CarrierControl, receiver: Receiver
) -> None:
    carrier.configure(duplicate_reports=1)

    direct.send(*(sms(to=number) for number in numbers(3)))

    items = receiver.wait_for_items(6)
    wait_until(lambda: carrier.counters()["webhook_backlog"] == 0)
    assert len(items) == len(receiver.items) == 6
    assert len({item["eventDataId"] for item in items}) == 3


def test_reorders_reports(
    direct: DirectClient, carrier: CarrierControl, receiver: Receiver
) -> None:
    carrier.configure(reorder_reports=True)

    direct.send(*(sms(to=number) for number in numbers(20)))

    receiver.wait_for_items(20)
    assert sorted(recipients(receiver)) == numbers(20)
    assert recipients(receiver) != numbers(20)


def test_keeps_the_order_otherwise(direct: DirectClient, receiver: Receiver) -> None:
    direct.send(*(sms(to=number) for number in numbers(20)))

    receiver.wait_for_items(20)
    assert recipients(receiver) == numbers(20)


def test_reports_original_and_replacement_separately(
    direct: DirectClient, carrier: CarrierControl, receiver: Receiver
) -> None:
    carrier.add_template("T1", pf_id="P1", content="안내")
    carrier.configure(forced_codes={"0001": "3104"})

    direct.send(sms(text="안내", kakaoOptions={"pfId": "P1", "templateId": "T1"}))

    first, second = receiver.wait_for_items(2)
    assert (first["data"]["type"], first["data"]["statusCode"]) == ("ATA", "3104")
    assert (second["data"]["type"], second["data"]["statusCode"]) == ("SMS", "4000")
    assert first["data"]["messageId"] != second["data"]["messageId"]


def test_reports_nothing_of_what_was_refused(
    direct: DirectClient, carrier: CarrierControl, receiver: Receiver
) -> None:
    direct.send(sms(to="01000000001", text="😀"), sms(to="01000000002"))

    receiver.wait_for_items(1)
    wait_until(lambda: carrier.counters()["webhook_backlog"] == 0)
    assert recipients(receiver) == ["01000000002"]


def test_posts_replies_to_the_inbound_webhook(
    direct: DirectClient, carrier: CarrierControl, receiver: Receiver
) -> None:
    carrier.configure(webhook_url=None, inbound_url=receiver.url)
    direct.send(sms())

    carrier.reply("01000000001", "수신거부")

    (item,) = receiver.wait_for_items(1)
    assert sorted(item) == ["at", "from", "id", "text", "to"]
    assert (item["from"], item["to"], item["text"]) == ("01000000001", "0212345678", "수신거부")
    assert datetime.fromisoformat(item["at"]).tzinfo is not None
    assert item["id"] == carrier.replies()[0]["messageId"]
