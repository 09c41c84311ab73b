"""Lanes in memory; held to the real store's contract. And a clock that moves by waiting."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from functions.dispatch.pace import Pace
from functions.domain.ids import CampaignId
from functions.domain.pace import FRESH, Lane, LaneKind, LaneState
from tests.builders import NOON

_Key = tuple[LaneKind, str]


@dataclass
class FakeLanes:
    """``rivals`` change a lane, each once, just before somebody's change is stored."""

    states: dict[_Key, LaneState] = field(default_factory=dict)
    rivals: list[Callable[[LaneState], LaneState]] = field(default_factory=list)
    looks: int = 0
    writes: int = 0

    def look(self, lanes: Iterable[Lane]) -> dict[Lane, LaneState]:
        self.looks += 1
        return {lane: self.states.get(_key(lane), FRESH) for lane in lanes}

    def change(self, lane: Lane, change: Callable[[LaneState], Any]) -> Any:
        while True:
            known = self.states.get(_key(lane), FRESH)
            changed = change(known)
            if changed is None:
                return None
            if self.rivals:
                after = self.rivals.pop()(known)
                self.states[_key(lane)] = replace(after, version=known.version + 1)
                continue
            self.writes += 1
            self.states[_key(lane)] = replace(changed[0], version=known.version + 1)
            return changed[1]

    def book(self, lane: Lane, cost_us: int, now_us: int) -> int:
        turn_us: int = self.change(lane, lambda state: state.booked(cost_us, now_us))
        return turn_us

    def forget_turns(self, campaign_id: CampaignId) -> None:
        key = LaneKind.CAMPAIGN, campaign_id
        if key in self.states:
            known = self.states[key]
            self.states[key] = replace(known, line_us=0, booked_us=0, version=known.version + 1)


def _key(lane: Lane) -> _Key:
    return lane.kind, lane.name


@dataclass
class WaitingClock:
    """A clock that stands still but while somebody waits."""

    now: datetime = NOON
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)


def unlimited() -> dict[str, Any]:
    """What dispatch needs to know of limits where there is none."""
    clock = WaitingClock()
    return {
        "rate": lambda *_: None,
        "provider_of": lambda _: "solapi",
        "pace": Pace(lanes=FakeLanes(), clock=clock, sleep=clock.sleep),
    }
