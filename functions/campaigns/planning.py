"""What planning and simulation share: the routes of a campaign, and what becomes of its people."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from functions.campaigns.ports import CampaignDeps
from functions.contracts.errors import InvalidInput
from functions.contracts.route import route_of
from functions.domain.best_time import BestTime, ClickHours
from functions.domain.campaign import Campaign, Outcome
from functions.domain.ids import ContactId
from functions.domain.local_time import LocalHour
from functions.domain.message import BatchState
from functions.domain.openings import batches_of, openings_of
from functions.domain.planning import Compose, Lane, Person, Plan, Route, plan
from functions.domain.reason import HoldReason
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
    people: Iterable[Person],
    *,
    deps: CampaignDeps,
    now: datetime,
    dress: Dress = _plain,
) -> Plan:
    """Decide and compose for these people, as if they were all."""
    everyone = tuple(people)
    timed = _timed(campaign, everyone, deps=deps, now=now)
    lane = _lane(timed(route_for(campaign, deps=deps)), campaign, deps=deps, dress=dress)
    other = swap_route(campaign, deps=deps)
    swap = None if other is None else _lane(timed(other), campaign, deps=deps, dress=dress)
    return plan(everyone, lane.route, compose=lane.compose, now=now, swap=swap)


def _timed(
    campaign: Campaign, people: Sequence[Person], *, deps: CampaignDeps, now: datetime
) -> Callable[[Route], Route]:
    """Let a route know when the messages of these people begin."""
    # The same for all parts, whenever each is planned.
    after = campaign.send_at or campaign.launched or now
    if campaign.at_local is not None:
        clock = LocalHour(after=after, clock=campaign.at_local)
        return lambda route: replace(route, at_local=clock)
    if campaign.best_within is not None:
        hours = _click_hours(people, deps=deps)
        best = BestTime(after=after, within=campaign.best_within, hours=hours)
        return lambda route: replace(route, best=best)
    return lambda route: route


def _click_hours(people: Sequence[Person], *, deps: CampaignDeps) -> dict[ContactId, ClickHours]:
    """When these people opened what they got lately; who opened nothing is left out."""
    known = {each.contact_id: each.recent for each in people if each.contact_id and each.recent}
    standings = deps.batches.standings(batches_of(known.values()))
    opened = {
        contact_id: [each.opened for each in found if each.opened is not None]
        for contact_id, found in openings_of(known, standings).items()
    }
    return {contact_id: ClickHours.of(each) for contact_id, each in opened.items() if each}


def _lane(route: Route, campaign: Campaign, *, deps: CampaignDeps, dress: Dress) -> Lane:
    compose = deps.composer(route.template, route.sender, campaign.variables)
    return Lane(route=route, compose=dress(route, compose))


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
