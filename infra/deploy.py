"""Deploys the package: ``python -m infra.deploy --stage dev``.

The same steps serve AWS and, given an endpoint, the local emulator. Running it again changes
nothing that is already as it should be.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from infra.deploying import stack as stacks
from infra.deploying.account import Account, AccountError
from infra.deploying.aftercare import take_care
from infra.packaging import template
from infra.packaging.layout import Layout
from infra.progress import console, step

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Refusal = (AccountError, stacks.DeployError)
"""What stops a deployment with a reason that the user can act upon."""
_SECRETS = {
    "SolapiApiKey": "SOLAPI_API_KEY",
    "SolapiApiSecret": "SOLAPI_API_SECRET",
    "SolapiSecondApiKey": "SOLAPI_SECOND_API_KEY",
    "SolapiSecondApiSecret": "SOLAPI_SECOND_API_SECRET",
}
"""Parameters from the environment; CloudFormation keeps them after the first time."""


def deploy(
    layout: Layout, *, stage: str, account: Account, overrides: Mapping[str, str]
) -> stacks.Stack:
    """Deploy the package as stack ``allim-<stage>``. Raises one of ``Refusal``."""
    name = f"allim-{stage}"
    packaged = template.read(layout.template)
    parameters = defaults(packaged) | stage_parameters(layout, stage) | dict(overrides)
    _require_secrets(packaged, parameters, name=name, account=account)
    with step("Upload"):
        bucket = stacks.artefact_bucket(account, stage=stage)
        uploaded = stacks.upload(account, layout, bucket=bucket)
    with step(f"Stack {name}"):
        stacks.update(account, name=name, template=uploaded, bucket=bucket, parameters=parameters)
    with step("Finishing touches") as current:
        stack = stacks.describe(account, name)
        done = take_care(account, stack, packaged)
        current.note = f"{len(done)} settings" if done else "nothing to do"
    return stack


def _require_secrets(
    packaged: template.Node, parameters: Mapping[str, str], *, name: str, account: Account
) -> None:
    missing = [each for each in packaged["Parameters"] if each not in parameters]
    if missing and not stacks.exists(account, name):
        variables = " and ".join(_SECRETS.get(each, each) for each in missing)
        msg = f"the first deployment of {name} needs {variables} in the environment"
        raise stacks.DeployError(msg)


def defaults(packaged: template.Node) -> dict[str, str]:
    """Give the template's own values: else CloudFormation keeps what a line once said for good."""
    parameters = packaged["Parameters"].items()
    return {name: str(each["Default"]) for name, each in parameters if "Default" in each}


def stage_parameters(layout: Layout, stage: str) -> dict[str, str]:
    """Read a stage's parameters from infra/parameters; a stage without a file has defaults."""
    path = layout.root / "infra" / "parameters" / f"{stage}.json"
    known: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {"Stage": stage} | known


def secret_parameters(environment: Mapping[str, str]) -> dict[str, str]:
    """Take the provider's keys from the environment, where they are given."""
    return {name: environment[key] for name, key in _SECRETS.items() if environment.get(key)}


def assignments(pairs: Iterable[str]) -> dict[str, str]:
    """Read ``Name=Value`` pairs. Raises click.BadParameter."""
    parted = [pair.partition("=") for pair in pairs]
    wrong = [name for name, equals, _ in parted if not equals]
    if wrong:
        msg = f"write {wrong[0]} as Name=Value"
        raise click.BadParameter(msg, param_hint="--set")
    return {name: value for name, _, value in parted}


@click.command()
@click.option("--stage", required=True, help="Deployment to create or update, such as dev.")
@click.option("--region", default=None, help="AWS region; else the one of your AWS settings.")
@click.option("--endpoint-url", default=None, help="An emulator instead of AWS.")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Override a parameter.")
def main(stage: str, region: str | None, endpoint_url: str | None, pairs: tuple[str, ...]) -> None:
    """Deploy build/package (see infra.package) to your AWS account.

    SOLAPI_API_KEY and SOLAPI_API_SECRET are read from the environment; they are needed once. So
    are SOLAPI_SECOND_API_KEY and SOLAPI_SECOND_API_SECRET, where there is a second account.
    """
    overrides = secret_parameters(os.environ) | assignments(pairs)
    account = Account(region=region, endpoint_url=endpoint_url)
    try:
        stack = deploy(Layout(), stage=stage, account=account, overrides=overrides)
    except Refusal as refusal:
        console.print("[red]Not deployed:[/red]")
        console.print(str(refusal), markup=False, soft_wrap=True)
        sys.exit(1)
    for name, value in sorted(stack.outputs.items()):
        console.print(f"  {name:28} {value}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    main()
