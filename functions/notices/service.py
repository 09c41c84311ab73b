"""Sends the notices that the law asks for: the daily run, and the work on a part of the list.

Nothing is lost or told twice: a notice is marked with the request that is made for it before the
request is put into the queue, a request binds once by its id, and a notice counts as sent only
when its message is found in what the request was bound to. Dying in between leaves a mark whose
request is not bound; it is asked again under the same id.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from functions.contracts.page import Position
from functions.contracts.queues import NoticesDue
from functions.domain.notice import RESULT_DAYS, SHARDS, Notice, NoticeKind, NoticeState, Slot
from functions.domain.notice_settings import NoticeSettings
from functions.notices import cursor
from functions.notices.asking import ask_again, ask_for
from functions.notices.ports import NoticeDeps
from functions.notices.settling import settle

RUN_HOUR = 10
"""The hour of the tenant's day in which notices leave: by day, and early in it."""
LOOK_BACK_DAYS = 92
"""So long an overdue notice is tried again each day; the report shows it for ever."""
PAGE_SIZE = 400
LOOK_AGAIN_S = 300
"""So much later we look whether the requests were accepted."""
_OPEN = (NoticeState.DUE, NoticeState.UNDELIVERABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a daily run found: notices whose day has passed, and parts of the list put to work."""

    overdue: int
    parts: int


def run_daily(*, deps: NoticeDeps, now: datetime) -> Run | None:
    """Put each part of the list that has somebody in it to work; None at any other hour.

    It is woken every hour, because only the tenant's zone tells which of them is ten o'clock.
    Running twice is harmless.
    """
    local = now.astimezone(deps.zone)
    if local.hour != RUN_HOUR:
        return None
    settings, today, overdue = deps.notices.settings(), local.date(), 0
    parts: list[NoticesDue] = []
    for slot in slots(today - timedelta(days=LOOK_BACK_DAYS), _horizon(settings, today)):
        late = _count(slot, deps) if slot.day < today else 0
        overdue += late
        if settings.routes and (late or (slot.day >= today and deps.notices.waiting_in(slot))):
            parts.append(_part(slot))
    if parts:
        deps.enqueue(parts, 0)
    return Run(overdue=overdue, parts=len(parts))


def slots(first: date, last: date, states: Sequence[NoticeState] = _OPEN) -> Iterable[Slot]:
    """All parts of the list from one day to another, in order."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        for state in states:
            for shard in range(SHARDS):
                yield Slot(state=state, day=day, shard=shard)


def _horizon(settings: NoticeSettings, today: date) -> date:
    return today + timedelta(days=max(RESULT_DAYS, settings.confirm_days_before))


def _count(slot: Slot, deps: NoticeDeps) -> int:
    return sum(deps.notices.count(slot, kind) for kind in NoticeKind)


def _part(slot: Slot) -> NoticesDue:
    return NoticesDue(state=str(slot.state), day=slot.day.isoformat(), shard=slot.shard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What became of a page of the list."""

    sent: int
    asked: int
    undeliverable: int


def work_off(job: NoticesDue, *, deps: NoticeDeps, now: datetime) -> Worked:
    """Settle what was asked for, ask for what is due, and go on with the next page."""
    slot = Slot(state=NoticeState(job.state), day=date.fromisoformat(job.day), shard=job.shard)
    page = deps.notices.in_slot(slot, limit=PAGE_SIZE, position=cursor.read(job.cursor))
    open_requests: defaultdict[str, list[Notice]] = defaultdict(list)
    fresh: list[Notice] = []
    for notice in page.items:
        if notice.request_id is None:
            fresh.append(notice)
        else:
            open_requests[notice.request_id].append(notice)
    settled = settle(open_requests, deps=deps, now=now)
    asked = undeliverable = 0
    if job.attempt == 0:
        again = ask_again(settled.unbound, deps=deps)
        new = ask_for(fresh, deps=deps, now=now)
        asked, undeliverable = again + new.asked, new.undeliverable
    _go_on(job, page.after, asked=asked, deps=deps)
    return Worked(
        sent=settled.sent, asked=asked, undeliverable=settled.undeliverable + undeliverable
    )


def _go_on(job: NoticesDue, after: Position | None, *, asked: int, deps: NoticeDeps) -> None:
    if asked:
        deps.enqueue([_with(job, job.cursor, attempt=1)], LOOK_AGAIN_S)
    # Whoever only looks again has been told of this page; the others have their own look.
    if after is not None and job.attempt == 0:
        deps.enqueue([_with(job, cursor.write(after), attempt=0)], 0)


def _with(job: NoticesDue, position: str | None, *, attempt: int) -> NoticesDue:
    return NoticesDue(
        state=job.state, day=job.day, shard=job.shard, cursor=position, attempt=attempt
    )
