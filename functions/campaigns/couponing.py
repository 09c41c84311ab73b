"""Plans a campaign whose people get codes of a pool: first who would, then with their codes.

A part is drafted with a code that only shows how it would look, to see who gets a message. Exactly
those take codes, in the order of the part, and it is drafted again. Grants outlive a job that dies,
so whoever plans the part again gives everybody the same code.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from functions.campaigns.planning import draft
from functions.campaigns.ports import CampaignDeps, Coupons
from functions.content.compose import COUPON, uses
from functions.contracts.errors import InvalidInput, Unavailable
from functions.domain.campaign import Campaign
from functions.domain.coupon import CouponPool, Grant, Holder
from functions.domain.holdout import withheld
from functions.domain.ids import CouponPoolId
from functions.domain.planning import Compose, Composed, Person, Plan
from functions.domain.reason import RefusalReason
from functions.domain.route import Route

_MAX_TRIES = 50
"""Grants of one part at most, those that others won included."""
_LOOKS_LIKE = "0000-0000"
"""Of a pool without codes, where nobody gets one."""
_DIGIT, _LETTER = re.compile("[0-9]"), re.compile("[A-Za-z]")

Take = Callable[[Sequence[Holder]], Mapping[Holder, str]]
"""Gives people their codes; who is left out gets none."""
_Verdicts = Mapping[Holder, str | RefusalReason]


def check_pool(
    campaign: Campaign, routes: Iterable[Route], *, deps: CampaignDeps, now: datetime
) -> None:
    """Raise InvalidInput where the pool cannot be the campaign's."""
    pool_id = campaign.coupon_pool
    if pool_id is None:
        return
    pool = deps.coupons.get(pool_id)
    if pool is None:
        raise InvalidInput.field("/coupon_pool", "not_found", "There is no such pool of coupons.")
    if pool.expired(now):
        raise InvalidInput.field("/coupon_pool", "coupon_expired", "The pool has expired.")
    if not any(uses(route.template, COUPON) for route in routes):
        message = "No template of the campaign has {{ coupon }}."
        raise InvalidInput.field("/coupon_pool", "not_used", message)
    if COUPON in campaign.variables:
        message = "The pool gives coupon; leave the variable out."
        raise InvalidInput.field("/variables/coupon", "not_allowed", message)


def draft_with_coupons(
    campaign: Campaign,
    people: Sequence[Person],
    *,
    take: Take,
    deps: CampaignDeps,
    now: datetime,
    variants: Sequence[str] = (),
) -> Plan:
    """Decide and compose; where the campaign has a pool, only who gets a message takes a code.

    ``variants`` names that of each person, where there are any.
    """
    drafted = partial(draft, campaign, people, deps=deps, now=now, variants=variants)
    if campaign.coupon_pool is None:
        return drafted()
    pool = _pool(campaign.coupon_pool, deps=deps)
    offer = _Offer(coupons=deps.coupons, sample=_sample(pool.pool_id, coupons=deps.coupons))
    first = drafted(dress=offer.dress)
    late, wanting = _wanting(first, people, pool, coupons=deps.coupons, now=now)
    takers = [holder for holder, held_out in wanting.items() if not held_out]
    codes = take(takers) if takers else {}
    verdicts = {
        **dict.fromkeys(late, RefusalReason.COUPON_EXPIRED),
        **dict.fromkeys(takers, RefusalReason.COUPON_EXHAUSTED),
        **codes,
        **_as_if_taken(wanting, codes, offer.sample),
    }
    return drafted(dress=replace(offer, verdicts=verdicts).dress)


def _pool(pool_id: CouponPoolId, *, deps: CampaignDeps) -> CouponPool:
    pool = deps.coupons.get(pool_id)
    if pool is None:
        msg = f"pool {pool_id} is not there"
        raise LookupError(msg)
    return pool


def _sample(pool_id: CouponPoolId, *, coupons: Coupons) -> str:
    """How the next code looks, or the last one; itself it is nobody's to see."""
    number = min(coupons.granted(pool_id).taken, coupons.added(pool_id) - 1)
    code = coupons.codes(pool_id, [number]).get(number, _LOOKS_LIKE)
    return _DIGIT.sub("0", _LETTER.sub("X", code))


def showing(campaign: Campaign, *, coupons: Coupons) -> Take:
    """Give everybody a text that looks like a code, and take none: for tests of a message."""
    pool_id = campaign.coupon_pool
    if pool_id is None:
        return lambda _: {}
    return lambda holders: dict.fromkeys(holders, _sample(pool_id, coupons=coupons))


def _wanting(
    drafted: Plan, people: Sequence[Person], pool: CouponPool, *, coupons: Coupons, now: datetime
) -> tuple[list[Holder], dict[Holder, bool]]:
    """Whose message would leave too late for a code, and who wants one, in the people's order.

    The latter tells whether they are held out, so that they take none.
    """
    drafts = [each for each in drafted.batches if uses(each.route.template, COUPON)]
    late_by_holder = {
        coupons.holder_of(message.person): pool.expired(batch.start_at or now)
        for batch in drafts
        for message in batch.messages
    }
    held_out = {
        coupons.holder_of(message.person)
        for batch in drafts
        if withheld(batch.arm) is not None
        for message in batch.messages
    }
    holders = dict.fromkeys(coupons.holder_of(each) for each in people if _reachable(each))
    late = [each for each in holders if late_by_holder.get(each) is True]
    wanting = {e: e in held_out for e in holders if late_by_holder.get(e) is False}
    return late, wanting


def _as_if_taken(
    wanting: Mapping[Holder, bool], codes: Mapping[Holder, str], sample: str
) -> _Verdicts:
    """For those who are held out: refused once there is no code left, as those around them are."""
    found: dict[Holder, str | RefusalReason] = {}
    verdict: str | RefusalReason = sample
    for holder, held_out in wanting.items():
        if held_out:
            found[holder] = verdict
        elif holder not in codes:
            verdict = RefusalReason.COUPON_EXHAUSTED
    return found


def _reachable(person: Person) -> bool:
    return person.contact is not None or person.phone is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    """Puts codes into messages: everybody the sample, until there are verdicts."""

    coupons: Coupons
    sample: str
    verdicts: _Verdicts | None = None

    def dress(self, route: Route, compose: Compose) -> Compose:
        """Compose with a code where the template has one."""
        if not uses(route.template, COUPON):
            return compose
        return lambda person: self._composed(person, compose)

    def _composed(self, person: Person, compose: Compose) -> Composed | RefusalReason:
        if self.verdicts is None:
            return compose(_with_code(person, self.sample))
        verdict = self.verdicts.get(self.coupons.holder_of(person))
        if isinstance(verdict, RefusalReason):
            return verdict
        if verdict is not None:
            return compose(_with_code(person, verdict))
        # Was no message before. Whatever kept it back does so again, and none leaves without code.
        found = compose(_with_code(person, self.sample))
        return found if isinstance(found, RefusalReason) else RefusalReason.COUPON_EXHAUSTED


def _with_code(person: Person, code: str) -> Person:
    return replace(person, variables={**person.variables, COUPON: code})


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """Gives a part's people the codes that they have, or the next ones of the pool."""

    campaign: Campaign
    part: str
    coupons: Coupons
    now: datetime

    def __call__(self, holders: Sequence[Holder]) -> Mapping[Holder, str]:
        """Take them. Raises Unavailable when others keep taking at once."""
        pool_id = self.campaign.coupon_pool
        if pool_id is None:
            return {}
        numbers = dict(self._numbers(pool_id, holders))
        codes = self.coupons.codes(pool_id, numbers.values())
        return {holder: codes[number] for holder, number in numbers.items()}

    def _numbers(
        self, pool_id: CouponPoolId, holders: Sequence[Holder]
    ) -> Iterator[tuple[Holder, int]]:
        for _ in range(_MAX_TRIES):
            granted = self.coupons.granted(pool_id)
            next_ones = granted.next_grant(holders, added=self.coupons.added(pool_id))
            if not next_ones:
                known = granted.number_by_holder
                return ((each, known[each]) for each in dict.fromkeys(holders) if each in known)
            grant = Grant(
                first=granted.taken,
                campaign_id=self.campaign.campaign_id,
                part=self.part,
                at=self.now,
                holders=next_ones,
            )
            # Whether it was ours or a rival's, the log tells the next time round.
            self.coupons.grant(pool_id, grant)
        msg = "the pool of coupons is being taken from by others"
        raise Unavailable(msg)


@dataclass(slots=True, kw_only=True)
class Pretending:
    """Tells who would get a code, without taking any. ``promised`` counts the codes."""

    pool_id: CouponPoolId | None
    coupons: Coupons
    promised: int = 0

    def __call__(self, holders: Sequence[Holder]) -> Mapping[Holder, str]:
        """Show those who would get a code how it would look."""
        if self.pool_id is None:
            return {}
        granted = self.coupons.granted(self.pool_id)
        lacking = granted.lacking(holders)
        left = max(self.coupons.added(self.pool_id) - granted.taken - self.promised, 0)
        self.promised += min(left, len(lacking))
        without = set(lacking[left:])
        sample = _sample(self.pool_id, coupons=self.coupons)
        return {each: sample for each in holders if each not in without}
