"""Which deployment a command is about: AWS with the operator's credentials, or the local stack."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from infra.deploying.account import Account
from infra.local.emulator import CREDENTIALS, REGION

_LOCAL = "local"


def at_a_place(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command ``account`` and ``stage`` from --stage, --region and --endpoint."""

    @click.option("--stage", required=True, help="Deployment, such as prod; local with --endpoint.")
    @click.option("--region", default=None, help="AWS region; else the one of your settings.")
    @click.option("--endpoint", default=None, help="The local stack, such as http://127.0.0.1:4566")
    @wraps(command)
    def run(
        *,
        stage: str,
        region: str | None,
        endpoint: str | None,
        **rest: Any,  # noqa: ANN401  # click's
    ) -> None:
        command(account=_account(stage, region, endpoint), stage=stage, **rest)

    return run


def _account(stage: str, region: str | None, endpoint: str | None) -> Account:
    if stage == _LOCAL and endpoint is not None:
        return Account(region=region or REGION, endpoint_url=endpoint, credentials=CREDENTIALS)
    return Account(region=region, endpoint_url=endpoint)
