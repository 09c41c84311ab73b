"""What planning and simulation share: the routes of a campaign, and what becomes of its people."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from functions.campaigns.ports import CampaignDeps
from functions.content.compose import usual_type
from functions.contracts.errors import FieldError, InvalidInput
from functions.contracts.route import route_of
from functions.domain.best_channel import BestChannel
from functions.domain.best_time import BestTime, ClickHours
from functions.domain.campaign import Campaign, Outcome, Way
from functions.domain.channel import Purpose
from functions.domain.experiment import Variant
from functions.domain.ids import ContactId
from functions.domain.local_time import LocalHour, SetMoment
from functions.domain.message import BatchState
from functions.domain.openings import Opening, batches_of, click_hours_of, openings_of
from functions.domain.planning import (
    Compose,
    DraftMessage,
    Lane,
    Person,
    Plan,
    Ways,
    plan_each,
)
from functions.domain.pricing import unit_price
from functions.domain.reason import HoldReason, RefusalReason
from functions.domain.route import Route
from functions.domain.route_pace import cut_to_pace


def route_for(campaign: Campaign, *, deps: CampaignDeps) -> Route:
    """The way that the campaign goes. Raises InvalidInput."""
    template = deps.templates.get(campaign.template_id, campaign.template_version)
    sender = deps.senders.get(campaign.sender_id)
    route = replace(
        route_of(template, sender, default_zone=deps.default_zone),
        source=campaign.campaign_id,
        policy=deps.policy(),
        priority=campaign.priority,
        when_capped=campaign.when_capped,
        zones_of_phone=deps.zones_of_phone,
    )
    return cut_to_pace(route, rate=campaign.rate, provider=deps.provider_of(route.channel))


def routes_of(campaign: Campaign, *, deps: CampaignDeps) -> tuple[Route, ...]:
    """Every way that messages of a campaign may go. Raises InvalidInput."""
    variants = variant_routes(campaign, deps=deps)
    return (*ways_of(campaign, deps=deps), *variants)


def ways_of(campaign: Campaign, *, deps: CampaignDeps) -> tuple[Route, ...]:
    """The ways of a campaign that are tried for a person. Raises InvalidInput."""
    if campaign.ways:
        return _best_ways(campaign, deps=deps)
    own = route_for(campaign, deps=deps)
    if campaign.swap is None:
        return (own,)
    return own, _way_route(campaign, campaign.swap, "/swap", deps=deps)


def _best_ways(campaign: Campaign, *, deps: CampaignDeps) -> tuple[Route, ...]:
    """Those of which everybody gets the best: all for one purpose, each of another channel."""
    routes: list[Route] = []
    errors: list[FieldError] = []
    for place, way in enumerate(campaign.ways):
        try:
            routes.append(_way_route(campaign, way, f"/ways/{place}", deps=deps))
        except InvalidInput as error:
            errors += error.errors
    errors = errors or list(_not_beside_each_other(routes))
    if errors:
        raise InvalidInput.of(*errors)
    return tuple(routes)


def _not_beside_each_other(routes: Sequence[Route]) -> Iterator[FieldError]:
    for place, route in enumerate(routes):
        pointer = f"/ways/{place}/template_id"
        if route.purpose is not routes[0].purpose:
            message = "The template is for another purpose than the first."
            yield FieldError(pointer, "wrong_purpose", message)
        if route.channel in [each.channel for each in routes[:place]]:
            yield FieldError(pointer, "same_channel", "Another of the ways has this channel.")


def _way_route(campaign: Campaign, way: Way, below: str, *, deps: CampaignDeps) -> Route:
    """A way as a route, as sound as any. Raises InvalidInput, ``below`` a place."""
    try:
        return route_for(as_way(campaign, way), deps=deps)
    except InvalidInput as error:
        errors = [replace(each, pointer=f"{below}{each.pointer}") for each in error.errors]
        raise InvalidInput.of(*errors) from error


def as_way(campaign: Campaign, way: Way) -> Campaign:
    """The campaign as if this were its only way."""
    return replace(
        campaign,
        template_id=way.template_id,
        template_version=way.template_version,
        sender_id=way.sender_id,
        ways=(),
    )


def as_variant(campaign: Campaign, variant: Variant) -> Campaign:
    """The campaign as it is for who gets this variant."""
    return replace(
        campaign,
        template_id=variant.template_id or campaign.template_id,
        template_version=variant.template_version or campaign.template_version,
        sender_id=variant.sender_id or campaign.sender_id,
        at_local=variant.at_local or campaign.at_local,
    )


def variant_routes(
    campaign: Campaign, *, deps: CampaignDeps, below: str = "/experiment"
) -> tuple[Route, ...]:
    """The ways of its variants; none where it has none.

    Raises InvalidInput, ``below`` a place; all must be for the campaign's own purpose.
    """
    experiment = campaign.experiment
    if experiment is None:
        return ()
    purpose = route_for(campaign, deps=deps).purpose
    return tuple(
        _variant_route(campaign, each, f"{below}/variants/{place}", purpose, deps=deps)
        for place, each in enumerate(experiment.variants)
    )


def _variant_route(
    campaign: Campaign, variant: Variant, pointer: str, purpose: Purpose, *, deps: CampaignDeps
) -> Route:
    if campaign.ways:
        _check_leaves_ways(variant, pointer)
    try:
        route = route_for(as_variant(campaign, variant), deps=deps)
    except InvalidInput as error:
        below = [replace(each, pointer=f"{pointer}{each.pointer}") for each in error.errors]
        raise InvalidInput.of(*below) from error
    if route.purpose is not purpose:
        message = "The template is for another purpose than the campaign's."
        raise InvalidInput.of(FieldError(f"{pointer}/template_id", "wrong_purpose", message))
    return route


def _check_leaves_ways(variant: Variant, pointer: str) -> None:
    """What is chosen for each person cannot be what is compared."""
    message = "With ways, variants differ by when they begin only."
    errors = [
        FieldError(f"{pointer}/{name}", "not_allowed", message)
        for name in ("template_id", "sender_id")
        if getattr(variant, name) is not None
    ]
    if errors:
        raise InvalidInput.of(*errors)


Dress = Callable[[Route, Compose], Compose]
"""Changes how messages of a route are composed."""


def _plain(_: Route, compose: Compose) -> Compose:
    return compose


def draft(
    campaign: Campaign,
    people: Sequence[Person],
    *,
    deps: CampaignDeps,
    now: datetime,
    dress: Dress = _plain,
    variants: Sequence[str] = (),
) -> Plan:
    """Decide and compose for these people, as if they were all.

    ``variants`` names that of each person; it is empty where the campaign has none.
    """
    names = variants or [""] * len(people)
    openings = _openings(campaign, people, deps=deps)
    hours = {} if campaign.best_within is None else click_hours_of(openings)
    making = _Making(deps=deps, now=now, dress=dress, openings=openings, hours=hours)
    ways = {name: making.ways(campaign, name) for name in dict.fromkeys(names)}
    return plan_each(
        ((person, ways[name]) for person, name in zip(people, names, strict=True)), now=now
    )


def _openings(
    campaign: Campaign, people: Sequence[Person], *, deps: CampaignDeps
) -> Mapping[ContactId, tuple[Opening, ...]]:
    """What these people got lately and opened of it, where something is chosen by that."""
    if campaign.best_within is None and not campaign.ways:
        return {}
    known = {each.contact_id: each.recent for each in people if each.contact_id and each.recent}
    standings = deps.batches.standings(batches_of(known.values()))
    return openings_of(known, standings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """Makes the ways that messages of a campaign go."""

    deps: CampaignDeps
    now: datetime
    dress: Dress
    openings: Mapping[ContactId, tuple[Opening, ...]]
    hours: Mapping[ContactId, ClickHours]

    def ways(self, campaign: Campaign, name: str) -> Ways:
        """Those of a variant, or of the campaign itself where the name is empty."""
        own, after = _own(campaign, name)
        routes = ways_of(own, deps=self.deps)
        return Ways(
            lanes=tuple(self._lane(route, own, name, after) for route in routes),
            only_if=None if own.ways else RefusalReason.CAPPED,
            best=self._best_channel(own, routes) if own.ways else None,
        )

    def _best_channel(self, campaign: Campaign, routes: Sequence[Route]) -> BestChannel:
        """What puts the ways in order for each; the same for all parts, however late."""
        launched = min(_base(campaign, self.now), self.now)
        day = launched.astimezone(self.deps.default_zone).date()
        return BestChannel(
            channels=tuple(each.channel for each in routes),
            prices=tuple(unit_price(usual_type(each.template)).minor for each in routes),
            explore=campaign.explore,
            draw=partial(self.deps.channels.draw, campaign.campaign_id),
            tallies=self.deps.channels.tallies_before(day, routes[0].purpose),
            openings=self.openings,
        )

    def _lane(self, route: Route, campaign: Campaign, name: str, after: timedelta) -> Lane:
        route = replace(self._timed(route, campaign, after), variant=name)
        compose = self.deps.composer(route.template, route.sender, campaign.variables)
        return Lane(route=route, compose=_for_those_left(self.dress(route, compose)))

    def _timed(self, route: Route, campaign: Campaign, after: timedelta) -> Route:
        """Let a route know when its messages begin."""
        # The same for all parts, whenever each is planned.
        begins = _base(campaign, self.now) + after
        if campaign.at_local is not None:
            return replace(route, at_local=LocalHour(after=begins, clock=campaign.at_local))
        if campaign.best_within is not None:
            best = BestTime(after=begins, within=campaign.best_within, hours=self.hours)
            return replace(route, best=best)
        return replace(route, at_local=SetMoment(at=begins)) if after else route


def _own(campaign: Campaign, name: str) -> tuple[Campaign, timedelta]:
    """The campaign as it is for a variant, and how long after the launch that begins."""
    if not name or campaign.experiment is None:
        return campaign, timedelta(0)
    variant = campaign.experiment.variant(name)
    return as_variant(campaign, variant), variant.after


def _base(campaign: Campaign, now: datetime) -> datetime:
    """From when on the hours of a campaign are counted; of who waited, from the decision on."""
    launched = campaign.send_at or campaign.launched or now
    decision = None if campaign.experiment is None else campaign.experiment.decision
    if decision is None:
        return launched
    return max(launched, decision.chosen_at or decision.at)


def _for_those_left(compose: Compose) -> Compose:
    return lambda person: compose(person) if person.dropped is None else person.dropped


def outcomes_of(drafted: Plan, *, at: datetime) -> Iterator[Outcome]:
    """Who was refused, held or held out, why, and what was looked at; who got which of ways."""
    for refusal in drafted.refusals:
        yield Outcome(
            contact_id=refusal.person.contact_id,
            reason=refusal.reason,
            at=at,
            case=refusal.case,
            channel=refusal.channel,
        )
    for batch in drafted.batches:
        held = BatchState.fresh((message.send for message in batch.messages), now=at)
        for ordinal, message in enumerate(batch.messages):
            reason = held.state_of(ordinal).reason
            if isinstance(reason, HoldReason | RefusalReason):
                yield _kept_back(message, reason, at=at)
            elif message.channel is not None and message.person.contact_id is not None:
                yield Outcome(
                    contact_id=message.person.contact_id,
                    reason=None,
                    at=at,
                    case=None,
                    channel=message.channel,
                )


def _kept_back(
    message: DraftMessage, reason: HoldReason | RefusalReason, *, at: datetime
) -> Outcome:
    return Outcome(
        contact_id=message.person.contact_id,
        reason=reason,
        at=at,
        case=message.case,
        choice=message.choice,
        channel=message.channel,
    )
