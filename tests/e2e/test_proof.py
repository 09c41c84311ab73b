"""What is asked afterwards: why, with which evidence, in which record; and what a page records."""

import gzip
import time
from pathlib import Path

import httpx
import pytest

from functions.domain.record_chain import Fault
from infra.cli.records import fetch_month, verify_file
from infra.local.carrier.client import wait_until
from tests.e2e.shop import Shop

pytestmark = pytest.mark.e2e


def test_why_and_evidence_and_a_record_that_verifies(shop: Shop, tmp_path: Path) -> None:
    ad = shop.a_template("{{ contact.name }}님 봄 할인", purpose="advertising")
    agreed, refused = shop.a_customer(), shop.a_customer(agreed=False)
    by_contact = {each["contact_id"]: each for each in shop.send(ad, agreed, refused)}
    shop.wait_for(by_contact[agreed]["message_id"], "delivered")

    started = time.perf_counter()
    looks = {
        contact_id: shop.api.get(f"/v1/messages/{sent['message_id']}/evidence")["looks"]
        for contact_id, sent in by_contact.items()
    }
    assert time.perf_counter() - started < 2, "each within a second"

    assert [look["decision"] for look in looks[agreed]][-1] == "send"
    assert [(look["decision"], look["reason"]) for look in looks[refused]] == [
        ("refuse", "no_consent")
    ]

    sealed_before = _is_sealed(shop)
    record, key = _sealed(shop, tmp_path)
    found = verify_file(record, key)
    assert found.finding is None
    lines = gzip.decompress(record.read_bytes())
    if not sealed_before:  # the demonstration's story seals the day as well
        for sent in by_contact.values():
            assert sent["message_id"].encode() in lines
    assert b"0100555" not in lines, "no number in it"
    assert b"+82100555" not in lines

    altered = tmp_path / "altered.jsonl"
    told_otherwise = lines.replace(b'"decision":"send"', b'"decision":"hold"', 1)
    assert told_otherwise != lines
    altered.write_bytes(told_otherwise)
    finding = verify_file(altered, key).finding
    assert finding is not None
    assert finding.fault is Fault.ALTERED


def _is_sealed(shop: Shop) -> bool:
    month = f"{shop.system.simulated_now():%Y-%m}"
    days = shop.api.get("/v1/compliance/records", month=month)["items"]
    return any(day["sealed"] for day in days)


def _sealed(shop: Shop, folder: Path) -> tuple[Path, Path]:
    today = shop.system.simulated_now().date()
    month = f"{today:%Y-%m}"
    shop.system.seal(today)
    wait_until(lambda: _is_sealed(shop), deadline_s=60)
    record, key = folder / "record.jsonl.gz", folder / "key.pem"
    key.write_text(shop.api.get("/v1/compliance/key")["public_key"])
    fetch_month(shop.system.deployment.api_url, shop.system.api_key, month, to=record)
    return record, key


def test_the_preference_page_shows_and_refuses(shop: Shop) -> None:
    contact_id = shop.a_customer()
    link = shop.api.post(
        f"/v1/contacts/{contact_id}/preference-link", {"sender_id": shop.a_sender()}
    )["url"]

    with httpx.Client(timeout=60, trust_env=False) as browser:
        seen = browser.get(link)
        before = _consent(shop, contact_id)
        answered = browser.post(link, data={"refuse": "all"})

    assert (seen.status_code, answered.status_code) == (200, 200)
    assert seen.headers["Content-Type"].startswith("text/html")
    assert before["granted"], "a GET changes nothing"
    assert not _consent(shop, contact_id)["granted"]


def _consent(shop: Shop, contact_id: str) -> dict:
    return shop.api.get(f"/v1/contacts/{contact_id}/consents")["in_force"]["sms:advertising"]
