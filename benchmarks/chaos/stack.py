"""The fault run on the deployed system: the packaged template, real processes, the simulator.

Lambda workers are ended with SIGKILL, the carrier fails in every way it knows, jobs are sent
twice, campaigns are paused and resumed, and a deployment comes in the middle. The simulator's
ledger is the judge.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import httpx

from benchmarks.chaos.judge import Findings
from functions.contracts.codec import to_body
from functions.contracts.queues import PlanJob, SendJob
from infra.demo.api import Api, ApiError
from infra.demo.story import OPT_OUT_NUMBER, SENDER_NUMBER
from infra.local.session import LocalSystem, Settings, local_system
from infra.packaging.layout import REPOSITORY
from infra.progress import step

DATA_DIR = REPOSITORY / "build" / "bench" / "chaos-stack"
PEOPLE, CAMPAIGNS, PAUSES = 1_500, 8, 20
_PAUSED_S, _BETWEEN_S = 6, 6
_NEARLY, _KILL_EVERY, _FAIL_EVERY = 0.95, 400, 300
_PATIENCE_S = 420
_POLL_S = 0.3
_AT_ONCE = 250
_VISIBILITY_S = "45"
"""Of the queues, shortened so that a killed worker's job comes back within the run."""
_QUEUES = ("DispatchSms", "Plan", "Receipts")
_LAMBDAS = ("dispatch-sms", "plan", "receipts")
_FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "timeout_after_accept", "count": 1, "hang_s": 12},
    {"kind": "timeout_before_accept", "count": 1, "hang_s": 12},
    {"kind": "drop_connection", "count": 1},
    {"kind": "http_500", "count": 1},
    {"kind": "http_500_after_accept", "count": 1},
    {"kind": "http_503", "count": 1},
    {"kind": "garbled_after_accept", "count": 1},
    {"kind": "http_429", "count": 3, "retry_after_s": 2},
)
_CLOCK_STEP_S = 20


@dataclass(kw_only=True)
class StackOutcome(Findings):
    """What the run found. ``late_s`` is how long after a pause a parcel was still taken."""

    late_s: float = 0.0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Pause:
    campaign: str
    begin: datetime
    end: datetime


class StackRun:
    """Campaigns on a running system, and everything that is done to it."""

    def __init__(self, system: LocalSystem, *, seed: int) -> None:
        self.system, self.random = system, Random(seed)  # repeatable
        self.api = Api(system.deployment.api_url, token=system.api_key)
        self.outcome = StackOutcome()
        self.campaigns: dict[str, str] = {}
        """Ids by what their texts say."""
        self.pauses: list[_Pause] = []
        self._paused: list[tuple[str, datetime]] = []
        self._pauses_left = PAUSES
        self._began = self._turned = time.monotonic()
        self._accepted = self._failed_at = self._killed_at = 0

    def prepare(self) -> None:
        """Make people, a sender and a template; let jobs of the killed come back sooner."""
        self.system.carrier.add_sender(SENDER_NUMBER.replace("-", ""))
        self.system.carrier.configure(
            report_delay_s=0.5,
            report_jitter_s=3,
            failure_share=0.03,
            duplicate_reports=0.3,
            reorder_reports=True,
        )
        sender = {"channel": "sms", "address": SENDER_NUMBER, "display_name": "알림상점"}
        made = self.api.post("/v1/senders", sender | {"opt_out_number": OPT_OUT_NUMBER})
        self.sender_id = made["sender_id"]
        decision = {"status": "approved", "note": "fault run"}
        self.api.post(f"/v1/senders/{self.sender_id}/review", decision)
        body = "{{ contact.name }}님, 배송이 시작됩니다. {{ event }}"
        facts = {"name": "fault run", "channel": "sms", "purpose": "transactional", "body": body}
        self.template_id = self.api.post("/v1/templates", facts)["template_id"]
        for move in ("submit", "approve"):
            self.api.post(f"/v1/templates/{self.template_id}/{move}", {"version": 1})
        for start in range(0, PEOPLE, _AT_ONCE):
            contacts = [_a_contact(number) for number in range(start, start + _AT_ONCE)]
            self._post("/v1/contacts/batch", {"contacts": contacts})
        for queue in _QUEUES:
            self.system.stack.account.sqs.set_queue_attributes(
                QueueUrl=self._url(queue), Attributes={"VisibilityTimeout": _VISIBILITY_S}
            )

    def _url(self, queue: str) -> str:
        return self.system.deployment.outputs[f"{queue}QueueUrl"]

    def run(self) -> StackOutcome:
        """Send everything, in spite of everything, and judge."""
        self._began = time.monotonic()
        while not self._is_nearly_done():
            self._launch_next()
            self._pause_or_resume()
            self._trouble()
            time.sleep(_POLL_S)
        self._resume_all()
        self._calm_down()
        self._wait_until_finished()
        self.outcome.seconds = round(self._elapsed(), 1)
        self._judge()
        return self.outcome

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _is_nearly_done(self) -> bool:
        """Trouble ends when the carrier has nearly everything, or it takes too long."""
        self._accepted = self.system.carrier.counters()["accepted"]
        nearly = self._accepted >= _NEARLY * PEOPLE * CAMPAIGNS
        return self._elapsed() > _PATIENCE_S or (nearly and self._pauses_left <= 0)

    def _launch_next(self) -> None:
        """The next campaign, when the last but one is half sent."""
        number = len(self.campaigns)
        if number < CAMPAIGNS and self._accepted >= (number - 1.5) * PEOPLE:
            self._launch(f"C{number}")

    def _pause_or_resume(self) -> None:
        waited_s = time.monotonic() - self._turned
        if self._paused and waited_s > _PAUSED_S:
            self._resume_all()
        elif not self._paused and self._pauses_left > 0 and waited_s > _BETWEEN_S:
            self._pause_two()

    def _trouble(self) -> None:
        """Some of what can be done, each as likely as it is bearable."""
        chances = (
            (0.3, self._kill_one),
            (0.3, self._fail_carrier),
            (0.3, self._send_again),
            (0.05, self._be_slow),
        )
        for chance, action in chances:
            if self.random.random() < chance:
                action()
        if not self.outcome.faults["deployed"] and self._accepted > PEOPLE * CAMPAIGNS / 2:
            self._deploy()

    # What is done to it

    def _launch(self, name: str) -> None:
        body = {
            "name": name,
            "template_id": self.template_id,
            "template_version": 1,
            "sender_id": self.sender_id,
            "recipients": {"everyone": True},
            "variables": {"event": name},
        }
        self.campaigns[name] = self.api.post("/v1/campaigns", body)["campaign_id"]
        self._move(name, "launch")

    def _pause_two(self) -> None:
        """The two that have come furthest."""
        for name in [each for each in self.campaigns if not self._is_finished(each)][:2]:
            self._move(name, "pause")
            self._paused.append((name, self._carrier_now()))
        self._turned = time.monotonic()

    def _resume_all(self) -> None:
        for name, begin in self._paused:
            self.pauses.append(_Pause(name, begin, self._carrier_now()))
            self._move(name, "resume")
            self.outcome.faults["paused_and_resumed"] += 1
            self._pauses_left -= 1
        self._paused.clear()
        self._turned = time.monotonic()

    def _is_finished(self, name: str) -> bool:
        return self._report(name)["status"] == "finished"

    def _carrier_now(self) -> datetime:
        return self.system.simulated_now()

    def _move(self, name: str, move: str) -> None:
        self._post(f"/v1/campaigns/{self.campaigns[name]}/{move}")

    def _post(self, path: str, body: dict[str, Any] | None = None) -> None:
        """Call until it is answered, as a caller does: what is repeated here is harmless."""
        for _ in range(5):
            with suppress(ApiError, httpx.TransportError):
                self.api.post(path, body)
                return
            time.sleep(0.5)

    def _kill_one(self) -> None:
        """A worker of some function, once in so many messages: else nobody would get to send."""
        if self._accepted < self._killed_at + _KILL_EVERY:
            return
        name = self.random.choice(_LAMBDAS)
        workers = [pid for pid, folder in _workers() if f"allim-local-{name}" in folder]
        if workers:
            with suppress(ProcessLookupError):
                os.kill(self.random.choice(workers), signal.SIGKILL)
                self.outcome.faults[f"killed_{name}"] += 1
                self._killed_at = self._accepted

    def _fail_carrier(self) -> None:
        """The next call fails, once in so many messages: each failure costs half a minute."""
        if self._accepted < self._failed_at + _FAIL_EVERY:
            return
        self.system.carrier.configure(fault=self.random.choice(_FAULTS))
        self._failed_at = self._accepted

    def _be_slow(self) -> None:
        slow_ms = self.random.choice((0, 500, 3_000))
        self.system.carrier.configure(answer_delay_ms=slow_ms)
        self.outcome.faults["slow_answers_set"] += slow_ms > 0

    def _send_again(self) -> None:
        """Put a job into its queue once more, as SQS may deliver it twice.

        Only of batches that were started: what a killed planner left behind has no job.
        """
        jobs: list[tuple[str, SendJob | PlanJob]] = [
            ("Plan", PlanJob(campaign_id=each, part="000000")) for each in self.campaigns.values()
        ]
        jobs += [("DispatchSms", SendJob(batch=number)) for number in self._planned_batches()]
        if not jobs:
            return
        queue, job = self.random.choice(jobs)
        sqs = self.system.stack.account.sqs
        sqs.send_message(QueueUrl=self._url(queue), MessageBody=to_body(job))
        self.outcome.faults["duplicated_jobs"] += 1

    def _planned_batches(self) -> list[int]:
        rows = self.system.stack.account.dynamodb.scan(
            TableName=self.system.deployment.outputs["CampaignsTableName"]
        )["Items"]
        parts = [json.loads(row["batches"]["S"]) for row in rows if "batches" in row]
        return [number for pairs in parts for number, _ in pairs]

    def _deploy(self) -> None:
        """Deploy other settings: every function gets them, and its processes are replaced.

        Its clocks are moved as well.
        """
        offset_s = int(self.system.clock_offset.total_seconds()) + _CLOCK_STEP_S
        self.system.stack.deploy(
            {
                "SolapiBaseUrl": self.system.carrier.base_url,
                "ClockOffsetSeconds": str(offset_s),
                "LogLevel": "WARNING",
            }
        )
        self.outcome.faults["deployed"] += 1
        self.outcome.faults["clock_stepped"] += 1

    # How it ends

    def _calm_down(self) -> None:
        self.system.carrier.configure(fault=None, answer_delay_ms=0)

    def _wait_until_finished(self) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            self._redrive()
            if all(self._is_finished(name) for name in self.campaigns):
                time.sleep(5)  # for copies that are still in a queue
                return
            time.sleep(2)

    def _redrive(self) -> None:
        """Move dead letters back, as ``./allim dlq redrive`` does."""
        sqs = self.system.stack.account.sqs
        for queue in _QUEUES:
            url = self.system.deployment.outputs[f"{queue}DeadLettersUrl"]
            answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
            for message in answer.get("Messages", ()):
                sqs.send_message(QueueUrl=self._url(queue), MessageBody=message["Body"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                self.outcome.faults["dead_letters_redriven"] += 1

    def _report(self, name: str) -> dict[str, Any]:
        for _ in range(5):
            with suppress(ApiError, httpx.TransportError):
                return self.api.get(f"/v1/campaigns/{self.campaigns[name]}/report")
        msg = f"nobody tells how {name} stands"
        raise TimeoutError(msg)

    def _judge(self) -> None:
        found, carrier = self.outcome, self.system.carrier
        counts = carrier.counters()
        found.faults.update(counts["faults"])
        found.faults["reports_repeated"] = counts["reports_repeated"]
        ledger = carrier.ledger(status="any")
        found.messages = len(ledger)
        taken = Counter((item["text"].split()[-1], item["to"]) for item in ledger)
        found.duplicates = sum(count - 1 for count in taken.values())
        by_campaign = Counter(name for name, _ in taken)
        for name in self.campaigns:
            report = self._report(name)
            known = report["sent"] + sum(report["failed_by_reason"].values())
            found.losses += PEOPLE - by_campaign[name]
            found.unknown += report["unknown"]
            wrong = not report["adds_up"] or report["recipients"] != PEOPLE
            if wrong or known != by_campaign[name]:
                found.identity_breaks += 1
                found.examples.append(f"{name}: {by_campaign[name]} taken, {report}")
        found.late_s = max((_late_s(each, ledger) for each in self.pauses), default=0.0)


def _late_s(pause: _Pause, ledger: list[dict[str, Any]]) -> float:
    """How long after the pause the last parcel was taken before it was resumed."""
    times = (
        datetime.fromisoformat(item["acceptedAt"])
        for item in ledger
        if item["text"].endswith(f" {pause.campaign}")
    )
    late = [at - pause.begin for at in times if pause.begin < at < pause.end]
    return max(late, default=timedelta()).total_seconds()


def _workers() -> Iterator[tuple[int, str]]:
    """Our Lambda processes: those whose folder lies in that of this run's emulator."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            folder = str((process / "cwd").readlink())
            if folder.startswith(str(DATA_DIR)):
                yield int(process.name), folder


def _a_contact(number: int) -> dict[str, Any]:
    return {
        "contact_id": f"chaos-{number}",
        "phone": f"010-0{number // 10_000:03d}-{number % 10_000:04d}",
        "attributes": {"name": "김하늘"},
    }


def run(*, seed: int) -> StackOutcome:
    """Package, deploy, run, judge. Ports as ``make demo`` has them."""
    settings = Settings(
        aws_port=int(os.environ.get("AWS_PORT", "4566")),
        carrier_port=int(os.environ.get("CARRIER_PORT", "4700")),
        data_dir=DATA_DIR,
    )
    with local_system(settings) as system:
        made = StackRun(system, seed=seed)
        with step("People, sender, template"):
            made.prepare()
        with step("Campaigns in spite of everything") as current:
            outcome = made.run()
            current.note = f"{outcome.messages} messages, {outcome.seconds:.0f} s"
    return outcome
