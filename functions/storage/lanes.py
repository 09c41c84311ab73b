"""How far lanes are used: one small row each, changed by one conditional write.

They live in the table of campaigns: that of a campaign beside it, others under names that no
campaign has.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from pynamodb.expressions.update import Action

from functions.contracts.errors import Unavailable
from functions.domain.ids import CampaignId
from functions.domain.pace import FRESH, Lane, LaneKind, LaneState
from functions.storage.base import unchanged, written
from functions.storage.campaigns import CampaignItem

T = TypeVar("T")
_KIND = "LANE"
_MAX_TRIES = 50


class LaneStore:
    """Reads and changes lanes."""

    def look(self, lanes: Iterable[Lane]) -> dict[Lane, LaneState]:
        """Read lanes, consistently."""
        key_by_lane = {lane: (_key(lane), _KIND) for lane in lanes}
        items = CampaignItem.batch_get(list(key_by_lane.values()), consistent_read=True)
        found = {(item.campaign_id, item.kind): _state(item) for item in items}
        return {lane: found.get(key, FRESH) for lane, key in key_by_lane.items()}

    def change(
        self, lane: Lane, change: Callable[[LaneState], tuple[LaneState, T] | None]
    ) -> T | None:
        """Apply ``change`` to the newest state and store it, starting over when others wrote.

        ``change`` gives the new state and what is to be given back, or None to change nothing.
        Raises Unavailable when others keep winning.
        """
        for _ in range(_MAX_TRIES):
            known = self.look([lane])[lane]
            changed = change(known)
            if changed is None:
                return None
            after, answer = changed
            if self._store(lane, after, known.version):
                return answer
        msg = "the lane is being used by others"
        raise Unavailable(msg)

    def book(self, lane: Lane, cost_us: int, now_us: int) -> int:
        """Get in the line of a campaign for so much time; tells when the turn begins.

        Raises Unavailable.
        """
        turn_us = self.change(lane, lambda state: state.booked(cost_us, now_us))
        return now_us if turn_us is None else turn_us

    def forget_turns(self, campaign_id: CampaignId) -> None:
        """Let the line of a campaign begin anew; whoever has a turn comes too early or late."""
        item = CampaignItem(campaign_id, _KIND)
        actions: list[Action] = [
            CampaignItem.lane_line.set(0),
            CampaignItem.lane_booked.set(0),
            # Whoever changes the lane at this moment looks again.
            CampaignItem.version.add(1),
        ]
        written(lambda: item.update(actions=actions, condition=_THERE))

    def _store(self, lane: Lane, state: LaneState, known: int) -> bool:
        item = CampaignItem(_key(lane), _KIND)
        actions: list[Action] = [
            CampaignItem.lane_free.set(state.free_us),
            CampaignItem.lane_cost.set(state.cost_us),
            CampaignItem.lane_line.set(state.line_us),
            CampaignItem.lane_booked.set(state.booked_us),
            CampaignItem.version.set(known + 1),
        ]
        same = unchanged(CampaignItem.version, known)
        return written(lambda: item.update(actions=actions, condition=same))


_THERE = CampaignItem.version.exists()


def _key(lane: Lane) -> str:
    return lane.name if lane.kind is LaneKind.CAMPAIGN else f"lane:{lane.kind}:{lane.name}"


def _state(item: CampaignItem) -> LaneState:
    return LaneState(
        free_us=int(item.lane_free or 0),
        cost_us=int(item.lane_cost or 0),
        line_us=int(item.lane_line or 0),
        booked_us=int(item.lane_booked or 0),
        version=int(item.version or 0),
    )
