"""Messages are refused at registration with the codes of SOLAPI's documents."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from infra.local.carrier.client import wait_until
from tests.contract.carrier.direct import SEND_MANY, minutes, numbers, sms

if TYPE_CHECKING:
    from infra.local.carrier.client import CarrierControl
    from tests.contract.carrier.direct import DirectClient

KAKAO = {"pfId": "P1", "templateId": "T1"}
TEMPLATE = "#{name}님, #{order} 발송"


def jpeg(width: int = 20, height: int = 20) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "pink").save(buffer, "JPEG")
    return buffer.getvalue()


def upload(direct: DirectClient, content: bytes, kind: str = "MMS") -> Any:
    body = {"file": base64.b64encode(content).decode(), "type": kind}
    return direct.post("/storage/v1/files", body)


def alimtalk(**changes: object) -> dict[str, object]:
    return {"to": "01000000001", "type": "ATA", "kakaoOptions": KAKAO, **changes}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param({"from": "0212345678", "text": "hello"}, "1010", id="no recipient"),
        pytest.param({"to": "01000000001", "text": "hello"}, "1010", id="no sender"),
        pytest.param(sms(text=""), "1010", id="no text"),
        pytest.param(sms(to="010-0000-0001"), "1011", id="hyphens"),
        pytest.param(sms(to="1234"), "1011", id="too short a number"),
        pytest.param(sms(to="010\uff10000000\uff11"), "1011", id="full-width digits"),
        pytest.param(sms(to=1000000001), "1011", id="number that is not a string"),
        pytest.param(sms(text={"a": 1}), "1011", id="text that is not a string"),
        pytest.param("hello", "1011", id="message that is not an object"),
        pytest.param(sms(type="SMS", subject="제목"), "1013", id="subject on SMS"),
        pytest.param(sms(subject="가" * 20 + "a"), "1014", id="subject of 41 bytes"),
        pytest.param(sms(type="LETTER"), "1025", id="unknown type"),
        pytest.param(sms(autoTypeDetect=False), "1025", id="no type and no detection"),
        pytest.param(sms(country="1", subject="hi"), "1025", id="foreign number, not SMS"),
        pytest.param(sms(type="SMS", imageId="ST01FP"), "1025", id="picture on SMS"),
        pytest.param(sms(text="\ud83d"), "1027", id="half of a surrogate pair"),
        pytest.param(sms(text="a\x00b"), "1028", id="NUL"),
        pytest.param(sms(text="a\x1bb"), "1028", id="escape character"),
        pytest.param(sms(text="안녕 😀"), "1029", id="emoji"),
        pytest.param(sms(text="₩1,000"), "1029", id="won sign outside EUC-KR"),
        pytest.param(sms(type="SMS", text="가" * 45 + "a"), "1031", id="SMS of 91 bytes"),
        pytest.param(sms(text="가" * 1000 + "a"), "1031", id="LMS of 2,001 bytes"),
        pytest.param(sms(customFields={"ref": 1}), "1032", id="custom field not a string"),
        pytest.param(sms(customFields={"r" * 31: "a"}), "1032", id="custom name of 31"),
        pytest.param(sms(customFields={"ref": "a" * 101}), "1032", id="custom value of 101"),
        pytest.param(sms(type="SMS", kakaoOptions=KAKAO), "1033", id="kakaoOptions on SMS"),
        pytest.param(sms(type="MMS"), "1034", id="MMS without picture"),
        pytest.param(sms(imageId="ST01FPnone"), "1023", id="unknown picture"),
        pytest.param(sms(type="CTA", text="hi"), "1058", id="friendtalk has ended"),
        pytest.param(sms(**{"from": "0299999999"}), "1062", id="sender not registered"),
    ],
)
def test_refuses_a_bad_message(direct: DirectClient, message: Any, code: str) -> None:
    assert direct.refusals(message) == [code]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        pytest.param(sms(text="가" * 45), "SMS", id="SMS of 90 bytes"),
        pytest.param(sms(text="똠" * 45), "SMS", id="syllables of CP949 take 2 bytes"),
        pytest.param(sms(text="가" * 45 + "a"), "LMS", id="91 bytes become LMS"),
        pytest.param(sms(text="가" * 1000), "LMS", id="LMS of 2,000 bytes"),
        pytest.param(sms(subject="가" * 20), "LMS", id="subject of 40 bytes"),
        pytest.param(sms(type="lms"), "LMS", id="type in lower case"),
        pytest.param(sms(to="12025550143", country="1"), "SMS", id="foreign SMS"),
        pytest.param(sms(customFields={"r" * 30: "a" * 100}), "SMS", id="largest custom field"),
    ],
)
def test_accepts_a_message_at_the_limit(
    direct: DirectClient, carrier: CarrierControl, message: dict[str, object], kind: str
) -> None:
    assert direct.refusals(message) == []

    (line,) = carrier.ledger(status="any")
    assert line["type"] == kind


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param(alimtalk(kakaoOptions={**KAKAO, "pfId": "P9"}), "1041", id="channel"),
        pytest.param(alimtalk(kakaoOptions={**KAKAO, "templateId": "T9"}), "1042", id="template"),
        pytest.param(alimtalk(kakaoOptions={"pfId": "P2", "templateId": "T1"}), "1042", id="other"),
        pytest.param(alimtalk(text="하늘님, A-1 배송"), "1043", id="other words"),
        pytest.param(alimtalk(text="하늘님, #{order} 발송"), "1043", id="slot left open"),
        pytest.param(
            alimtalk(kakaoOptions={**KAKAO, "variables": {"#{name}": "하늘"}}),
            "1043",
            id="variable missing",
        ),
        pytest.param(alimtalk(kakaoOptions=None), "1010", id="no kakaoOptions"),
        pytest.param(
            alimtalk(text="하" * 1300 + "님, A-1 발송"), "1031", id="over 1,300 characters"
        ),
        pytest.param(
            alimtalk(
                text="하늘님, A-1 발송",
                kakaoOptions={**KAKAO, "buttons": [{"buttonName": "보기", "buttonType": "WL"}]},
            ),
            "1047",
            id="button without one in the template",
        ),
    ],
)
def test_refuses_a_bad_alimtalk(
    direct: DirectClient, carrier: CarrierControl, message: dict[str, object], code: str
) -> None:
    carrier.add_template("T1", pf_id="P1", content=TEMPLATE)
    carrier.add_channel("P2")

    assert direct.refusals(message) == [code]


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], "1046"),
        ([("뒤", "WL"), ("앞", "WL")], "1052"),
        ([("앞", "WL"), ("다른", "WL")], "1044"),
        ([("앞" * 15, "WL"), ("뒤", "WL")], "1049"),
        ([("앞", "WL")] * 6, "1050"),
    ],
    ids=["missing", "order", "other name", "name of 15", "six"],
)
def test_refuses_buttons_that_are_not_the_template_s(
    direct: DirectClient, carrier: CarrierControl, buttons: list[tuple[str, str]], code: str
) -> None:
    approved = [{"buttonName": name, "buttonType": "WL"} for name in ("앞", "뒤")]
    carrier.add_template("T1", pf_id="P1", content="안내", buttons=approved)
    given = [{"buttonName": name, "buttonType": kind} for name, kind in buttons]

    assert direct.refusals(alimtalk(kakaoOptions={**KAKAO, "buttons": given})) == [code]


def test_accepts_an_alimtalk_written_out_in_full(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.add_template("T1", pf_id="P1", content=TEMPLATE)

    assert direct.refusals(alimtalk(text="하늘님, A-1 ✓ 발송")) == []


def test_refuses_a_recipient_who_refused_this_sender(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.add_sender("0311112222")
    carrier.add_denial("01000000001", sender="0212345678")

    assert direct.refusals(sms()) == ["1061"]
    assert direct.refusals(sms(**{"from": "0311112222"})) == []


def test_lists_080_refusals(direct: DirectClient, carrier: CarrierControl) -> None:
    carrier.add_denial("01000000001", sender="0212345678")
    carrier.add_denial("01000000002", sender="0311112222")

    answer = direct.get("/iam/v1/black", type="DENIAL", senderNumber="0212345678").json()

    (denial,) = answer["blackList"]
    assert (denial["type"], denial["recipientNumber"]) == ("DENIAL", "01000000001")
    assert denial["handleKey"]


def test_refuses_the_message_the_balance_no_longer_pays(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(balance=40)

    answer = direct.send(*(sms(to=number) for number in numbers(3)))

    assert [one["statusCode"] for one in answer["failedMessageList"]] == ["1030"]
    assert answer["groupInfo"]["count"]["registeredSuccess"] == 2


def test_names_every_refused_message_fully(direct: DirectClient) -> None:
    (failed,) = direct.send(sms(text="😀", customFields={"ref": "m-1"}))["failedMessageList"]

    assert (failed["to"], failed["from"], failed["type"]) == ("01000000001", "0212345678", "SMS")
    assert failed["customFields"] == {"ref": "m-1"}
    assert failed["messageId"].startswith("M4V")
    assert failed["statusMessage"]


def test_accepts_10_000_messages_and_refuses_10_001(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    exactly = direct.send(sms(to=list(numbers(10_000))))
    too_many = direct.post(SEND_MANY, {"messages": [sms(to=list(numbers(10_001)))]})

    assert exactly["groupInfo"]["count"]["registeredSuccess"] == 10_000
    assert (too_many.status_code, too_many.json()["errorCode"]) == (413, "RecipientsTooMany")
    assert carrier.counters()["accepted"] == 10_000


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b'{"messages": {}}', b'{"messages": []}', b"[" * 100_000, b"\xff"],
    ids=["not JSON", "not an object", "not a list", "empty", "nested too deep", "not UTF-8"],
)
def test_refuses_a_malformed_body(direct: DirectClient, content: bytes) -> None:
    headers = {"authorization": direct.authorization()}

    answer = direct.http.post(SEND_MANY, content=content, headers=headers)

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "ValidationError")


def test_answers_a_single_message_with_its_ids(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    answer = direct.post("/messages/v4/send", {"message": sms()})

    assert (answer.status_code, answer.json()["statusCode"]) == (200, "2000")
    (line,) = carrier.ledger(status="any")
    assert (line["messageId"], line["groupId"]) == (
        answer.json()["messageId"],
        answer.json()["groupId"],
    )


def test_refuses_a_single_bad_message_with_400(direct: DirectClient) -> None:
    answer = direct.post("/messages/v4/send", {"message": sms(text="")})

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "1010")


def test_forced_codes_of_class_1_refuse_at_registration(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(forced_codes={"0001": "1060"})

    assert direct.refusals(sms(to="01000000001"), sms(to="01000000002")) == ["1060"]


def test_answers_unknown_paths_as_json(direct: DirectClient) -> None:
    answer = direct.get("/messages/v9/nothing")

    assert (answer.status_code, answer.json()["errorCode"]) == (404, "ResourceNotFound")


def test_stores_a_jpeg_and_describes_it(direct: DirectClient) -> None:
    file = upload(direct, jpeg(width=30, height=10)).json()

    assert (file["type"], file["width"], file["height"]) == ("MMS", 30, 10)
    assert len(file["fileId"]) == 32
    assert direct.http.get(file["url"]).content == jpeg(width=30, height=10)


def test_refuses_a_picture_over_200_kb(direct: DirectClient) -> None:
    padded = jpeg() + b"\x00" * (200 * 1024)

    answer = upload(direct, padded)

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "ValidationError")


@pytest.mark.parametrize(
    "content",
    [b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, b"hello", jpeg(300, 300)[:-400]],
    ids=["PNG", "text", "cut off"],
)
def test_refuses_an_mms_picture_that_is_no_whole_jpeg(direct: DirectClient, content: bytes) -> None:
    answer = upload(direct, content)

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "ValidationError")


def test_refuses_a_file_that_is_not_base64(direct: DirectClient) -> None:
    answer = direct.post("/storage/v1/files", {"file": "***", "type": "MMS"})

    assert (answer.status_code, answer.json()["errorCode"]) == (400, "ValidationError")


def test_a_picture_stored_for_another_use_is_unknown_to_mms(direct: DirectClient) -> None:
    file = upload(direct, jpeg(), kind="KAKAO").json()

    assert direct.refusals(sms(imageId=file["fileId"])) == ["1023"]


def test_sends_a_past_schedule_at_once(direct: DirectClient, carrier: CarrierControl) -> None:
    answer = direct.send(sms(), scheduledDate="2020-01-01T00:00:00Z")

    assert answer["groupInfo"]["scheduledDate"] is None
    assert wait_until(carrier.ledger)


def test_sends_a_scheduled_group_when_the_simulated_time_has_come(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    answer = direct.send(sms(), scheduledDate=minutes(24 * 60).isoformat())

    carrier.configure(clock_offset_s=25 * 3600)

    assert answer["groupInfo"]["status"] == "SCHEDULED"
    assert wait_until(carrier.ledger)
    assert carrier.counters()["balance"] == 10_000_000 - 20
