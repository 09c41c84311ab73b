"""The main job, as a shop would do it through the public API."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.demo.api import Api
from infra.demo.audience import ask_audience
from infra.demo.campaign import AD_BODIES, CampaignRun, wait
from infra.demo.people import NOBODY, Visits
from infra.demo.proof import ask_why, verify_record
from infra.local.carrier.client import CarrierControl
from infra.local.session import LocalSystem
from infra.packaging.layout import REPOSITORY
from infra.progress import console, step

Json = dict[str, Any]
SAMPLE = REPOSITORY / "samples" / "customers.csv"
SENDER_NUMBER = "02-000-1234"
OPT_OUT_NUMBER = "080-000-1234"
PF_ID = "KA01PF2611220000000000000000000"
ALIMTALK_ID = "KA01TP2611220000000000000000000"
ALIMTALK_TEXT = (
    "#{이름}님, 주문하신 상품이 발송되었습니다.\n주문번호: #{주문번호}\n배송조회: #{링크}"
)
_ROWS_SHOWN = 5


@dataclass(slots=True)
class Figures:
    """What the demonstration found, for people and for ``build/demo.json``."""

    seconds: dict[str, float] = field(default_factory=dict)
    report: Json = field(default_factory=dict)
    import_counts: Json = field(default_factory=dict)
    visits: Visits = NOBODY
    record: Json = field(default_factory=dict)
    report_page: str = ""
    why_ms: float = 0

    def timed(self, name: str, action: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Run one step and note how long it took."""
        started = time.perf_counter()
        result = action()
        self.seconds[name] = round(time.perf_counter() - started, 2)
        return result


class Story:
    """Tells it step by step."""

    def __init__(self, system: LocalSystem, api: Api, figures: Figures) -> None:
        self._system = system
        self._carrier: CarrierControl = system.carrier
        self._api = api
        self.figures = figures

    def tell(self) -> None:
        """Run the whole story."""
        timed = self.figures.timed
        self._prepare_carrier()
        timed("import", lambda: self._import(SAMPLE))
        senders, templates = timed("set_up", self._set_up)
        run = CampaignRun(self._system, self._api, import_s=self.figures.seconds["import"])
        timed("pilot", lambda: run.launch(senders["sms"], templates))
        goes_on = not run.held
        if goes_on:
            timed("pilot_clicks", run.pilot_clicks)
        # While the pilot's window is open there is other work.
        timed("audience", lambda: ask_audience(self._api))
        timed("order_notices", lambda: self._order_notices(senders["kakao"], templates["kakao"]))
        if goes_on:
            timed("winner", run.winner)
            timed("clicks", run.clicks)
            timed("purchases", run.purchases)
        else:
            console.print("  It is night in Seoul: the advertisements wait for the morning.")
        self.figures.why_ms = ask_why(self._api, run.campaign_id)
        timed("record", lambda: verify_record(self._system, self._api))
        if goes_on:
            timed("reminder", run.reminder)
        self._note(run)

    def _note(self, run: CampaignRun) -> None:
        campaign, figures = f"/v1/campaigns/{run.campaign_id}", self.figures
        figures.visits = run.visits
        figures.report = self._api.get(f"{campaign}/report")
        figures.record = self._api.get(f"{campaign}/experiment")
        figures.report_page = self._api.post(f"{campaign}/report-link")["url"]

    def _prepare_carrier(self) -> None:
        self._carrier.add_sender(SENDER_NUMBER.replace("-", ""))
        self._carrier.add_template(ALIMTALK_ID, pf_id=PF_ID, content=ALIMTALK_TEXT)
        self._carrier.configure(report_delay_s=0.5, report_jitter_s=1.5, failure_share=0.04)

    def _import(self, file: Path) -> None:
        with step(f"Import {file.name}") as current:
            started = self._api.post("/v1/imports", {"filename": file.name})
            self._api.upload(started["upload"]["url"], file)
            path = f"/v1/imports/{started['import_id']}"
            self._api.post(f"{path}/start", {})
            done = wait(lambda: self._finished_import(path))
            counts = done["counts"]
            self.figures.import_counts = counts
            current.note = (
                f"{counts['rows']} rows: {counts['created']} new, {counts['updated']} changed, "
                f"{counts['rejected']} rejected"
            )
        if done["errors"] is not None:
            self._show_rejected(self._api.download(done["errors"]["url"]))

    def _show_rejected(self, report: bytes) -> None:
        """Print the per-row report: its beginning, and how often each thing was wrong."""
        rows = list(csv.DictReader(io.StringIO(report.decode("utf-8-sig"))))
        for row in rows[:_ROWS_SHOWN]:
            where = f"row {row['row']:>4}  {row['column']:8}"
            line = f"    {where} {row['code']:20} {row['message_ko']}"
            console.print(line, style="dim", markup=False, soft_wrap=True)
        counts = Counter(row["code"] for row in rows)
        summary = ", ".join(f"{code} {count}" for code, count in counts.most_common())
        faults = f"    {len(rows)} faults: {summary}"
        console.print(faults, style="dim", markup=False, soft_wrap=True)

    def _finished_import(self, path: str) -> Json | None:
        found = self._api.get(path)
        return found if found["status"] in ("done", "refused") else None

    def _set_up(self) -> tuple[dict[str, str], dict[str, Json]]:
        with step("Register senders, approve templates"):
            senders = {
                "sms": self._sender("sms", SENDER_NUMBER, opt_out_number=OPT_OUT_NUMBER),
                "kakao": self._sender("kakao", PF_ID),
            }
            templates = {
                **{name: self._ad(name, body) for name, body in AD_BODIES.items()},
                "kakao": self._template(
                    name="발송 알림",
                    channel="kakao",
                    purpose="transactional",
                    body=ALIMTALK_TEXT,
                    provider_template_id=ALIMTALK_ID,
                    variables={
                        "이름": "{{ contact.name }}",
                        "주문번호": "{{ order_no }}",
                        "링크": "{{ 'https://shop.example/delivery' | track }}",
                    },
                ),
            }
        return senders, templates

    def _sender(self, channel: str, address: str, **more: str) -> str:
        body = {"channel": channel, "address": address, "display_name": "알림상점"} | more
        sender_id: str = self._api.post("/v1/senders", body)["sender_id"]
        decision = {"status": "approved", "note": "demonstration"}
        self._api.post(f"/v1/senders/{sender_id}/review", decision)
        return sender_id

    def _template(self, **body: object) -> Json:
        template = self._api.post("/v1/templates", body)
        path = f"/v1/templates/{template['template_id']}"
        self._api.post(f"{path}/submit", {"version": 1})
        return self._api.post(f"{path}/approve", {"version": 1, "note": "demonstration"})

    def _ad(self, name: str, body: str) -> Json:
        title = f"봄맞이 할인 – {name}"
        return self._template(name=title, channel="sms", purpose="advertising", body=body)

    def _order_notices(self, sender_id: str, template: Json) -> None:
        with step("Order notices by Alimtalk") as current:
            people = self._api.get("/v1/contacts", limit="20")["items"]
            to = [
                {"contact_id": each["contact_id"], "variables": {"order_no": f"A-{1000 + i}"}}
                for i, each in enumerate(people)
                if each["phone"]
            ][:5]
            body = {
                "template_id": template["template_id"],
                "template_version": template["version"],
                "sender_id": sender_id,
                "to": to,
            }
            accepted = self._api.post("/v1/messages", body)["messages"]
            path = f"/v1/messages/{accepted[0]['message_id']}"
            wait(lambda: self._api.get(path)["status"] not in ("pending", "sent"))
            current.note = f"{len(accepted)} accepted"
