"""``python -m benchmarks.watched``: a campaign watched at the virtual phones, into docs/images.

A campaign leaves ten a second, is paused and resumed at forty a second, on the local stack, while
a headless Chromium looks at the phones page. Three pictures, with what the report said.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.pace import a_sender
from infra.demo.api import Api
from infra.demo.story import SENDER_NUMBER
from infra.local.carrier.client import wait_until
from infra.local.session import LocalSystem, Settings, local_system
from infra.packaging.layout import REPOSITORY
from infra.progress import console
from tests.browser.chromium import CHROMIUM, WHY_SKIPPED, Tab, a_tab

if TYPE_CHECKING:
    from collections.abc import Callable

IMAGES = REPOSITORY / "docs" / "images"
_PEOPLE = 300
_SLOW, _FAST = ({"messages": each, "per": "second"} for each in (10, 40))
_PATIENCE_S = 120.0


def main() -> None:
    """Take the pictures."""
    if CHROMIUM is None:
        sys.exit(WHY_SKIPPED)
    settings = Settings(
        aws_port=int(os.environ.get("AWS_PORT", "4588")),
        carrier_port=int(os.environ.get("CARRIER_PORT", "4722")),
        data_dir=REPOSITORY / "build" / "bench" / "watched",
    )
    with local_system(settings) as system, tempfile.TemporaryDirectory() as profile:
        system.carrier.add_sender(SENDER_NUMBER.replace("-", ""))
        with a_tab(Path(profile)) as tab:
            _watch(system, tab)


def _watch(system: LocalSystem, tab: Tab) -> None:
    api = Api(system.deployment.api_url, token=system.api_key)
    path = f"/v1/campaigns/{_a_campaign(api)}"
    tab.size(1100, 720, phone=False, scale=1)
    tab.open(system.carrier.base_url)
    api.post(f"{path}/launch")
    wait_until(lambda: _arrived(system) >= 60, deadline_s=_PATIENCE_S)
    tab.value("document.querySelector('#phones button').click()")
    _picture(tab, "throttled", lambda: api.get(f"{path}/report"))
    api.post(f"{path}/pause")
    time.sleep(5)
    while_paused = _arrived(system)
    time.sleep(4)
    _picture(tab, "paused", lambda: api.get(f"{path}/report"))
    if _arrived(system) != while_paused:
        msg = "messages left while the campaign was paused"
        raise RuntimeError(msg)
    api.put(f"{path}/rate", {"rate": _FAST})
    api.post(f"{path}/resume")
    wait_until(lambda: _arrived(system) == _PEOPLE, deadline_s=_PATIENCE_S)
    _picture(tab, "resumed", lambda: api.get(f"{path}/report"))


def _a_campaign(api: Api) -> str:
    facts = {"name": "watched", "channel": "sms", "purpose": "transactional"}
    body = "[알림상점] 오늘 밤 2시부터 30분 동안 점검합니다."
    template_id = api.post("/v1/templates", facts | {"body": body})["template_id"]
    for move in ("submit", "approve"):
        api.post(f"/v1/templates/{template_id}/{move}", {"version": 1})
    campaign = {
        "name": "점검 안내",
        "template_id": template_id,
        "template_version": 1,
        "sender_id": a_sender(api),
        "recipients": {"direct": [f"0100555{number:04d}" for number in range(_PEOPLE)]},
        "rate": _SLOW,
    }
    campaign_id: str = api.post("/v1/campaigns", campaign)["campaign_id"]
    return campaign_id


def _arrived(system: LocalSystem) -> int:
    return len(system.carrier.ledger())


def _picture(tab: Tab, name: str, report: Callable[[], dict[str, Any]]) -> None:
    # The page looks for news every second or two.
    time.sleep(2)
    found = report()
    tab.picture(IMAGES / f"campaign-{name}.png")
    told = {each: found[each] for each in ("status", "sent", "pending", "held", "adds_up")}
    console.print(f"{name}: {told}")


if __name__ == "__main__":
    main()
