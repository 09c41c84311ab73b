"""The company's policy: every version is kept, the newest is in force."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from pynamodb.attributes import (
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)

from functions.content.holidays import public_holidays
from functions.contracts.page import Page, Position
from functions.contracts.policy_document import policy_from_json, policy_to_json
from functions.domain.policy import LAW_ALONE, Policy
from functions.runtime.clock import utc_now
from functions.storage.base import Item, position_of, start_key, written

_COMPANY = "company"
_FRESH = timedelta(seconds=15)


class PolicyItem(Item):
    """One version of the policy."""

    class Meta:
        """Short name of the table."""

        table = "policies"

    name = UnicodeAttribute(hash_key=True)
    version = NumberAttribute(range_key=True)
    document = JSONAttribute(null=True)
    made = UTCDateTimeAttribute(null=True)
    actor = UnicodeAttribute(null=True)


class PolicyVersion(NamedTuple):
    """A policy, when it was put in force, and by which key."""

    policy: Policy
    made: datetime
    actor: str


class PolicyStore:
    """Reads and writes the policy."""

    def current(self) -> Policy:
        """Read the policy in force, consistently, without holidays; the law alone at first."""
        newest = PolicyItem.query(_COMPANY, scan_index_forward=False, limit=1, consistent_read=True)
        return next((policy_from_json(item.document) for item in newest), LAW_ALONE)

    def page(self, *, limit: int, position: Position | None) -> Page[PolicyVersion]:
        """List all versions, the newest first."""
        query = PolicyItem.query(
            _COMPANY,
            scan_index_forward=False,
            page_size=limit,
            limit=limit,
            last_evaluated_key=start_key(position),
        )
        found = tuple(
            PolicyVersion(policy_from_json(item.document), item.made, item.actor) for item in query
        )
        return Page(items=found, after=position_of(query.last_evaluated_key))

    def add(self, policy: Policy, *, actor: str, now: datetime) -> bool:
        """Write the next version; False when somebody else did so first."""
        item = PolicyItem(
            _COMPANY, policy.version, document=policy_to_json(policy), made=now, actor=actor
        )
        return written(lambda: item.save(condition=PolicyItem.version.does_not_exist()))


class CurrentPolicy:
    """The policy in force with its holidays, remembered by each process for 15 seconds."""

    def __init__(
        self, read: Callable[[], Policy] | None = None, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._read = read or PolicyStore().current
        self._clock = clock
        self._known: tuple[Policy, datetime] | None = None

    def __call__(self) -> Policy:
        """Give the policy."""
        now = self._clock()
        if self._known is None or not timedelta(0) <= now - self._known[1] < _FRESH:
            self._known = with_holidays(self._read(), now=now), now
        return self._known[0]


def with_holidays(policy: Policy, *, now: datetime) -> Policy:
    """Add the public holidays around now, where a window asks for them."""
    if not any(window.on_holidays for window in policy.windows):
        return policy
    return replace(policy, holidays=public_holidays(now.year))
