"""What a campaign takes about the ways that its messages may go: one, or the best of several."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from functions.contracts.http_base import Body, Identifier
from functions.contracts.http_safety import SafetyPut
from functions.domain.best_channel import MOST_EXPLORED, USUALLY_EXPLORED
from functions.domain.campaign import MAX_WAYS, Way
from functions.domain.ids import SenderId, TemplateId
from functions.domain.policy import WhenCapped

_WAYS, _WHEN_CAPPED = "ways", "when_capped"
_OWN = ("template_id", "template_version", "sender_id")
_GETS_THE_NEXT = "Whom a cap keeps back gets the next of the ways."
T = TypeVar("T")


class WayPost(Body):
    """One way to send: a version of a template, and the sender."""

    template_id: Identifier
    template_version: Annotated[int, Field(ge=1)]
    sender_id: Identifier

    @property
    def way(self) -> Way:
        """As the domain has it."""
        return Way(
            template_id=TemplateId(self.template_id),
            template_version=self.template_version,
            sender_id=SenderId(self.sender_id),
        )


class WaysPost(SafetyPut):
    """The way of a campaign, or with ``channel`` ``best`` the ``ways``, each of another channel.

    ``explore_percent`` of the people get one of the ways by chance.
    """

    channel: Literal["best"] | None = None
    ways: Annotated[list[WayPost], Field(min_length=2, max_length=MAX_WAYS)] | None = None
    explore_percent: Annotated[int, Field(ge=0, le=MOST_EXPLORED)] | None = None
    template_id: Annotated[Identifier | None, Field(validate_default=True)] = None
    template_version: Annotated[
        Annotated[int, Field(ge=1)] | None, Field(validate_default=True)
    ] = None
    sender_id: Annotated[Identifier | None, Field(validate_default=True)] = None
    when_capped: Annotated[WhenCapped, Field(strict=False)] = WhenCapped.SKIP
    swap: WayPost | None = None

    @field_validator(*_OWN)
    @classmethod
    def _one_or_several(cls, value: T | None, info: ValidationInfo) -> T | None:
        """Of one way these are needed; of several each has its own."""
        if _WAYS not in info.data:
            return value
        if info.data[_WAYS] is None and value is None:
            code, msg = "missing", "Field required"
            raise PydanticCustomError(code, msg)
        if info.data[_WAYS] is not None and value is not None:
            code, msg = "not_allowed", "Each of the ways has its own; leave this out."
            raise PydanticCustomError(code, msg)
        return value

    @field_validator("explore_percent", "swap")
    @classmethod
    def _only_one_kind(cls, value: T | None, info: ValidationInfo) -> T | None:
        several = info.data.get(_WAYS) is not None
        if value is None or _WAYS not in info.data or several is (info.field_name != "swap"):
            return value
        code = "not_allowed"
        msg = _GETS_THE_NEXT if several else "Give it with ways."
        raise PydanticCustomError(code, msg)

    @field_validator(_WHEN_CAPPED)
    @classmethod
    def _no_swap(cls, value: WhenCapped, info: ValidationInfo) -> WhenCapped:
        if value is WhenCapped.SWAP and info.data.get(_WAYS) is not None:
            code, msg = "not_allowed", _GETS_THE_NEXT
            raise PydanticCustomError(code, msg)
        return value

    @model_validator(mode="after")
    def _swap_fits(self) -> "WaysPost":
        if (self.when_capped is WhenCapped.SWAP) != (self.swap is not None):
            code, msg = "swap_mismatch", "Give swap with when_capped swap, and only with it."
            raise PydanticCustomError(code, msg)
        return self

    @model_validator(mode="after")
    def _channel_fits(self) -> "WaysPost":
        if (self.channel is None) != (self.ways is None):
            code, msg = "ways_mismatch", "Give ways with channel best, and only with it."
            raise PydanticCustomError(code, msg)
        return self

    @property
    def route_fields(self) -> dict[str, Any]:
        """The ways, as the campaign's fields: the first of several stands for the campaign."""
        several = tuple(each.way for each in self.ways or ())
        explore = USUALLY_EXPLORED if self.explore_percent is None else self.explore_percent
        own = several[0] if several else self._own
        return {
            "template_id": own.template_id,
            "template_version": own.template_version,
            "sender_id": own.sender_id,
            "ways": several,
            "explore": explore if several else 0,
            "when_capped": self.when_capped,
            "swap": None if self.swap is None else self.swap.way,
        }

    @property
    def _own(self) -> Way:
        # Neither is None where there are no ways.
        return Way(
            template_id=TemplateId(self.template_id or ""),
            template_version=self.template_version or 0,
            sender_id=SenderId(self.sender_id or ""),
        )
