"""Throughput of the whole local stack: a campaign, and opened links. Local emulator, two cores."""

from __future__ import annotations

import http.client
import itertools
import json
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from infra.demo.api import Api
from infra.demo.story import OPT_OUT_NUMBER, SENDER_NUMBER
from infra.local.carrier.client import wait_until
from infra.local.session import LocalSystem, Settings, local_system
from infra.packaging.layout import REPOSITORY

_PEOPLE = 2_000
_BATCH = 500
_CAMPAIGNS = 3
_CALLERS = 4
_WARM_UP_S, _SECONDS = 4.0, 8.0
_PATIENCE_S = 240.0


@dataclass(frozen=True, slots=True)
class _Shop:
    system: LocalSystem
    api: Api
    sender_id: str
    template_id: str


def measure() -> dict[str, Any]:
    """Send campaigns and open links on a stack of its own."""
    with _a_shop() as shop:
        return _campaigns(shop) | {"redirect": _redirect(shop)}


def measure_campaigns() -> dict[str, Any]:
    """Send campaigns alone."""
    with _a_shop() as shop:
        return _campaigns(shop)


@contextmanager
def _a_shop() -> Iterator[_Shop]:
    settings = Settings(
        aws_port=4586, carrier_port=4720, data_dir=REPOSITORY / "build" / "bench" / "stack"
    )
    with local_system(settings) as system:
        yield _prepare(system, Api(system.deployment.api_url, token=system.api_key))


def _campaigns(shop: _Shop) -> dict[str, Any]:
    rates = [_campaign(shop) for _ in range(_CAMPAIGNS)]
    return {
        "messages_per_s": round(statistics.median(rates), 1),
        "messages_per_s_rounds": [round(rate, 1) for rate in rates],
    }


def _prepare(system: LocalSystem, api: Api) -> _Shop:
    system.carrier.add_sender(SENDER_NUMBER.replace("-", ""))
    system.carrier.configure(report_delay_s=5)
    sender = {"channel": "sms", "address": SENDER_NUMBER, "display_name": "알림상점"}
    sender_id = api.post("/v1/senders", sender | {"opt_out_number": OPT_OUT_NUMBER})["sender_id"]
    api.post(f"/v1/senders/{sender_id}/review", {"status": "approved", "note": "bench"})
    body = "{{ contact.name }}님, 배송이 시작됩니다 {{ 'https://shop.example/a' | track }}"
    facts = {"name": "bench", "channel": "sms", "purpose": "transactional", "body": body}
    template_id = api.post("/v1/templates", facts)["template_id"]
    api.post(f"/v1/templates/{template_id}/submit", {"version": 1})
    api.post(f"/v1/templates/{template_id}/approve", {"version": 1})
    for start in range(0, _PEOPLE, _BATCH):
        contacts = [_a_contact(number) for number in range(start, start + _BATCH)]
        api.post("/v1/contacts/batch", {"contacts": contacts})
    return _Shop(system, api, sender_id, template_id)


def _a_contact(number: int) -> dict[str, Any]:
    return {
        "contact_id": f"bench-{number}",
        "phone": f"010-0{number // 10_000:03d}-{number % 10_000:04d}",
        "attributes": {"name": "김하늘"},
    }


def _campaign(shop: _Shop) -> float:
    """Messages per second from launch until the last is recorded as sent."""
    body = {
        "name": "bench",
        "template_id": shop.template_id,
        "template_version": 1,
        "sender_id": shop.sender_id,
        "recipients": {"everyone": True},
    }
    campaign_id = shop.api.post("/v1/campaigns", body)["campaign_id"]
    began = time.perf_counter()
    shop.api.post(f"/v1/campaigns/{campaign_id}/launch")
    path = f"/v1/campaigns/{campaign_id}/report"

    def all_sent() -> bool:
        report = shop.api.get(path)
        return bool(report["recipients_final"] and report["sent"] == _PEOPLE)

    wait_until(all_sent, deadline_s=_PATIENCE_S)
    return _PEOPLE / (time.perf_counter() - began)


def _redirect(shop: _Shop) -> dict[str, Any]:
    texts = (str(item["text"]) for item in shop.system.carrier.ledger(status="any"))
    links = [text.split()[-1] for text in itertools.islice(texts, 100)]
    _open_for(_WARM_UP_S, links)
    before = _cold_lookups(shop)
    began = time.perf_counter()
    times = sorted(_open_for(_SECONDS, links))
    took = time.perf_counter() - began
    return {
        "rps": round(len(times) / took, 1),
        "p50_ms": round(times[len(times) // 2] * 1000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 1),
        "requests": len(times),
        "ddb_reads_warm": _cold_lookups(shop) - before,
    }


def _open_for(seconds: float, links: list[str]) -> list[float]:
    """Open links with several callers at once; gives the time of each request."""
    times: list[float] = []
    until = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=_keep_opening, args=(links[n::_CALLERS], times, until))
        for n in range(_CALLERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times


def _keep_opening(links: list[str], times: list[float], until: float) -> None:
    connection = _connection(links[0])
    for link in itertools.cycle(links):
        if time.perf_counter() > until:
            break
        began = time.perf_counter()
        _get(connection, link)
        times.append(time.perf_counter() - began)
    connection.close()


def _connection(link: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(link).netloc, timeout=30)


def _get(connection: http.client.HTTPConnection, link: str) -> None:
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X)"
    connection.request("GET", urlsplit(link).path, headers={"User-Agent": agent})
    answer = connection.getresponse()
    answer.read()
    if answer.status != http.HTTPStatus.FOUND:
        msg = f"a link answered {answer.status}"
        raise RuntimeError(msg)


def _cold_lookups(shop: _Shop) -> int:
    """How many redirects so far had to read a table, by their own log lines."""
    lines = (line for line in shop.system.stack.log_lines() if "redirect.request" in line)
    return sum(json.loads(line).get("cached") is False for line in lines)
