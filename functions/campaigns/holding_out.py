"""Whom a campaign holds out: by which setting, and who of a slice of its people.

The setting is fixed when the campaign is launched. Who it hits is decided when a slice is found and
is kept with the slice's people; how many seats were given by then is kept with its part. So the
shares are exact over the whole campaign, whoever comes again, and whatever the policy says later.
"""

from collections.abc import Sequence
from dataclasses import replace

from functions.campaigns.finding import find
from functions.campaigns.planning import ways_of
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.why import why
from functions.contracts.errors import InvalidInput, NotFound
from functions.domain.campaign import Campaign
from functions.domain.channel import Purpose
from functions.domain.holdout import Arm, Drawn, GlobalGroup, Holdout, Known, arms_of, withheld
from functions.domain.ids import CampaignId, ContactId
from functions.domain.planning import Person
from functions.domain.reason import RefusalReason


def check_holdout(campaign: Campaign, *, deps: CampaignDeps) -> None:
    """Raise InvalidInput where a campaign that is no advertising would hold people out."""
    if campaign.holdout is not None and not _advertises(campaign, deps=deps):
        message = "Only advertising holds people out: a notice is for everybody whom it concerns."
        raise InvalidInput.field("/holdout_percent", "not_advertising", message)


def in_force(campaign: Campaign, *, deps: CampaignDeps) -> Holdout | None:
    """What a campaign holds out that is launched now: its own share, and the company's group."""
    policy = deps.safety.policy_now()
    group = policy.holdout
    if group is None or not _advertises(campaign, deps=deps):
        return campaign.holdout
    own = 0 if campaign.holdout is None else campaign.holdout.share
    return Holdout(share=own, globally=replace(group, version=policy.version))


def as_launched(campaign: Campaign, *, deps: CampaignDeps) -> Campaign:
    """The campaign with the holdout that it has from its launch on, were that now."""
    if campaign.launched is not None:
        return campaign
    return replace(campaign, holdout=in_force(campaign, deps=deps))


def _advertises(campaign: Campaign, *, deps: CampaignDeps) -> bool:
    # All its ways are for one purpose.
    return ways_of(campaign, deps=deps)[0].purpose is Purpose.ADVERTISING


def drawn(
    campaign: Campaign, people: Sequence[Person], *, part: int, deps: CampaignDeps
) -> tuple[tuple[Person, ...], Drawn | None]:
    """Note of each of a slice's people in which arm they are; ``part`` is the slice's first part.

    None where the campaign holds nobody out.
    """
    if campaign.holdout is None:
        return tuple(people), None
    before = _before(campaign.campaign_id, part, deps=deps)
    marked, seats = _marked(
        campaign, campaign.holdout, people, first=before.seats_before, deps=deps
    )
    kept = sum(withheld(each.arm) is None for each in marked)
    return marked, replace(before, seats=seats, kept=kept)


def as_if_first(
    campaign: Campaign, people: Sequence[Person], *, deps: CampaignDeps
) -> tuple[Person, ...]:
    """The same as it might fall, for a forecast."""
    if campaign.holdout is None:
        return tuple(people)
    return _marked(campaign, campaign.holdout, people, first=0, deps=deps)[0]


def in_group(group: GlobalGroup | None, person: Person, *, deps: CampaignDeps) -> bool:
    """Whether somebody is in the company's group."""
    if group is None:
        return False
    seeds, place_of = deps.policy().seeds, deps.holdouts.place
    return group.takes(person.contact_id, seeds=seeds, place_of=place_of)


def kept_from_group(
    campaign: Campaign, people: Sequence[Person], *, deps: CampaignDeps
) -> tuple[Person, ...]:
    """Drop whoever is in the company's group from an advertisement that follows a notice.

    What follows an advertisement needs no look: who was left out of that gets no step either.
    """
    group = deps.policy().holdout
    if campaign.parent is None or group is None or not _advertises(campaign, deps=deps):
        return tuple(people)
    if _advertises(_root(campaign, deps=deps), deps=deps):
        return tuple(people)
    return tuple(
        replace(each, dropped=RefusalReason.HELD_OUT_GLOBALLY)
        if each.dropped is None and in_group(group, each, deps=deps)
        else each
        for each in people
    )


def _root(campaign: Campaign, *, deps: CampaignDeps) -> Campaign:
    """What a step follows in the end."""
    while campaign.parent is not None:
        campaign = find(campaign.parent, deps=deps)
    return campaign


def held_out(campaign: Campaign, person: Person, *, deps: CampaignDeps) -> Arm | None:
    """In which arm somebody is for certain, of a campaign ``as_launched``.

    Before the launch only the company's group is known.
    """
    if campaign.holdout is None or person.contact_id is None:
        return None
    if in_group(campaign.holdout.globally, person, deps=deps):
        return Arm.HELD_OUT_GLOBALLY
    if campaign.holdout.share and campaign.launched is not None:
        return _drawn_before(campaign, person.contact_id, deps=deps)
    return None


def _drawn_before(campaign: Campaign, contact_id: ContactId, *, deps: CampaignDeps) -> Arm | None:
    """What was drawn for somebody who was found; None where they were not, or get the message."""
    try:
        found = why(campaign, contact_id, deps=deps)
    except NotFound:
        return None
    if found.batch is not None:
        return found.batch.meta.arm
    if found.part is None or found.part.planned:
        return None
    people = deps.people.load(found.part.people_key)
    return next((each.arm for each in people if each.contact_id == contact_id), None)


def _before(campaign_id: CampaignId, part: int, *, deps: CampaignDeps) -> Drawn:
    if part == 0:
        return Drawn()
    before = deps.campaigns.part(campaign_id, f"{part - 1:06d}")
    if before is None or before.drawn is None:
        msg = f"of part {part - 1} of {campaign_id} it is not known who was held out"
        raise LookupError(msg)
    return before.drawn.following


def _marked(
    campaign: Campaign,
    holdout: Holdout,
    people: Sequence[Person],
    *,
    first: int,
    deps: CampaignDeps,
) -> tuple[tuple[Person, ...], int]:
    seeds = deps.policy().seeds

    def known(person: Person) -> Known:
        return Known(
            address=person.phone,
            # No event is known of a number alone, and who tests has seen the message.
            aside=person.contact_id is None or person.contact_id in seeds,
            globally=in_group(holdout.globally, person, deps=deps),
        )

    arms, seats = arms_of(
        people,
        share=holdout.share,
        first=first,
        known=known,
        rank=lambda person: deps.holdouts.rank(campaign.campaign_id, person),
    )
    return tuple(map(_in_arm, people, arms)), seats


def _in_arm(person: Person, arm: Arm | None) -> Person:
    return person if arm is None else replace(person, arm=arm)
