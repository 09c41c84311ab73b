"""What the coupon calls answer, for the description of the API only."""

from pydantic import AwareDatetime, BaseModel

from functions.openapi.contact_answers import Page
from functions.openapi.message_answers import Money


class CouponPool(BaseModel):
    """A pool of coupons."""

    pool_id: str
    name: str
    created: AwareDatetime
    expires_at: AwareDatetime | None
    value: Money | None
    event: str
    warn_below: int


class CouponPoolRead(CouponPool):
    """A pool with its codes in figures. ``given`` are somebody's; ``left`` can still be given."""

    codes: int
    given: int
    redeemed: int
    left: int
    low: bool


class CouponPoolPage(Page):
    """Some pools."""

    items: list[CouponPool]


class CouponCodesAdded(BaseModel):
    """How many codes were added, and how many the pool has now.

    ``duplicate_pointers`` tells the first 1,000 places of those left out: the pool has
    them, or they stand there twice.
    """

    added: int
    duplicates: int
    duplicate_pointers: list[str]
    codes: int


class Redemption(BaseModel):
    """How a code was used."""

    redeemed_at: AwareDatetime
    order: str | None
    value: Money


class CouponRedeemed(Redemption):
    """The code is redeemed. ``event`` is what its person gets; null: nobody known has it."""

    event: str | None


class ContactCoupon(BaseModel):
    """The code that a contact has, the campaign that first gave it, and how it was used."""

    pool_id: str
    code: str
    campaign_id: str
    given: AwareDatetime
    redemption: Redemption | None
