"""What the steps that follow a campaign would do if everybody matched: an upper bound for each.

Whether people will click is not known beforehand, so each step is drafted for everyone who would
get the message before, at the moment at which the step would come. Who would be refused then (no
consent, caps) is left out. What comes of assumed rates is multiplied when it is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from functions.campaigns.planning import draft
from functions.campaigns.ports import CampaignDeps
from functions.domain.campaign import Campaign, PartForecast
from functions.domain.family import child_of
from functions.domain.follow_up import Condition, FollowUp, child_id
from functions.domain.holdout import withheld
from functions.domain.ids import CampaignId
from functions.domain.planning import Plan
from functions.domain.simulation import Forecast, together

Rates = Mapping[Condition, Fraction]
"""Which part of those who get a message is assumed to click, to get it, to answer, to convert."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A part of a simulation, whose steps are to be forecast too."""

    campaign_id: CampaignId
    simulation_id: str
    part: PartForecast
    deps: CampaignDeps

    def forecast(self, campaign: Campaign, before: Plan, *, at: datetime) -> None:
        """Forecast every step below a campaign for those who would get its message then."""
        sent = [batch for batch in before.batches if withheld(batch.arm) is None]
        people = [message.person for batch in sent for message in batch.messages]
        for step in campaign.follow_ups:
            moment = at + step.after
            child = child_of(campaign, step, now=moment)
            drafted = draft(child, people, deps=self.deps, now=moment)
            forecast = Forecast.of(drafted, now=moment, zone=self.deps.default_zone)
            # Kept at the campaign that is simulated: the step need not be there yet.
            self.deps.campaigns.save_forecast(
                self.campaign_id,
                _name(self.simulation_id, child.campaign_id),
                replace(self.part, forecast=forecast),
            )
            self.forecast(child, drafted, at=moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepForecast:
    """A step if everybody matches, and (``share``) the part of its messages that is assumed."""

    step: FollowUp
    at_most: Forecast
    share: Fraction | None
    below: tuple["StepForecast", ...]


def step_forecasts(
    campaign: Campaign, simulation_id: str, rates: Rates, *, deps: CampaignDeps
) -> tuple[StepForecast, ...]:
    """Add up what was forecast so far of each step below a campaign."""

    def read(
        parent: CampaignId, steps: Sequence[FollowUp], share: Fraction | None
    ) -> tuple[StepForecast, ...]:
        return tuple(read_one(child_id(parent, each.branch), each, share) for each in steps)

    def read_one(own: CampaignId, step: FollowUp, share: Fraction | None) -> StepForecast:
        parts = deps.campaigns.forecasts(campaign.campaign_id, _name(simulation_id, own))
        after = _share(step, rates, share)
        return StepForecast(
            step=step,
            at_most=together(each.forecast for each in parts),
            share=after,
            below=read(own, step.follow_ups, after),
        )

    return read(campaign.campaign_id, campaign.follow_ups, Fraction(1))


def _share(step: FollowUp, rates: Rates, before: Fraction | None) -> Fraction | None:
    """Which part of the campaign's messages leads to the step; None where no rate says so."""
    rate = rates.get(step.condition.fact)
    if rate is None or before is None:
        return None
    return before * (rate if step.condition.positive else 1 - rate)


def _name(simulation_id: str, step: CampaignId) -> str:
    return f"{simulation_id}~{step}"
