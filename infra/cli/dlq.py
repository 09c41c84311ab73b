"""``./allim dlq``: what failed five times, why, and back to work with it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.table import Table

from functions.contracts.queues import Queue
from infra.cli.dead_letters import DeadLetter, DeadLetterError, DeadLetters
from infra.cli.place import at_a_place
from infra.deploying.account import Account, AccountError
from infra.progress import console

_MOST_SHOWN = 20


@click.group()
def dlq() -> None:
    """Dead letters: work that failed five times."""


_queue = click.argument("queue", type=click.Choice([str(each) for each in Queue]))
_ids = click.option("--id", "ids", multiple=True, help="Only this message; may be repeated.")
_all = click.option("--all", "everything", is_flag=True, help="All dead letters of the queue.")


def _explained(command: Callable[..., None]) -> Callable[..., None]:
    """Say why a command cannot be done, and end with 1."""

    @wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401  # click's arguments
        try:
            command(**given)
        except (AccountError, DeadLetterError, BotoCoreError, ClientError) as refusal:
            console.print(str(refusal), markup=False, style="red", soft_wrap=True)
            sys.exit(1)

    return run


@dlq.command("list")
@at_a_place
@_explained
def list_(account: Account, stage: str) -> None:
    """How much waits and how much is dead, queue by queue; ends with 3 when something is dead."""
    counts = DeadLetters(account, stage).counts()
    table = Table("queue", "waiting", "dead")
    for each in counts:
        table.add_row(each.queue, str(each.waiting), str(each.dead))
    console.print(table)
    if any(each.dead for each in counts):
        sys.exit(3)


@dlq.command()
@_queue
@click.option("--most", default=_MOST_SHOWN, show_default=True, help="Show so many.")
@at_a_place
@_explained
def show(account: Account, stage: str, queue: str, most: int) -> None:
    """Kind, age, attempts and reason of the dead letters of QUEUE. They stay where they are."""
    letters, name = DeadLetters(account, stage), Queue(queue)
    with letters.look(name, most=most) as found:
        for letter in found:
            console.print(_line(letter), markup=False, soft_wrap=True)
            reason = letters.reason(name, letter) or "the log says nothing of it"
            console.print(f"    {reason}", markup=False, soft_wrap=True)
    console.print(f"{len(found)} shown")


def _line(letter: DeadLetter) -> str:
    age = datetime.now(tz=UTC) - letter.sent
    facts = " ".join(f"{name}={value}" for name, value in letter.fields.items())
    hours = f"{age.total_seconds() / 3600:.1f} h"
    return f"{letter.message_id} {letter.kind} {facts} ({hours} old, {letter.received} attempts)"


@dlq.command()
@_queue
@_ids
@_all
@at_a_place
@_explained
def redrive(
    account: Account, stage: str, queue: str, ids: tuple[str, ...], *, everything: bool
) -> None:
    """Move dead letters of QUEUE back into it, once their cause is gone."""
    _check(ids, everything=everything)
    moved = DeadLetters(account, stage).redrive(Queue(queue), ids)
    console.print(f"{moved} moved back to {queue}")


@dlq.command()
@_queue
@_ids
@_all
@at_a_place
@_explained
def drop(
    account: Account, stage: str, queue: str, ids: tuple[str, ...], *, everything: bool
) -> None:
    """Delete dead letters of QUEUE for good."""
    _check(ids, everything=everything)
    dropped = DeadLetters(account, stage).drop(Queue(queue), ids)
    console.print(f"{dropped} dropped from {queue}")


def _check(ids: tuple[str, ...], *, everything: bool) -> None:
    if bool(ids) == everything:
        msg = "say which: --id ID (may be repeated) or --all"
        raise click.UsageError(msg)
