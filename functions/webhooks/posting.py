"""Sends events to a receiver, as long as it takes them and time is left.

A receiver that fails is left alone by a breaker of its own: five failures in a row open it, and
then one job at a time may try. What a receiver took is told; whatever it did not take is the
caller's to bring again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from functions.contracts.webhook_document import Outgoing, of_event, of_events
from functions.domain.breaker import Passage
from functions.domain.message_event import MessageEvent
from functions.domain.webhook import EVENTS_A_POST, OffReason, Webhook
from functions.domain.webhook_signature import headers_of
from functions.domain.webhook_try import Try
from functions.webhooks.ports import Line, PostDeps, Said

BUDGET = timedelta(seconds=15)
"""After so long a job begins no request: others wait."""
PROBE_LEASE_S = 60
"""Longer than a job takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A job's permission to call. ``probe`` names the one that tries whether it is well again."""

    lane: str
    probe: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What came of it: the events that were taken, the last answer, and how long it took."""

    told: Sequence[MessageEvent]
    said: Said
    posts: int
    ms: int

    def entry(self, about: str, *, attempt: int, again: datetime | None, now: datetime) -> Try:
        """As the log of tries keeps it."""
        return Try(
            at=now.replace(microsecond=0),
            about=about,
            attempt=attempt,
            posts=self.posts,
            events=len(self.told),
            status=self.said.status,
            trouble=self.said.trouble,
            ms=self.ms,
            again=again,
        )


def take_turn(webhook: Webhook, *, deps: PostDeps, now: datetime) -> Turn | None:
    """Ask whether the receiver may be called; None: not now."""
    lane = f"webhook#{webhook.webhook_id}"
    match deps.breakers.look(lane, now=now).passage(now=now):
        case Passage.FREE:
            return Turn(lane=lane)
        case Passage.WAIT:
            return None
        case Passage.PROBE:
            probing = deps.breakers.change(
                lane, lambda known: known.probed(now=now, lease_s=PROBE_LEASE_S), now=now
            )
            if probing is not None:
                return Turn(lane=lane, probe=probing.probe_until)
            return Turn(lane=lane) if deps.breakers.look(lane, now=now).closed else None


def post_all(
    webhook: Webhook, events: Sequence[MessageEvent], turn: Turn, *, deps: PostDeps, now: datetime
) -> Posted:
    """Send events in order until one request fails or time is up, and note how it went."""
    began = deps.clock()
    told: list[MessageEvent] = []
    said, posts = Said(), 0
    line = deps.connect(webhook.url)
    try:
        for portion, outgoing in _requests(events, batched=webhook.batched):
            if posts and deps.clock() - began >= BUDGET:
                break
            said, posts = send(webhook, outgoing, line, deps=deps, now=now), posts + 1
            if not said.taken:
                break
            told += portion
    finally:
        line.close()
    _note(webhook, said, turn, deps=deps, now=now)
    took = deps.clock() - began
    return Posted(told=told, said=said, posts=posts, ms=int(took.total_seconds() * 1_000))


def send(
    webhook: Webhook, outgoing: Outgoing, line: Line, *, deps: PostDeps, now: datetime
) -> Said:
    """Send one request, signed."""
    at = int(deps.clock().timestamp())
    keys = deps.keys_of(webhook, now)
    headers = headers_of(outgoing.body, message_id=outgoing.message_id, at=at, keys=keys)
    return line.post(outgoing.body, headers)


def _requests(
    events: Sequence[MessageEvent], *, batched: bool
) -> Iterator[tuple[Sequence[MessageEvent], Outgoing]]:
    if not batched:
        yield from (((each,), of_event(each)) for each in events)
        return
    for start in range(0, len(events), EVENTS_A_POST):
        portion = events[start : start + EVENTS_A_POST]
        yield portion, of_events(portion)


def _note(webhook: Webhook, said: Said, turn: Turn, *, deps: PostDeps, now: datetime) -> None:
    if said.taken:
        if turn.probe or deps.breakers.look(turn.lane, now=now).failures:
            deps.breakers.change(turn.lane, lambda b: b.succeeded(probe=turn.probe), now=now)
        if webhook.failing_since:
            deps.webhooks.change(webhook.webhook_id, Webhook.succeeded)
        return
    if said.gone:
        deps.webhooks.change(
            webhook.webhook_id, lambda known: known.switched_off(OffReason.GONE, now=now)
        )
        return
    changed = deps.breakers.change(
        turn.lane,
        lambda b: b.failed(now=now, probe=turn.probe, asked_s=said.asked_s, jitter=deps.jitter),
        now=now,
    )
    breaker = changed or deps.breakers.look(turn.lane, now=now)
    deps.webhooks.change(webhook.webhook_id, lambda known: known.failed(breaker, now=now))
