"""A running local system: emulator, deployed package, carrier simulator, and a first key."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from functions.contracts.codec import to_body
from functions.contracts.queues import RecordJob
from infra.cli.keys import create_key
from infra.local.carrier.client import CarrierControl
from infra.local.ports import LOOPBACK, require_free
from infra.local.process import ChildProcess
from infra.local.stack import LocalDeployment, LocalStack, Ports
from infra.package import package
from infra.packaging.layout import REPOSITORY, Layout
from infra.progress import step

PROVIDER_KEY = "LOCALKEY00000000"
_PROVIDER_SECRET = "LOCALSECRET000000000000000000000"  # noqa: S105  # opens only the simulator
SECOND_KEY = "LOCALKEY00000002"
_SECOND_SECRET = "LOCALSECRET000000000000000000002"  # noqa: S105  # opens only the simulator
_SEOUL = ZoneInfo("Asia/Seoul")
_START_LIMIT_S = 15
_POLL_S = 0.05


class CarrierStartError(RuntimeError):
    """The carrier simulator did not start; the text holds the end of its log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to run the local system.

    ``hour`` is the hour of today in Seoul that is simulated (None: the real time).
    ``parameters`` override those of the template.
    """

    aws_port: int = 4566
    carrier_port: int = 4700
    hour: int | None = 14
    persist: bool = False
    data_dir: Path = REPOSITORY / "build" / "local"
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSystem:
    """What runs, and how to reach it."""

    stack: LocalStack
    deployment: LocalDeployment
    carrier: CarrierControl
    api_key: str
    clock_offset: timedelta

    def simulated_now(self) -> datetime:
        """What the system takes the time in Seoul to be."""
        return datetime.now(tz=_SEOUL) + self.clock_offset

    def seal(self, day: date) -> None:
        """Have a day's compliance record made now, days before its turn."""
        account = self.stack.account
        client = account.session.client("sqs", endpoint_url=account.endpoint_url)
        client.send_message(
            QueueUrl=self.deployment.outputs["ComplianceQueueUrl"],
            MessageBody=to_body(RecordJob(day=day.isoformat())),
        )


@contextmanager
def local_system(settings: Settings, *, built: bool = False) -> Iterator[LocalSystem]:
    """Build the package, unless it is ``built``; start everything; stop everything on exit."""
    if not built:
        package(Layout())
    offset = clock_offset(settings.hour, now=datetime.now(tz=_SEOUL))
    carrier_url = f"http://{LOOPBACK}:{settings.carrier_port}"
    require_free(settings.carrier_port, purpose="the carrier simulator", setting="CARRIER_PORT")
    stack = LocalStack(
        ports=Ports(aws=settings.aws_port), data_dir=settings.data_dir, persist=settings.persist
    )
    with stack, _carrier(settings, carrier_url, offset) as carrier:
        deployment = stack.deploy(
            {
                "SolapiBaseUrl": carrier_url,
                "SolapiApiKey": PROVIDER_KEY,
                "SolapiApiSecret": _PROVIDER_SECRET,
                "SolapiAccounts": "main,second",
                "SolapiSecondApiKey": SECOND_KEY,
                "SolapiSecondApiSecret": _SECOND_SECRET,
                "ClockOffsetSeconds": str(int(offset.total_seconds())),
            }
            | dict(settings.parameters)
        )
        api_key = create_key(
            stack.account,
            table=deployment.outputs["KeysTableName"],
            name="local operator",
            scopes=["admin"],
        )
        system = LocalSystem(
            stack=stack,
            deployment=deployment,
            carrier=carrier,
            api_key=api_key,
            clock_offset=offset,
        )
        try:
            _connect_webhooks(system)
            yield system
        finally:
            _keep_logs(stack, settings.data_dir / "functions.log")


def clock_offset(hour: int | None, *, now: datetime) -> timedelta:
    """How far the clock must be moved for it to be ``hour`` o'clock of the same day."""
    if hour is None:
        return timedelta()
    return now.replace(hour=hour, minute=0, second=0, microsecond=0) - now


@contextmanager
def _carrier(settings: Settings, url: str, offset: timedelta) -> Iterator[CarrierControl]:
    command = [
        sys.executable,
        *("-m", "infra.local.carrier"),
        *("--port", str(settings.carrier_port)),
        *("--api-key", PROVIDER_KEY),
        *("--api-secret", _PROVIDER_SECRET),
        *("--account", SECOND_KEY, _SECOND_SECRET),
        *("--clock-offset-s", str(offset.total_seconds())),
    ]
    with step("Carrier simulator") as current:
        process = ChildProcess(
            command, environment=dict(os.environ), log=settings.data_dir / "carrier.log"
        )
        control = CarrierControl(url, api_key=PROVIDER_KEY, api_secret=_PROVIDER_SECRET)
        try:
            _wait_until_ready(process, control)
        except BaseException:
            process.stop()
            raise
        current.note = url
    try:
        yield control
    finally:
        control.close()
        process.stop()


def _wait_until_ready(process: ChildProcess, control: CarrierControl) -> None:
    deadline = time.monotonic() + _START_LIMIT_S
    while True:
        try:
            control.counters()
        except httpx.TransportError as error:
            if not process.running or time.monotonic() > deadline:
                msg = f"the carrier simulator did not start:\n{process.last_words()}"
                raise CarrierStartError(msg) from error
            time.sleep(_POLL_S)
        else:
            return


def _keep_logs(stack: LocalStack, path: Path) -> None:
    """Write down what the functions logged, before the emulator forgets it."""
    with path.open("w", encoding="utf-8") as log:
        log.writelines(line.rstrip("\n") + "\n" for line in stack.log_lines())


def _connect_webhooks(system: LocalSystem) -> None:
    """Enter our secret webhook paths at the provider and its relay, as an operator would."""
    answer = httpx.get(
        f"{system.deployment.api_url}/v1/webhooks/incoming",
        headers={"Authorization": f"Bearer {system.api_key}"},
        timeout=60,
        trust_env=False,
    )
    answer.raise_for_status()
    base, paths = system.deployment.api_url, answer.json()["paths"]
    system.carrier.configure(
        webhook_url=base + paths["solapi"], inbound_url=base + paths["inbound"]
    )
