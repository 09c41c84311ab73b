"""The official SDK, solapi 5.0.3, works against the simulator as against the real service."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from solapi import SolapiMessageService
from solapi.error.MessageNotReceiveError import MessageNotReceivedError
from solapi.model import KakaoOption, RequestMessage, SendRequestConfig
from solapi.model.request.groups.get_groups import GetGroupsRequest
from solapi.model.request.messages.get_messages import GetMessagesRequest
from solapi.model.webhook.single_report import SingleReportPayload

from infra.local.carrier.client import wait_until
from infra.local.carrier.clock import real_time

if TYPE_CHECKING:
    from pathlib import Path

    from infra.local.carrier.client import CarrierControl
    from tests.contract.carrier.receiver import Receiver


def a_message(to: str = "010-0000-0001", **changes: object) -> RequestMessage:
    values = {"from_": "02-1234-5678", "to": to, "text": "안녕하세요", **changes}
    return RequestMessage.model_validate(values)


def test_delivers_a_short_text_with_its_custom_fields(
    sdk: SolapiMessageService, carrier: CarrierControl
) -> None:
    sdk.send(a_message(custom_fields={"ref": "m-1"}))

    (line,) = wait_until(lambda: carrier.ledger(ref="m-1"))
    assert (line["to"], line["from"], line["type"]) == ("01000000001", "0212345678", "SMS")
    assert line["text"] == "안녕하세요"
    assert line["customFields"] == {"ref": "m-1"}


def test_sends_a_text_over_90_bytes_as_lms(
    sdk: SolapiMessageService, carrier: CarrierControl
) -> None:
    sdk.send(a_message(text="가" * 46))

    (line,) = wait_until(carrier.ledger)
    assert line["type"] == "LMS"


def test_sends_a_text_with_subject_as_lms(
    sdk: SolapiMessageService, carrier: CarrierControl
) -> None:
    sdk.send(a_message(subject="가을 행사"))

    (line,) = wait_until(carrier.ledger)
    assert (line["type"], line["subject"]) == ("LMS", "가을 행사")


def test_uploads_a_picture_and_sends_it_as_mms(
    sdk: SolapiMessageService, carrier: CarrierControl, tmp_path: Path
) -> None:
    Image.new("RGB", (40, 30), "pink").save(tmp_path / "card.jpg")

    file = sdk.upload_file(str(tmp_path / "card.jpg"))
    sdk.send(a_message(image_id=file.file_id))

    (line,) = wait_until(carrier.ledger)
    assert (line["type"], line["imageId"]) == ("MMS", file.file_id)


def test_builds_an_alimtalk_from_template_and_variables(
    sdk: SolapiMessageService, carrier: CarrierControl
) -> None:
    carrier.add_template("T1", pf_id="P1", content="#{name}님, #{order} 발송되었습니다.")

    sdk.send(
        a_message(
            text=None,
            kakao_options=KakaoOption(
                pf_id="P1", template_id="T1", variables={"name": "하늘", "order": "A-1"}
            ),
        )
    )

    (line,) = wait_until(carrier.ledger)
    assert (line["type"], line["text"]) == ("ATA", "하늘님, A-1 발송되었습니다.")


def test_refuses_the_second_message_to_one_recipient(
    sdk: SolapiMessageService, carrier: CarrierControl
) -> None:
    answer = sdk.send([a_message(), a_message()])

    assert [one.status_code for one in answer.failed_message_list or []] == ["1026"]
    assert answer.group_info.count.registered_success == 1
    assert len(wait_until(carrier.ledger)) == 1


def test_accepts_duplicates_when_they_are_allowed(
    sdk: SolapiMessageService, carrier: CarrierControl
) -> None:
    sdk.send([a_message(), a_message()], SendRequestConfig(allow_duplicates=True))

    wait_until(lambda: len(carrier.ledger()) == 2)


def test_sends_to_every_number_of_a_list(
    sdk: SolapiMessageService, carrier: CarrierControl
) -> None:
    sdk.send(RequestMessage(from_="0212345678", to=["01000000001", "01000000002"], text="hello"))

    lines = wait_until(lambda: len(carrier.ledger()) == 2 and carrier.ledger())
    assert sorted(line["to"] for line in lines or []) == ["01000000001", "01000000002"]


def test_raises_when_every_message_was_refused(sdk: SolapiMessageService) -> None:
    with pytest.raises(MessageNotReceivedError) as caught:
        sdk.send(a_message(from_="0299999999"))

    (failed,) = caught.value.failed_messages
    assert (failed.status_code, failed.to) == ("1062", "01000000001")


def test_names_ids_and_custom_fields_of_accepted_messages_on_request(
    sdk: SolapiMessageService,
) -> None:
    answer = sdk.send(
        [a_message(custom_fields={"ref": "m-1"}), a_message("010-0000-0002", from_="0299999999")],
        SendRequestConfig(show_message_list=True),
    )

    (item,) = answer.message_list or []
    assert (item.status_code, item.custom_fields) == ("2000", {"ref": "m-1"})
    assert len(item.message_id) == 32
    assert item.message_id.startswith("M4V")


@pytest.mark.parametrize(
    ("key", "secret", "code"),
    [("OTHERKEY", None, "InvalidAPIKey"), (None, "other", "SignatureDoesNotMatch")],
    ids=["unknown key", "wrong secret"],
)
def test_refuses_foreign_credentials(
    carrier: CarrierControl, key: str | None, secret: str | None, code: str
) -> None:
    service = SolapiMessageService(key or carrier.api_key, secret or carrier.api_secret)
    service.base_url = carrier.base_url

    with pytest.raises(Exception, match=code) as caught:
        service.get_balance()

    assert caught.value.args[0] == code


def test_takes_the_price_from_the_balance(
    sdk: SolapiMessageService, carrier: CarrierControl
) -> None:
    carrier.configure(balance=1_000)

    sdk.send(a_message())

    assert sdk.get_balance().balance == 980


def test_shows_a_finished_group_with_its_counts(
    sdk: SolapiMessageService, carrier: CarrierControl
) -> None:
    carrier.configure(forced_codes={"0002": "3043"})
    messages = [a_message("01000000001"), a_message("01000000002"), a_message("123")]
    group_id = sdk.send(messages).group_info.group_id

    wait_until(lambda: sdk.get_group(group_id).status == "COMPLETE")

    group = sdk.get_groups(GetGroupsRequest(group_id=group_id)).group_list[group_id]
    assert (group.count.total, group.count.registered_failed) == (3, 1)
    assert (group.count.sent_total, group.count.sent_success, group.count.refund) == (2, 1, 1)
    assert (group.balance.requested, group.balance.refund, group.balance.sum) == (40, 20, 20)
    assert group.price["82"].sms == 20
    assert len(group_id) == 32


def test_lists_the_messages_of_a_group(sdk: SolapiMessageService) -> None:
    sdk.send(a_message("01000000009"))
    group_id = sdk.send([a_message("01000000001"), a_message("01000000002")]).group_info.group_id

    listed = sdk.get_group_messages(group_id).message_list

    assert sorted(str(message.to) for message in listed.values()) == ["01000000001", "01000000002"]


def test_finds_messages_by_id_with_their_custom_fields(sdk: SolapiMessageService) -> None:
    answer = sdk.send(
        [a_message(f"0100000000{last}", custom_fields={"ref": f"m-{last}"}) for last in range(3)],
        SendRequestConfig(show_message_list=True),
    )
    wanted = [item.message_id for item in answer.message_list or []][:2]

    listed = sdk.get_messages(GetMessagesRequest(message_ids=wanted)).message_list

    assert sorted(listed) == sorted(wanted)
    fields = [message.custom_fields for message in listed.values()]
    assert sorted(str(field) for field in fields) == ["{'ref': 'm-0'}", "{'ref': 'm-1'}"]


def test_finds_messages_by_recipient_and_date(sdk: SolapiMessageService) -> None:
    sdk.send([a_message("01000000001"), a_message("01000000002")])
    hour_ago, hour_ahead = (real_time() + timedelta(hours=hours) for hours in (-1, 1))

    found = sdk.get_messages(
        GetMessagesRequest(to="01000000002", start_date=hour_ago, end_date=hour_ahead)
    )
    too_late = sdk.get_messages(GetMessagesRequest(to="01000000002", start_date=hour_ahead))

    assert [message.to for message in found.message_list.values()] == ["01000000002"]
    assert too_late.message_list == {}


def test_cancels_a_scheduled_group(sdk: SolapiMessageService, carrier: CarrierControl) -> None:
    tomorrow = real_time() + timedelta(days=1)
    group = sdk.send(a_message(), SendRequestConfig(scheduled_date=tomorrow)).group_info

    cancelled = sdk.cancel_scheduled_message(group.group_id)

    assert (group.status, cancelled.status) == ("SCHEDULED", "FAILED")
    assert sdk.get_balance().balance == 10_000_000
    assert (carrier.counters()["cancelled"], carrier.counters()["in_flight"]) == (1, 0)


def test_reports_in_the_shape_the_sdk_reads(
    sdk: SolapiMessageService, carrier: CarrierControl, receiver: Receiver
) -> None:
    carrier.add_template("T1", pf_id="P1", content="#{name}님")
    kakao = KakaoOption(pf_id="P1", template_id="T1", variables={"name": "하늘"})

    sdk.send(a_message(text=None, kakao_options=kakao, custom_fields={"ref": "m-1"}))
    receiver.wait_for_items(1)

    (report,) = SingleReportPayload.model_validate(receiver.calls[0]).root
    assert (report.data.status_code, report.data.type) == ("4000", "ATA")
    assert (report.data.custom_fields, report.retry_count) == ({"ref": "m-1"}, 0)
