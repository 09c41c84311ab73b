"""A full refresh through the local stack: 20,000 people, 20 audiences."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.refresh import definitions
from infra.demo.api import Api
from infra.local.carrier.client import wait_until
from infra.local.session import Settings, local_system
from infra.packaging.layout import REPOSITORY

_BATCH = 500
_PATIENCE_S = 600.0
_CITIES = ("서울", "부산", "대구", "인천", "광주", "대전")


def measure(*, people: int = 20_000, audiences: int = 20) -> dict[str, Any]:
    """Fill a stack of its own, and refresh it twice: the second time everything is warm."""
    settings = Settings(
        aws_port=4587, carrier_port=4721, data_dir=REPOSITORY / "build" / "bench" / "refresh"
    )
    with local_system(settings) as system:
        api = Api(system.deployment.api_url, token=system.api_key)
        yesterday = (system.simulated_now() - timedelta(days=1)).isoformat()
        rng = random.Random(7)
        for start in range(0, people, _BATCH):
            numbers = range(start, start + _BATCH)
            api.post("/v1/contacts/batch", {"contacts": [_contact(n, rng) for n in numbers]})
            api.post("/v1/events", {"events": [_event(n, yesterday, rng) for n in numbers]})
        ids = [
            api.post("/v1/audiences", {"name": f"bench {number}", "definition": definition})[
                "audience_id"
            ]
            for number, definition in enumerate(definitions(audiences))
        ]
        runs = [_refreshed(api, ids[0]) for _ in range(2)]
        peak = _peak_mb(settings.data_dir / "tmp")
    return {
        "refresh_20k_s": runs[-1]["seconds"],
        "refresh_20k_s_rounds": [run["seconds"] for run in runs],
        "refresh_20k_people": runs[-1]["people"],
        "worker_peak_mb_stack": peak,
    }


def _contact(number: int, rng: random.Random) -> dict[str, Any]:
    return {
        "contact_id": f"bench-{number}",
        "phone": f"010-{1000 + number // 10_000:04d}-{number % 10_000:04d}",
        "attributes": {
            "city": rng.choice(_CITIES),
            "age": rng.randrange(15, 80),
            "grade": f"g{rng.randrange(8)}",
        },
    }


def _event(number: int, time_: str, rng: random.Random) -> dict[str, Any]:
    name = rng.choice(("purchase", "view", "login", "cart"))
    return {
        "event_id": f"e{number}",
        "contact_id": f"bench-{number}",
        "name": name,
        "time": time_,
        "value": {"minor": rng.randrange(90_000), "currency": "KRW"},
    }


def _refreshed(api: Api, audience_id: str) -> dict[str, Any]:
    started = time.monotonic()
    path = f"/v1/refreshes/{api.post(f'/v1/audiences/{audience_id}/refresh')['run_id']}"

    def done() -> dict[str, Any] | None:
        found = api.get(path)
        return found if found["status"] == "done" else None

    run = wait_until(done, deadline_s=_PATIENCE_S)
    return run | {"seconds": round(time.monotonic() - started, 1)}


def _peak_mb(folder: Path) -> int:
    """The largest memory that a process of the audiences' Lambda has had."""
    peaks = [0]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            where = str((process / "cwd").readlink())
            status = (process / "status").read_text("utf-8")
        except OSError:
            continue
        if str(folder) in where and "-audiences-" in where:
            peaks += [
                int(row.split()[1]) // 1024
                for row in status.splitlines()
                if row.startswith("VmHWM")
            ]
    return max(peaks)


if __name__ == "__main__":
    print(measure())
