"""Body of the policy call."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from functions.contracts.http_base import PRINTABLE, Body, Identifier, Line
from functions.contracts.http_holdout import GroupPut
from functions.contracts.http_rate import RatePost
from functions.domain.channel import Channel, Purpose
from functions.domain.fatigue import MAX_RULES, Period, Same
from functions.domain.policy import MAX_SEEDS, WhenClosed, WhenUnknown

_Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
_Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Tag = Annotated[str, Field(min_length=1, max_length=50), PRINTABLE]
_Priority = Annotated[int, Field(ge=1, le=9)]
_LONGEST_BY_PERIOD = {
    Period.ROLLING_HOURS: 24 * 31,
    Period.CALENDAR_DAYS: 31,
    Period.CALENDAR_WEEKS: 4,
}


class WindowPost(Body):
    """Hours in which messages wait: ``starts`` on these days, to the next ``ends``.

    With both equal it is the whole day. Without classes or channels it is for all of them.
    """

    name: Line
    starts: _Clock
    ends: _Clock
    weekdays: Annotated[list[_Day], Field(max_length=7)] = Field(default_factory=list)
    on_holidays: bool = False
    classes: list[Annotated[Purpose, Field(strict=False)]] = Field(default_factory=list)
    channels: list[Annotated[Channel, Field(strict=False)]] = Field(default_factory=list)

    @model_validator(mode="after")
    def _has_days(self) -> "WindowPost":
        if not self.weekdays and not self.on_holidays:
            code, msg = "no_days", "Say on which weekdays, or on_holidays."
            raise PydanticCustomError(code, msg)
        return self


class ClassRulesPost(Body):
    """What a message class does about protected hours, and how long it is worth sending."""

    when_closed: Annotated[WhenClosed, Field(strict=False)] = WhenClosed.HOLD
    expires_after_hours: Annotated[int, Field(ge=1, le=168)] = 72


class ReservePost(Body):
    """Places of a cap that only campaigns of this priority or a higher one may take."""

    priority: _Priority
    places: Annotated[int, Field(ge=1, le=100)]


class CapPost(Body):
    """At most ``most`` advertisements in ``length`` periods, of those that match.

    ``same`` ``template``: the same message again; ``source``: of one campaign or journey.
    """

    name: Line
    most: Annotated[int, Field(ge=0, le=100)]
    period: Annotated[Period, Field(strict=False)]
    length: Annotated[int, Field(ge=1)]
    channel: Annotated[Channel, Field(strict=False)] | None = None
    tag: Tag | None = None
    same: Annotated[Same, Field(strict=False)] = Same.ANYTHING
    reserves: Annotated[list[ReservePost], Field(max_length=9)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits_the_horizon(self) -> "CapPost":
        most = _LONGEST_BY_PERIOD[self.period]
        if self.length > most:
            code = "out_of_range"
            msg = "Use 31 days at most."
            raise PydanticCustomError(code, msg)
        return self


class PolicyPut(Body):
    """The whole policy; what is left out is without rules. ``version`` is the one it replaces.

    The law's own night (21:00-08:00) holds whatever stands here. ``ambiguous_transactional`` is
    what becomes of a notice of which the provider cannot say whether it has it: ``resend`` may let
    somebody get it twice. Advertisements are never sent again. Campaigns to more than
    ``approval_above`` people need a second key's approval (null: none does). ``seeds`` are the
    contacts who get tests of campaigns; with ``test_before_launch`` one must have been sent.
    ``rate`` is how fast all messages together may leave, ``rate_by_provider`` those that go to one
    account of a provider. Who is in ``holdout`` gets no advertising of campaigns.
    """

    version: Annotated[int, Field(ge=0)]
    windows: Annotated[list[WindowPost], Field(max_length=20)] = Field(default_factory=list)
    slots: Annotated[list[_Clock], Field(min_length=1, max_length=24)] = Field(
        default_factory=lambda: ["10:00"]
    )
    classes: dict[Annotated[Purpose, Field(strict=False)], ClassRulesPost] = Field(
        default_factory=dict
    )
    caps: Annotated[list[CapPost], Field(max_length=MAX_RULES)] = Field(default_factory=list)
    ambiguous_transactional: Annotated[WhenUnknown, Field(strict=False)] = WhenUnknown.UNKNOWN
    approval_above: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    test_before_launch: bool = False
    seeds: Annotated[list[Identifier], Field(max_length=MAX_SEEDS)] = Field(default_factory=list)
    rate: RatePost | None = None
    rate_by_provider: dict[Literal["solapi"], RatePost] = Field(default_factory=dict)
    holdout: GroupPut | None = None
