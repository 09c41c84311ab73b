"""Sends a campaign's message to a few people before everybody gets it.

A test passes the one door as every message does: an advertisement goes to nobody who did not agree
to it, not even to the company's own people, and not at night. It counts in nobody's report.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from functions.campaigns.couponing import draft_with_coupons, showing
from functions.campaigns.direct import read_direct
from functions.campaigns.finding import find
from functions.campaigns.holding_out import as_launched, held_out
from functions.campaigns.planning import as_way
from functions.campaigns.ports import CampaignDeps
from functions.campaigns.safe import note_test
from functions.contracts.errors import InvalidInput
from functions.domain.batch import Batch, Source
from functions.domain.campaign import Campaign
from functions.domain.experiment import at_once
from functions.domain.holdout import withheld
from functions.domain.ids import BatchNumber, CampaignId, ContactId, MessageNumber
from functions.domain.numbering import number_batches
from functions.domain.planning import Person, Plan, Refusal
from functions.domain.recipients import Recipients, Source as RecipientSource, SourceKind


class Histories(Protocol):
    """Which messages each contact got."""

    def remember_sent(self, numbers: Mapping[ContactId, MessageNumber], *, now: datetime) -> None:
        """Note the messages in the people's histories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPorts:
    """What a test needs besides. ``bind`` binds a request to batches, once, and gives those."""

    bind: Callable[[str, Sequence[BatchNumber], datetime], Sequence[BatchNumber]]
    histories: Histories


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The messages of a test, and who did not get one."""

    batches: tuple[Batch, ...]
    refusals: tuple[Refusal, ...]


def send_test(
    campaign_id: CampaignId,
    to: Sequence[str],
    *,
    request_id: str,
    ports: TrialPorts,
    deps: CampaignDeps,
    now: datetime,
) -> Trial:
    """Send the message to these contacts and numbers, or to the policy's seeds where none is given.

    Asked again with the same ``request_id`` it sends nothing more. Raises NotFound, InvalidInput.
    """
    campaign = find(campaign_id, deps=deps)
    found = _people(campaign, to or deps.safety.policy_now().seeds, deps=deps)
    people, refusals = _not_held_out(campaign, found, deps=deps)
    # Who tests looks at the message now, not at everybody's own hour.
    drafted = _drafted(_here_and_now(campaign), people, deps=deps, now=now)
    batches = _written(campaign, drafted, deps=deps, now=now)
    bound = ports.bind(request_id, [each.meta.number for each in batches], now)
    batches = _bound(batches, bound, deps)
    for batch in batches:
        # Before it waits or leaves, so that an erasure finds it.
        ports.histories.remember_sent(_numbers(batch), now=now)
        deps.start(batch.meta, now)
    if batches:
        note_test(campaign_id, campaign.safety.edition, deps=deps, now=now)
    return Trial(batches=batches, refusals=(*refusals, *drafted.refusals))


def _not_held_out(
    campaign: Campaign, people: Sequence[Person], *, deps: CampaignDeps
) -> tuple[list[Person], list[Refusal]]:
    """Part those who may get the test from those held out, who get nothing by it either."""
    known = as_launched(campaign, deps=deps)
    reasons = [(each, withheld(held_out(known, each, deps=deps))) for each in people]
    free = [person for person, reason in reasons if reason is None]
    refused = [Refusal(person=p, reason=reason) for p, reason in reasons if reason is not None]
    return free, refused


def _here_and_now(campaign: Campaign) -> Campaign:
    experiment = campaign.experiment
    return replace(
        campaign,
        at_local=None,
        best_within=None,
        experiment=None if experiment is None else at_once(experiment),
    )


def _drafted(
    campaign: Campaign, people: Sequence[Person], *, deps: CampaignDeps, now: datetime
) -> Plan:
    """Everybody gets every variant and every way, where there are several."""
    take = showing(campaign, coupons=deps.coupons)
    names = ("",) if campaign.experiment is None else campaign.experiment.names
    ways = [as_way(campaign, each) for each in campaign.ways] or [campaign]
    plans = [
        draft_with_coupons(
            way, people, take=take, deps=deps, now=now, variants=(name,) * len(people)
        )
        for name in names
        for way in ways
    ]
    return Plan(
        batches=tuple(batch for each in plans for batch in each.batches),
        refusals=tuple(refusal for each in plans for refusal in each.refusals),
    )


def _people(campaign: Campaign, to: Sequence[str], *, deps: CampaignDeps) -> tuple[Person, ...]:
    if not to:
        msg = "Say who gets the test, or name seeds in the policy."
        raise InvalidInput.field("/to", "missing", msg)
    read, errors = read_direct(to, pointer="/to")
    if errors:
        raise InvalidInput.of(*errors)
    # A name under which an erasure looks, should this die before the list is gone.
    key = f"parts/{campaign.campaign_id}/{deps.fresh('taken')}"
    deps.people.save_direct(key, read)
    seeds = Recipients(include=(RecipientSource(kind=SourceKind.DIRECT, name=key),))
    found = deps.slice_of(replace(campaign, recipients=seeds), None)
    deps.people.delete(key)
    return found.people


def _written(
    campaign: Campaign, drafted: Plan, *, deps: CampaignDeps, now: datetime
) -> tuple[Batch, ...]:
    if not drafted.batches:
        return ()
    batches = number_batches(
        drafted.batches,
        first=deps.batches.reserve(len(drafted.batches)),
        source=Source(kind="test", source_id=campaign.campaign_id),
        code_of=deps.code_of,
        token_of=deps.token_of,
        now=now,
    )
    deps.batches.create(batches)
    return batches


def _numbers(batch: Batch) -> dict[ContactId, MessageNumber]:
    return {
        recipient.contact_id: MessageNumber(batch=batch.meta.number, ordinal=ordinal)
        for ordinal, recipient in enumerate(batch.recipients)
        if recipient.contact_id is not None
    }


def _bound(
    batches: tuple[Batch, ...], bound: Sequence[BatchNumber], deps: CampaignDeps
) -> tuple[Batch, ...]:
    """Those of this request, or of the same one when it was asked before."""
    if list(bound) == [batch.meta.number for batch in batches]:
        return batches
    earlier = [deps.batches.load(number) for number in bound]
    return tuple(batch for batch in earlier if batch is not None)
