"""What stands beside a campaign's row to keep it safe: what is left of its budget, and its watch.

A part is planned and its cost taken from what is left in one transaction, so that the parts that
are planned never cost more than the budget, whoever plans at once and how often. The steps of a
campaign draw from its budget, too.
"""

from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from functions.contracts.errors import Unavailable
from functions.domain.budget import Planned, Purse
from functions.domain.campaign import Campaign, Part
from functions.domain.ids import CampaignId
from functions.domain.stop_rules import Counts
from functions.storage.base import connection, unavailable, written
from functions.storage.campaigns import CampaignItem, campaign_key, changes, part_key, planning

_BUDGET, _WATCH = "BUDGET", "WATCH"
_MAX_TRIES = 20
_FAILED, _CONFLICT = "ConditionalCheckFailed", "TransactionConflict"


class CampaignSafetyStore:
    """Reads and changes budgets and watches."""

    def open_purse(self, campaign_id: CampaignId, amount: int) -> None:
        """Begin with a budget, in won; doing so again is harmless."""
        item = CampaignItem(campaign_id, _BUDGET, left=amount, given_back=0)
        written(lambda: item.save(condition=CampaignItem.kind.does_not_exist()))

    def purse(self, campaign_id: CampaignId) -> Purse | None:
        """Read what is left, consistently; None for a campaign without budget."""
        try:
            item = CampaignItem.get(campaign_id, _BUDGET, consistent_read=True)
        except CampaignItem.DoesNotExist:
            return None
        return Purse(left=int(item.left or 0), given_back=int(item.given_back or 0))

    def mark_planned_within(self, part: Part, *, purse: CampaignId) -> Planned:
        """Make this plan the part's, if what it costs is left of that campaign's budget.

        Raises Unavailable.
        """
        for _ in range(_MAX_TRIES):
            found = self._try_to_plan(part, purse)
            if found is not None:
                return found
        msg = "The budget is being changed by others."
        raise Unavailable(msg)

    def _try_to_plan(self, part: Part, owner: CampaignId) -> Planned | None:
        actions, unplanned = planning(part)
        take: list[Action] = [CampaignItem.left.set(CampaignItem.left - part.cost)]
        try:
            with TransactWrite(connection=connection()) as transaction:
                transaction.update(part_key(part), actions, unplanned)
                purse = CampaignItem(owner, _BUDGET)
                transaction.update(purse, take, CampaignItem.left >= part.cost)
        except TransactWriteError as error:
            return _why_not(error)
        return Planned.DONE

    def give_back(self, campaign_id: CampaignId, purse: Purse, amount: int) -> bool:
        """Let the budget have back what never left, ``amount`` in all; False when it changed."""
        item = CampaignItem(campaign_id, _BUDGET)
        actions: list[Action] = [
            CampaignItem.left.set(CampaignItem.left + (amount - purse.given_back)),
            CampaignItem.given_back.set(amount),
        ]
        same = CampaignItem.given_back == purse.given_back
        return written(lambda: item.update(actions=actions, condition=same))

    def change_budget(self, before: Campaign, after: Campaign) -> bool:
        """Change a campaign and by how much its budget differs; False when somebody was quicker."""
        actions, same = changes(before, after)
        more = (after.safety.budget or 0) - (before.safety.budget or 0)
        add: list[Action] = [CampaignItem.left.set(CampaignItem.left + more)]

        def write() -> None:
            with TransactWrite(connection=connection()) as transaction:
                transaction.update(campaign_key(before.campaign_id), actions, same)
                purse = CampaignItem(before.campaign_id, _BUDGET)
                transaction.update(purse, add, CampaignItem.left.exists())

        return written(write)

    def turn(self, campaign_id: CampaignId) -> int:
        """Read the last turn of the watch; 0 before the first."""
        try:
            return int(CampaignItem.get(campaign_id, _WATCH, consistent_read=True).turn or 0)
        except CampaignItem.DoesNotExist:
            return 0

    def note_look(self, campaign_id: CampaignId, turn: int, counts: Counts) -> bool:
        """Note what a turn of the watch saw; False where a later one was noted."""
        item = CampaignItem(campaign_id, _WATCH)
        seen = [counts.sent, counts.failed, counts.opted_out, counts.complained, counts.waiting]
        actions: list[Action] = [CampaignItem.turn.set(turn), CampaignItem.looked.set(seen)]
        earlier = CampaignItem.turn.does_not_exist() | (CampaignItem.turn < turn)
        return written(lambda: item.update(actions=actions, condition=earlier))


def _why_not(error: TransactWriteError) -> Planned | None:
    """None where others wrote at the same moment, so that it can be tried again."""
    reasons = error.cancellation_reasons
    part, purse = (None if each is None else each.code for each in reasons or (None, None))
    if part == _FAILED:
        return Planned.TAKEN
    if purse == _FAILED:
        return Planned.OVER
    if _CONFLICT in (part, purse):
        return None
    raise unavailable(error) from error
