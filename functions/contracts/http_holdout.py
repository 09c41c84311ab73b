"""How calls say which share of people is held out."""

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from functions.contracts.http_base import Body, Line
from functions.domain.holdout import MOST, PER_UNIT, percent_of

_TENTHS = PER_UNIT / 100


def _tenths(percent: float) -> float:
    if abs(percent * _TENTHS - round(percent * _TENTHS)) > 1e-6:  # noqa: PLR2004  # of a float
        code, msg = "too_precise", "Use at most one decimal."
        raise PydanticCustomError(code, msg)
    return percent


HoldoutPercent = Annotated[
    float, Field(ge=0, le=percent_of(MOST), allow_inf_nan=False), AfterValidator(_tenths)
]
"""Of people, up to 50, with one decimal."""


class GroupPut(Body):
    """A share of all people who get no advertising of any campaign launched from now on.

    Another ``name`` draws all anew; a larger ``percent`` takes in more and lets nobody go.
    """

    name: Line
    percent: Annotated[HoldoutPercent, Field(gt=0)]
