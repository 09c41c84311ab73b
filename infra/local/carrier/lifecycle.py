"""The way of accepted messages: 2000, then 3000, then delivered or failed, then replaced."""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from infra.local.carrier import account, codes, ids, outcomes, registration, rules, wire
from infra.local.carrier.drafts import Refusal
from infra.local.carrier.webhooks import Event

if TYPE_CHECKING:
    from infra.local.carrier.records import Draft, Group, Message
    from infra.local.carrier.state import State
    from infra.local.carrier.webhooks import Outbox

# Messages moved on before other work of the process gets a turn.
_AT_ONCE: Final = 500
# How often a scheduled group is compared with the simulated clock, which may be moved.
_SCHEDULE_TICK_S: Final = 0.2


class Lifecycle:
    """Moves messages on when their time has come."""

    def __init__(self, state: State, *, reports: Outbox) -> None:
        self._state = state
        self._reports = reports
        self._due: list[tuple[float, int, Message]] = []
        self._scheduled: list[Group] = []
        self._order = 0
        self._changed = asyncio.Event()

    def begin(self, group: Group) -> None:
        """Take over a registered group."""
        if group.status == "SCHEDULED":
            self._scheduled.append(group)
        elif group.messages:
            self._send(group)
        self._changed.set()

    def cancel(self, group: Group) -> bool:
        """Cancel a scheduled group; False when it is not waiting."""
        if group not in self._scheduled:
            return False
        self._scheduled.remove(group)
        group.status = "FAILED"
        group.updated = self._state.clock.epoch_s()
        self._state.counters.events["cancelled"] += group.open
        group.open = 0
        return True

    def clear(self) -> None:
        """Forget everything that is under way."""
        self._due.clear()
        self._scheduled.clear()

    async def run(self) -> None:
        """Move messages on until cancelled."""
        while True:
            self._changed.clear()
            self._send_scheduled()
            worked = self._work_off()
            # A full round leaves more to do, but requests come first.
            await (asyncio.sleep(0) if worked == _AT_ONCE else self._pause())

    async def _pause(self) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), self._seconds_to_next())
        except TimeoutError:
            return

    def _seconds_to_next(self) -> float | None:
        waits = [self._due[0][0] - _loop_s()] if self._due else []
        waits += [_SCHEDULE_TICK_S] if self._scheduled else []
        return max(0.0, min(waits)) if waits else None

    def _work_off(self) -> int:
        now_s = _loop_s()
        done = 0
        while self._due and self._due[0][0] <= now_s and done < _AT_ONCE:
            self._advance(heapq.heappop(self._due)[2])
            done += 1
        return done

    def _later(self, message: Message, *, delay_s: float) -> None:
        self._order += 1
        heapq.heappush(self._due, (_loop_s() + delay_s, self._order, message))

    def _send_scheduled(self) -> None:
        now_s = self._state.clock.epoch_s()
        for group in [one for one in self._scheduled if (one.scheduled_for or 0) <= now_s]:
            self._scheduled.remove(group)
            self._charge(group)
            self._send(group)

    def _charge(self, group: Group) -> None:
        for message in group.messages:
            if self._state.purse(group.api_key).pay(message.price):
                group.won_requested += message.price
            else:
                message.price = 0
                self._finish(message, codes.DISPATCH_NO_BALANCE)

    def _send(self, group: Group) -> None:
        group.status = "SENDING"
        group.sent = group.updated = self._state.clock.epoch_s()
        for message in group.messages:
            if not codes.is_final(message.status_code):
                self._later(message, delay_s=self._state.knobs.carrier_delay_s)
        self._complete_when_empty(group)

    def _advance(self, message: Message) -> None:
        code = outcomes.decide(message.draft, knobs=self._state.knobs)
        if message.status_code == codes.ACCEPTED and not code.startswith("2"):
            message.status_code = codes.AT_CARRIER
            message.processed = self._state.clock.epoch_s()
            if code != codes.AT_CARRIER:
                self._later(message, delay_s=self._report_delay_s(message))
        elif codes.is_final(code):
            self._finish(message, code)

    def _report_delay_s(self, message: Message) -> float:
        knobs = self._state.knobs
        jitter = outcomes.share_of(f"{knobs.seed} jitter {message.draft.to}")
        return knobs.report_delay_s + knobs.report_jitter_s * jitter

    def _finish(self, message: Message, code: str) -> None:
        message.status_code = code
        message.reported = self._state.clock.epoch_s()
        self._state.counters.by_code[code] += 1
        if code == codes.DELIVERED:
            self._delivered(message)
        else:
            self._failed(message)
        message.group.open -= 1
        self._report(message)
        self._complete_when_empty(message.group)

    def _delivered(self, message: Message) -> None:
        message.group.delivered += 1
        self._state.counters.events["delivered"] += 1
        self._state.store.add_delivery(message)

    def _failed(self, message: Message) -> None:
        group = message.group
        group.failed += 1
        self._state.counters.events["failed"] += 1
        if message.price:
            self._state.purse(message.group.api_key).refund(message.price)
            group.refunds += 1
            group.won_refund += message.price
        if message.draft.type == "ATA" or message.draft.replacements:
            self._replace(message)

    def _replace(self, message: Message) -> None:
        """Send the next replacement of a failed Kakao message, if there is one."""
        waiting = _replacements(message.draft)
        while waiting:
            first, *waiting = waiting
            draft = rules.judge(first, book=self._state.book(message.group.api_key))
            purse = self._state.purse(message.group.api_key)
            if not isinstance(draft, Refusal) and purse.pay(account.price(draft.type)):
                self._send_replacement(replace(draft, replacements=tuple(waiting)), message)
                return

    def _send_replacement(self, draft: Draft, failed: Message) -> None:
        group = failed.group
        message = registration.add_message(
            draft, group=group, state=self._state, is_replacement=True
        )
        group.replaced += 1
        group.won_replacement += message.price
        self._state.counters.events["replacements"] += 1
        self._later(message, delay_s=self._state.knobs.carrier_delay_s)

    def _report(self, message: Message) -> None:
        event = Event(
            event_id=ids.event_id(),
            about=message.draft.to,
            data=lambda: wire.report(message),
        )
        self._reports.offer(event)

    def _complete_when_empty(self, group: Group) -> None:
        if group.open == 0 and group.status == "SENDING":
            group.status = "COMPLETE"
            group.completed = group.updated = self._state.clock.epoch_s()


def _replacements(draft: Draft) -> list[dict[str, object]]:
    """List what to try instead of a failed message, as raw messages.

    Without ``replacements`` a failed Alimtalk goes out as a text with the same words, unless
    ``disableSms`` is set (korea.md 1.4). The references of the original are kept.
    """
    if draft.kakao is not None and draft.kakao.disable_sms:
        return []
    basis: dict[str, object] = {"to": draft.to, "from": draft.sender, "country": draft.country}
    if draft.custom_fields is not None:
        basis["customFields"] = dict(draft.custom_fields)
    if draft.replacements:
        return [{**basis, **given} for given in draft.replacements]
    return [{**basis, "text": draft.text}] if draft.kakao is not None and draft.sender else []


def _loop_s() -> float:
    return asyncio.get_running_loop().time()
