"""A campaign that tries two texts on a pilot, and sends the better one to the rest."""

import hashlib
import re
import time
from collections import Counter

import httpx
import pytest

from infra.local.carrier.client import wait_until
from tests.e2e.shop import Json, Shop

pytestmark = pytest.mark.e2e

PEOPLE, PILOT_PERCENT = 32, 50
_DESKTOP = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36"
)
RULES = {
    "pilot_percent": PILOT_PERCENT,
    "window_seconds": 12,
    "min_sample": 5,
    "look_seconds": 5,
    "deadline_seconds": 120,
}


def test_the_better_text_of_a_pilot_goes_to_everybody_else(shop: Shop) -> None:
    people = [shop.a_customer(agreed=False) for _ in range(PEOPLE)]
    plain, warm = (
        shop.a_template(f'{word} {{{{ "https://shop.example.com/{word}" | track }}}}')
        for word in ("plain", "warm")
    )
    variants = [{"name": "plain"}, {"name": "warm", "template_id": warm, "template_version": 1}]
    campaign = shop.api.post(
        "/v1/campaigns",
        {
            "name": "two texts",
            "template_id": plain,
            "template_version": 1,
            "sender_id": shop.a_sender(),
            "recipients": {"direct": people},
            "experiment": {"variants": variants, **RULES},
        },
    )["campaign_id"]

    shop.api.post(f"/v1/campaigns/{campaign}/launch")
    pilot = PEOPLE * PILOT_PERCENT // 100
    wait_until(lambda: len(texts(shop)) == pilot, deadline_s=60)
    assert words(shop) == {"plain": pilot // 2, "warm": pilot // 2}
    # Who opens a link within seconds of its sending is taken for a machine.
    time.sleep(6)
    for text in texts(shop):
        if text.startswith("warm"):
            open_link(text)

    record = wait_until(lambda: decided(shop, campaign), deadline_s=90)
    report = wait_until(lambda: finished(shop, campaign), deadline_s=60)

    decision, known = record["decision"], record["registration"]
    assert (record["status"], decision["rule"], decision["winner"]) == (
        "won",
        "significant",
        "warm",
    )
    assert hashlib.sha256(known["text"].encode()).hexdigest() == known["sha256"]
    assert record["looks"][-1]["p_value"] <= record["definition"]["significance"]
    assert (report["sent"], report["adds_up"]) == (PEOPLE, True)
    assert words(shop) == {"plain": pilot // 2, "warm": PEOPLE - pilot // 2}


def texts(shop: Shop) -> list[str]:
    """What came on phones of this story."""
    found = (str(each["text"]) for each in shop.carrier.ledger(status="any"))
    return [text for text in found if text.startswith(("plain", "warm"))]


def words(shop: Shop) -> Counter[str]:
    return Counter(text.split()[0] for text in texts(shop))


def open_link(text: str) -> None:
    (link,) = re.findall(r"https?://\S+", text)
    headers = {"User-Agent": _DESKTOP}
    assert httpx.get(link, headers=headers, trust_env=False).status_code == 302


def decided(shop: Shop, campaign: str) -> Json | None:
    record: Json = shop.api.get(f"/v1/campaigns/{campaign}/experiment")
    return record if record["decision"] else None


def finished(shop: Shop, campaign: str) -> Json | None:
    report: Json = shop.api.get(f"/v1/campaigns/{campaign}/report")
    return report if report["status"] == "finished" else None
