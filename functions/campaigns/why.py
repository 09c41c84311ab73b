"""Why somebody got a campaign's message, will get it, or did not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.campaigns.ports import CampaignDeps
from functions.contracts.errors import NotFound
from functions.domain.batch import Batch
from functions.domain.campaign import Campaign, Outcome, Part
from functions.domain.case import Case
from functions.domain.evidence import Evidence
from functions.domain.ids import ContactId
from functions.domain.recipients import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One time that the door looked: what at, and when."""

    at: datetime
    case: Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What became of somebody, and each time that the door looked.

    ``batch`` and ``ordinal`` are the message's, ``outcome`` what planning found when it did not
    leave at once. With neither, the person's part waits to be planned; or there is no part, and
    the person is left out by ``excluded``.
    """

    part: Part | None
    excluded: Source | None = None
    planned: Look | None = None
    outcome: Outcome | None = None
    batch: Batch | None = None
    ordinal: int = 0
    dispatched: tuple[Look, ...] = ()


def why(campaign: Campaign, contact_id: ContactId, *, deps: CampaignDeps) -> Why:
    """Find out. Raises NotFound ``not_addressed`` for somebody whom it never was for."""
    for part in deps.campaigns.parts(campaign.campaign_id):
        found = _in_part(part, contact_id, deps=deps)
        if found is not None:
            return found
    excluded = deps.excluded_by(campaign, contact_id)
    if excluded is not None:
        return Why(part=None, excluded=excluded)
    msg = "The campaign was not for this contact, or has not come to it yet."
    raise NotFound(msg, code="not_addressed")


def _in_part(part: Part, contact_id: ContactId, *, deps: CampaignDeps) -> Why | None:
    if not part.planned:
        people = deps.people.load(part.people_key)
        waits = any(person.contact_id == contact_id for person in people)
        return Why(part=part) if waits else None
    if not part.members.may_have(contact_id):
        return None
    outcome = _outcome(part, contact_id, deps=deps)
    planned = None
    if outcome is not None and outcome.case is not None:
        planned = Look(at=outcome.at, case=outcome.case)
    for batch, ordinal in _messages(part, contact_id, deps=deps):
        looks = _looks(deps.batches.evidence(batch.meta.number), ordinal)
        return Why(
            part=part,
            planned=planned,
            outcome=outcome,
            batch=batch,
            ordinal=ordinal,
            dispatched=tuple(looks),
        )
    return None if outcome is None else Why(part=part, planned=planned, outcome=outcome)


def _outcome(part: Part, contact_id: ContactId, *, deps: CampaignDeps) -> Outcome | None:
    if not part.outcomes_key:
        return None
    outcomes = deps.people.load_outcomes(part.outcomes_key)
    return next((each for each in outcomes if each.contact_id == contact_id), None)


def _messages(
    part: Part, contact_id: ContactId, *, deps: CampaignDeps
) -> Iterator[tuple[Batch, int]]:
    for number in part.batches:
        batch = deps.batches.load(number)
        if batch is not None:
            for ordinal, recipient in enumerate(batch.recipients):
                if recipient.contact_id == contact_id:
                    yield batch, ordinal


def _looks(evidence: tuple[Evidence, ...], ordinal: int) -> Iterator[Look]:
    for each in evidence:
        if ordinal in each.cases:
            yield Look(at=each.at, case=each.cases[ordinal])
