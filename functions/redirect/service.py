"""What happens when a tracked link is opened: find where it leads, note that it was opened."""

import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote

from functions.contracts.queues import LinkHit
from functions.domain.tracking_code import Coder

MAX_BATCHES = 20_000
"""Batches whose links a process remembers: some 4 MB."""
MAX_TEMPLATES = 1_000

# All that RFC 3986 lets stand for itself, and the sign of what is escaped already.
_URL_MARKS = "%:/?#[]@!$&'()*+,;=-._~"

Links = tuple[str, ...]
RowKey = Mapping[str, str | int]
Key = TypeVar("Key")


class Rows(Protocol):
    """Reads texts out of tables."""

    def row_text(self, table: str, key: RowKey, attribute: str, *, consistent: bool) -> str | None:
        """Give a text attribute of a row, None when there is none. Raises Unavailable."""
        ...


class Clicks(Protocol):
    """Takes note of hits."""

    def put(self, hit: LinkHit) -> None:
        """Hand the hit over. Raises whatever went wrong."""
        ...


class _Memory(Generic[Key]):
    """Remembers links; forgets what was not asked for the longest."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._links: OrderedDict[Key, Links] = OrderedDict()

    def get(self, key: Key) -> Links | None:
        links = self._links.get(key)
        if links is not None:
            self._links.move_to_end(key)
        return links

    def put(self, key: Key, links: Links) -> None:
        self._links[key] = links
        if len(self._links) > self._size:
            self._links.popitem(last=False)


class Targets:
    """Where the links of a batch lead. Remembered: neither batch nor template version changes."""

    def __init__(
        self,
        rows: Rows,
        *,
        batches_table: str,
        templates_table: str,
        max_batches: int = MAX_BATCHES,
    ) -> None:
        self._rows = rows
        self._batches_table = batches_table
        self._templates_table = templates_table
        self._by_batch = _Memory[int](max_batches)
        self._by_template = _Memory[tuple[str, int]](MAX_TEMPLATES)

    def known(self, batch: int) -> Links | None:
        """Links of a batch, if this process has read them before."""
        return self._by_batch.get(batch)

    def find(self, batch: int) -> Links | None:
        """Read the links of a batch; None when there is no such batch. Raises Unavailable."""
        template = self._template_of(batch)
        if template is None:
            return None
        links = self._by_template.get(template)
        if links is None:
            links = self._links_of(template)
        if links is not None:
            self._by_template.put(template, links)
            self._by_batch.put(batch, links)
        return links

    def _template_of(self, batch: int) -> tuple[str, int] | None:
        meta = self._text(self._batches_table, {"batch": batch, "kind": "META"}, "meta")
        if meta is None:
            return None
        template_id, version = json.loads(meta)["template"]
        return template_id, version

    def _links_of(self, template: tuple[str, int]) -> Links | None:
        key: RowKey = {"template_id": template[0], "version": template[1]}
        links = self._text(self._templates_table, key, "links")
        return None if links is None else tuple(location(url) for url in json.loads(links))

    def _text(self, table: str, key: RowKey, attribute: str) -> str | None:
        # A row written within the last second may be missed by the cheaper kind of read.
        found = self._rows.row_text(table, key, attribute, consistent=False)
        if found is None:
            found = self._rows.row_text(table, key, attribute, consistent=True)
        return found


def location(url: str) -> str:
    """Write a link so that it can stand in a header; empty when it is no web address.

    Whatever is not an ordinary character of an address is escaped, line ends as well.
    """
    escaped = quote(url, safe=_URL_MARKS, errors="replace")
    scheme, _, rest = escaped.partition("://")
    return escaped if scheme.lower() in ("http", "https") and rest else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a request for a link says. ``network`` is the caller's address cut short."""

    code: str
    method: str
    user_agent: str
    network: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Where the visitor goes.

    ``cached``: nothing was read for it. ``unrecorded``: what kept the hit from being noted.
    """

    location: str
    batch: int
    cached: bool
    unrecorded: Exception | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectDeps:
    """What following a link needs."""

    coder: Coder
    targets: Targets
    clicks: Clicks


def follow(visit: Visit, *, deps: RedirectDeps, now: datetime) -> Followed | None:
    """Find where a code leads and note the hit; None for a code that leads nowhere.

    Raises Unavailable when the target cannot be read. A hit that cannot be noted keeps nobody
    from arriving.
    """
    target = deps.coder.decode(visit.code)
    if target is None:
        return None
    known = deps.targets.known(target.batch)
    links = known if known is not None else deps.targets.find(target.batch)
    if links is None or target.link >= len(links) or not links[target.link]:
        return None
    hit = LinkHit(
        batch=target.batch,
        ordinal=target.ordinal,
        link=target.link,
        at=int(now.timestamp()),
        method=visit.method,
        user_agent=visit.user_agent,
        network=visit.network,
        purpose=visit.purpose,
    )
    return Followed(
        location=links[target.link],
        batch=target.batch,
        cached=known is not None,
        unrecorded=_fault_of_noting(hit, deps.clicks),
    )


def _fault_of_noting(hit: LinkHit, clicks: Clicks) -> Exception | None:
    try:
        clicks.put(hit)
    except Exception as fault:  # noqa: BLE001  # whatever it is, the visitor must arrive
        return fault
    return None
