"""Where standalone links lead: read once, remembered, and looked at again every minute."""

from functions.contracts.destination_document import destinations_from_text
from functions.contracts.errors import Unavailable
from functions.redirect.memory import FRESH_S, RETRY_S, Memory, RowKey, Rows, is_fresh
from functions.redirect.targets import Found, Lead, lead_of

MAX_SLUGS = 10_000
"""Links that a process remembers, and as many slugs that lead nowhere: some 4 MB."""


class _Known:
    """A link, and until when it is believed to lead there; without ``lead`` there is none."""

    __slots__ = ("fresh_until", "lead")

    def __init__(self, lead: Lead | None, fresh_until: int) -> None:
        self.lead = lead
        self.fresh_until = fresh_until


class Slugs:
    """Where standalone links lead."""

    def __init__(self, rows: Rows, *, table: str, max_slugs: int = MAX_SLUGS) -> None:
        self._rows = rows
        self._table = table
        self._links = Memory[str, _Known](max_slugs)
        # Apart: guessing slugs must not drive out the links that people open.
        self._nowhere = Memory[str, _Known](max_slugs)

    def find(self, slug: str, *, at: int) -> Found | None:
        """Give the link of a slug at a moment (epoch seconds); None when there is none.

        Raises Unavailable when it was never read and cannot be.
        """
        known = self._links.get(slug) or self._nowhere.get(slug)
        if known is None or (known.lead is None and not is_fresh(known.fresh_until, at)):
            return self._first(slug, at)
        if known.lead is None:
            return None
        if is_fresh(known.fresh_until, at):
            return Found((known.lead,), slug)
        stale = self._renew(slug, known, at)
        return Found((known.lead,), slug, read=True, stale=stale)

    def _first(self, slug: str, at: int) -> Found | None:
        # Consistently: whoever made the link opens it at once.
        lead = self._read(slug, consistent=True)
        memory = self._nowhere if lead is None else self._links
        memory.put(slug, _Known(lead, at + FRESH_S))
        return None if lead is None else Found((lead,), slug, read=True)

    def _renew(self, slug: str, known: _Known, at: int) -> Unavailable | None:
        """Read the link anew; an old destination is better than none."""
        try:
            known.lead = self._read(slug, consistent=False) or known.lead
        except Unavailable as fault:
            known.fresh_until = at + RETRY_S
            return fault
        known.fresh_until = at + FRESH_S
        return None

    def _read(self, slug: str, *, consistent: bool) -> Lead | None:
        key: RowKey = {"kind": "links", "name": slug}
        text = self._rows.row_text(self._table, key, "lead", consistent=consistent)
        if text is None:
            return None
        (destination, *_), utm = destinations_from_text(text)
        return lead_of(destination, utm)
