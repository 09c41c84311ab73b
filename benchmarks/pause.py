"""How soon a pause holds: the last call to the provider after its answer, on the deployed stack.

Campaigns under way at 100 a second are paused by HTTP at random moments. The simulator's ledger
tells when the provider accepted messages; each pause is watched for longer than it may take.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from infra.demo.api import Api
from infra.local.carrier.client import wait_until
from infra.local.session import LocalSystem
from infra.progress import step

PROMISED_S = 5.0
_PAUSES, _PAUSES_A_CAMPAIGN, _WATCHED_S = 20, 4, 6.0
_LEAST_S, _MOST_S = 0.3, 2.0
_PER_SECOND, _PEOPLE = 100, 3_000
_PATIENCE_S = 300.0


def measure(system: LocalSystem, api: Api, sender_id: str, *, seed: int = 1) -> dict[str, Any]:
    """Pause campaigns again and again; the seconds from each answer to the last message."""
    dice = random.Random(seed)
    latest: list[float] = []
    with step(f"{_PAUSES} pauses of a campaign at {_PER_SECOND}/s") as current:
        while len(latest) < _PAUSES:
            latest += _paused(_a_campaign(api, sender_id), system, api, dice)
        current.note = f"the last call {max(latest):.1f} s after the answer at most"
    return figures(latest)


def _paused(campaign_id: str, system: LocalSystem, api: Api, dice: random.Random) -> list[float]:
    """Pause one campaign some times; it ends cancelled."""
    path, latest = f"/v1/campaigns/{campaign_id}", list[float]()
    for move in ("launch", *["resume"] * (_PAUSES_A_CAMPAIGN - 1)):
        seen = system.carrier.counters()["accepted"]
        api.post(f"{path}/{move}")
        wait_until(
            lambda before=seen: system.carrier.counters()["accepted"] > before,  # type: ignore[misc]  # bound now
            deadline_s=_PATIENCE_S,
        )
        time.sleep(dice.uniform(_LEAST_S, _MOST_S))
        api.post(f"{path}/pause")
        answered = system.simulated_now().timestamp()
        time.sleep(_WATCHED_S)
        latest.append(max(_accepted(system)) - answered)
    if api.get(f"{path}/report")["pending"] == 0:
        msg = "the campaign was over before its last pause"
        raise RuntimeError(msg)
    api.post(f"{path}/cancel")
    return latest


def _a_campaign(api: Api, sender_id: str) -> str:
    facts = {"name": "pauses", "channel": "sms", "purpose": "transactional"}
    template_id = api.post("/v1/templates", facts | {"body": "점검 안내입니다."})["template_id"]
    for move in ("submit", "approve"):
        api.post(f"/v1/templates/{template_id}/{move}", {"version": 1})
    body = {
        "name": "pauses",
        "template_id": template_id,
        "template_version": 1,
        "sender_id": sender_id,
        "recipients": {"direct": [f"0100555{number:04d}" for number in range(_PEOPLE)]},
        "rate": {"messages": _PER_SECOND, "per": "second"},
    }
    campaign_id: str = api.post("/v1/campaigns", body)["campaign_id"]
    return campaign_id


def figures(latest: Sequence[float]) -> dict[str, Any]:
    """What the pauses come to; below nought the last call was before the answer."""
    ordered = sorted(latest)
    return {
        "pauses": len(ordered),
        "earliest_s": round(ordered[0], 2),
        "median_s": round(ordered[len(ordered) // 2], 2),
        "latest_s": round(ordered[-1], 2),
        "calls_after_the_answer": sum(each > 0 for each in ordered),
        "within_promise": ordered[-1] <= PROMISED_S,
        "each_s": [round(each, 2) for each in latest],
    }


def _accepted(system: LocalSystem) -> list[float]:
    ledger = system.carrier.ledger(status="any")
    return [datetime.fromisoformat(item["acceptedAt"]).timestamp() for item in ledger]
