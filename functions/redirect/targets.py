"""Where the links of a batch lead: read once, remembered, and looked at again every minute.

What a batch was made of never changes. Where a template's links lead may, and a change is to be
seen within a minute, so that much is read again, once for all batches of a template version.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import quote

from functions.contracts.destination_document import destinations_from_text
from functions.contracts.errors import Unavailable
from functions.domain.destination import Destination
from functions.domain.utm import CLICK, with_parameter, with_utm
from functions.domain.web_address import UNSAFE_SCHEMES, scheme_of
from functions.redirect.memory import FRESH_S, RETRY_S, Memory, RowKey, Rows, is_fresh

MAX_BATCHES = 20_000
"""Batches that a process remembers: some 4 MB."""
MAX_TEMPLATES = 1_000

# All that RFC 3986 lets stand for itself, and the sign of what is escaped already.
_URL_MARKS = "%:/?#[]@!$&'()*+,;=-._~"
_WEB_SCHEMES = ("http", "https")
_WEB = re.compile(r"https?://[^/?#]", re.IGNORECASE)

Version = tuple[str, int]


class Lead(NamedTuple):
    """Where one link leads. Each address is in pieces, between which the campaign's id goes.

    No pieces: nowhere. ``until`` is epoch seconds, 0 for ever. ``click`` is the parameter of web
    pages that gets the code of the link; "": none.
    """

    web: tuple[str, ...]
    ios: tuple[str, ...] = ()
    android: tuple[str, ...] = ()
    until: int = 0
    click: str = ""

    def location(self, user_agent: str, campaign: str, code: str = "") -> str:
        """Write the address for a visitor with this browser, who opened the link of a code."""
        pieces = self.web
        if self.ios and ("iPhone" in user_agent or "iPad" in user_agent or "iPod" in user_agent):
            pieces = self.ios
        elif self.android and "Android" in user_agent:
            pieces = self.android
        address = campaign.join(pieces)
        if self.click and code and _WEB.match(address):
            return with_parameter(address, self.click, code)
        return address


class Found(NamedTuple):
    """The links of a batch. ``read``: something was read. ``stale``: why they may be old ones."""

    leads: Sequence[Lead]
    campaign: str
    read: bool = False
    stale: Unavailable | None = None


class _Links:
    """The links of a template version, and until when they are believed."""

    __slots__ = ("fresh_until", "leads", "version")

    def __init__(self, version: Version, leads: Sequence[Lead], fresh_until: int) -> None:
        self.version = version
        self.leads = leads
        self.fresh_until = fresh_until

    def is_fresh(self, at: int) -> bool:
        return is_fresh(self.fresh_until, at)


class Targets:
    """Where the links of batches lead."""

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
        self._by_batch = Memory[int, tuple[_Links, str]](max_batches)
        self._by_version = Memory[Version, _Links](MAX_TEMPLATES)

    def find(self, batch: int, *, at: int) -> Found | None:
        """Give the links of a batch at a moment (epoch seconds); None when there is no such batch.

        Raises Unavailable when they were never read and cannot be.
        """
        known = self._by_batch.get(batch)
        if known is None:
            return self._first(batch, at)
        links, campaign = known
        if links.is_fresh(at):
            return Found(links.leads, campaign)
        stale = self._renew(links, at)
        return Found(links.leads, campaign, read=True, stale=stale)

    def _first(self, batch: int, at: int) -> Found | None:
        meta = self._text(self._batches_table, {"batch": batch, "kind": "META"}, ("meta",))
        if meta is None:
            return None
        made = json.loads(meta[1])
        version: Version = (made["template"][0], made["template"][1])
        kind, source_id, _ = made["source"]
        campaign = quote(source_id, safe="") if kind == "campaign" else kind
        links, stale = self._by_version.get(version), None
        if links is None:
            leads = self._read(version)
            if leads is None:
                return None
            links = _Links(version, leads, at + FRESH_S)
            self._by_version.put(version, links)
        elif not links.is_fresh(at):
            stale = self._renew(links, at)
        self._by_batch.put(batch, (links, campaign))
        return Found(links.leads, campaign, read=True, stale=stale)

    def _renew(self, links: _Links, at: int) -> Unavailable | None:
        """Read the links anew; old ones are better than none."""
        try:
            links.leads = self._read(links.version) or links.leads
        except Unavailable as fault:
            links.fresh_until = at + RETRY_S
            return fault
        links.fresh_until = at + FRESH_S
        return None

    def _read(self, version: Version) -> Sequence[Lead] | None:
        key: RowKey = {"template_id": version[0], "version": version[1]}
        # Rows of before links could be led elsewhere have the text's addresses only.
        found = self._text(self._templates_table, key, ("destinations", "links"))
        if found is None:
            return None
        if found[0] == "links":
            return tuple(lead_of(Destination(url=url), {}) for url in json.loads(found[1]))
        destinations, utm = destinations_from_text(found[1])
        return tuple(lead_of(each, utm) for each in destinations)

    def _text(self, table: str, key: RowKey, attributes: Sequence[str]) -> tuple[str, str] | None:
        # A row written within the last second may be missed by the cheaper kind of read.
        for consistent in (False, True):
            for name in attributes:
                text = self._rows.row_text(table, key, name, consistent=consistent)
                if text is not None:
                    return name, text
        return None


def lead_of(destination: Destination, utm: Mapping[str, str]) -> Lead:
    """Make a destination ready to be answered with."""
    until = destination.until
    return Lead(
        web=_pieces(location(destination.url), utm),
        ios=_pieces(app_location(destination.ios or ""), utm),
        android=_pieces(app_location(destination.android or ""), utm),
        until=0 if until is None else int(until.timestamp()),
        click=utm.get(CLICK, ""),
    )


def location(url: str) -> str:
    """Write a link so that it can stand in a header; empty when it is no web address.

    Whatever is not an ordinary character of an address is escaped, line ends as well.
    """
    escaped = quote(url, safe=_URL_MARKS, errors="replace")
    return escaped if _WEB.match(escaped) else ""


def app_location(url: str) -> str:
    """Do the same for the address of an app; empty for what could run in the browser."""
    escaped = quote(url, safe=_URL_MARKS, errors="replace")
    scheme = scheme_of(escaped)
    if scheme in _WEB_SCHEMES:
        return location(url)
    return "" if scheme is None or scheme in UNSAFE_SCHEMES else escaped


def _pieces(address: str, utm: Mapping[str, str]) -> tuple[str, ...]:
    if not address:
        return ()
    return with_utm(address, utm) if _WEB.match(address) else (address,)
