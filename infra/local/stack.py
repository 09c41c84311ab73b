"""The whole system on this machine: the emulator with the packaged application deployed into it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

from infra.deploy import deploy
from infra.deploying.account import Account
from infra.local import emulator
from infra.local.emulator import CREDENTIALS, REGION, EmulatorPlan
from infra.packaging.layout import Layout
from infra.progress import step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from types import TracebackType

    from infra.local.process import ChildProcess

STAGE = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Loopback ports."""

    aws: int = 4566


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalDeployment:
    """Where the deployed parts are."""

    api_url: str
    """Base of the API's paths, such as ``http://127.0.0.1:4566/api``; routes follow (/v1/...)."""
    redirect_url: str
    """What tracked links start with."""
    outputs: Mapping[str, str]
    """The stack's outputs: names of tables and buckets, URLs of queues, ARNs of secrets."""


class LocalStack:
    """Starts on entry, stops everything it started on exit.

    Raises PortTakenError or StartError on entry; ``deploy`` raises DeployError.
    """

    def __init__(
        self,
        *,
        ports: Ports,
        data_dir: Path,
        persist: bool = False,
        layout: Layout | None = None,
    ) -> None:
        self._plan = EmulatorPlan(port=ports.aws, data_dir=data_dir.resolve(), persist=persist)
        self._layout = layout or Layout()
        self._emulator: ChildProcess | None = None

    def __enter__(self) -> Self:
        with step("AWS emulator") as current:
            self._emulator = emulator.start(self._plan)
            current.note = self.endpoint_url
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._emulator is not None:
            emulator.stop(self._emulator, self._plan)
            self._emulator = None

    @property
    def endpoint_url(self) -> str:
        """Where every AWS service answers."""
        return self._plan.endpoint_url

    @cached_property
    def account(self) -> Account:
        """The emulated account as its owner sees it, with clients and credentials."""
        return Account(region=REGION, endpoint_url=self.endpoint_url, credentials=CREDENTIALS)

    def deploy(self, overrides: Mapping[str, str]) -> LocalDeployment:
        """Deploy the package with infra/parameters/local.json and ``overrides``.

        Usual overrides: ``SolapiBaseUrl``, ``SolapiApiKey``, ``SolapiApiSecret`` and
        ``ClockOffsetSeconds``.
        """
        redirect_url = f"{self.endpoint_url}/l"
        api_url = f"{self.endpoint_url}/api"
        parameters = {"LinkBaseUrl": redirect_url, "ApiBaseUrl": api_url} | dict(overrides)
        stack = deploy(self._layout, stage=STAGE, account=self.account, overrides=parameters)
        return LocalDeployment(
            api_url=api_url,
            redirect_url=stack.outputs["RedirectUrl"],
            outputs=stack.outputs,
        )

    def log_lines(self) -> Iterator[str]:
        """Every line that the functions have logged, function by function."""
        logs = self.account.session.client("logs", endpoint_url=self.endpoint_url)
        groups = logs.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix=f"/aws/lambda/allim-{STAGE}-"
        )
        for group in (each for page in groups for each in page["logGroups"]):
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group["logGroupName"]
            )
            for page in pages:
                yield from (event["message"] for event in page["events"])
