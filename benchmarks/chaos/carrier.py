"""The carrier, at the network's edge: what our adapter calls, and what each phone got.

Its ledger is the judge. It speaks SOLAPI's form, so that the real adapter talks to it, and fails
in every way that a provider fails: before it took a parcel, after, or without saying.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from benchmarks.chaos.boundary import AFTER, BEFORE, Boundaries, Worker
from benchmarks.chaos.clockwork import Clockwork
from benchmarks.chaos.fate import Fate
from functions.runtime.web import READ_TIMEOUT_S, NoAnswer, NotConnected, WebAnswer

DELIVERED, AT_CARRIER, DEAD_NUMBER, NO_SUCH_NUMBER = "4000", "3000", "3032", "1011"
_NAME = "carrier.send"
_STORM_S = (10, 60)
_WAY_S = (0.03, 0.3)
_LATE_S = (0.1, READ_TIMEOUT_S + 18)
"""A request may be read up to 18 seconds after the caller gave it up."""
_REPORT_S, _LATE_REPORT_S = (0.2, 15), (60, 1_800)
_POST_AGAIN_S = 20
_ASKING_S = (0.005, 0.02)
"""Eight questions at once take an eighth of the time each."""
_EMPTY = b'{"failedMessageList":[],"groupIn'


@dataclass(slots=True)
class Ledger:
    """What was taken, and what each phone got of which campaign."""

    created: list[float] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    taken: Counter[tuple[str, str]] = field(default_factory=Counter)
    got: Counter[tuple[str, str]] = field(default_factory=Counter)
    calls: list[tuple[float, str]] = field(default_factory=list)
    """When each call began, and of which campaign."""


class Carrier:
    """Takes parcels. ``mark`` reads off a text which campaign it is of."""

    def __init__(
        self,
        clockwork: Clockwork,
        fate: Fate,
        boundaries: Boundaries,
        *,
        mark: Callable[[str], str],
        post: Callable[[Sequence[Mapping[str, Any]]], bool],
    ) -> None:
        self.clockwork, self.fate, self.boundaries = clockwork, fate, boundaries
        self.ledger = Ledger()
        self._mark, self._post = mark, post
        self._storm_until = 0.0
        self._by_number: defaultdict[str, list[int]] = defaultdict(list)
        self._by_group: defaultdict[str, list[int]] = defaultdict(list)
        self.unreported = 0
        """Callbacks that are still to be made."""

    def request(
        self, method: str, url: str, *, headers: dict[str, str], body: bytes | None = None
    ) -> WebAnswer:
        """Answer a call, in place of ``runtime.web.request``."""
        del headers
        worker: Worker = self.clockwork.current
        parts = urlsplit(url)
        if method == "POST" and parts.path == "/messages/v4/send-many/detail" and body is not None:
            return self._send(worker, body)
        if method == "GET" and parts.path == "/messages/v4/list":
            return self._list(worker, {k: v[0] for k, v in parse_qs(parts.query).items()})
        return WebAnswer(status=404, body=b"{}")

    # Sending

    def _send(self, worker: Worker, body: bytes) -> WebAnswer:
        strikes, die_here = self.fate.strikes, self.boundaries.die_here
        die_here(worker, _NAME, BEFORE)
        messages = json.loads(body)["messages"]
        self.ledger.calls.append((self.clockwork.now, self._mark(messages[0]["text"])))
        if strikes("not_connected"):
            raise NotConnected
        if self._stormy():
            return _wait_answer(retry_after_s=int(self.fate.between(1, 20)))
        if strikes("http_500"):
            self.boundaries.wait(worker, self.fate.between(*_WAY_S))
            return WebAnswer(status=500, body=b"{}")
        if strikes("timeout_before_accept"):
            self.boundaries.wait(worker, READ_TIMEOUT_S)
            raise NoAnswer
        return self._taken(worker, messages)

    def _taken(self, worker: Worker, messages: Sequence[Mapping[str, Any]]) -> WebAnswer:
        """The request is on its way: whatever becomes of its caller, it arrives."""
        strikes = self.fate.strikes
        timeout = strikes("timeout_after_accept")
        way_s = self.fate.between(*(_LATE_S if timeout else _WAY_S))
        refused = [each for each in messages if _registers(each["to"]) is False]
        self.clockwork.after(way_s, lambda: self._accept(messages))
        if self.fate.random.random() < 0.5:  # dies before or after it arrived
            self.boundaries.die_here(worker, _NAME, AFTER)
        if timeout:
            self.boundaries.wait(worker, READ_TIMEOUT_S)
            raise NoAnswer
        slow_s = self.fate.between(3, READ_TIMEOUT_S - 1) if strikes("slow_answer") else 0
        self.boundaries.wait(worker, way_s + slow_s + self.fate.between(*_WAY_S))
        self.boundaries.die_here(worker, _NAME, AFTER)
        if strikes("http_500_after_accept"):
            return WebAnswer(status=500, body=b"{}")
        if strikes("garbled_after_accept"):
            return WebAnswer(status=200, body=_EMPTY)
        failed = [{**each, "statusCode": NO_SUCH_NUMBER} for each in refused]
        return WebAnswer(status=200, body=json.dumps({"failedMessageList": failed}).encode())

    def _accept(self, messages: Sequence[Mapping[str, Any]]) -> None:
        ledger, now = self.ledger, self.clockwork.now
        group, reports = f"G{len(self._by_group)}", []
        for message in messages:
            number, ref = message["to"], message["customFields"]["ref"]
            if not _registers(number):
                continue
            place = len(ledger.refs)
            self._by_number[number].append(place)
            self._by_group[group].append(place)
            ledger.created.append(now)
            ledger.refs.append(ref)
            ledger.groups.append(group)
            ledger.codes.append(AT_CARRIER)
            key = self._mark(message["text"]), number
            ledger.taken[key] += 1
            code = DEAD_NUMBER if _is_dead(number) else DELIVERED
            ledger.got[key] += code == DELIVERED
            reports.append((ref, code))
        self._report_later(reports)

    def _stormy(self) -> bool:
        now = self.clockwork.now
        if now >= self._storm_until and self.fate.strikes("http_429_storm"):
            self._storm_until = now + self.fate.between(*_STORM_S)
        if now < self._storm_until:
            self.fate.counts["http_429"] += 1
            return True
        return False

    # Reporting

    def _report_later(self, reports: list[tuple[str, str]]) -> None:
        """In a few callbacks, in any order, some twice, some late."""
        self.fate.random.shuffle(reports)
        self.fate.counts["reports_reordered"] += 1
        for start in range(0, len(reports), 100):
            some = reports[start : start + 100]
            late = self.fate.strikes("report_late")
            wait_s = self.fate.between(*(_LATE_REPORT_S if late else _REPORT_S))
            self._post_later(some, wait_s)
            if self.fate.strikes("report_twice"):
                self._post_later(some, wait_s + self.fate.between(*_LATE_REPORT_S))

    def _post_later(self, some: Sequence[tuple[str, str]], wait_s: float) -> None:
        at = datetime.fromtimestamp(self.clockwork.now, tz=UTC).isoformat()
        self.unreported += 1

        def post() -> None:
            self.unreported -= 1
            reports = [
                {"statusCode": code, "customFields": {"ref": ref}, "dateReceived": at}
                for ref, code in some
            ]
            if not self._post(reports):
                self._post_later(some, _POST_AGAIN_S)

        self.clockwork.after(wait_s, post)

    # Asking

    def _list(self, worker: Worker, query: Mapping[str, str]) -> WebAnswer:
        self.boundaries.die_here(worker, "carrier.list", BEFORE)
        self.boundaries.wait(worker, self.fate.between(*_ASKING_S))
        if self.fate.strikes("find_failed"):
            raise NoAnswer
        self.boundaries.die_here(worker, "carrier.list", AFTER)
        ledger, limit = self.ledger, int(query["limit"])
        places = self._places(query)
        start = int(query.get("startKey", 0))
        found = {
            str(i): {
                "statusCode": ledger.codes[i],
                "customFields": {"ref": ledger.refs[i]},
                "groupId": ledger.groups[i],
            }
            for i in places[start : start + limit]
        }
        following = str(start + limit) if start + limit < len(places) else None
        body = {"messageList": found, "nextKey": following}
        return WebAnswer(status=200, body=json.dumps(body).encode())

    def _places(self, query: Mapping[str, str]) -> Sequence[int]:
        """Which messages of the ledger a list shows."""
        begin, end = (
            bisect_left(self.ledger.created, datetime.fromisoformat(query[name]).timestamp())
            for name in ("startDate", "endDate")
        )
        if "to" not in query and "groupId" not in query:
            return range(begin, end)
        known = self._by_number[query["to"]] if "to" in query else self._by_group[query["groupId"]]
        return [place for place in known if begin <= place < end]


def _wait_answer(*, retry_after_s: int) -> WebAnswer:
    return WebAnswer(status=429, body=b"{}", retry_after_s=retry_after_s)


def _registers(number: str) -> bool:
    """Every 499th number does not exist, which is said at once."""
    return int(number) % 499 != 0


def _is_dead(number: str) -> bool:
    """Every 97th number is switched off for good, which is reported."""
    return int(number) % 97 == 0
