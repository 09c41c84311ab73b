"""Standalone links: made, changed, removed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.contracts.destination_errors import destination_errors
from functions.contracts.errors import Conflict, InvalidInput, NotFound, Unavailable
from functions.domain.destination import Destination, Replaced, is_too_much
from functions.domain.slug import is_slug
from functions.domain.standalone_link import StandaloneLink

_TRIES = 3


class Links(Protocol):
    """The store of standalone links."""

    def add(self, link: StandaloneLink) -> bool:
        """Write a new link; False when its slug is or was somebody's."""

    def get(self, slug: str) -> StandaloneLink | None:
        """Read a link, also a removed one."""

    def put(self, link: StandaloneLink, *, before: int) -> bool:
        """Write a changed link; False unless it had so many changes before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandaloneDeps:
    """What the use cases need.

    ``hosts`` are those that links may lead to (none: any), ``fresh`` makes slugs.
    """

    links: Links
    hosts: Sequence[str]
    fresh: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be another way; None stays."""

    name: str | None = None
    medium: str | None = None
    destination: Destination | None = None
    utm: Mapping[str, str] | None = None


def make(link: StandaloneLink, *, deps: StandaloneDeps) -> StandaloneLink:
    """Write a new link; one without a slug gets one.

    Raises InvalidInput, Conflict ``slug_taken``.
    """
    errors = destination_errors(link.destination, hosts=deps.hosts)
    if errors:
        raise InvalidInput.of(*errors)
    if not link.slug:
        return _under_a_fresh_slug(link, deps)
    if not is_slug(link.slug):
        message = "Use words of a-z and 0-9 joined by hyphens, of which the first has 10 at most."
        raise InvalidInput.field("/slug", "invalid_format", message)
    if not deps.links.add(link):
        msg = "This slug is, or was, another link's."
        raise Conflict(msg, code="slug_taken")
    return link


def _under_a_fresh_slug(link: StandaloneLink, deps: StandaloneDeps) -> StandaloneLink:
    for _ in range(_TRIES):
        named = replace(link, slug=deps.fresh())
        if deps.links.add(named):
            return named
    msg = "No free slug was found."
    raise Unavailable(msg)


def find(slug: str, *, deps: StandaloneDeps) -> StandaloneLink:
    """Read a link. Raises NotFound, also for a removed one."""
    link = deps.links.get(slug) if is_slug(slug) else None
    if link is None or link.removed is not None:
        msg = "There is no such link."
        raise NotFound(msg)
    return link


def change(
    slug: str,
    changed: Callable[[StandaloneLink], Change],
    *,
    key_id: str,
    deps: StandaloneDeps,
    now: datetime,
) -> StandaloneLink:
    """Change a link, which is led elsewhere within a minute.

    ``changed`` tells what is to become of the link as it is. Saying again what holds already
    changes nothing. Raises InvalidInput, NotFound, Conflict ``busy``, ``too_many_changes``.
    """
    link = find(slug, deps=deps)
    new = _with(link, changed(link), key_id=key_id, now=now)
    if new == link:
        return link
    errors = destination_errors(new.destination, hosts=deps.hosts)
    if errors:
        raise InvalidInput.of(*errors)
    if is_too_much(new.replaced):
        msg = "This link was led elsewhere too often; make another."
        raise Conflict(msg, code="too_many_changes")
    return _put(new, before=link, deps=deps)


def remove(slug: str, *, key_id: str, deps: StandaloneDeps, now: datetime) -> None:
    """End a link at once; its slug stays its own for ever. Raises NotFound, Conflict ``busy``."""
    link = find(slug, deps=deps)
    at = now.replace(microsecond=0)
    ended = replace(link.destination, until=at)
    gone = _with(link, Change(destination=ended), key_id=key_id, now=now)
    _put(replace(gone, removed=at), before=link, deps=deps)


def _with(link: StandaloneLink, to: Change, *, key_id: str, now: datetime) -> StandaloneLink:
    destination = to.destination or link.destination
    replaced = link.replaced
    if destination != link.destination:
        at = now.replace(microsecond=0)
        earlier = Replaced(place=0, destination=link.destination, at=at, key_id=key_id)
        replaced = (*replaced, earlier)
    return replace(
        link,
        name=to.name or link.name,
        medium=to.medium or link.medium,
        destination=destination,
        utm=link.utm if to.utm is None else to.utm,
        replaced=replaced,
    )


def _put(new: StandaloneLink, *, before: StandaloneLink, deps: StandaloneDeps) -> StandaloneLink:
    new = replace(new, changes=before.changes + 1)
    if not deps.links.put(new, before=before.changes):
        msg = "This link was changed at the same time; try again."
        raise Conflict(msg, code="busy")
    return new
