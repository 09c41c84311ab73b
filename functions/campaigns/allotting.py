"""Who of a campaign gets which variant, when a slice of its people is found and when it is planned.

Both follow from the campaign, the people and how many were found before, so that whoever does it
again, or after a crash, finds the same.
"""

from collections.abc import Callable, Iterator, Sequence
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
from functions.domain.planning import Person


def split(
    campaign: Campaign, people: Sequence[Person], *, first: int, deps: CampaignDeps
) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Who of a slice takes part, and who waits for the decision; ``first`` came before."""
    experiment = campaign.experiment
    if experiment is None or not experiment.has_rest:
        return tuple(people), ()
    waiting = len(experiment.variants)
    row = row_of(experiment.weights, first=first, count=len(people))
    seats = allotted(people, row, rank=_rank(campaign, deps))
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
        row = _drawn_row(campaign, experiment, part, people=len(people), deps=deps, now=now)
    else:
        row = _row(experiment, first=part.first, count=len(people))
    return _named(campaign, experiment, people, row, deps)


def as_if_first(
    campaign: Campaign, people: Sequence[Person], *, deps: CampaignDeps
) -> tuple[str, ...]:
    """The variants as they might fall, for a forecast; who would wait gets the control."""
    experiment = campaign.experiment
    if experiment is None:
        return ()
    row = row_of(experiment.weights, first=0, count=len(people))
    shown = tuple(0 if seat == len(experiment.variants) else seat for seat in row)
    return _named(campaign, experiment, people, shown, deps)


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


def _named(
    campaign: Campaign,
    experiment: Experiment,
    people: Sequence[Person],
    row: Sequence[int],
    deps: CampaignDeps,
) -> tuple[str, ...]:
    seats = allotted(people, row, rank=_rank(campaign, deps))
    return tuple(experiment.names[seat] for seat in seats)


def _rank(campaign: Campaign, deps: CampaignDeps) -> Callable[[Person], bytes]:
    return lambda person: deps.experiments.rank(campaign.campaign_id, person)


def _drawn_row(  # what a draw is of
    campaign: Campaign,
    experiment: Experiment,
    part: Part,
    *,
    people: int,
    deps: CampaignDeps,
    now: datetime,
) -> tuple[int, ...]:
    store = deps.experiments.store
    draw = store.draw(campaign.campaign_id, part.part)
    if draw is None:
        made = _draw(campaign, experiment, part, people=people, deps=deps, now=now)
        store.add_draw(campaign.campaign_id, made)
        draw = store.draw(campaign.campaign_id, part.part) or made
    return tuple(_seats_of(experiment, draw))


def _draw(  # what a draw is of
    campaign: Campaign,
    experiment: Experiment,
    part: Part,
    *,
    people: int,
    deps: CampaignDeps,
    now: datetime,
) -> Draw:
    counts = dict.fromkeys(experiment.names, Count())
    for before in deps.campaigns.parts(campaign.campaign_id):
        if before.part < part.part and before.planned:
            found = counted_by_variant(before, experiment.criteria, deps=deps, at=now)
            counts = {name: counts[name] + found.get(name, Count()) for name in counts}
    seed = f"{campaign.campaign_id}/{part.part}"
    won = drawn(counts, people=people, seed=seed)
    return Draw(part=part.part, at=now, counts=counts, people=won)


def _seats_of(experiment: Experiment, draw: Draw) -> Iterator[int]:
    for place, name in enumerate(experiment.names):
        yield from [place] * draw.people[name]
