"""The end of the story: why somebody got nothing, and a record that an auditor can verify."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

from infra.cli.records import fetch_month, verify_file
from infra.packaging.layout import REPOSITORY
from infra.progress import console, step

if TYPE_CHECKING:
    from infra.demo.api import Api
    from infra.local.session import LocalSystem

Json = dict[str, Any]
_RECORD = REPOSITORY / "build" / "record.jsonl.gz"
_KEY = REPOSITORY / "build" / "record-key.pem"
_ASKED = 20
_POLL_S = 0.3
_PATIENCE_S = 120


def ask_why(api: Api, campaign_id: str) -> float:
    """Ask about some people, and show the rules for one who was refused; the median in ms."""
    with step("Ask why, for people of the campaign") as current:
        people = api.get("/v1/contacts", limit=str(_ASKED))["items"]
        path, took, refused = f"/v1/campaigns/{campaign_id}/why", [], None
        for person in people:
            started = time.perf_counter()
            told = api.get(path, contact_id=person["contact_id"])
            took.append((time.perf_counter() - started) * 1000)
            refused = told if told["status"] == "refused" else refused
        median = statistics.median(took)
        current.note = f"{len(people)} people, {median:.0f} ms each"
    if refused is not None:
        _show(refused)
    return median


def _show(told: Json) -> None:
    for rule in told["planned"]["rules"]:
        mark = {"pass": "[green]pass[/green]  "}.get(rule["verdict"], "[red]refuse[/red]")
        reason = f" ({rule['reason']}, {rule['source']})" if rule["reason"] else ""
        console.print(f"    {rule['rule']:16} {mark}{reason}", highlight=False, soft_wrap=True)


def verify_record(system: LocalSystem, api: Api) -> None:
    """Seal today's record, fetch it as an auditor would, and verify it with the public key."""
    with step("Compliance record of today, sealed and verified offline") as current:
        today = system.simulated_now().date()
        system.seal(today)
        month, deadline = f"{today:%Y-%m}", time.monotonic() + _PATIENCE_S
        while not _sealed(api, month):
            if time.monotonic() > deadline:
                msg = f"the record was not sealed for {_PATIENCE_S} s: see build/local/*.log"
                raise TimeoutError(msg)
            time.sleep(_POLL_S)
        _KEY.write_text(api.get("/v1/compliance/key")["public_key"], "utf-8")
        fetch_month(system.deployment.api_url, system.api_key, month, to=_RECORD)
        found = verify_file(_RECORD, _KEY)
        if found.finding is not None:
            msg = f"the record is not in order: {found.finding}"
            raise RuntimeError(msg)
        current.note = f"{found.messages} messages in order"
    shown = f"./allim verify {_RECORD.relative_to(REPOSITORY)} --key {_KEY.relative_to(REPOSITORY)}"
    console.print(f"    {shown}", style="dim", markup=False, soft_wrap=True)


def _sealed(api: Api, month: str) -> bool:
    days = api.get("/v1/compliance/records", month=month)["items"]
    return bool(days) and days[-1]["sealed"] is not None
