"""Delivery of events to the caller's webhook: batches, retries, repetitions, disorder."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import httpx

from infra.local.carrier import limits, outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from infra.local.carrier.state import State

_TIMEOUT_S: Final = 15.0
# How long the first event of a batch waits for company.
_GATHER_S: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing to tell; ``data`` is built at each call so that waiting events stay small."""

    event_id: str
    about: str
    data: Callable[[], dict[str, object]]
    is_repetition: bool = False


def as_report(event: Event, *, retry: int) -> dict[str, object]:
    """Put an event into the envelope of SOLAPI's delivery reports."""
    return {"eventDataId": event.event_id, "data": event.data(), "retryCount": retry}


def as_relayed(event: Event, *, retry: int) -> dict[str, object]:  # noqa: ARG001 - as the other
    """Give an event as it is, without an envelope."""
    return event.data()


class Outbox:
    """Events waiting for one webhook address; ``wrap`` says what each looks like."""

    def __init__(
        self,
        state: State,
        *,
        url: Callable[[], str | None],
        wrap: Callable[..., dict[str, object]] = as_report,
    ) -> None:
        self._state = state
        self._url = url
        self._wrap = wrap
        self._waiting: deque[Event] = deque()
        self._calls: set[asyncio.Task[None]] = set()
        self._arrived = asyncio.Event()
        self._slot = asyncio.Event()

    def offer(self, event: Event) -> None:
        """Queue an event; without an address it is dropped, as nobody asked for it."""
        if self._url() is None:
            self._state.counters.events["reports_without_url"] += 1
            return
        self._waiting.append(event)
        self._arrived.set()

    @property
    def backlog(self) -> int:
        """Count the events not yet handed to a call, and the calls under way."""
        return len(self._waiting) + len(self._calls)

    async def run(self) -> None:
        """Send batches until cancelled."""
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
            try:
                while True:
                    await self._send_next(client)
            finally:
                await self._stop_calls()

    async def clear(self) -> None:
        """Forget what waits and stop the calls under way."""
        self._waiting.clear()
        await self._stop_calls()

    async def _send_next(self, client: httpx.AsyncClient) -> None:
        await self._arrived.wait()
        while self._waiting:
            if len(self._waiting) < limits.REPORTS_PER_CALL:
                await asyncio.sleep(_GATHER_S)
            await self._wait_for_slot()
            batch = self._take()
            if batch:
                task = asyncio.create_task(self._deliver(client, batch))
                self._calls.add(task)
                task.add_done_callback(self._call_ended)
        self._arrived.clear()

    async def _wait_for_slot(self) -> None:
        while len(self._calls) >= self._state.knobs.webhook_concurrency:
            self._slot.clear()
            await self._slot.wait()

    def _call_ended(self, task: asyncio.Task[None]) -> None:
        self._calls.discard(task)
        self._slot.set()

    def _take(self) -> list[Event]:
        """Take up to 100 events: in order, or the newest first when disorder is wanted."""
        take = self._waiting.pop if self._state.knobs.reorder_reports else self._waiting.popleft
        return [take() for _ in range(min(limits.REPORTS_PER_CALL, len(self._waiting)))]

    async def _deliver(self, client: httpx.AsyncClient, batch: Sequence[Event]) -> None:
        for retry in range(limits.REPORT_CALLS):
            if await self._post(client, batch, retry=retry):
                self._confirmed(batch)
                return
            if retry < limits.REPORT_CALLS - 1:
                await asyncio.sleep(self._state.knobs.webhook_backoff_s * 2**retry)
        self._state.counters.events["reports_given_up"] += len(batch)

    async def _post(self, client: httpx.AsyncClient, batch: Sequence[Event], *, retry: int) -> bool:
        url = self._url()
        if url is None:
            return False
        self._state.counters.events["webhook_calls"] += 1
        body = [self._wrap(event, retry=retry) for event in batch]
        try:
            response = await client.post(url, json=body)
        except httpx.HTTPError:
            return False
        # "200을 리턴해야 합니다": nothing but 200 counts (webhook example of solapi-nodejs).
        return response.status_code == httpx.codes.OK

    def _confirmed(self, batch: Sequence[Event]) -> None:
        events = self._state.counters.events
        events["webhook_ok"] += 1
        events["reports_confirmed"] += len(batch)
        again = [replace(event, is_repetition=True) for event in batch if self._repeats(event)]
        events["reports_repeated"] += len(again)
        for event in again:
            self.offer(event)

    def _repeats(self, event: Event) -> bool:
        share = self._state.knobs.duplicate_reports
        return not event.is_repetition and outcomes.share_of(f"twice {event.about}") < share

    async def _stop_calls(self) -> None:
        calls = list(self._calls)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
