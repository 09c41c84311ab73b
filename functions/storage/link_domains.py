"""How the domains of links were found, in one row; and which one is in use, as of seconds ago."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from pynamodb.exceptions import PynamoDBException

from functions.domain.link_domains import DomainHealth, domain_in_use
from functions.runtime.clock import utc_now
from functions.runtime.settings import further_link_bases, link_base_url
from functions.storage.link_rows import LinkItem

_ROW = ("domains", "health")
_FRESH = timedelta(seconds=15)
_MOST_DOMAINS = 4
"""A check of one that does not answer takes 13 s at most, and a tick has a minute."""


class LinkDomainStore:
    """Reads and writes how domains were found."""

    def health(self) -> dict[str, DomainHealth]:
        """How each domain was found that was ever checked."""
        try:
            stored = LinkItem.get(*_ROW).counted
        except LinkItem.DoesNotExist:
            return {}
        return {
            domain: DomainHealth(usable=usable, against=against, since=since, checked=checked)
            for domain, (usable, against, since, checked) in (stored or {}).items()
        }

    def put(self, health: Mapping[str, DomainHealth]) -> None:
        """Keep it. Of two checks at once one may be forgotten; the next is a minute away."""
        stored = {
            domain: [each.usable, each.against, each.since, each.checked]
            for domain, each in health.items()
        }
        LinkItem(*_ROW, counted=stored).save()


class CurrentLinkBase:
    """What links of new messages start with, remembered by each process for 15 seconds.

    With one domain there is nothing to choose, and nothing is read. When the choice cannot be
    read, the last one holds.
    """

    def __init__(
        self,
        domains: Sequence[str],
        read: Callable[[], Mapping[str, DomainHealth]] | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._domains = domains
        self._read = read or LinkDomainStore().health
        self._clock = clock
        self._chosen = domains[0]
        self._read_at: datetime | None = None

    def __call__(self) -> str:
        """Give it, without a trailing slash."""
        now = self._clock()
        if len(self._domains) > 1 and not self._is_fresh(now):
            self._choose()
            self._read_at = now
        return self._chosen

    def _is_fresh(self, now: datetime) -> bool:
        return self._read_at is not None and timedelta(0) <= now - self._read_at < _FRESH

    def _choose(self) -> None:
        try:
            self._chosen = domain_in_use(self._domains, self._read())
        except PynamoDBException:
            return


@cache
def link_bases() -> tuple[str, ...]:
    """What links may start with, the preferred one first; further ones are left out."""
    return (link_base_url(), *further_link_bases())[:_MOST_DOMAINS]


@cache
def current_link_base() -> CurrentLinkBase:
    """The choice of this process."""
    return CurrentLinkBase(link_bases())
