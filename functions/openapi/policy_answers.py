"""What the policy calls answer, for the description of the API only."""

from pydantic import BaseModel

from functions.contracts.http_policy import CapPost, ClassRulesPost, WindowPost
from functions.contracts.http_rate import RatePost
from functions.domain.channel import Purpose
from functions.domain.policy import WhenUnknown


class Policy(BaseModel):
    """The company's rules in force; version 0 is the law alone."""

    version: int
    windows: list[WindowPost]
    slots: list[str]
    classes: dict[Purpose, ClassRulesPost]
    caps: list[CapPost]
    ambiguous_transactional: WhenUnknown
    approval_above: int | None
    test_before_launch: bool
    seeds: list[str]
    rate: RatePost | None
    rate_by_provider: dict[str, RatePost]
