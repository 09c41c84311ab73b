"""What recipients do with a message: some open the link, and so do machines that scan it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus

import httpx

_LINK = re.compile(r"https?://[^\s]+")
_PHONES = (
    (
        "Mozilla/5.0 (Linux; Android 15; SM-S931N) AppleWebKit/537.36 (KHTML, like Gecko) "
        "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"
    ),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1"
    ),
)
_SCANNERS = (
    "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
    "curl/8.5.0",
)
_PERCENT_PEOPLE, _PERCENT_SCANNED = 18, 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """What was opened: ``people`` and ``machines`` are numbers of distinct messages."""

    people: int
    machines: int
    targets: frozenset[str]


def open_links(ledger: Iterable[Mapping[str, object]]) -> Visits:
    """Open the links of a fixed share of the messages, as people and as scanners do."""
    link_by_phone = {
        str(item["to"]): found[0] for item in ledger if (found := _LINK.search(str(item["text"])))
    }
    people = [link for to, link in link_by_phone.items() if _chance(to, "person") < _PERCENT_PEOPLE]
    machines = [
        link for to, link in link_by_phone.items() if _chance(to, "machine") < _PERCENT_SCANNED
    ]
    with httpx.Client(timeout=30, trust_env=False) as http, ThreadPoolExecutor(4) as pool:
        # People open some links twice: that is one click all the same.
        visits = [(link, _PHONES[i % 2]) for i, link in enumerate(people)]
        visits += [(link, _PHONES[0]) for link in people[:20]]
        scans = [(link, _SCANNERS[i % 2]) for i, link in enumerate(machines)]
        targets = set(pool.map(lambda visit: _open(http, *visit), visits + scans))
    return Visits(people=len(people), machines=len(machines), targets=frozenset(targets))


def _chance(phone: str, kind: str) -> int:
    """A number below 100 that is the same in every run."""
    return sha256(f"{kind} {phone}".encode()).digest()[0] * 100 // 256


def _open(http: httpx.Client, link: str, user_agent: str) -> str:
    answer = http.get(link, headers={"User-Agent": user_agent})
    if answer.status_code != HTTPStatus.FOUND:
        msg = f"a link answered {answer.status_code}"
        raise RuntimeError(msg)
    return answer.headers["location"]
