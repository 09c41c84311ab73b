"""What the campaign and message calls take about follow-ups."""

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from functions.contracts.errors import InvalidInput
from functions.contracts.http_base import Body, Identifier, Values
from functions.domain.contact import attributes_chars
from functions.domain.follow_up import MAX_AFTER, MAX_DEPTH, MAX_STEPS, Condition, FollowUp, walk
from functions.domain.ids import CampaignId, SenderId, TemplateId
from functions.domain.link_mark import MAX_LINKS

_MOST_MINUTES = int(MAX_AFTER / timedelta(minutes=1))
_PERCENT, _WHOLE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?"), 100
_CLICKS = (Condition.CLICKED, Condition.NOT_CLICKED)
_MOST_CHARS = 10_000
"""With the campaign's own variables they are one row, where a character may take 12 bytes."""


class FollowUpPost(Body):
    """A step: if this is known of the message before, its person gets this template next.

    ``after_minutes`` counts from when the message left; without it the step follows as soon as
    what it waits for happens, within 30 days. ``link`` is the place of the one tracked link that
    is meant, from 0. ``variables`` are added to those of the message before. ``follow_ups`` follow
    this step's own messages.
    """

    when: Annotated[Condition, Field(alias="if", strict=False)]
    after_minutes: Annotated[int, Field(ge=1, le=_MOST_MINUTES)] | None = None
    link: Annotated[int, Field(ge=0, lt=MAX_LINKS)] | None = None
    template_id: Identifier
    template_version: Annotated[int, Field(ge=1)]
    sender_id: Identifier
    variables: Values = Field(default_factory=dict)
    follow_ups: "FollowUpPosts" = Field(default_factory=list)

    @model_validator(mode="after")
    def _makes_sense(self) -> "FollowUpPost":
        if self.after_minutes is None and not self.when.positive:
            code, msg = (
                "after_missing",
                "Say after how many minutes; what is missing never happens.",
            )
            raise PydanticCustomError(code, msg)
        if self.link is not None and self.when not in _CLICKS:
            code, msg = "link_mismatch", "Give link with clicked and not_clicked only."
            raise PydanticCustomError(code, msg)
        return self

    @property
    def step(self) -> FollowUp:
        """As the domain has it."""
        return FollowUp(
            condition=self.when,
            after=timedelta(minutes=self.after_minutes or 0),
            link=self.link,
            template_id=TemplateId(self.template_id),
            template_version=self.template_version,
            sender_id=SenderId(self.sender_id),
            variables=dict(self.variables),
            follow_ups=steps_of(self.follow_ups),
        )


def _two_branches(posts: list[FollowUpPost]) -> list[FollowUpPost]:
    if len({each.when.positive for each in posts}) != len(posts):
        code = "too_many_branches"
        msg = "Give at most one step for what happens, and one for what does not."
        raise PydanticCustomError(code, msg)
    return posts


FollowUpPosts = Annotated[list[FollowUpPost], Field(max_length=2), AfterValidator(_two_branches)]
FollowUpPost.model_rebuild()


def _not_too_deep(posts: list[FollowUpPost]) -> list[FollowUpPost]:
    steps = steps_of(posts)
    if max((each.depth for each in steps), default=0) > MAX_DEPTH:
        code, msg = "too_deep", f"Use at most {MAX_DEPTH} steps one after the other."
        raise PydanticCustomError(code, msg)
    if sum(each.steps for each in steps) > MAX_STEPS:
        code, msg = "too_many_steps", f"Use at most {MAX_STEPS} steps in all."
        raise PydanticCustomError(code, msg)
    variables = (each.variables for _, each in walk(CampaignId(""), steps))
    if sum(map(attributes_chars, variables)) > _MOST_CHARS:
        code, msg = "too_large", f"Use at most {_MOST_CHARS} characters in variables of all steps."
        raise PydanticCustomError(code, msg)
    return posts


FollowUps = Annotated[FollowUpPosts, AfterValidator(_not_too_deep)]
"""All that follows a message."""


def steps_of(posts: Sequence[FollowUpPost]) -> tuple[FollowUp, ...]:
    """As the domain has them."""
    return tuple(each.step for each in posts)


def assumed_rates(query: Mapping[str, str]) -> dict[Condition, Fraction]:
    """Read the rates of a simulation. Raises InvalidInput for what is no percentage."""
    given = {
        Condition.CLICKED: query.get("clicked"),
        Condition.DELIVERED: query.get("delivered"),
        Condition.REPLIED: query.get("replied"),
        Condition.CONVERTED: query.get("converted"),
    }
    return {fact: _percent(fact, text) for fact, text in given.items() if text is not None}


def _percent(name: Condition, text: str) -> Fraction:
    if _PERCENT.fullmatch(text) and Fraction(text) <= _WHOLE:
        return Fraction(text) / _WHOLE
    message = "Use a percentage from 0 to 100, with up to two decimals."
    pointer = f"/query/{name}"
    raise InvalidInput.field(pointer, "out_of_range", message)
