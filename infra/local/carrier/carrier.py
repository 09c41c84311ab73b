"""One running simulated carrier: state, moving parts and how they start and stop."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from infra.local.carrier.account import Account
from infra.local.carrier.faults import Faults
from infra.local.carrier.lifecycle import Lifecycle
from infra.local.carrier.state import State
from infra.local.carrier.webhooks import Outbox, as_relayed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from infra.local.carrier.auth import Authenticator
    from infra.local.carrier.clock import Clock
    from infra.local.carrier.knobs import Knobs


def _nobody(_client: tuple[str, int]) -> None:
    """Close nothing: the server has not said how yet."""


class Carrier:
    """Everything the HTTP layer works with."""

    def __init__(self, authenticator: Authenticator, *, clock: Clock, knobs: Knobs) -> None:
        self.authenticator = authenticator
        self.state = State(clock=clock, knobs=knobs)
        self.faults = Faults()
        self.reports = Outbox(self.state, url=lambda: self.state.knobs.webhook_url)
        self.inbound = Outbox(self.state, url=lambda: self.state.knobs.inbound_url, wrap=as_relayed)
        self.lifecycle = Lifecycle(self.state, reports=self.reports)
        self.closing = asyncio.Event()
        self.hang_up: Callable[[tuple[str, int]], None] = _nobody
        self._first_knobs = knobs

    def set_knobs(self, knobs: Knobs) -> None:
        """Change the settings."""
        self.state.knobs = knobs
        self.state.clock.offset_s = knobs.clock_offset_s

    async def pause(self, seconds: float) -> None:
        """Wait, but no longer than the server lives."""
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.closing.wait(), seconds)

    async def reset(self, *, keep_registry: bool) -> None:
        """Forget all traffic and take back every setting changed since the start."""
        self.lifecycle.clear()
        await self.reports.clear()
        await self.inbound.clear()
        self.state.store.clear()
        self.state.counters.clear()
        self.state.account = Account()
        self.state.purses.clear()
        self.authenticator.forget()
        self.faults.set([])
        self.set_knobs(self._first_knobs)
        if not keep_registry:
            self.state.registry.clear()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep messages and reports moving."""
        parts = (self.lifecycle.run(), self.reports.run(), self.inbound.run())
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
