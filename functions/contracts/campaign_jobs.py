"""Jobs about campaigns under way: checked, watched, let in by steps, followed, cancelled."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepJob:
    """Put a check of every campaign under way on its way, with this patience."""

    KIND: ClassVar[str] = "campaign.sweep"
    VERSION: ClassVar[int] = 1
    patience_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckJob:
    """Check that a campaign adds up, chunk by chunk, and put lost work on its way again.

    Work counts as lost when nothing has moved for ``patience_s`` seconds. ``asked`` is when
    somebody asked for the check, in epoch milliseconds; 0 when it is its turn.
    """

    KIND: ClassVar[str] = "campaign.check"
    VERSION: ClassVar[int] = 1
    campaign_id: str
    patience_s: int
    chunk: int = 0
    asked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldJob:
    """Release, cancel or give up held messages.

    ``messages`` is what ``contracts/held_document.py`` writes. Only what is held
    for ``reason`` (empty: for any) is touched.
    """

    KIND: ClassVar[str] = "held.change"
    VERSION: ClassVar[int] = 1
    action: str
    messages: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RampJob:
    """Look whether a campaign may go on after the ``step`` of its ramp."""

    KIND: ClassVar[str] = "campaign.ramp"
    VERSION: ClassVar[int] = 1
    campaign_id: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentJob:
    """Look how a campaign's experiment stands, for the ``look``-th time (from 0).

    ``chain`` names the chain of jobs that it is of; a look that another chain made ends this one.
    """

    KIND: ClassVar[str] = "campaign.experiment"
    VERSION: ClassVar[int] = 1
    campaign_id: str
    look: int
    chain: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchJob:
    """Look whether a running campaign's stop rules hold; only the highest ``turn`` counts.

    ``sent`` is what had been sent at the look before.
    """

    KIND: ClassVar[str] = "campaign.watch"
    VERSION: ClassVar[int] = 1
    campaign_id: str
    turn: int
    sent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowJob:
    """Look who of a part of a campaign, or of a request, gets the ``step`` that follows it.

    With ``batch`` only who is in that batch, of which something was just recorded.
    """

    KIND: ClassVar[str] = "campaign.follow"
    VERSION: ClassVar[int] = 1
    campaign_id: str
    part: str
    step: str
    batch: int = 0


CampaignJob = RampJob | WatchJob | ExperimentJob | FollowJob | SweepJob | CheckJob | HeldJob
