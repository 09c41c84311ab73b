"""Tools for operators: ``python -m infra.cli keys create --stage prod --scope admin``."""

from __future__ import annotations

import sys

import click

from functions.contracts.scope import Scope
from infra.cli.keys import create_key
from infra.deploying import stack as stacks
from infra.deploying.account import Account, AccountError
from infra.progress import console


@click.group()
def main() -> None:
    """Operate a deployment of Allim."""


@main.group()
def keys() -> None:
    """API keys."""


@keys.command("create")
@click.option("--stage", required=True, help="Deployment, such as prod.")
@click.option("--region", default=None, help="AWS region; else the one of your AWS settings.")
@click.option("--name", default="operator", help="What the key is for.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice([*Scope]), default=["admin"])
def create(stage: str, region: str | None, name: str, scopes: tuple[str, ...]) -> None:
    """Make an API key and print it; it is shown this once."""
    account = Account(region=region)
    try:
        stack = stacks.describe(account, f"allim-{stage}")
    except (AccountError, stacks.DeployError) as refusal:
        console.print("[red]No key made:[/red]")
        console.print(str(refusal), markup=False)
        sys.exit(1)
    table = stack.outputs["KeysTableName"]
    click.echo(create_key(account, table=table, name=name, scopes=[str(each) for each in scopes]))


if __name__ == "__main__":
    main()
