from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.contact import AttributeValue
from functions.domain.ids import ContactId
from functions.domain.segment import (
    DID,
    All,
    AnyOf,
    Attribute,
    Behaviour,
    Compare,
    Exists,
    InAudience,
    InGroup,
    Measure,
    Node,
    NoneOf,
    OneOf,
    Op,
    Subject,
    Where,
    Within,
    moves_daily,
)
from functions.domain.segment_explain import explain
from functions.domain.segment_match import compile_for
from functions.domain.segment_reference import (
    MAX_CHAIN,
    BadReference,
    ReferenceFault,
    bad_references,
    resolve,
)
from functions.domain.segment_window import EarlierThan, FromTo, LastDays, day_written_in

SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
TODAY = date(2026, 11, 26)


def a_subject(*days: date, **attributes: AttributeValue) -> Subject:
    totals = [
        DayTotal(day=day, count=2, sum_minor=500, last=datetime(day.year, 1, 1, tzinfo=UTC))
        for day in days
    ]
    return Subject(
        contact_id=ContactId("c"),
        attributes=attributes,
        groups=frozenset({"vip"}),
        activity={ActivityKey("purchase"): totals} if days else {},
    )


def did(days: int) -> Behaviour:
    return Behaviour("purchase", None, LastDays(days), Measure.COUNT, DID)


def holds(node: Node, subject: Subject, today: date = TODAY) -> bool:
    return compile_for(node, today)(subject)


@pytest.mark.parametrize(
    ("moment", "zone", "expected"),
    [
        (datetime(2026, 11, 25, 14, 59, 59, tzinfo=UTC), SEOUL, False),  # still today there
        (datetime(2026, 11, 25, 15, 0, tzinfo=UTC), SEOUL, True),  # midnight: now it is yesterday
        (datetime(2026, 11, 26, 4, 59, 59, tzinfo=UTC), NEW_YORK, False),
        (datetime(2026, 11, 26, 5, 0, tzinfo=UTC), NEW_YORK, True),
    ],
)
def test_yesterday_begins_to_count_at_the_tenants_midnight(
    moment: datetime, zone: ZoneInfo, expected: bool
) -> None:
    today = moment.astimezone(zone).date()

    assert holds(did(1), a_subject(date(2026, 11, 25)), today) is expected


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_a_day_of_23_or_25_hours_is_one_day(day: date) -> None:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=NEW_YORK)
    today = (noon + timedelta(days=1)).date()

    assert holds(did(1), a_subject(day), today)
    assert not holds(did(1), a_subject(day), today + timedelta(days=1))


def test_the_leap_day_is_a_day() -> None:
    assert holds(did(1), a_subject(date(2028, 2, 29)), date(2028, 3, 1))
    assert holds(did(2), a_subject(date(2028, 2, 28)), date(2028, 3, 1))
    assert not holds(did(1), a_subject(date(2028, 2, 28)), date(2028, 3, 1))
    assert holds(did(365), a_subject(date(2028, 2, 29)), date(2029, 2, 28))
    assert not holds(did(365), a_subject(date(2028, 2, 28)), date(2029, 2, 28))


def test_earlier_than_goes_on_where_the_last_days_end() -> None:
    for ago in range(1, 20):
        subject = a_subject(TODAY - timedelta(days=ago))
        earlier = Behaviour("purchase", None, EarlierThan(10), Measure.COUNT, DID)
        assert holds(did(10), subject) is not holds(earlier, subject)


def test_fixed_dates_include_both_ends() -> None:
    window = FromTo(date(2026, 11, 1), date(2026, 11, 30))
    node = Behaviour("purchase", None, window, Measure.COUNT, DID)
    days = (date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1))

    assert [holds(node, a_subject(day)) for day in days] == [False, True, True, False]


@pytest.mark.parametrize(
    ("measure", "equal"), [(Measure.COUNT, 4), (Measure.SUM, 1_000), (Measure.DAYS, 2)]
)
def test_measures_add_up_over_days(measure: Measure, equal: int) -> None:
    node = Behaviour("purchase", None, None, measure, Compare(Op.EQUALS, equal))

    assert holds(node, a_subject(date(2026, 1, 1), date(2026, 1, 2)))


@pytest.mark.parametrize("measure", [Measure.COUNT, Measure.SUM, Measure.DAYS])
def test_who_did_nothing_did_it_zero_times(measure: Measure) -> None:
    zero = Behaviour("purchase", None, LastDays(7), measure, Compare(Op.AT_MOST, 0))

    assert holds(zero, a_subject())
    assert not holds(zero, a_subject(TODAY - timedelta(days=1)))


def test_days_of_several_values_are_counted_once() -> None:
    total = DayTotal(day=TODAY, count=1, sum_minor=0, last=datetime(2026, 11, 26, tzinfo=UTC))
    keys = [ActivityKey("view", "category", value) for value in ("shoes", "hats")]
    subject = Subject(contact_id=ContactId("c"), activity={key: [total] for key in keys})
    where = Where("category", ("shoes", "hats", "shoes"))

    assert holds(Behaviour("view", where, None, Measure.DAYS, Compare(Op.EQUALS, 1)), subject)
    assert holds(Behaviour("view", where, None, Measure.COUNT, Compare(Op.EQUALS, 2)), subject)


@pytest.mark.parametrize(
    ("value", "asked", "expected"),
    [
        (1, 1.0, True), (1.0, 1, True), (True, 1, False), (1, True, False), ("1", 1, False),
        (1, "1", False), (True, True, True), (2**53 + 1, 2.0**53, False), (-0.0, 0, True),
        ("é", "e\u0301", False), ("a", "A", False),
    ],
)  # fmt: skip
def test_equal_in_type_and_value(value: object, asked: object, expected: bool) -> None:
    node = Attribute("x", OneOf((asked,)))  # type: ignore[arg-type]

    assert holds(node, a_subject(x=value)) is expected  # type: ignore[arg-type]


def test_a_missing_attribute_makes_conditions_false_and_their_negation_true() -> None:
    for test in (OneOf(("x",)), Compare(Op.LESS, 1), Exists(), Within(LastDays(3))):
        assert not holds(Attribute("x", test), a_subject())  # type: ignore[arg-type]
        assert holds(NoneOf((Attribute("x", test),)), a_subject())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-26", date(2026, 11, 26)),
        ("2026-11-26T09:00:00Z", date(2026, 11, 26)),
        ("2026-11-26 09:00", date(2026, 11, 26)),
        ("2026-11-26x", None),
        ("2026-W48-4", None),
        ("2026-1-1", None),
        ("20261126", None),
        ("", None),
    ],
)
def test_which_texts_are_dates(text: str, expected: date | None) -> None:
    assert day_written_in(text) == expected


def test_explains_every_node_with_what_it_saw() -> None:
    node = All((Attribute("age", Compare(Op.MORE, 20)), NoneOf((did(7), InGroup("vip")))))
    subject = a_subject(TODAY - timedelta(days=3), age=31)

    found = explain(node, subject, today=TODAY)

    age, none = found.nodes
    assert (found.pointer, found.value) == ("", False)
    assert (age.pointer, age.value, age.saw) == ("/all/0", True, 31)
    assert (none.pointer, none.value) == ("/all/1", False)
    assert [(each.pointer, each.value, each.saw) for each in none.nodes] == [
        ("/all/1/none/0", True, 2),
        ("/all/1/none/1", True, None),
    ]
    assert "31" not in repr(found)


def test_explains_into_other_audiences() -> None:
    node = resolve(AnyOf((InAudience("a"),)), {"a": All((InGroup("vip"),))})

    found = explain(node, a_subject(), today=TODAY)

    assert found.nodes[0].nodes[0].nodes[0].pointer == "/any/0/audience/all/0"


def test_moves_daily_when_any_window_is_relative() -> None:
    fixed = Behaviour("purchase", None, FromTo(TODAY, None), Measure.COUNT, DID)

    assert not moves_daily(All((fixed, InGroup("vip"))))
    assert moves_daily(All((fixed, did(3))))
    assert moves_daily(Attribute("joined", Within(EarlierThan(3))))
    assert moves_daily(resolve(InAudience("a"), {"a": did(3)}))


def test_names_the_way_of_a_cycle() -> None:
    known: dict[str, Node] = {"b": AnyOf((InGroup("x"), InAudience("c"))), "c": InAudience("a")}

    found = bad_references(All((InGroup("y"), InAudience("b"))), known, own_id="a")

    assert found == (BadReference("/all/1", ReferenceFault.CYCLE, ("a", "b", "c", "a")),)


def test_names_what_is_unknown_and_where_it_was_named() -> None:
    node = NoneOf((InAudience("a"), InAudience("lost")))

    found = bad_references(node, {"a": InAudience("gone")})

    assert found == (
        BadReference("/none/0", ReferenceFault.UNKNOWN, ("a", "gone")),
        BadReference("/none/1", ReferenceFault.UNKNOWN, ("lost",)),
    )
    with pytest.raises(LookupError):
        resolve(node, {})
    with pytest.raises(LookupError):
        compile_for(InAudience("a"), TODAY)


def test_a_chain_of_audiences_has_an_end() -> None:
    def chain(length: int) -> dict[str, Node]:
        links: dict[str, Node] = {str(n): InAudience(str(n + 1)) for n in range(1, length)}
        return links | {str(length): InGroup("vip")}

    assert bad_references(InAudience("1"), chain(MAX_CHAIN)) == ()
    (found,) = bad_references(InAudience("1"), chain(MAX_CHAIN + 1))
    assert found.fault is ReferenceFault.TOO_LARGE
    in_parts = All(tuple(InAudience(str(n)) for n in range(MAX_CHAIN + 1, 0, -1)))
    assert [each.pointer for each in bad_references(in_parts, chain(MAX_CHAIN + 1))] == [
        f"/all/{MAX_CHAIN}"
    ]


def test_audiences_that_double_grow_too_large() -> None:
    known: dict[str, Node] = {
        str(n): All((InAudience(str(n + 1)),) * 5) for n in range(MAX_CHAIN - 1)
    }
    known[str(MAX_CHAIN - 1)] = InGroup("vip")

    (found,) = bad_references(InAudience("0"), known)

    assert found == BadReference("", ReferenceFault.TOO_LARGE, ())
