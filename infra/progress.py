"""Says what a command is doing: a spinner and a tick on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator

console = Console(highlight=False)


class Step:
    """What is being done; ``note`` is added to the line that says it is done."""

    def __init__(self) -> None:
        self.note = ""


@contextmanager
def step(what: str) -> Iterator[Step]:
    """Show ``what`` while the block runs, and afterwards how long it took."""
    started = time.perf_counter()
    current = Step()
    try:
        with console.status(f"{what} …"):
            yield current
    except BaseException:
        console.print(f"[red]✗[/red] {what}")
        raise
    took = time.perf_counter() - started
    note = f", {current.note}" if current.note else ""
    console.print(f"[green]✓[/green] {what}{note} [dim]({took:.1f} s)[/dim]")
