"""What people did lately on each channel: counted from some batches of each of the last days.

Whoever plans a part needs it, and it is the same for a whole day: a worker counts it once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Protocol

from functions.domain.batch import BatchMeta
from functions.domain.breakdown import Told, counted, figures_by
from functions.domain.channel import Channel, Purpose
from functions.domain.ids import BatchNumber, TemplateId
from functions.domain.openings import Tally
from functions.domain.template import Template

DAYS, A_DAY = 7, 20
"""So many batches of each of so many days: 28,000 messages at most."""
_PAGE = 1_000
_TEST = "test"


class Batches(Protocol):
    """Tells which batches were sent when."""

    def looked_at(self, day: date, *, after: BatchNumber, limit: int) -> Sequence[BatchNumber]:
        """The next batches, by number, that the door looked at on a day."""


class Figured(Protocol):
    """Reads batches for reports."""

    def read(self, numbers: Sequence[BatchNumber], *, outcomes: bool) -> Sequence[Told]:
        """Read batches with what came of them. Raises Unavailable."""


class Templates(Protocol):
    """The store of templates."""

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        """Read one version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyDeps:
    """What counting needs."""

    batches: Batches
    told: Figured
    templates: Templates


def tallies_before(day: date, purpose: Purpose, *, deps: TallyDeps) -> Mapping[Channel, Tally]:
    """Count messages of a purpose with links, and how many people opened one, before a day.

    Raises Unavailable.
    """
    # A batch that was held over night was looked at on two days.
    numbers = list(dict.fromkeys(_sample(day, deps=deps)))
    links_of = cache(lambda *version: _links_of(deps.templates.get(*version)))
    told = [
        Told(meta, standing)
        for meta, standing in deps.told.read(numbers, outcomes=False)
        if _counts(meta, purpose) and links_of(meta.template_id, meta.template_version)
    ]
    return {
        channel: Tally(messages=found.sent + found.failed, opened=found.human_clicks)
        for channel, found in figures_by(counted(told), lambda meta: meta.channel).items()
    }


def _sample(day: date, *, deps: TallyDeps) -> Iterator[BatchNumber]:
    """Some batches of each day before, spread evenly over the first thousand of it."""
    for before in range(1, DAYS + 1):
        then = day - timedelta(days=before)
        page = deps.batches.looked_at(then, after=BatchNumber(0), limit=_PAGE)
        yield from page[:: max(1, -(-len(page) // A_DAY))]


def _counts(meta: BatchMeta, purpose: Purpose) -> bool:
    return meta.purpose is purpose and meta.source.kind != _TEST


def _links_of(template: Template | None) -> Sequence[str]:
    return () if template is None else template.links
