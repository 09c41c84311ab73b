"""What planning and simulation share: the routes of a campaign, and what becomes of its people."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from functions.campaigns.ports import CampaignDeps
from functions.contracts.errors import FieldError, InvalidInput
from functions.contracts.route import route_of
from functions.domain.best_time import BestTime, ClickHours
from functions.domain.campaign import Campaign, Outcome
from functions.domain.channel import Purpose
from functions.domain.experiment import Variant
from functions.domain.ids import ContactId
from functions.domain.local_time import LocalHour, SetMoment
from functions.domain.message import BatchState
from functions.domain.openings import batches_of, openings_of
from functions.domain.planning import Compose, Lane, Person, Plan, Ways, plan_each
from functions.domain.reason import HoldReason, RefusalReason
from functions.domain.route import Route
from functions.domain.route_pace import cut_to_pace


def route_for(campaign: Campaign, *, deps: CampaignDeps) -> Route:
    """The way that the campaign goes. Raises InvalidInput."""
    template = deps.templates.get(campaign.template_id, campaign.template_version)
    sender = deps.senders.get(campaign.sender_id)
    route = route_of(template, sender, default_zone=deps.default_zone)
    return _with_rules(route, campaign, deps=deps)


def swap_route(campaign: Campaign, *, deps: CampaignDeps) -> Route | None:
    """The other way to go; it must be as sound as the first. Raises InvalidInput below /swap."""
    swap = campaign.swap
    if swap is None:
        return None
    template = deps.templates.get(swap.template_id, swap.template_version)
    sender = deps.senders.get(swap.sender_id)
    try:
        route = route_of(template, sender, default_zone=deps.default_zone)
    except InvalidInput as error:
        below = [replace(each, pointer=f"/swap{each.pointer}") for each in error.errors]
        raise InvalidInput.of(*below) from error
    return _with_rules(route, campaign, deps=deps)


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
    try:
        route = route_for(as_variant(campaign, variant), deps=deps)
    except InvalidInput as error:
        below = [replace(each, pointer=f"{pointer}{each.pointer}") for each in error.errors]
        raise InvalidInput.of(*below) from error
    if route.purpose is not purpose:
        message = "The template is for another purpose than the campaign's."
        raise InvalidInput.of(FieldError(f"{pointer}/template_id", "wrong_purpose", message))
    return route


def _with_rules(route: Route, campaign: Campaign, *, deps: CampaignDeps) -> Route:
    ruled = replace(
        route,
        source=campaign.campaign_id,
        policy=deps.policy(),
        priority=campaign.priority,
        when_capped=campaign.when_capped,
        zones_of_phone=deps.zones_of_phone,
    )
    return cut_to_pace(ruled, rate=campaign.rate, provider=deps.provider_of(route.channel))


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
    hours = _click_hours(campaign, people, deps=deps)
    making = _Making(deps=deps, now=now, dress=dress, hours=hours)
    ways = {name: making.ways(campaign, name) for name in dict.fromkeys(names)}
    return plan_each(
        ((person, ways[name]) for person, name in zip(people, names, strict=True)), now=now
    )


def _click_hours(
    campaign: Campaign, people: Sequence[Person], *, deps: CampaignDeps
) -> dict[ContactId, ClickHours]:
    """When these people opened what they got lately; who opened nothing is left out."""
    if campaign.best_within is None:
        return {}
    known = {each.contact_id: each.recent for each in people if each.contact_id and each.recent}
    standings = deps.batches.standings(batches_of(known.values()))
    opened = {
        contact_id: [each.opened for each in found if each.opened is not None]
        for contact_id, found in openings_of(known, standings).items()
    }
    return {contact_id: ClickHours.of(each) for contact_id, each in opened.items() if each}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """Makes the ways that messages of a campaign go."""

    deps: CampaignDeps
    now: datetime
    dress: Dress
    hours: Mapping[ContactId, ClickHours]

    def ways(self, campaign: Campaign, name: str) -> Ways:
        """Those of a variant, or of the campaign itself where the name is empty."""
        own, after = _own(campaign, name)
        routes = filter(None, (route_for(own, deps=self.deps), swap_route(own, deps=self.deps)))
        return Ways(
            lanes=tuple(self._lane(route, own, name, after) for route in routes),
            only_if=RefusalReason.CAPPED,
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
    """Who was refused or held, why, and what was looked at."""
    for refusal in drafted.refusals:
        yield Outcome(
            contact_id=refusal.person.contact_id, reason=refusal.reason, at=at, case=refusal.case
        )
    for batch in drafted.batches:
        held = BatchState.fresh((message.send for message in batch.messages), now=at)
        for ordinal, message in enumerate(batch.messages):
            reason = held.state_of(ordinal).reason
            if isinstance(reason, HoldReason):
                yield Outcome(
                    contact_id=message.person.contact_id,
                    reason=reason,
                    at=at,
                    case=message.case,
                    choice=message.choice,
                )
