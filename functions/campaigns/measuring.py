"""What a campaign that holds people out brought about, as its report says it."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.campaigns.follow_ups import Family
from functions.campaigns.reporting import WholeReport
from functions.domain.campaign import Campaign
from functions.domain.goal import Goal
from functions.domain.holdout import Arm, Holdout
from functions.domain.lift import Group, Lift, lift_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The groups of a campaign, and how those who were to get it differ from those held out.

    ``lift`` is what the campaign brought about, ``programme`` what all advertising together did;
    each is None without such a group, or without a goal. ``cost`` includes the follow-ups.
    """

    holdout: Holdout
    goal: Goal | None
    groups: Mapping[Arm | None, Group]
    cost: int
    lift: Lift | None
    programme: Lift | None

    @property
    def arms(self) -> Mapping[str, Group]:
        """The groups that are compared, by name, also those that nobody is in."""
        found = {"sent": self.groups.get(None, Group())}
        if self.holdout.share:
            found["held_out"] = self.groups.get(Arm.HELD_OUT, Group())
        if self.holdout.globally is not None:
            found["held_out_globally"] = self.groups.get(Arm.HELD_OUT_GLOBALLY, Group())
        return found


def measured(campaign: Campaign, whole: WholeReport, family: Family | None) -> Measured | None:
    """Compare the groups; None for a campaign that holds nobody out.

    Who was to get it was to get its follow-ups, so what these cost counts.
    """
    if campaign.holdout is None:
        return None
    groups = whole.groups
    treated = groups.get(None, Group())
    cost = (whole.figures if family is None else family.whole).cost

    def against(arm: Arm, *, held: bool, cost: int) -> Lift | None:
        if campaign.goal is None or not held:
            return None
        return lift_of(treated, groups.get(arm, Group()), cost=cost)

    globally = campaign.holdout.globally is not None

    return Measured(
        holdout=campaign.holdout,
        goal=campaign.goal,
        groups=groups,
        cost=cost,
        lift=against(Arm.HELD_OUT, held=campaign.holdout.share > 0, cost=cost),
        # Of what all advertising did the cost of one campaign is no measure.
        programme=against(Arm.HELD_OUT_GLOBALLY, held=globally, cost=0),
    )
