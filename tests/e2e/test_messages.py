"""Messages of every kind, and what must hold when workers, queues and webhooks misbehave."""

from datetime import timedelta

import pytest

from infra.local.carrier.client import wait_until
from tests.e2e.shop import Shop

pytestmark = pytest.mark.e2e


def test_sms_arrives(shop: Shop) -> None:
    template = shop.a_template("{{ contact.name }}님, 주문이 접수되었습니다.")

    (sent,) = shop.send(template, shop.a_customer())
    seen = shop.wait_for(sent["message_id"], "delivered")

    (on_phone,) = shop.on_the_phone(sent["message_id"])
    assert on_phone["text"] == "이야기꾼님, 주문이 접수되었습니다." == seen["text"]
    assert on_phone["type"] == "SMS"
    assert seen["price"] == {"minor": 18, "currency": "KRW"}


def test_long_text_leaves_as_lms(shop: Shop) -> None:
    template = shop.a_template("{{ contact.name }}님, " + "주문하신 상품이 도착합니다. " * 10)

    (sent,) = shop.send(template, shop.a_customer())
    shop.wait_for(sent["message_id"], "delivered")

    assert shop.on_the_phone(sent["message_id"])[0]["type"] == "LMS"


def test_image_leaves_as_mms_and_is_uploaded_once(shop: Shop) -> None:
    template = shop.a_template("그림입니다", subject="도착", image_id=shop.an_image())
    sender = shop.a_sender()

    (first,) = shop.send(template, shop.a_customer(), sender_id=sender)
    shop.wait_for(first["message_id"], "delivered")
    (second,) = shop.send(template, shop.a_customer(), sender_id=sender)
    shop.wait_for(second["message_id"], "delivered")

    images = {shop.on_the_phone(m["message_id"])[0]["imageId"] for m in (first, second)}
    assert shop.on_the_phone(first["message_id"])[0]["type"] == "MMS"
    assert len(images) == 1


def test_alimtalk_fills_the_approved_text(shop: Shop) -> None:
    from infra.demo.story import ALIMTALK_ID, ALIMTALK_TEXT

    template = shop.a_template(
        ALIMTALK_TEXT,
        channel="kakao",
        provider_template_id=ALIMTALK_ID,
        variables={
            "이름": "{{ contact.name }}",
            "주문번호": "{{ no }}",
            "링크": "https://s.example",
        },
    )

    (sent,) = shop.send(
        template, shop.a_customer(), sender_id=shop.a_sender("kakao"), variables={"no": "A-7"}
    )
    shop.wait_for(sent["message_id"], "delivered")

    (on_phone,) = shop.on_the_phone(sent["message_id"])
    assert on_phone["type"] == "ATA"
    assert "주문번호: A-7" in on_phone["text"]


def test_consent_withdrawn_between_planning_and_sending_is_respected(shop: Shop) -> None:
    template = shop.a_template("봄 할인", purpose="advertising")
    stays, leaves = shop.a_customer(), shop.a_customer()
    soon = shop.system.simulated_now() + timedelta(seconds=6)

    messages = shop.send(template, stays, leaves, send_at=soon.isoformat())
    shop.change_consent(leaves, "withdraw")

    by_contact = {each["contact_id"]: each["message_id"] for each in messages}
    shop.wait_for(by_contact[stays], "delivered")
    refused = shop.wait_for(by_contact[leaves], "refused")
    assert refused["reason"] == "no_consent"
    assert shop.on_the_phone(by_contact[leaves]) == []


def test_worker_killed_between_acceptance_and_record_sends_once(shop: Shop) -> None:
    template = shop.a_template("한 번만 도착합니다")
    customer = shop.a_customer()
    shop.carrier.configure(answer_delay_ms=20_000)

    (sent,) = shop.send(template, customer)
    wait_until(lambda: shop.carrier.ledger(ref=sent["message_id"], status="any"), deadline_s=60)
    assert shop.kill_dispatch_workers() >= 1
    shop.carrier.configure(answer_delay_ms=0)
    status_after_the_kill = shop.message(sent["message_id"])["status"]

    def recovered() -> bool:
        shop.deliver_again(sent["message_id"])
        return shop.message(sent["message_id"])["sent"] is not None

    wait_until(recovered, deadline_s=90)
    seen = shop.wait_for(sent["message_id"], "delivered")
    assert status_after_the_kill in ("pending", "delivered")
    assert seen["sent"] is not None
    assert len(shop.on_the_phone(sent["message_id"])) == 1


def test_unreadable_answer_after_acceptance_is_reconciled_not_repeated(shop: Shop) -> None:
    template = shop.a_template("답이 없어도 한 번만")
    shop.carrier.configure(fault={"kind": "garbled_after_accept", "count": 1}, report_delay_s=60)

    (sent,) = shop.send(template, shop.a_customer())
    shop.wait_for(sent["message_id"], "unknown")
    shop.wait_for(sent["message_id"], "sent", deadline_s=90)

    assert len(shop.carrier.ledger(ref=sent["message_id"], status="any")) == 1


def test_the_same_queue_message_delivered_twice_sends_once(shop: Shop) -> None:
    template = shop.a_template("두 번 배달된 작업")

    (sent,) = shop.send(template, shop.a_customer())
    shop.deliver_again(sent["message_id"])
    shop.wait_for(sent["message_id"], "delivered")
    shop.deliver_again(sent["message_id"])
    (later,) = shop.send(template, shop.a_customer())
    shop.wait_for(later["message_id"], "delivered")

    assert len(shop.on_the_phone(sent["message_id"])) == 1


def test_report_before_the_send_is_recorded_counts(shop: Shop) -> None:
    template = shop.a_template("보고가 먼저 옵니다")
    shop.carrier.configure(report_delay_s=0, answer_delay_ms=3_000)

    (sent,) = shop.send(template, shop.a_customer())
    before_record = shop.wait_for(sent["message_id"], "delivered")
    recorded = wait_until(
        lambda: found if (found := shop.message(sent["message_id"]))["sent"] else None,
        deadline_s=30,
    )

    assert before_record["reported"] is not None
    assert recorded["status"] == "delivered"


def test_duplicated_and_reordered_reports_change_nothing(shop: Shop) -> None:
    template = shop.a_template("보고가 여러 번 옵니다")
    shop.carrier.configure(duplicate_reports=1.0, reorder_reports=True)

    messages = shop.send(template, *(shop.a_customer() for _ in range(5)))

    reported = [shop.wait_for(each["message_id"], "delivered") for each in messages]
    assert len(reported) == 5
    assert shop.carrier.counters()["reports_repeated"] > 0


def test_cancelled_message_does_not_leave(shop: Shop) -> None:
    template = shop.a_template("취소됩니다")
    later = shop.system.simulated_now() + timedelta(seconds=5)

    (sent,) = shop.send(template, shop.a_customer(), send_at=later.isoformat())
    cancelled = shop.api.post(f"/v1/messages/{sent['message_id']}/cancel")
    (after,) = shop.send(
        template, shop.a_customer(), send_at=(later + timedelta(seconds=2)).isoformat()
    )
    shop.wait_for(after["message_id"], "delivered")

    assert cancelled["status"] == "cancelled"
    assert shop.on_the_phone(sent["message_id"]) == []
