"""``./allim reconcile``: does a campaign add up, and what stands still of it."""

from __future__ import annotations

import sys
from datetime import timedelta

import click
from botocore.exceptions import BotoCoreError, ClientError

from infra.cli.checks import Checked, CheckError, Checks
from infra.cli.place import at_a_place
from infra.deploying.account import Account, AccountError
from infra.progress import console


@click.command()
@click.argument("campaign")
@click.option(
    "--after",
    "minutes",
    default=60,
    show_default=True,
    type=click.IntRange(min=0),
    help="Put work on its way again where nothing has moved for so many minutes.",
)
@click.option("--wait", default=60, show_default=True, help="Seconds to wait for the answer.")
@at_a_place
def reconcile(account: Account, stage: str, campaign: str, minutes: int, wait: int) -> None:
    """Count CAMPAIGN from its rows, name what is wrong, and put lost work on its way again.

    Ends with 3 when something is wrong.
    """
    try:
        found = Checks(account, stage).check(
            campaign, patience=timedelta(minutes=minutes), deadline_s=wait
        )
    except (AccountError, CheckError, BotoCoreError, ClientError) as refusal:
        console.print(str(refusal), markup=False, style="red", soft_wrap=True)
        sys.exit(1)
    _show(found)
    if found.faults or not found.adds_up:
        sys.exit(3)


def _show(found: Checked) -> None:
    counts = " + ".join(f"{count} {status}" for status, count in sorted(found.counts.items()))
    sign = "=" if found.adds_up else "≠"
    lines = [f"{found.recipients} recipients {sign} {counts or '0'}"]
    lines += [f"put on its way again: {count} × {kind}" for kind, count in found.mended.items()]
    lines += found.faults
    if found.more_faults:
        lines.append(f"and {found.more_faults} rows more")
    lines.append(_standing(found))
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _standing(found: Checked) -> str:
    """What the report calls it: a campaign that is over stays launched in its own row."""
    if not found.settled:
        return "cancelling" if found.status == "cancelled" else f"{found.status}, not finished"
    return "finished" if found.status in ("launched", "paused") else found.status
