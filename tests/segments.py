"""People and definitions of audiences at random, small enough that conditions often meet."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.ids import ContactId
from functions.domain.segment import (
    All,
    AnyOf,
    Attribute,
    Behaviour,
    Between,
    Compare,
    Contains,
    Exists,
    HasConsent,
    InAudience,
    InGroup,
    LocaleIs,
    Measure,
    Node,
    NoneOf,
    OneOf,
    Op,
    Reachable,
    StartsWith,
    Subject,
    Where,
    Within,
)
from functions.domain.segment_window import EarlierThan, FromTo, LastDays

TODAY = date(2028, 3, 1)
"""The day after a leap day."""
NAMES = (
    "city",
    "City",
    "나이",
    "a'b",
    'q"uote',
    "semi; DROP TABLE people --",
    "%s",
    "?",
    "$1",
    "\\",
)
TEXTS = (
    "", "a", "A", "서울", "서울시", "it's", '"', "\\", "%", "_", "😀", "e\u0301", "é", "\n",
    "1", "true", "NULL", "2028-02-29", "2028-02-29T23:59:59+09:00", "2027-02-29", "2028-02-28 ",
    "2028-03-01x", "0001-01-01", "9999-12-31", "2028-W09-2", "{}", "$x", "?",
)  # fmt: skip
NUMBERS = (
    0, 1, -1, 2, 7, 1.0, -0.0, 0.5, 1.5, 0.1, 0.30000000000000004, 2**53, 2**53 + 1, 2.0**53,
    2**63 - 1, -(2**63), 2.0**63, 1e300, -1e300, 5e-324,
)  # fmt: skip
EVENTS = ("purchase", "Purchase", "$sent", "$clicked", "이벤트'; --", "?")
PROPERTIES = ("campaign", "category", "k'ey")
PROPERTY_VALUES = ("", "shoes", "Shoes", "it's", "신발")
GROUPS = ("vip", "VIP", "it's", "서울")
CONSENTS = ("sms:advertising", "sms:night_advertising", "email:advertising")
CHANNELS = ("sms", "kakao", "email")
LOCALES = ("ko", "en", "en-US")


def days_near() -> st.SearchStrategy[date]:
    return st.integers(-12, 3).map(lambda days: TODAY + timedelta(days=days))


def windows() -> st.SearchStrategy[LastDays | EarlierThan | FromTo]:
    ends = st.tuples(st.none() | days_near(), st.none() | days_near()).map(_ordered)
    spans = ends.filter(any).map(lambda both: FromTo(*both))
    near = st.integers(1, 12)
    return near.map(LastDays) | near.map(EarlierThan) | spans


def _ordered(ends: tuple[date | None, date | None]) -> tuple[date | None, date | None]:
    first, last = ends
    return (last, first) if first and last and last < first else ends


def values() -> st.SearchStrategy[str | int | float | bool]:
    return st.sampled_from(TEXTS) | st.sampled_from(NUMBERS) | st.booleans()


def _between(numbers: st.SearchStrategy) -> st.SearchStrategy[Between]:
    return st.tuples(numbers, numbers).map(sorted).map(lambda pair: Between(*pair))


def number_tests() -> st.SearchStrategy[Compare | Between]:
    numbers = st.sampled_from(NUMBERS)
    ops = st.sampled_from([op for op in Op if op is not Op.EQUALS])
    return st.builds(Compare, ops, numbers) | _between(numbers)


def amount_tests() -> st.SearchStrategy[Compare | Between]:
    amounts = st.integers(-2, 5) | st.sampled_from((10**15, -(10**15)))
    return st.builds(Compare, st.sampled_from(Op), amounts) | _between(amounts)


def attributes() -> st.SearchStrategy[Attribute]:
    texts = st.sampled_from(TEXTS)
    tests = (
        st.lists(values(), min_size=1, max_size=4).map(lambda several: OneOf(tuple(several)))
        | texts.map(Contains)
        | texts.map(StartsWith)
        | number_tests()
        | st.just(Exists())
        | windows().map(Within)
    )
    return st.builds(Attribute, st.sampled_from(NAMES), tests)


def behaviours() -> st.SearchStrategy[Behaviour]:
    chosen = st.lists(st.sampled_from(PROPERTY_VALUES), min_size=1, max_size=3).map(tuple)
    where = st.none() | st.builds(Where, st.sampled_from(PROPERTIES), chosen)
    asked = st.tuples(
        st.sampled_from((Measure.COUNT, Measure.SUM, Measure.DAYS)), amount_tests()
    ) | st.tuples(st.sampled_from((Measure.FIRST, Measure.LAST)), windows().map(Within))
    return st.builds(
        lambda event, where, window, both: Behaviour(event, where, window, *both),
        st.sampled_from(EVENTS),
        where,
        st.none() | windows(),
        asked,
    )


def leaves() -> st.SearchStrategy[Node]:
    return (
        attributes()
        | behaviours()
        | behaviours()
        | st.sampled_from(GROUPS).map(InGroup)
        | st.sampled_from(LOCALES).map(LocaleIs)
        | st.sampled_from(CONSENTS).map(HasConsent)
        | st.sampled_from(CHANNELS).map(Reachable)
    )


def definitions(*, audiences: bool = False, most: int = 12) -> st.SearchStrategy[Node]:
    base = leaves() | st.sampled_from(("aud_1", "it's")).map(InAudience) if audiences else leaves()
    return st.recursive(
        base,
        lambda inner: st.builds(
            lambda kind, nodes: kind(tuple(nodes)),
            st.sampled_from((All, AnyOf, NoneOf)),
            st.lists(inner, max_size=4),
        ),
        max_leaves=most,
    ).filter(lambda node: depth(node) <= 10)


def depth(node: Node) -> int:
    return 1 + max((depth(each) for each in getattr(node, "nodes", ())), default=0)


def day_totals() -> st.SearchStrategy[list[DayTotal]]:
    total = st.builds(
        lambda day, count, sum_minor: DayTotal(
            day=day,
            count=count,
            sum_minor=sum_minor,
            last=datetime(day.year, day.month, day.day, tzinfo=UTC),
        ),
        days_near(),
        st.integers(1, 3),
        st.integers(-3, 5) | st.sampled_from((10**15, 2**53 + 1)),
    )
    return st.lists(total, min_size=1, max_size=4, unique_by=lambda each: each.day)


def subjects() -> st.SearchStrategy[Subject]:
    keys = st.builds(ActivityKey, st.sampled_from(EVENTS)) | st.builds(
        ActivityKey,
        st.sampled_from(EVENTS),
        st.sampled_from(PROPERTIES),
        st.sampled_from(PROPERTY_VALUES),
    )
    return st.builds(
        Subject,
        contact_id=st.just(ContactId("c")),
        attributes=st.dictionaries(st.sampled_from(NAMES), values(), max_size=6),
        groups=st.frozensets(st.sampled_from(GROUPS), max_size=3),
        locale=st.sampled_from(LOCALES),
        zone=st.just("Asia/Seoul"),
        consents=st.frozensets(st.sampled_from(CONSENTS)),
        reachable=st.frozensets(st.sampled_from(CHANNELS)),
        activity=st.dictionaries(keys, day_totals(), max_size=6),
    )
