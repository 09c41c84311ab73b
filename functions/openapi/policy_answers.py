"""What the policy calls answer, for the description of the API only."""

from pydantic import AwareDatetime, BaseModel

from functions.contracts.http_holdout import GroupPut
from functions.contracts.http_policy import CapPost, ClassRulesPost, WindowPost
from functions.contracts.http_rate import RatePost
from functions.domain.channel import Purpose
from functions.domain.policy import WhenUnknown
from functions.openapi.contact_answers import Page


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
    holdout: GroupPut | None


class PolicyVersion(Policy):
    """A version of the rules: when it was put in force, and by which key."""

    made: AwareDatetime
    by: str


class PolicyVersions(Page):
    """A page of all versions, the newest first; ``next_cursor`` is null at the end."""

    items: list[PolicyVersion]
