"""Where a template's links lead: said when it is written, changed after it was sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.content.bare_links import track_bare_links
from functions.contracts.destination_errors import app_errors, destination_errors
from functions.contracts.errors import Conflict, FieldError, InvalidInput, NotFound
from functions.domain.channel import Channel
from functions.domain.destination import Destination, Replaced, is_too_much
from functions.domain.ids import TemplateId
from functions.domain.template import Template


class Templates(Protocol):
    """The store of templates."""

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        """Read one version."""

    def lead(self, template: Template, *, before: int) -> bool:
        """Write where the links lead and led; False unless there were so many changes before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkingDeps:
    """What changing a link needs. ``hosts`` are those that links may lead to; none: any."""

    templates: Templates
    hosts: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which link: the ``link``-th of a version."""

    template_id: TemplateId
    version: int
    link: int


def with_bare_links_tracked(template: Template) -> Template:
    """Have all web addresses of the texts tracked. What Kakao approved stays as it is."""
    variables = {name: track_bare_links(text) for name, text in template.variables.items()}
    if template.channel is Channel.KAKAO:
        return replace(template, variables=variables)
    subject = None if template.subject is None else track_bare_links(template.subject)
    return replace(template, body=track_bare_links(template.body), subject=subject)


def rule_errors(
    rules: Sequence[Destination], *, links: Sequence[str], hosts: Sequence[str]
) -> list[FieldError]:
    """Say which rules are for no tracked address, or lead where they may not."""
    errors, known = list[FieldError](), set[str]()
    for number, rule in enumerate(rules):
        pointer = f"/links/{number}"
        if rule.url not in links:
            message = "This address is not tracked in the text."
            errors.append(FieldError(f"{pointer}/url", "not_tracked", message))
        elif rule.url in known:
            message = "There is a rule for this address already."
            errors.append(FieldError(f"{pointer}/url", "duplicate", message))
        known.add(rule.url)
        errors += app_errors(rule, hosts=hosts, pointer=pointer)
    return errors


def destinations_of(links: Sequence[str], rules: Sequence[Destination]) -> tuple[Destination, ...]:
    """Where each link leads: as its rule says, or to its own address."""
    by_url = {rule.url: rule for rule in rules}
    return tuple(by_url.get(link, Destination(url=link)) for link in links)


def change(
    place: Place, to: Destination, *, key_id: str, deps: LinkingDeps, now: datetime
) -> Template:
    """Lead a link elsewhere, from now on, also in messages that were sent.

    Saying again what holds already changes nothing. Raises InvalidInput, NotFound, Conflict
    ``busy`` when others change a link of this version, ``too_many_changes``.
    """
    template = deps.templates.get(place.template_id, place.version)
    if template is None or not 0 <= place.link < len(template.destinations):
        msg = "There is no such link."
        raise NotFound(msg)
    if errors := destination_errors(to, hosts=deps.hosts):
        raise InvalidInput.of(*errors)
    earlier = template.destinations[place.link]
    if to == earlier:
        return template
    at = now.replace(microsecond=0)
    replaced = Replaced(place=place.link, destination=earlier, at=at, key_id=key_id)
    destinations = list(template.destinations)
    destinations[place.link] = to
    changed = replace(
        template, destinations=tuple(destinations), replaced=(*template.replaced, replaced)
    )
    if is_too_much(changed.replaced):
        msg = "The links of this version were changed too often; write a new version."
        raise Conflict(msg, code="too_many_changes")
    if not deps.templates.lead(changed, before=len(template.replaced)):
        msg = "Another link of this version was changed at the same time; try again."
        raise Conflict(msg, code="busy")
    return changed
