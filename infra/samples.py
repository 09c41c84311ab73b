"""Makes samples/customers.csv: 1,000 customers as a Korean shop would export them.

CP949 with Korean headers, phones written in ten ways, some rows wrong on purpose. The people are
put together at random from common names; their numbers are of ranges that are not assigned
(010-0… and 010-1…), so none can belong to anybody. The same seed gives the same bytes:

    python -m infra.samples            writes the file
    python -m infra.samples --check    fails when the file is not what would be written
"""

from __future__ import annotations

import csv
import io
import random
import sys
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FILE = Path(__file__).parents[1] / "samples" / "customers.csv"
ROWS = 1000
REPEATED_ROWS = 10
REPEATED_PHONES = 10
WRONG_PHONES = (
    *("02-123-4567", "031-123-4567", "051-123-4567", "053-123-4567", "064-123-4567"),
    *("02)123-4567", "0311234567", "042 123 4567", "062.123.4567", "+82 2-123-4567"),
    *("010-0123-45", "010-012-34", "0100123", "010-1234", "10-0123-4", "01012", "010 0123", "0101"),
    *("없음", "번호변경중", "전화 안됨", "010-ABCD-EFGH", "카톡으로 연락", "N/A"),
    *("", "", "", "-", "-", ""),
)
FORMULA = "=cmd|' /C calc'!A0"
HEADERS = (
    *("고객번호", "이름", "휴대폰", "이메일", "회원등급", "문자수신동의", "야간수신동의"),
    *("동의일시", "쿠폰코드", "최근구매상품", "가입일"),
)

_SEED = 20260301
_FAMILY = "김이박최정강조윤장임한오서신권황안송류홍"
_GIVEN_NAMES = (
    "민준 서준 도윤 예준 시우 하준 지호 주원 지후 준우 서연 서윤 지우 서현 하은 하윤 민서 지유 "
    "윤서 채원 수아 지민 지아 은우 유준 다은 예은 수빈 소율 현우 우진 선우 연우 유진 정우 승우"
)
_GIVEN = tuple(_GIVEN_NAMES.split())
_PRODUCTS = (
    *("머그컵", "핸드크림", "면 티셔츠", "드립백 커피, 10개입", "캔버스 에코백", "유리 물병"),
    *('노트 "오늘"', "수면양말", "보리차 티백", "고무나무 도마"),
)
_FIRST_DAY = datetime(2019, 1, 2)  # noqa: DTZ001  # as written in the file, in Korean time
_LAST_DAY = datetime(2025, 12, 30)  # noqa: DTZ001  # likewise
_WITHOUT_CONSENT = 0.25
_WITHOUT_CONSENT_DATE = 0.03
_WITH_NIGHT_CONSENT = 0.15
_WITHOUT_EMAIL = 0.1
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_FULL_WIDTH = str.maketrans("0123456789-", "０１２３４５６７８９－")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One row of the file."""

    number: str
    name: str
    phone: str
    email: str
    grade: str
    consent: str
    night: str
    consented: str
    coupon: str
    product: str
    joined: str

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells in the order of the headers."""
        who = (self.number, self.name, self.phone, self.email, self.grade)
        return (
            *who,
            self.consent,
            self.night,
            self.consented,
            self.coupon,
            self.product,
            self.joined,
        )


class _Dice:
    """Chance that is the same with every Python: only ``random()`` is promised to be."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # nothing secret

    def below(self, bound: int) -> int:
        return int(self._random.random() * bound)

    def one_of(self, values: Sequence[T]) -> T:
        return values[self.below(len(values))]

    def happens(self, share: float) -> bool:
        return self._random.random() < share

    def spread(self, count: int, bound: int) -> list[int]:
        """Different numbers below the bound."""
        chosen: dict[int, None] = {}
        while len(chosen) < count:
            chosen[self.below(bound)] = None
        return list(chosen)


def _spellings() -> tuple[Callable[[str], str], ...]:
    """Ten ways to write the eight digits after 010."""
    return (
        lambda d: f"010-{d[:4]}-{d[4:]}",
        lambda d: f"010{d}",
        lambda d: f"010 {d[:4]} {d[4:]}",
        lambda d: f"010.{d[:4]}.{d[4:]}",
        lambda d: f"+82 10-{d[:4]}-{d[4:]}",
        lambda d: f"8210{d}",
        lambda d: f"82-10-{d[:4]}-{d[4:]}",
        lambda d: f"(010) {d[:4]}-{d[4:]}",
        lambda d: f"10{d}",  # what a spreadsheet leaves of 010… when it takes it for a number
        lambda d: f"010-{d[:4]}-{d[4:]}".translate(_FULL_WIDTH),
    )


def _dates() -> tuple[Callable[[datetime], str], ...]:
    """Ways to write when somebody agreed."""
    return (
        lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
        lambda t: f"{t:%Y-%m-%d}",
        lambda t: f"{t:%Y.%m.%d}",
        lambda t: f"{t.year}/{t.month}/{t.day} {t.hour}:{t.minute:02}",
        lambda t: f"{t.year}년 {t.month}월 {t.day}일",
        lambda t: f"{t.year}. {t.month}. {t.day}. 오후 {t.hour % 12 or 12}:{t.minute:02}",
    )


def _day(dice: _Dice) -> datetime:
    days = (_LAST_DAY - _FIRST_DAY).days
    return _FIRST_DAY + timedelta(days=dice.below(days), hours=13, minutes=dice.below(60))


def _customer(dice: _Dice, index: int, digits: str) -> Customer:
    joined = _day(dice)
    agrees = not dice.happens(_WITHOUT_CONSENT)
    dated = agrees and not dice.happens(_WITHOUT_CONSENT_DATE)
    spelling = _spellings()[index % len(_spellings())]
    code = "".join(dice.one_of(_CODE_LETTERS) for _ in range(6))
    return Customer(
        number=f"C{index + 1:05}",
        name=dice.one_of(_FAMILY) + dice.one_of(_GIVEN),
        phone=spelling(digits),
        email="" if dice.happens(_WITHOUT_EMAIL) else f"customer{index + 1}@example.com",
        grade=dice.one_of(("VIP", "일반", "일반", "일반", "신규")),
        consent="Y" if agrees else dice.one_of(("N", "")),
        night="Y" if agrees and dice.happens(_WITH_NIGHT_CONSENT) else "N",
        consented=dice.one_of(_dates())(joined) if dated else "",
        coupon=f"SPRING-{code}",
        product=dice.one_of(_PRODUCTS),
        joined=f"{joined:%Y-%m-%d}",
    )


def customers() -> list[Customer]:
    """The people of the file, the wrong rows among them."""
    dice = _Dice(_SEED)
    numbers = dice.spread(ROWS, 20_000_000)
    people = [_customer(dice, index, f"{n:08}") for index, n in enumerate(numbers)]
    # The first hundred stay as they are: earlier rows for the repeated ones to repeat.
    wrong = len(WRONG_PHONES) + REPEATED_ROWS + REPEATED_PHONES + 1
    places = [100 + place for place in dice.spread(wrong, ROWS - 100)]
    for phone in WRONG_PHONES:
        place = places.pop()
        people[place] = replace(people[place], phone=phone)
    for repeated in range(REPEATED_ROWS):
        people[places.pop()] = people[repeated]
    for repeated in range(50, 50 + REPEATED_PHONES):
        place = places.pop()
        people[place] = replace(people[place], phone=people[repeated].phone)
    place = places.pop()
    people[place] = replace(people[place], product=FORMULA)
    return people


def content() -> bytes:
    """The bytes of the file, as a spreadsheet on Korean Windows writes them."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADERS)
    writer.writerows(customer.cells for customer in customers())
    return text.getvalue().encode("cp949")


def main(arguments: Sequence[str]) -> int:
    """Write or check the file."""
    if "--check" not in arguments:
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_bytes(content())
        print(f"{FILE.name}: {ROWS} rows")
        return 0
    if FILE.read_bytes() == content():
        return 0
    print(f"{FILE} is not what `python -m infra.samples` writes", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
