"""What happens when a tracked link is opened: find where it leads, note that it was opened."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from functions.contracts.errors import Unavailable
from functions.contracts.queues import LinkHit, LinkOpened
from functions.domain.slug import slug_in
from functions.domain.tracking_code import CODE_LENGTH, Coder, Target
from functions.redirect.slugs import Slugs
from functions.redirect.targets import Found, Targets

_NO_BATCH = 0


class Clicks(Protocol):
    """Takes note of hits."""

    def put(self, hit: LinkHit | LinkOpened) -> None:
        """Hand the hit over. Raises whatever went wrong."""
        ...


class Visit(NamedTuple):
    """What a request for a link says. ``network`` is the caller's address cut short.

    ``request`` is the request's own name.
    """

    code: str
    method: str
    user_agent: str
    network: str
    purpose: str
    request: str = ""


class Followed(NamedTuple):
    """Where the visitor goes; None: nowhere, because the link's time is over.

    ``batch`` or ``slug`` is what the link belongs to; the other is 0 or empty. ``cached``:
    nothing was read for it. ``unrecorded``: what kept the hit from being noted. ``stale``: why it
    may be where the link led before.
    """

    location: str | None
    batch: int
    cached: bool
    unrecorded: Exception | None = None
    stale: Unavailable | None = None
    slug: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectDeps:
    """What following a link needs.

    ``health`` is what a domain answers that leads to this deployment.
    """

    coder: Coder
    targets: Targets
    slugs: Slugs
    clicks: Clicks
    health: str


def follow(visit: Visit, *, deps: RedirectDeps, now: datetime) -> Followed | None:
    """Find where a code leads and note the hit; None for a code that leads nowhere.

    Raises Unavailable when the target cannot be read. A hit that cannot be noted keeps nobody
    from arriving.
    """
    target = deps.coder.decode(visit.code) or _without_what_is_glued_on(visit.code, deps.coder)
    at = int(now.timestamp())
    if target is None:
        return _follow_slug(visit, at, deps)
    found = deps.targets.find(target.batch, at=at)
    if found is None or target.link >= len(found.leads):
        return None
    hit = LinkHit(
        batch=target.batch,
        ordinal=target.ordinal,
        link=target.link,
        at=at,
        method=visit.method,
        user_agent=visit.user_agent,
        network=visit.network,
        purpose=visit.purpose,
    )
    return _arrive(found, target.link, hit, visit, deps)


def _follow_slug(visit: Visit, at: int, deps: RedirectDeps) -> Followed | None:
    slug = slug_in(visit.code)
    found = None if slug is None else deps.slugs.find(slug, at=at)
    if slug is None or found is None:
        return None
    hit = LinkOpened(
        slug=slug,
        request=visit.request,
        at=at,
        method=visit.method,
        user_agent=visit.user_agent,
        network=visit.network,
        purpose=visit.purpose,
    )
    return _arrive(found, 0, hit, visit, deps)


def _arrive(
    found: Found, link: int, hit: LinkHit | LinkOpened, visit: Visit, deps: RedirectDeps
) -> Followed | None:
    """Note the hit and say where it leads; None when the destination is no address."""
    lead = found.leads[link]
    # A slug names no message that an event could be put down to.
    code = visit.code[:CODE_LENGTH] if isinstance(hit, LinkHit) else ""
    location = lead.location(visit.user_agent, found.campaign, code)
    if not location:
        return None
    return Followed(
        None if 0 < lead.until <= hit.at else location,
        hit.batch if isinstance(hit, LinkHit) else _NO_BATCH,
        cached=not found.read,
        unrecorded=_fault_of_noting(hit, deps.clicks),
        stale=found.stale,
        slug=hit.slug if isinstance(hit, LinkOpened) else "",
    )


def _without_what_is_glued_on(code: str, coder: Coder) -> Target | None:
    """Read a code with the rest of a sentence behind it, which phones take for its part."""
    rest = code[CODE_LENGTH:]
    if not rest or (rest[0].isascii() and rest[0].isalnum()):
        return None
    return coder.decode(code[:CODE_LENGTH])


def _fault_of_noting(hit: LinkHit | LinkOpened, clicks: Clicks) -> Exception | None:
    try:
        clicks.put(hit)
    except Exception as fault:  # noqa: BLE001  # whatever it is, the visitor must arrive
        return fault
    return None
