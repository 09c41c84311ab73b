"""Accepted messages end as the settings say, and always in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.local.carrier.client import wait_until
from tests.contract.carrier.direct import numbers, sms

if TYPE_CHECKING:
    from infra.local.carrier.client import CarrierControl
    from tests.contract.carrier.direct import DirectClient

KAKAO = {"pfId": "P1", "templateId": "T1"}
ALIMTALK = {"to": "01000000001", "from": "0212345678", "text": "안내", "kakaoOptions": KAKAO}


def codes_by_number(direct: DirectClient) -> dict[str, str]:
    listed = direct.get("/messages/v4/list", limit="500").json()["messageList"].values()
    return {message["to"]: message["statusCode"] for message in listed}


def test_waits_at_the_carrier_until_the_report_is_due(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(report_delay_s=3600)

    direct.send(sms())

    wait_until(lambda: codes_by_number(direct) == {"01000000001": "3000"})
    assert carrier.counters()["in_flight"] == 1
    assert carrier.ledger() == []


@pytest.mark.parametrize("code", ["2061", "2254", "3043", "3054"])
def test_ends_with_the_code_forced_on_the_number(
    direct: DirectClient, carrier: CarrierControl, code: str
) -> None:
    carrier.configure(forced_codes={"0001": code})

    direct.send(sms(to="01000000001"), sms(to="01000000002"))

    wait_until(lambda: carrier.counters()["in_flight"] == 0)
    assert codes_by_number(direct) == {"01000000001": code, "01000000002": "4000"}
    assert [line["to"] for line in carrier.ledger()] == ["01000000002"]
    assert carrier.ledger(to="01000000001") == []


def test_prefers_the_longest_matching_suffix(direct: DirectClient, carrier: CarrierControl) -> None:
    carrier.configure(forced_codes={"1": "3043", "0001": "3032"})

    direct.send(sms(to="01000000001"), sms(to="01000000011"))

    wait_until(lambda: carrier.counters()["in_flight"] == 0)
    assert codes_by_number(direct) == {"01000000001": "3032", "01000000011": "3043"}


def test_never_reports_a_message_forced_to_3000(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(forced_codes={"0001": "3000"})

    direct.send(sms(to="01000000001"), sms(to="01000000002"))

    wait_until(lambda: carrier.counters()["delivered"] == 1)
    assert codes_by_number(direct) == {"01000000001": "3000", "01000000002": "4000"}


def test_a_landline_is_accepted_and_fails_at_the_carrier(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    direct.send(sms(to="0311234567"))

    wait_until(lambda: carrier.counters()["in_flight"] == 0)
    assert codes_by_number(direct) == {"0311234567": "3010"}


def test_the_same_recipients_fail_in_every_run(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    settings = {"report_delay_s": 0, "failure_share": 0.3, "failure_codes": ["3032", "3043"]}
    outcomes = []
    for _ in range(2):
        carrier.reset(keep_registry=True)
        carrier.configure(**settings)
        direct.send(*(sms(to=number) for number in numbers(200)))
        wait_until(lambda: carrier.counters()["in_flight"] == 0)
        outcomes.append(codes_by_number(direct))

    first, second = outcomes
    failed = [code for code in first.values() if code != "4000"]
    assert first == second
    assert 40 < len(failed) < 80
    assert set(failed) == {"3032", "3043"}


def test_gives_back_the_price_of_a_failed_message(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(balance=100, forced_codes={"0001": "3043"})

    direct.send(sms())

    wait_until(lambda: carrier.counters()["failed"] == 1)
    assert carrier.counters()["balance"] == 100


def test_replaces_a_failed_alimtalk_by_the_given_text(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.add_template("T1", pf_id="P1", content="안내")
    carrier.configure(forced_codes={"0001": "3104"})
    replacement = {"from": "0212345678", "text": "대신 보냅니다"}

    direct.send({**ALIMTALK, "customFields": {"ref": "m-1"}, "replacements": [replacement]})

    (line,) = wait_until(carrier.ledger)
    assert (line["type"], line["text"], line["replacement"]) == ("SMS", "대신 보냅니다", True)
    assert line["customFields"] == {"ref": "m-1"}
    (failed, replaced) = carrier.ledger(ref="m-1", status="any")
    assert (failed["statusCode"], replaced["statusCode"]) == ("3104", "4000")


def test_replaces_a_failed_alimtalk_by_the_same_words_when_none_are_given(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.add_template("T1", pf_id="P1", content="안내")
    carrier.configure(forced_codes={"0001": "3107"})

    direct.send(ALIMTALK)

    (line,) = wait_until(carrier.ledger)
    assert (line["type"], line["text"]) == ("SMS", "안내")


def test_does_not_replace_when_sms_is_disabled(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.add_template("T1", pf_id="P1", content="안내")
    carrier.configure(forced_codes={"0001": "3104"})

    direct.send({**ALIMTALK, "kakaoOptions": {**KAKAO, "disableSms": True}})

    wait_until(lambda: carrier.counters()["in_flight"] == 0)
    assert carrier.counters()["failed"] == 1
    assert carrier.counters()["replacements"] == 0


def test_takes_the_next_replacement_when_one_is_refused(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.add_template("T1", pf_id="P1", content="안내")
    carrier.configure(forced_codes={"0001": "3104"})
    unusable, usable = {"text": "😀"}, {"text": "다음"}

    answer = direct.send({**ALIMTALK, "replacements": [unusable, usable]})

    (line,) = wait_until(carrier.ledger)
    assert line["text"] == "다음"
    group = direct.get(f"/messages/v4/groups/{answer['groupInfo']['groupId']}").json()
    assert (group["status"], group["count"]["sentReplacement"]) == ("COMPLETE", 1)


def test_a_kakao_code_does_not_touch_texts(direct: DirectClient, carrier: CarrierControl) -> None:
    carrier.configure(forced_codes={"0001": "3104"}, failure_share=1, failure_codes=["3104"])

    direct.send(sms())

    assert wait_until(carrier.ledger)
