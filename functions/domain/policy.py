"""A company's own rules on top of the law: when not to disturb, and how often to write."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum

from functions.domain.channel import Channel, Purpose
from functions.domain.fatigue import Cap
from functions.domain.holdout import GlobalGroup
from functions.domain.pace import Rate


class WhenClosed(StrEnum):
    """What becomes of a message that meets protected hours.

    ``hold`` waits until they end, ``drop`` refuses, ``next_slot`` waits for the next of the
    company's sending times.
    """

    HOLD = "hold"
    DROP = "drop"
    NEXT_SLOT = "next_slot"


class WhenCapped(StrEnum):
    """What becomes of an advertisement that a cap keeps back."""

    SKIP = "skip"
    DELAY = "delay"
    SWAP = "swap"


class WhenUnknown(StrEnum):
    """What becomes of a message of which nobody can say whether it was sent.

    ``unknown`` leaves it at that; ``resend`` may let somebody get it twice.
    """

    UNKNOWN = "unknown"
    RESEND = "resend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Hours in which messages of some classes and channels wait; nothing given means all.

    It begins at ``starts`` on the given weekdays (0 is Monday) or on public holidays, and ends
    at the next ``ends``; with both equal it is the whole day.
    """

    name: str
    starts: time
    ends: time
    weekdays: frozenset[int] = frozenset()
    on_holidays: bool = False
    classes: frozenset[Purpose] = frozenset()
    channels: frozenset[Channel] = frozenset()

    def concerns(self, purpose: Purpose, channel: Channel) -> bool:
        """Whether a message of this class and channel has to mind the window."""
        return (not self.classes or purpose in self.classes) and (
            not self.channels or channel in self.channels
        )

    def begins_on(self, day: date, holidays: frozenset[date]) -> bool:
        """Whether the window begins on this day of the calendar."""
        return day.weekday() in self.weekdays or (self.on_holidays and day in holidays)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRules:
    """What one message class does about protected hours, and how long it is worth sending."""

    when_closed: WhenClosed = WhenClosed.HOLD
    expires_after: timedelta = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All rules of a company. ``version`` counts its changes; 0 is the law alone.

    ``ambiguous_transactional`` is about notices only: an advertisement is never sent again.
    ``slots`` are the sending times that NEXT_SLOT waits for. ``holidays`` are the public
    holidays of the years around now, looked up when the policy is read. A campaign to more than
    ``approval_above`` people needs a second key's approval; ``seeds`` are the contacts who get
    tests, one of which ``test_before_launch`` asks for. ``rate`` is how fast all messages together
    may leave, ``rate_by_provider`` those that go to one provider. Who is in ``holdout`` gets no
    advertising.
    """

    version: int = 0
    windows: tuple[Window, ...] = ()
    slots: tuple[time, ...] = (time(10),)
    rules_by_class: Mapping[Purpose, ClassRules] = field(default_factory=dict)
    caps: tuple[Cap, ...] = ()
    rate: Rate | None = None
    rate_by_provider: Mapping[str, Rate] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()
    ambiguous_transactional: WhenUnknown = WhenUnknown.UNKNOWN
    approval_above: int | None = None
    test_before_launch: bool = False
    seeds: tuple[str, ...] = ()
    holdout: GlobalGroup | None = None

    def rules(self, purpose: Purpose) -> ClassRules:
        """The rules of a message class."""
        return self.rules_by_class.get(purpose, _USUAL)


MAX_SEEDS = 10
"""People who get a test."""
USUAL_PRIORITY = 5
"""Of 1 (least) to 9: who may take the reserved places of a cap."""
_USUAL = ClassRules()
LAW_ALONE = Policy()
