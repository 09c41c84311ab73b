"""Who of a campaign gets which variant, when a slice of its people is found and when it is planned.

Both follow from the campaign, the people and how many were found before, so that whoever does it
again, or after a crash, finds the same.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.campaigns.counting import counted_by_variant
from functions.campaigns.ports import CampaignDeps
from functions.contracts.experiment_record import Draw
from functions.domain.adaptive import drawn
from functions.domain.allotment import allotted, row_of, row_without
from functions.domain.campaign import Campaign, Part
from functions.domain.contact import Phone
from functions.domain.experiment import Experiment, Mode
from functions.domain.experiment_look import Count
from functions.domain.holdout import Drawn, withheld
from functions.domain.planning import Person

_RowOf = Callable[[int], Sequence[int]]
"""So many seats for people."""


def split(
    campaign: Campaign,
    people: Sequence[Person],
    *,
    first: int,
    drawn: Drawn | None = None,
    deps: CampaignDeps,
) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Who of a slice takes part, and who waits for the decision; ``first`` came before.

    Who is held out is parted in the same shares as the others.
    """
    experiment = campaign.experiment
    if experiment is None or not experiment.has_rest:
        return tuple(people), ()
    waiting = len(experiment.variants)
    kept_before = first if drawn is None else drawn.kept_before
    weights = experiment.weights
    seats = _seated(
        people,
        kept=lambda count: row_of(weights, first=kept_before, count=count),
        held=lambda count: row_of(weights, first=first - kept_before, count=count),
        rank=_rank(campaign, deps),
    )
    halves: tuple[list[Person], list[Person]] = ([], [])
    half_by_phone: dict[Phone, int] = {}
    for person, seat in zip(people, seats, strict=True):
        half = int(seat == waiting)
        if person.phone is not None:
            # An address is written to once: whoever shares it is planned in the same part.
            half = half_by_phone.setdefault(person.phone, half)
        halves[half].append(person)
    return tuple(halves[0]), tuple(halves[1])


def variants_for(
    campaign: Campaign, part: Part, people: Sequence[Person], *, deps: CampaignDeps, now: datetime
) -> tuple[str, ...]:
    """The variant of each of a part's people; empty where the campaign has none.

    Once it is known which one everybody gets, it is that.
    """
    experiment = campaign.experiment
    if experiment is None:
        return ()
    if experiment.chosen is not None:
        return (experiment.chosen,) * len(people)
    if experiment.mode is Mode.ADAPTIVE:
        drawing = _Drawing(campaign=campaign, experiment=experiment, part=part, deps=deps, now=now)
        return _named(campaign, experiment, people, drawing.row, drawing.row_of_held, deps)
    held_before = part.first - part.kept_before
    return _named(
        campaign,
        experiment,
        people,
        lambda count: _row(experiment, first=part.kept_before, count=count),
        lambda count: _row(experiment, first=held_before, count=count),
        deps,
    )


def as_if_first(
    campaign: Campaign, people: Sequence[Person], *, deps: CampaignDeps
) -> tuple[str, ...]:
    """The variants as they might fall, for a forecast; who would wait gets the control."""
    experiment = campaign.experiment
    if experiment is None:
        return ()

    def shown(count: int) -> tuple[int, ...]:
        row = row_of(experiment.weights, first=0, count=count)
        return tuple(0 if seat == len(experiment.variants) else seat for seat in row)

    return _named(campaign, experiment, people, shown, shown, deps)


def due(campaign: Campaign, part: Part) -> datetime | None:
    """When a part may be planned, where it is to learn from those before it; None: at once."""
    experiment = campaign.experiment
    if experiment is None or experiment.mode is not Mode.ADAPTIVE or campaign.launched is None:
        return None
    return campaign.launched + experiment.part_every * int(part.part)


def _row(experiment: Experiment, *, first: int, count: int) -> tuple[int, ...]:
    if not experiment.has_rest:
        return row_of(experiment.weights, first=first, count=count)
    waiting = len(experiment.variants)
    return row_without(experiment.weights, first=first, count=count, left_out=waiting)


def _named(  # a row for those who get it, and one for those held out
    campaign: Campaign,
    experiment: Experiment,
    people: Sequence[Person],
    kept: _RowOf,
    held: _RowOf,
    deps: CampaignDeps,
) -> tuple[str, ...]:
    seats = _seated(people, kept=kept, held=held, rank=_rank(campaign, deps))
    return tuple(experiment.names[seat] for seat in seats)


def _seated(
    people: Sequence[Person], *, kept: _RowOf, held: _RowOf, rank: Callable[[Person], bytes]
) -> tuple[int, ...]:
    """The seat of each: who gets the message and who is held out take those of rows of their own.

    So the shares are exact among both.
    """
    seats = [0] * len(people)
    for is_held, row_for in ((False, kept), (True, held)):
        places = [i for i, each in enumerate(people) if (withheld(each.arm) is not None) is is_held]
        own = allotted([people[i] for i in places], row_for(len(places)), rank=rank)
        for place, seat in zip(places, own, strict=True):
            seats[place] = seat
    return tuple(seats)


def _rank(campaign: Campaign, deps: CampaignDeps) -> Callable[[Person], bytes]:
    return lambda person: deps.experiments.rank(campaign.campaign_id, person)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """What is drawn for a part in adaptive mode."""

    campaign: Campaign
    experiment: Experiment
    part: Part
    deps: CampaignDeps
    now: datetime

    def row(self, people: int) -> tuple[int, ...]:
        """Draw for those who get the message, once, and write it down."""
        store, campaign_id = self.deps.experiments.store, self.campaign.campaign_id
        draw = store.draw(campaign_id, self.part.part)
        if draw is None:
            made = self._draw(people)
            store.add_draw(campaign_id, made)
            draw = store.draw(campaign_id, self.part.part) or made
        return tuple(_seats_of(self.experiment, draw.people))

    def row_of_held(self, people: int) -> tuple[int, ...]:
        """Draw for those who are held out, from what was known then."""
        if not people:
            return ()
        draw = self.deps.experiments.store.draw(self.campaign.campaign_id, self.part.part)
        if draw is None:
            return (0,) * people
        return tuple(_seats_of(self.experiment, self._won(draw.counts, people, "/held")))

    def _draw(self, people: int) -> Draw:
        names = self.experiment.names
        counts = dict.fromkeys(names, Count())
        for before in self.deps.campaigns.parts(self.campaign.campaign_id):
            if before.part < self.part.part and before.planned:
                criteria = self.experiment.criteria
                found = counted_by_variant(before, criteria, deps=self.deps, at=self.now)
                counts = {name: counts[name] + found.get(name, Count()) for name in counts}
        return Draw(
            part=self.part.part, at=self.now, counts=counts, people=self._won(counts, people)
        )

    def _won(self, counts: Mapping[str, Count], people: int, whose: str = "") -> Mapping[str, int]:
        seed = f"{self.campaign.campaign_id}/{self.part.part}{whose}"
        return drawn(counts, people=people, seed=seed)


def _seats_of(experiment: Experiment, people: Mapping[str, int]) -> Iterator[int]:
    for place, name in enumerate(experiment.names):
        yield from [place] * people[name]
