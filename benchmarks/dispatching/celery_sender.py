"""The peer: a sender on Celery and Redis, as one would write it, and as one would tune it.

Per message: personalisation with Jinja2, a signed link, one send only (SET NX), two caps (INCR),
the provider call, and the status. Neither consent nor hours are looked at, nothing is kept of why,
and a worker that dies after the call sends again or not at all. Runs in a virtual environment of
its own; ``python -m benchmarks.dispatching.celery_sender TASK FIRST COUNT`` queues work.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import redis
import requests
from celery import Celery
from jinja2 import Environment

from benchmarks.dispatching.letters import SENDER_NUMBER, TEMPLATE, fields_of, link_of, phone_of

_PARCEL = 200
_WEEK_S, _DAY_S = 7 * 86_400, 86_400
_MOST = {"week": 3, "day": 1}
_STORE = os.environ["BENCH_REDIS"]
_PROVIDER = os.environ["BENCH_PROVIDER"] + "/messages/v4/send-many/detail"

app = Celery("peer", broker=_STORE + "/0")
app.conf.update(
    task_ignore_result=True,
    task_acks_late=True,
    worker_prefetch_multiplier=4,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
)
_store = redis.Redis.from_url(_STORE + "/1")
_web = requests.Session()
_template = Environment(autoescape=False).from_string(TEMPLATE)  # texts, not HTML


@app.task(name="plain")
def plain(number: int, fields: dict[str, Any]) -> None:
    """Send one message, step by step."""
    if not _store.set(f"sent:{number}", 1, nx=True, ex=_WEEK_S):
        return
    for cap, lasts_s in (("week", _WEEK_S), ("day", _DAY_S)):
        count = _store.incr(f"{cap}:{number}")
        if count == 1:
            _store.expire(f"{cap}:{number}", lasts_s)
        if count > _MOST[cap]:
            return
    _post([_message(number, fields)])
    _store.hset(f"status:{number}", mapping={"status": "sent"})


@app.task(name="tuned")
def tuned(people: list[tuple[int, dict[str, Any]]]) -> None:
    """Send many messages: Redis in pipelines, one provider call a message."""
    allowed = _allowed(people)
    for number, fields in allowed:
        _post([_message(number, fields)])
    _note(allowed)


@app.task(name="bulk")
def bulk(people: list[tuple[int, dict[str, Any]]]) -> None:
    """Send many messages: Redis in pipelines, one provider call for all."""
    allowed = _allowed(people)
    _post([_message(number, fields) for number, fields in allowed])
    _note(allowed)


@app.task(name="rendered")
def rendered(people: list[tuple[int, str]]) -> None:
    """As ``bulk``, with texts that were made when the campaign was planned, as ours are."""
    allowed = _allowed(people)
    _post([_built(number, text) for number, text in allowed])
    _note(allowed)


def _allowed(people: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
    with _store.pipeline(transaction=False) as pipe:
        for number, _ in people:
            pipe.set(f"sent:{number}", 1, nx=True, ex=_WEEK_S)
        fresh = [each for each, first in zip(people, pipe.execute(), strict=True) if first]
    with _store.pipeline(transaction=False) as pipe:
        for number, _ in fresh:
            pipe.incr(f"week:{number}")
            pipe.expire(f"week:{number}", _WEEK_S, nx=True)
            pipe.incr(f"day:{number}")
            pipe.expire(f"day:{number}", _DAY_S, nx=True)
        counts = pipe.execute()
    weeks, days = counts[0::4], counts[2::4]
    return [
        each
        for each, week, day in zip(fresh, weeks, days, strict=True)
        if week <= _MOST["week"] and day <= _MOST["day"]
    ]


def _note(sent: list[tuple[int, Any]]) -> None:
    if sent:
        _store.hset(f"status:{sent[0][0]}", mapping={str(number): "sent" for number, _ in sent})


def _message(number: int, fields: dict[str, Any]) -> dict[str, Any]:
    return _built(number, _template.render(fields | {"link": link_of(number)}))


def _built(number: int, text: str) -> dict[str, Any]:
    return {
        "to": phone_of(number),
        "from": SENDER_NUMBER,
        "type": "LMS",
        "text": text,
        "autoTypeDetect": False,
        "customFields": {"ref": f"p-{number}"},
    }


def _post(messages: list[dict[str, Any]]) -> None:
    body = json.dumps({"messages": messages, "allowDuplicates": False}, ensure_ascii=False)
    headers = {"Content-Type": "application/json"}
    _web.post(_PROVIDER, data=body.encode(), headers=headers, timeout=10).raise_for_status()


def main() -> None:
    """Queue work."""
    task, first, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    people: list[Any] = [(number, fields_of(number)) for number in range(first, first + count)]
    if task == "plain":
        for person in people:
            plain.delay(*person)
        return
    if task == "rendered":
        people = [(n, _template.render(fields | {"link": link_of(n)})) for n, fields in people]
    work = {"tuned": tuned, "bulk": bulk, "rendered": rendered}[task]
    for start in range(0, count, _PARCEL):
        work.delay(people[start : start + _PARCEL])


if __name__ == "__main__":
    main()
