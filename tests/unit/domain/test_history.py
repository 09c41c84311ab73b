"""Pages of notes: everybody finds their messages there, and nobody those of others."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, strategies as st

from functions.domain.history import (
    Mark,
    PageName,
    bucket_of,
    mark_of,
    month_in,
    month_of,
    numbers_in,
    pages,
    without,
)
from functions.domain.ids import (
    MAX_BATCH_NUMBER,
    MAX_BATCH_SIZE,
    BatchNumber,
    CampaignId,
    ContactId,
    MessageNumber,
)

KEY = b"k" * 32
NUMBERS = st.builds(
    MessageNumber,
    batch=st.integers(0, MAX_BATCH_NUMBER).map(BatchNumber),
    ordinal=st.integers(0, MAX_BATCH_SIZE - 1),
)
CLOSE_MARKS = st.binary(min_size=2, max_size=2).map(lambda end: Mark(b"\x07" + b"\x00" * 9 + end))
"""Marks of one bucket that differ little, and look like what else is on a page."""
MARKS = st.one_of(
    CLOSE_MARKS, st.text(min_size=1).map(ContactId).map(lambda each: mark_of(each, KEY))
)


@given(st.lists(st.tuples(MARKS, NUMBERS), max_size=60))
def test_every_message_is_found_at_its_person_and_at_nobody_else(
    notes: list[tuple[Mark, MessageNumber]],
) -> None:
    expected: defaultdict[Mark, list[MessageNumber]] = defaultdict(list)
    for mark, number in notes:
        expected[mark].append(number)

    made = pages(notes)

    for mark, numbers in expected.items():
        assert list(numbers_in(made[bucket_of(mark)], mark)) == numbers
    assert sum(map(len, made.values())) == 16 * len(notes)


@given(st.lists(st.tuples(CLOSE_MARKS, NUMBERS), min_size=1, max_size=60))
def test_who_is_erased_is_gone_and_all_others_stay(
    notes: list[tuple[Mark, MessageNumber]],
) -> None:
    gone = notes[0][0]
    (page,) = pages(notes).values()

    left = without(page, gone)

    assert list(numbers_in(left, gone)) == []
    assert left == b"".join(pages([note for note in notes if note[0] != gone]).values())


def test_a_mark_is_nobodys_without_the_key() -> None:
    person = ContactId("c1")

    assert mark_of(person, KEY) == mark_of(person, KEY)
    assert mark_of(person, KEY) != mark_of(person, b"x" * 32)
    assert person.encode() not in mark_of(person, KEY)


def test_pages_sort_by_their_month() -> None:
    late = PageName(month="202612", campaign_id=CampaignId("cmp_a"), part="000000")
    early = PageName(month="202611", campaign_id=CampaignId("cmp_z"), part="000009")

    assert str(early) < str(late)
    assert (month_in(str(early)), str(late)) == ("202611", "202612#cmp_a#000000")


def test_months_are_those_of_utc() -> None:
    seoul = timezone(timedelta(hours=9))

    assert month_of(datetime(2026, 12, 1, 8, tzinfo=seoul)) == "202611"
    assert month_of(datetime(2026, 12, 1, tzinfo=UTC)) == "202612"
