"""The phones page shows hostile texts as text."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.local.carrier import server
from infra.local.carrier.client import wait_until
from tests.contract.carrier.direct import sms

if TYPE_CHECKING:
    from infra.local.carrier.client import CarrierControl
    from tests.contract.carrier.direct import DirectClient

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
HOSTILE = (
    "<script>document.title='owned'</script>"
    '<img src=x onerror="document.title=\'owned\'"> https://go.example.com/"onclick=x'
)
SCRIPT = Path(server.__file__).parent / "static" / "phones.js"


def rendered(url: str, profile: Path) -> str:
    assert CHROMIUM is not None
    command = [
        *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
        *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
        *("--disable-sync", f"--user-data-dir={profile}", "--virtual-time-budget=5000"),
        *("--dump-dom", url),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_page_runs_no_script_but_its_own(direct: DirectClient) -> None:
    answer = direct.http.get("/")

    policy = answer.headers["content-security-policy"]
    assert answer.status_code == 200
    assert "script-src 'self'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_page_loads_nothing_from_elsewhere(direct: DirectClient) -> None:
    page = direct.http.get("/").text

    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert addresses
    assert [address for address in addresses if not address.startswith("/static/")] == []
    assert {direct.http.get(address).status_code for address in addresses} == {200}


def test_script_never_writes_markup() -> None:
    script = SCRIPT.read_text(encoding="utf-8")

    assert (
        re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script) == []
    )


def test_texts_travel_as_json_that_no_browser_takes_for_a_page(
    direct: DirectClient, carrier: CarrierControl
) -> None:
    direct.send(sms(text=HOSTILE))
    wait_until(carrier.ledger)

    answer = direct.http.get("/_sim/phones/01000000001")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["bubbles"][0]["text"] == HOSTILE


@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium")
def test_a_browser_shows_hostile_text_as_text(
    direct: DirectClient, carrier: CarrierControl, tmp_path: Path
) -> None:
    direct.send(sms(text=HOSTILE))
    wait_until(carrier.ledger)

    page = rendered(f"{carrier.base_url}/#01000000001", tmp_path)

    assert "<title>가상 휴대전화" in page
    assert "&lt;script&gt;document.title='owned'&lt;/script&gt;" in page
    assert '<img src="x"' not in page
    assert 'href="https://go.example.com/"' in page


@pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium")
@pytest.mark.parametrize(
    ("text", "offered"),
    [("봄 할인\n무료수신거부 080-000-1234", True), ("주문이 접수되었습니다.", False)],
    ids=["an advertisement", "a notice"],
)
def test_a_phone_offers_to_refuse(
    direct: DirectClient, carrier: CarrierControl, tmp_path: Path, *, text: str, offered: bool
) -> None:
    direct.send(sms(text=text))
    wait_until(carrier.ledger)

    page = rendered(f"{carrier.base_url}/#01000000001", tmp_path)

    (button,) = re.findall(r'<button id="call"[^>]*>[^<]*</button>', page)
    assert 'id="stop"' in page
    assert ("hidden" not in button) == offered
    assert ("080-000-1234" in button) == offered
