"""Pools of coupons as callers see them: made, filled, looked at, redeemed.

Adding codes and redeeming one can be repeated: a code that is there is not added again, and one
that was redeemed is not redeemed again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from functions.contracts.activity_document import events_to_text
from functions.contracts.errors import Conflict, FieldError, InvalidInput, NotFound, Unavailable
from functions.contracts.queues import EventsReported
from functions.coupons.ports import CouponDeps
from functions.domain.coupon import (
    MAX_CHUNK,
    MAX_CODES,
    Chunk,
    CouponPool,
    Grant,
    Redemption,
    contact_of,
    holder_of_contact,
    is_code,
)
from functions.domain.event import CLOCK_SKEW, MAX_AGE, Event, PersonEvents, event_key
from functions.domain.ids import ContactId, CouponPoolId

_MAX_TRIES = 20
_TOLD_AGAIN_WITHIN = timedelta(days=1)
"""So long a repeated redemption reports its event again: repeats are known for longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A pool in figures: all its codes, those given to somebody, those used."""

    added: int
    taken: int
    redeemed: int

    @property
    def left(self) -> int:
        """How many can still be given."""
        return self.added - self.taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """How many codes were added, and the places of those that were not, being there already."""

    added: int
    duplicates: tuple[int, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A code that somebody used, as the caller tells; without ``at`` it was now."""

    code: str = field(repr=False)
    at: datetime | None = None
    order: str | None = None
    minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The code that somebody has, by which campaign, and how it was used."""

    code: str = field(repr=False)
    grant: Grant
    redemption: Redemption | None


def find(pool_id: CouponPoolId, *, deps: CouponDeps) -> CouponPool:
    """Read a pool. Raises NotFound."""
    pool = deps.pools.get(pool_id)
    if pool is None:
        msg = "There is no such pool of coupons."
        raise NotFound(msg)
    return pool


def counts(pool_id: CouponPoolId, *, deps: CouponDeps) -> Counts:
    """Count a pool from its rows."""
    # The grants first: what is granted in between was added before.
    taken = deps.pools.taken(pool_id)
    return Counts(
        added=deps.pools.added(pool_id), taken=taken, redeemed=deps.pools.redeemed(pool_id)
    )


def add(pool_id: CouponPoolId, codes: Sequence[str], *, deps: CouponDeps) -> Added:
    """Add codes that the pool does not have. Raises NotFound, Conflict ``coupon_pool_full``."""
    find(pool_id, deps=deps)
    waiting, end = set(codes), 0
    known: set[str] = set()
    written: set[str] = set()
    for _ in range(_MAX_TRIES):
        for chunk in deps.pools.chunks(pool_id, start=end):
            known |= waiting.intersection(chunk.codes)
            end = chunk.end
        waiting -= known
        if end + len(waiting) > MAX_CODES:
            msg = f"A pool has at most {MAX_CODES} codes."
            raise Conflict(msg, code="coupon_pool_full")
        for chunk in _chunks(sorted(waiting), first=end):
            if not deps.pools.append(pool_id, chunk):
                break
            written |= set(chunk.codes)
            waiting -= written
            end = chunk.end
        else:
            return Added(added=len(written), duplicates=_others(codes, written), total=end)
    msg = "Others are adding codes to the pool at once."
    raise Unavailable(msg)


def _chunks(codes: Sequence[str], *, first: int) -> Iterator[Chunk]:
    for start in range(0, len(codes), MAX_CHUNK):
        yield Chunk(first=first + start, codes=tuple(codes[start : start + MAX_CHUNK]))


def _others(codes: Sequence[str], written: set[str]) -> tuple[int, ...]:
    """The places of codes that were there, or stand there again."""
    left = set(written)
    places = []
    for place, code in enumerate(codes):
        if code in left:
            left.discard(code)
        else:
            places.append(place)
    return tuple(places)


def check_codes(codes: Sequence[str], *, pointer: str) -> None:
    """Raise InvalidInput that names every text that cannot be a code."""
    message = "A code has 4 to 64 letters, digits and . _ - and begins with a letter or digit."
    errors = [
        FieldError(f"{pointer}/{place}", "invalid_format", message)
        for place, code in enumerate(codes)
        if not is_code(code)
    ]
    if errors:
        raise InvalidInput.of(*errors)


def redeem(
    pool_id: CouponPoolId, use: Use, *, deps: CouponDeps, now: datetime
) -> tuple[Redemption, str | None]:
    """Redeem a code, once; tells the name of the event that its person gets, if it is known whose.

    Told again with the same order it is what it was. Raises InvalidInput, NotFound, Conflict
    ``already_redeemed``, ``coupon_not_given`` or ``coupon_expired``.
    """
    pool = find(pool_id, deps=deps)
    _check_moment(use, now=now)
    number = deps.number_of(pool_id, use.code)
    if number is None:
        msg = "The pool has no such code."
        raise NotFound(msg)
    grant = deps.pools.grant_of(pool_id, number)
    if grant is None:
        msg = "The code was given to nobody yet."
        raise Conflict(msg, code="coupon_not_given")
    at = min(use.at or now, now)
    fresh = Redemption(number=number, at=at, told=now, order=use.order, minor=use.minor)
    done = deps.pools.redemption(pool_id, number) or _redeemed(pool, fresh, deps=deps)
    event = _report(pool, grant, done, deps=deps, now=now)
    if done != fresh and (use.order is None or use.order != done.order):
        when = f"It was redeemed at {done.at.isoformat()}."
        errors = [FieldError("/code", "already_redeemed", when)]
        msg = "The code was redeemed before."
        raise Conflict(msg, code="already_redeemed", errors=errors)
    return done, event


def _check_moment(use: Use, *, now: datetime) -> None:
    if use.at is not None and use.at > now + CLOCK_SKEW:
        raise InvalidInput.field("/at", "in_the_future", "A code cannot be used in the future.")
    if use.at is not None and use.at < now - MAX_AGE:
        message = f"Redemptions are taken for {MAX_AGE.days} days."
        raise InvalidInput.field("/at", "too_old", message)


def _redeemed(pool: CouponPool, fresh: Redemption, *, deps: CouponDeps) -> Redemption:
    """Write a redemption; gives the one that counts, which is a rival's that came first."""
    if pool.expired(fresh.at):
        msg = "The codes of the pool have expired."
        raise Conflict(msg, code="coupon_expired")
    if deps.pools.redeem(pool.pool_id, fresh):
        return fresh
    known = deps.pools.redemption(pool.pool_id, fresh.number)
    if known is None:
        msg = f"redemption {fresh.number} of {pool.pool_id} is not there"
        raise LookupError(msg)
    return known


def _report(
    pool: CouponPool, grant: Grant, done: Redemption, *, deps: CouponDeps, now: datetime
) -> str | None:
    """Report a redemption's event, again where whoever redeemed may have died before it did."""
    contact_id = contact_of(grant.holders[done.number - grant.first])
    if contact_id is None:
        return None
    if now - done.told < _TOLD_AGAIN_WITHIN:
        facts = {"pool": pool.pool_id, "campaign": grant.campaign_id}
        event = Event(
            key=event_key(f"coupon/{pool.pool_id}/{done.number}"),
            name=pool.event,
            at=done.at.replace(microsecond=0),
            minor=done.minor,
            properties=deps.declared().declared(pool.event, facts),
        )
        person = PersonEvents(contact_id=deps.survivor_of(contact_id), events=(event,))
        people = events_to_text([person])
        deps.enqueue([EventsReported(received=int(now.timestamp()), people=people)])
    return pool.event


def held_by(pool_id: CouponPoolId, contact_id: ContactId, *, deps: CouponDeps) -> Held:
    """Find the code that a contact has of a pool, reading all its grants. Raises NotFound."""
    find(pool_id, deps=deps)
    holders = {*map(holder_of_contact, (contact_id, *deps.former_ids(contact_id)))}
    for grant in deps.pools.grants(pool_id):
        found = next((i for i, each in enumerate(grant.holders) if each in holders), None)
        if found is not None:
            number = grant.first + found
            return Held(
                code=deps.pools.codes(pool_id, [number])[number],
                grant=grant,
                redemption=deps.pools.redemption(pool_id, number),
            )
    msg = "The contact has no code of this pool."
    raise NotFound(msg)
