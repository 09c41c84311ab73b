"""Webhooks: where it is told what happens to messages, and of what since when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NewType
from urllib.parse import urlsplit

from functions.domain.breaker import Breaker
from functions.domain.public_address import is_loopback, is_public
from functions.domain.web_address import web_host
from functions.domain.webhook_retry import FAILING_FOR

WebhookId = NewType("WebhookId", str)

MAX_WEBHOOKS = 10
EVENTS_A_POST = 100
"""Events that one request brings at most: some 60 KB."""
OVERLAP = timedelta(hours=24)
"""So long after a new secret the old one signs as well."""
TOLD_WITHIN = timedelta(days=30)
"""What happened longer ago is told by a replay only."""
_FAILING_OPENINGS = 10
"""So many probes in a row must have failed as well: a clock that jumps switches nothing off."""
_LOCAL_NAMES = ("localhost", "local", "internal", "lan", "intranet", "home.arpa", "onion")


class OffReason(StrEnum):
    """Why a webhook is switched off by itself."""

    GONE = "gone"
    """The receiver answered 410."""
    FAILING = "failing"
    """Nothing but failures for days."""


class UrlFault(StrEnum):
    """Why nobody can be told there."""

    INVALID_LINK = "invalid_link"
    HTTPS_ONLY = "https_only"
    NOT_PUBLIC = "not_public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A receiver. Moments are epoch seconds, 0 for none.

    ``since_by_type``: what it is told, and from when on. ``batched``: many events a request.
    ``secret`` counts its secrets; the one before signs too until ``overlap_until``.
    ``off`` tells why and ``off_since`` when it was switched off by itself. ``failing_since`` is
    the first of the failures in a row. ``version`` guards every write.
    """

    webhook_id: WebhookId
    url: str
    since_by_type: Mapping[str, int]
    created: datetime
    enabled: bool = True
    description: str = ""
    batched: bool = True
    secret: int = 1
    overlap_until: int = 0
    off: OffReason | None = None
    off_since: int = 0
    failing_since: int = 0
    version: int = 1

    def wants(self, kind: str, at: int, *, now: datetime) -> bool:
        """Whether it is told of something that happened at an epoch second."""
        since = self.since_by_type.get(kind)
        oldest = int((now - TOLD_WITHIN).timestamp())
        return since is not None and at >= max(since, oldest)

    def secrets(self, *, now: datetime) -> Sequence[int]:
        """The numbers of the secrets that sign now, the newest first."""
        left_s = self.overlap_until - now.timestamp()
        overlapping = 0 < left_s <= OVERLAP.total_seconds()
        return (self.secret, self.secret - 1) if overlapping else (self.secret,)

    def rotated(self, *, now: datetime) -> "Webhook":
        """With a new secret, beside which the present one signs for a day."""
        until = int((now + OVERLAP).timestamp())
        return replace(self, secret=self.secret + 1, overlap_until=until)

    def changed(
        self,
        *,
        url: str,
        types: Iterable[str],
        enabled: bool,
        description: str,
        batched: bool,
        now: datetime,
    ) -> "Webhook":
        """As somebody wants it now.

        A type that is new is told from now on; so is every type when it is switched on again.
        """
        now_s = int(now.timestamp())
        goes_on = self.enabled and enabled
        since = {each: self.since_by_type.get(each, now_s) if goes_on else now_s for each in types}
        changed = replace(
            self,
            url=url,
            since_by_type=since,
            enabled=enabled,
            description=description,
            batched=batched,
        )
        return replace(changed, off=None, off_since=0, failing_since=0) if enabled else changed

    def switched_off(self, why: OffReason, *, now: datetime) -> "Webhook":
        """Switched off by itself."""
        return replace(self, enabled=False, off=why, off_since=int(now.timestamp()))

    def failed(self, breaker: Breaker, *, now: datetime) -> "Webhook":
        """After a failure: since when it fails is noted, and in the end it is switched off."""
        now_s = int(now.timestamp())
        if not 0 < self.failing_since <= now_s:
            return replace(self, failing_since=now_s)
        lasting = now_s - self.failing_since >= FAILING_FOR.total_seconds()
        if lasting and breaker.openings >= _FAILING_OPENINGS:
            return self.switched_off(OffReason.FAILING, now=now)
        return self

    def succeeded(self) -> "Webhook":
        """After a success."""
        return replace(self, failing_since=0)


def url_fault(url: str, *, local: bool) -> UrlFault | None:
    """Why a URL cannot be told anything; ``local``: plain http to this machine is allowed.

    What its name leads to is looked at whenever it is called (``public_address``).

    >>> url_fault("https://crm.example.com/hooks", local=False) is None
    True
    >>> url_fault("https://169.254.169.254/latest", local=False)
    <UrlFault.NOT_PUBLIC: 'not_public'>
    """
    host = web_host(url)
    if host is None or "#" in url or not url.isascii():
        return UrlFault.INVALID_LINK
    own = host == "localhost" or is_loopback(host)
    if urlsplit(url).scheme != "https":
        return None if local and own else UrlFault.HTTPS_ONLY
    return None if _may_be_public(host) else UrlFault.NOT_PUBLIC


def _may_be_public(host: str) -> bool:
    name = host.strip("[]").rstrip(".")
    if is_public(name):
        return True
    listed = any(name == each or name.endswith("." + each) for each in _LOCAL_NAMES)
    # What ends with a digit is an address in some spelling (WHATWG URL, "ends in a number").
    return "." in name and ":" not in name and not name[-1].isdigit() and not listed
