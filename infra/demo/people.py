"""What recipients do with a message: some open the link, some buy, and machines scan it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from typing import Any

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
_PERCENT_PLAIN, _PERCENT_LIKED, _PERCENT_SCANNED, _PERCENT_BUY = 3, 35, 5, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """What was opened: by phone, whether a person did and whether a machine."""

    phones: frozenset[str] = frozenset()
    by_people: frozenset[str] = frozenset()
    by_machines: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()

    @property
    def people(self) -> int:
        """So many messages were opened by people."""
        return len(self.by_people)

    @property
    def machines(self) -> int:
        """So many messages were opened by machines."""
        return len(self.by_machines)

    def __add__(self, other: Visits) -> Visits:
        return Visits(
            phones=self.phones | other.phones,
            by_people=self.by_people | other.by_people,
            by_machines=self.by_machines | other.by_machines,
            targets=self.targets | other.targets,
        )


NOBODY = Visits()


def open_links(ads: Iterable[Mapping[str, object]], *, before: Visits, liked: str) -> Visits:
    """Open the links of a share of the messages that came since, as people and as scanners do.

    A larger share of people opens the text that has the word that is ``liked``.
    """
    text_by_phone = {str(each["to"]): str(each["text"]) for each in ads}
    fresh = {to: text for to, text in text_by_phone.items() if to not in before.phones}
    link_by_phone = {to: found[0] for to, text in fresh.items() if (found := _LINK.search(text))}
    people = [
        to
        for to in link_by_phone
        if _chance(to, "person") < (_PERCENT_LIKED if liked in fresh[to] else _PERCENT_PLAIN)
    ]
    machines = [to for to in link_by_phone if _chance(to, "machine") < _PERCENT_SCANNED]
    with httpx.Client(timeout=30, trust_env=False) as http, ThreadPoolExecutor(4) as pool:
        # People open some links twice: that is one click all the same.
        visits = [(link_by_phone[to], _PHONES[i % 2]) for i, to in enumerate(people)]
        visits += [(link_by_phone[to], _PHONES[0]) for to in people[:20]]
        scans = [(link_by_phone[to], _SCANNERS[i % 2]) for i, to in enumerate(machines)]
        targets = set(pool.map(lambda visit: _open(http, *visit), visits + scans))
    return Visits(
        phones=frozenset(fresh),
        by_people=frozenset(people),
        by_machines=frozenset(machines),
        targets=frozenset(targets),
    )


def buyers(ads: Iterable[Mapping[str, Any]], visits: Visits) -> list[str]:
    """The messages of those who opened the link and bought something."""
    return [
        each["customFields"]["ref"]
        for each in ads
        if each["to"] in visits.by_people and _chance(str(each["to"]), "buyer") < _PERCENT_BUY
    ]


def _chance(phone: str, kind: str) -> int:
    """A number below 100 that is the same in every run."""
    return sha256(f"{kind} {phone}".encode()).digest()[0] * 100 // 256


def _open(http: httpx.Client, link: str, user_agent: str) -> str:
    answer = http.get(link, headers={"User-Agent": user_agent})
    if answer.status_code != HTTPStatus.FOUND:
        msg = f"a link answered {answer.status_code}"
        raise RuntimeError(msg)
    return answer.headers["location"]
