"""HTTP calls about coupons. Codes go in and are never listed."""

from datetime import UTC

from chalice.app import Blueprint

from functions.contracts.errors import InvalidInput
from functions.contracts.http_coupons import (
    MAX_CODES_A_CALL,
    CouponCodesPost,
    CouponPoolPost,
    RedemptionPost,
)
from functions.contracts.scope import Scope
from functions.coupons import service, wiring
from functions.coupons.service import Counts, Use
from functions.domain.coupon import CouponPool, Redemption
from functions.domain.ids import ContactId, CouponPoolId
from functions.domain.pricing import Money
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.ids import fresh_id
from functions.runtime.listing import listing

bp = Blueprint(__name__)
_LIST = "coupon-pools"
_MOST_NAMED = 1_000


@bp.route("/v1/coupon-pools", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=CouponPoolPost)
def post_coupon_pool(call: Call[CouponPoolPost]) -> Reply:
    """Make a pool of coupons; codes are added to it afterwards."""
    body = call.body
    pool = CouponPool(
        pool_id=CouponPoolId(fresh_id("cpn")),
        name=body.name,
        created=call.now,
        expires=None if body.expires_at is None else body.expires_at.astimezone(UTC),
        worth=None if body.value is None else Money(minor=body.value.minor),
        event=body.event,
        warn_below=body.warn_below,
    )
    wiring.pools().add(pool)
    return Reply(status=201, body=_view(pool))


@bp.route("/v1/coupon-pools", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_coupon_pools(call: Call[None]) -> Reply:
    """List pools of coupons."""
    return listing(call, wiring.pools(), _view, of=_LIST)


@bp.route("/v1/coupon-pools/{pool_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_coupon_pool(call: Call[None], pool_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read a pool, and how many of its codes are given, redeemed and left."""
    pool = service.find(CouponPoolId(pool_id), deps=wiring.deps())
    counted = service.counts(pool.pool_id, deps=wiring.deps())
    return Reply(body=_view(pool) | _counts_view(pool, counted))


@bp.route("/v1/coupon-pools/{pool_id}/codes", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=CouponCodesPost)
def post_coupon_codes(call: Call[CouponCodesPost], pool_id: str) -> Reply:
    """Add up to 10,000 codes; those that the pool has already are named by place and left out."""
    pointer, codes = _given(call.body)
    service.check_codes(codes, pointer=pointer)
    added = service.add(CouponPoolId(pool_id), codes, deps=wiring.deps())
    named = added.duplicates[:_MOST_NAMED]
    return Reply(
        body={
            "added": added.added,
            "duplicates": len(added.duplicates),
            "duplicate_pointers": [f"{pointer}/{place}" for place in named],
            "codes": added.total,
        }
    )


def _given(body: CouponCodesPost) -> tuple[str, list[str]]:
    if body.codes is not None:
        return "/codes", body.codes
    codes = [line.strip() for line in (body.text or "").splitlines() if line.strip()]
    if len(codes) > MAX_CODES_A_CALL:
        message = f"Give at most {MAX_CODES_A_CALL} codes a call."
        raise InvalidInput.field("/text", "too_many", message)
    return "/text", codes


@bp.route("/v1/coupon-pools/{pool_id}/redemptions", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=RedemptionPost)
def post_redemption(call: Call[RedemptionPost], pool_id: str) -> Reply:
    """Redeem a code, once; it counts among the events of the person who has it."""
    body = call.body
    use = Use(
        code=body.code,
        at=body.at,
        order=body.order,
        minor=0 if body.value is None else body.value.minor,
    )
    done, event = service.redeem(CouponPoolId(pool_id), use, deps=wiring.deps(), now=call.now)
    return Reply(body=_redemption_view(done) | {"event": event})


@bp.route("/v1/contacts/{contact_id}/coupons/{pool_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, personal=True)
def get_contact_coupon(call: Call[None], contact_id: str, pool_id: str) -> Reply:  # noqa: ARG001
    """Read the code that a contact has of a pool, and whether it was redeemed."""
    held = service.held_by(CouponPoolId(pool_id), ContactId(contact_id), deps=wiring.deps())
    used = held.redemption
    return Reply(
        body={
            "pool_id": pool_id,
            "code": held.code,
            "campaign_id": held.grant.campaign_id,
            "given": held.grant.at.isoformat(),
            "redemption": None if used is None else _redemption_view(used),
        }
    )


def _view(pool: CouponPool) -> Json:
    return {
        "pool_id": pool.pool_id,
        "name": pool.name,
        "created": pool.created.isoformat(),
        "expires_at": None if pool.expires is None else pool.expires.isoformat(),
        "value": None if pool.worth is None else _money(pool.worth),
        "event": pool.event,
        "warn_below": pool.warn_below,
    }


def _counts_view(pool: CouponPool, counted: Counts) -> Json:
    return {
        "codes": counted.added,
        "given": counted.taken,
        "redeemed": counted.redeemed,
        "left": counted.left,
        "low": counted.left < pool.warn_below,
    }


def _redemption_view(redemption: Redemption) -> Json:
    return {
        "redeemed_at": redemption.at.isoformat(),
        "order": redemption.order,
        "value": _money(Money(minor=redemption.minor)),
    }


def _money(money: Money) -> Json:
    return {"minor": money.minor, "currency": money.currency}
