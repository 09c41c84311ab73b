"""Bodies of the coupon calls."""

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from functions.contracts.http_base import PRINTABLE, Body, Line, Moment
from functions.contracts.http_events import EventName, MoneyPost

MAX_CODES_A_CALL = 10_000
_MAX_PASTED_CHARS = 1_000_000


class CouponPoolPost(Body):
    """A pool of codes.

    From ``expires_at`` on none is handed out or redeemed. ``value`` says what a code is worth.
    ``event`` is what a redemption is called among the person's events. The pool is ``low`` once
    fewer than ``warn_below`` codes are left.
    """

    name: Line
    expires_at: Moment | None = None
    value: MoneyPost | None = None
    event: EventName = "coupon_redeemed"
    warn_below: Annotated[int, Field(ge=0, le=1_000_000)] = 0


class CouponCodesPost(Body):
    """Codes to add, up to 10,000: a list, or a text with one on each line.

    A code has 4 to 64 letters, digits and ``. _ -`` and begins with a letter or digit; capitals
    count. When one cannot be a code, none is added; one that the pool has already is left out.
    """

    codes: (
        Annotated[
            list[Annotated[str, Field(max_length=200), PRINTABLE]],
            Field(min_length=1, max_length=MAX_CODES_A_CALL),
        ]
        | None
    ) = None
    text: Annotated[str, Field(min_length=1, max_length=_MAX_PASTED_CHARS), PRINTABLE] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "CouponCodesPost":
        if (self.codes is None) == (self.text is None):
            code, msg = "one_of", "Give exactly one of codes and text."
            raise PydanticCustomError(code, msg)
        return self


class RedemptionPost(Body):
    """A code was used. ``at`` defaults to now; ``order`` is yours, ``value`` what was bought."""

    code: Annotated[str, Field(min_length=1, max_length=64), PRINTABLE]
    at: Moment | None = None
    order: Annotated[str, Field(min_length=1, max_length=128), PRINTABLE] | None = None
    value: MoneyPost | None = None
