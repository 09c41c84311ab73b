"""10,000 held messages released in one call on a local stack. Local emulator, two cores."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from typing import Any

from infra.demo.api import Api
from infra.demo.story import OPT_OUT_NUMBER, SENDER_NUMBER
from infra.local.carrier.client import wait_until
from infra.local.session import Settings, local_system
from infra.packaging.layout import REPOSITORY

_REQUESTS, _RECIPIENTS = 10, 1_000
_PATIENCE_S = 300.0


def measure() -> dict[str, Any]:
    """Schedule 10,000 messages by API, list them, release them; give seconds."""
    settings = Settings(
        aws_port=int(os.environ.get("AWS_PORT", "4588")),
        carrier_port=int(os.environ.get("CARRIER_PORT", "4722")),
        data_dir=REPOSITORY / "build" / "bench" / "ledger",
    )
    messages = _REQUESTS * _RECIPIENTS
    with local_system(settings) as system:
        api = Api(system.deployment.api_url, token=system.api_key)
        system.carrier.add_sender(SENDER_NUMBER.replace("-", ""))
        body = _message(api) | {
            "send_at": (system.simulated_now() + timedelta(hours=6)).isoformat()
        }
        for start in range(0, messages, _RECIPIENTS):
            to = [{"phone": _phone(n)} for n in range(start, start + _RECIPIENTS)]
            api.post("/v1/messages", body | {"to": to})
        api.get("/v1/held", limit="1")  # the function is warm, as under load
        began = time.perf_counter()
        summary = api.get("/v1/held/summary")
        counted_s = time.perf_counter() - began
        began = time.perf_counter()
        queued = api.post("/v1/held/release", {"reason": "scheduled"})["queued"]
        answered_s = time.perf_counter() - began
        wait_until(lambda: api.get("/v1/held/summary")["messages"] == 0, deadline_s=_PATIENCE_S)
        released_s = time.perf_counter() - began
        wait_until(lambda: _arrived(system.carrier) == messages, deadline_s=_PATIENCE_S)
        arrived_s = time.perf_counter() - began
    return {
        "messages": summary["messages"],
        "queued": queued,
        "summary_s": round(counted_s, 3),
        "answered_s": round(answered_s, 3),
        "released_s": round(released_s, 1),
        "arrived_s": round(arrived_s, 1),
    }


def _message(api: Api) -> dict[str, Any]:
    sender = {"channel": "sms", "address": SENDER_NUMBER, "display_name": "알림상점"}
    sender_id = api.post("/v1/senders", sender | {"opt_out_number": OPT_OUT_NUMBER})["sender_id"]
    api.post(f"/v1/senders/{sender_id}/review", {"status": "approved", "note": "bench"})
    facts = {"name": "bench", "channel": "sms", "purpose": "transactional", "body": "안내"}
    template_id = api.post("/v1/templates", facts)["template_id"]
    api.post(f"/v1/templates/{template_id}/submit", {"version": 1})
    api.post(f"/v1/templates/{template_id}/approve", {"version": 1})
    return {"template_id": template_id, "template_version": 1, "sender_id": sender_id}


def _phone(number: int) -> str:
    return f"010-0{number // 10_000:03d}-{number % 10_000:04d}"


def _arrived(carrier: Any) -> int:  # noqa: ANN401  # the simulator
    return len(carrier.ledger(status="any"))
