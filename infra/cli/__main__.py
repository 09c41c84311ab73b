"""Tools for operators and auditors: ``./allim keys create``, ``./allim verify record.jsonl.gz``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from functions.contracts.scope import Scope
from functions.domain.record_chain import Fault, Finding
from infra.cli.dlq import dlq
from infra.cli.keys import create_key
from infra.cli.reconcile import reconcile
from infra.cli.records import RecordError, fetch_month, verify_file
from infra.cli.report import report
from infra.deploying import stack as stacks
from infra.deploying.account import Account, AccountError
from infra.progress import console


@click.group()
def main() -> None:
    """Operate a deployment of Allim."""


main.add_command(dlq)
main.add_command(reconcile)
main.add_command(report)

_WHY_BY_FAULT = {
    Fault.UNREADABLE: "is no line of a record",
    Fault.ALTERED: "was altered: its content does not have its digest",
    Fault.OUT_OF_PLACE: "does not follow the line before: one was altered, removed or added there",
    Fault.NOT_SEALED: "is the last, but the day has no seal: the record was cut short",
    Fault.OTHER_KEY: "names another key than the one given",
    Fault.BAD_SIGNATURE: "has no valid signature of the key: the day was made anew",
}


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The public key in PEM, as GET /v1/compliance/key gives it.",
)
def verify(file: Path, key: Path) -> None:
    """Verify a compliance record, offline; names the first line that is wrong."""
    try:
        found = verify_file(file, key)
    except RecordError as refusal:
        console.print(str(refusal), markup=False, style="red", soft_wrap=True)
        sys.exit(2)
    if found.finding is not None:
        console.print(f"In order up to there: {_days(found.days)}, {found.messages} messages")
        console.print(_says(found.finding), markup=False, style="red", soft_wrap=True)
        sys.exit(1)
    console.print(
        f"[green]In order[/green]: {_days(found.days)} from {found.first_day or '-'} to "
        f"{found.last_day or '-'}, {found.messages} messages"
    )
    console.print(f"It begins after the seal {found.begins_after[:16]}…", markup=False)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _says(finding: Finding) -> str:
    message = f", message {finding.message_id}" if finding.message_id else ""
    where = f"Line {finding.line} (day {finding.day or 'unknown'}{message})"
    return f"{where} {_WHY_BY_FAULT[finding.fault]}."


@main.command("fetch-record")
@click.argument("month")
@click.option("--api", required=True, help="Base URL of the API.")
@click.option("--api-key", envvar="ALLIM_KEY", required=True, help="Or ALLIM_KEY; scope admin.")
@click.option("--to", required=True, type=click.Path(dir_okay=False, path_type=Path))
def fetch_record(month: str, api: str, api_key: str, to: Path) -> None:
    """Write the compliance record of a MONTH, such as 2026-11, into one file."""
    try:
        days = fetch_month(api, api_key, month, to=to)
    except RecordError as refusal:
        console.print(str(refusal), markup=False, style="red", soft_wrap=True)
        sys.exit(2)
    console.print(f"{_days(days)} sealed in {to}", markup=False, soft_wrap=True)


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
