"""What a campaign is to bring about: an event of its people, soon enough after a touch."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=90)
USUAL_WINDOW = timedelta(days=3)
"""So long an event is put down to a message, where the campaign does not say otherwise."""


class TouchRule(StrEnum):
    """What makes a message count for an event: how far it got before."""

    DELIVERED = "delivered"
    """The carrier says so."""
    OPENED = "opened"
    """Somebody read it. No channel of today tells, so it is the first click by a person."""
    CLICKED = "clicked"
    """A person opened one of its links; a machine's opening is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """An event that converts, if it comes in ``window`` after the touch. Properties do not count.

    An event counts from the moment of the touch on, and no more when the window has passed.
    Where the campaign is ``measured`` it is also noted at messages that did not touch, when it
    comes in the window after these began: so people who got it and who did not are compared.
    """

    event: str
    window: timedelta = USUAL_WINDOW
    touch: TouchRule = TouchRule.CLICKED
    measured: bool = False

    def reached(self, *, touched: int, at: int) -> bool:
        """Whether an event at a moment converts a touch of a moment (both epoch seconds)."""
        return touched <= at < touched + int(self.window.total_seconds())
