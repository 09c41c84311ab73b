"""Public holidays of Korea, lunar and substitute ones among them, from a kept library."""

from datetime import date
from functools import lru_cache


def public_holidays(year: int) -> frozenset[date]:
    """The public holidays of the year before, this one and the one after.

    Source: 관공서의 공휴일에 관한 규정, as the library ``holidays`` reads it; days that the
    government adds at short notice come with the library's next version.
    """
    return frozenset().union(*(_of_year(each) for each in (year - 1, year, year + 1)))


@lru_cache(maxsize=8)
def _of_year(year: int) -> frozenset[date]:
    # Loading the library takes 80 ms: only companies with rules for holidays pay it.
    from holidays import country_holidays  # noqa: PLC0415

    return frozenset(country_holidays("KR", years=year))
