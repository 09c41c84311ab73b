"""The control API: settings, ledger, counters, replies, and who may not use it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from infra.local.carrier.client import wait_until
from tests.contract.carrier.direct import numbers, sms

if TYPE_CHECKING:
    from infra.local.carrier.client import CarrierControl
    from tests.contract.carrier.direct import DirectClient


def test_names_every_bad_setting_at_once(carrier: CarrierControl) -> None:
    with pytest.raises(RuntimeError) as caught:
        carrier.configure(report_delay_s="soon", failure_share=2, colour="red")

    for name in ("report_delay_s", "failure_share", "colour"):
        assert name in str(caught.value)


@pytest.mark.parametrize(
    "settings",
    [
        {"webhook_url": "http://example.com/hook"},
        {"webhook_url": "https://127.0.0.1/hook"},
        {"inbound_url": "http://10.0.0.1/"},
        {"forced_codes": {"0001": "43"}},
        {"failure_codes": "3043"},
        {"balance": -1},
        {"balance": True},
        {"reorder_reports": 1},
        {"webhook_concurrency": 0},
        {"fault": {"kind": "earthquake"}},
        {"fault": {"kind": "http_500", "count": 0}},
        {"fault": {"kind": "http_500", "times": 2}},
    ],
    ids=str,
)
def test_refuses_a_bad_setting(carrier: CarrierControl, settings: dict[str, object]) -> None:
    with pytest.raises(RuntimeError, match="ValidationError"):
        carrier.configure(**settings)


def test_changes_nothing_when_one_setting_is_bad(carrier: CarrierControl) -> None:
    with pytest.raises(RuntimeError):
        carrier.configure(balance=5, report_delay_s=-1, fault={"kind": "http_500"})

    unchanged = carrier.configure()
    assert (unchanged["balance"], unchanged["fault"]) == (10_000_000, [])


def test_reset_forgets_traffic_settings_and_registrations(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(failure_share=1, balance=100)
    direct.send(sms())

    carrier.reset()

    settings = carrier.configure()
    assert (settings["failure_share"], settings["balance"]) == (0, 10_000_000)
    assert (carrier.counters()["accepted"], carrier.ledger(status="any")) == (0, [])
    assert direct.refusals(sms()) == ["1062"]


def test_reset_keeps_registrations_on_request(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.reset(keep_registry=True)

    assert direct.refusals(sms()) == []


def test_ledger_finds_by_recipient_and_reference(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    direct.send(
        sms(to="01000000001", customFields={"ref": "m-1"}),
        sms(to="01000000002", customFields={"ref": "m-2"}),
    )
    wait_until(lambda: carrier.counters()["delivered"] == 2)

    by_recipient = carrier.ledger(to="01000000002")
    by_reference = carrier.ledger(ref="m-1")
    by_both = carrier.ledger(to="01000000002", ref="m-1")

    assert [line["customFields"] for line in by_recipient] == [{"ref": "m-2"}]
    assert [line["to"] for line in by_reference] == ["01000000001"]
    assert by_both == []


def test_ledger_reads_the_reference_from_the_field_it_is_told(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    carrier.configure(ref_field="allim_id")

    direct.send(sms(customFields={"allim_id": "m-1", "ref": "other"}))

    assert wait_until(lambda: carrier.ledger(ref="m-1"))


def test_ledger_can_be_read_in_pages(direct: DirectClient, carrier: CarrierControl) -> None:
    direct.send(*(sms(to=number) for number in numbers(5)))
    wait_until(lambda: carrier.counters()["delivered"] == 5)

    page = direct.http.get("/_sim/ledger", params={"limit": "2", "after": "2"}).json()

    assert [line["to"] for line in page["items"]] == numbers(5)[2:4]
    assert (page["total"], page["next"]) == (5, 4)


def test_counts_requests_and_outcomes(direct: DirectClient, carrier: CarrierControl) -> None:
    carrier.configure(forced_codes={"0001": "3043"})
    direct.send(sms(to="01000000001"), sms(to="01000000002"), sms(to="x"))
    wait_until(lambda: carrier.counters()["in_flight"] == 0)

    counters = carrier.counters()

    assert (counters["accepted"], counters["refused"]) == (2, 1)
    assert (counters["delivered"], counters["failed"]) == (1, 1)
    assert counters["by_code"] == {"1011": 1, "3043": 1, "4000": 1}
    assert counters["requests"] == {"POST /messages/v4/send-many/detail": 1}


def test_keeps_replies(direct: DirectClient, carrier: CarrierControl) -> None:
    direct.send(sms())

    carrier.reply("01000000001", "안녕하세요")

    (reply,) = carrier.replies()
    assert (reply["from"], reply["to"], reply["text"]) == (
        "01000000001",
        "0212345678",
        "안녕하세요",
    )


def test_a_phone_that_heard_nothing_must_say_whom_it_writes_to(carrier: CarrierControl) -> None:
    with pytest.raises(RuntimeError, match="ValidationError"):
        carrier.reply("01000000001", "안녕하세요")

    assert carrier.reply("01000000001", "안녕하세요", to="0212345678")["to"] == "0212345678"


AD = "(광고)알림상점\n봄 할인\n무료수신거부 080-000-1234"


def test_a_call_to_the_080_number_refuses_whoever_named_it(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    direct.send(sms(text=AD), sms(to="01000000002", text=AD))

    call = carrier.call("01000000001")

    assert call == {"from": "01000000001", "to": "0800001234", "refused": ["0212345678"]}
    (denial,) = direct.get("/iam/v1/black", type="DENIAL").json()["blackList"]
    assert denial["recipientNumber"] == "01000000001"
    assert carrier.counters()["calls"] == 1
    (refused,) = direct.send(sms(text=AD))["failedMessageList"]
    assert refused["statusCode"] == "1061"


def test_calling_twice_keeps_the_first_date(direct: DirectClient, carrier: CarrierControl) -> None:
    direct.send(sms(text=AD))

    carrier.call("01000000001")
    carrier.call("01000000001")

    assert len(direct.get("/iam/v1/black", type="DENIAL").json()["blackList"]) == 1


def test_a_call_to_a_number_that_nobody_named_refuses_nobody(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    direct.send(sms(text=AD))

    assert carrier.call("01000000001", to="0809999999")["refused"] == []
    assert direct.get("/iam/v1/black", type="DENIAL").json()["blackList"] == []


def test_a_phone_that_was_told_no_080_number_must_say_which_it_dials(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    direct.send(sms(text="주문이 접수되었습니다. 문의 02-080-1234"))

    with pytest.raises(RuntimeError, match="to"):
        carrier.call("01000000001")


def test_lists_phones_latest_first_and_by_search(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    for number in ("01000000001", "01000000002", "01000000001"):
        direct.send(sms(to=number))
    wait_until(lambda: carrier.counters()["in_flight"] == 0)

    everyone = direct.http.get("/_sim/phones").json()
    found = direct.http.get("/_sim/phones", params={"search": "0002"}).json()
    capped = direct.http.get("/_sim/phones", params={"limit": "1"}).json()

    assert [phone["number"] for phone in everyone["items"]] == ["01000000001", "01000000002"]
    assert [phone["received"] for phone in everyone["items"]] == [2, 1]
    assert [phone["number"] for phone in found["items"]] == ["01000000002"]
    assert (len(capped["items"]), capped["total"]) == (1, 2)


def test_shows_an_empty_phone_for_a_number_that_heard_nothing(direct: DirectClient) -> None:
    phone = direct.http.get("/_sim/phones/01000000009").json()

    assert (phone["number"], phone["bubbles"], phone["lastAt"]) == ("01000000009", [], None)


def test_refuses_a_request_that_came_under_a_foreign_name(direct: DirectClient) -> None:
    answer = direct.http.get("/_sim/ledger", headers={"host": "rebound.example.com"})

    assert answer.status_code == 400


def test_refuses_a_form_from_a_foreign_page(direct: DirectClient, carrier: CarrierControl) -> None:
    answer = direct.http.post("/_sim/reset", content=b"{}", headers={"content-type": "text/plain"})

    assert answer.status_code == 415
    assert direct.refusals(sms()) == []
    assert carrier.counters()["accepted"] == 1
