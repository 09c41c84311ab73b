"""What the survivor of two contacts has: values, consents, refusals, activity."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.activity import ActivityKey, DayTotal
from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import GENESIS, Basis, Consent, ConsentAction, ConsentKey, after
from functions.domain.contact import Contact, Email
from functions.domain.ids import AddressHash, ContactId
from functions.domain.merge import (
    Origin,
    added,
    careful_consents,
    filled,
    refusals,
    split_by_day,
    with_activity,
)
from functions.domain.person_activity import PersonActivity
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import ADVERTISING as ADS, Mark
from tests.builders import a_phone

MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
KEY = ConsentKey(Channel.SMS, ConsentPurpose.ADVERTISING)
ORIGIN = Origin(source="merge:abc", actor="key_1")
A, B = ContactId("a"), ContactId("b")


def test_the_survivors_values_win_and_missing_ones_are_filled() -> None:
    survivor = Contact(contact_id=A, email=Email("a@x.kr"), attributes={"x": 1}, locale="en")
    other = Contact(
        contact_id=B,
        phone=a_phone(2),
        email=Email("b@x.kr"),
        attributes={"x": 2, "y": 3},
        groups=frozenset({"g"}),
        zone="Asia/Seoul",
    )

    done = filled(survivor, other)

    assert done.contact == replace(
        survivor,
        phone=a_phone(2),
        attributes={"x": 1, "y": 3},
        groups=frozenset({"g"}),
        zone="Asia/Seoul",
    )
    assert (done.groups_left_out, done.attributes_left_out) == ((), ())


def test_names_what_has_no_room() -> None:
    survivor = Contact(
        contact_id=A,
        groups=frozenset(f"a{n}" for n in range(49)),
        attributes={f"a{n}": 1 for n in range(99)},
    )
    other = Contact(contact_id=B, groups=frozenset("xy"), attributes={"x": 1, "y": 1})

    done = filled(survivor, other)

    assert len(done.contact.groups) == 50
    assert len(done.contact.attributes) == 100
    assert (done.groups_left_out, done.attributes_left_out) == (("y",), ("y",))


def a_state(granted: bool | None, at: datetime = MARCH, **values: object) -> Consent | None:
    if granted is None:
        return None
    return replace(Consent(granted=granted, at=at, seq=1), **values)  # type: ignore[arg-type]


def put_in_force(mine: Consent | None, other: Consent | None) -> Consent | None:
    known, others = ({} if each is None else {KEY: each} for each in (mine, other))
    in_force = mine
    for number, change in enumerate(
        careful_consents(known, others, told=frozenset(), origin=ORIGIN), start=2
    ):
        assert change.source == "merge:abc"
        record = change.record(
            A, seq=number, previous=GENESIS, subject="s", ip_hash="", recorded=APRIL
        )
        in_force = after(in_force, record)
    return in_force


@pytest.mark.parametrize(
    ("mine", "other", "expected"),
    [
        (True, True, True),
        (True, False, False),
        (False, True, False),
        (False, False, False),
        (None, True, True),
        (None, False, False),
        (True, None, True),
        (False, None, False),
        (None, None, None),
    ],
)
def test_a_refusal_anywhere_wins(
    mine: bool | None,
    other: bool | None,
    expected: bool | None,
) -> None:
    found = put_in_force(a_state(mine), a_state(other))

    assert (found and found.granted) == expected
    assert found is None or found.granted == expected


def test_a_consent_that_only_the_other_gave_is_no_word_of_the_survivor() -> None:
    found = put_in_force(None, a_state(granted=True))

    assert found is not None
    assert (found.granted, found.imported, found.at) == (True, True, MARCH)


def test_two_consents_count_from_the_older_and_stay_confirmed() -> None:
    found = put_in_force(a_state(True, APRIL, confirmed=APRIL), a_state(True, MARCH))

    assert found is not None
    assert (found.at, found.confirmed) == (MARCH, APRIL)


def test_what_only_a_transaction_allows_is_not_taken_over() -> None:
    assert put_in_force(None, a_state(True, basis=Basis.TRANSACTION, trades={"x": APRIL})) is None


_states = st.none() | st.builds(
    lambda granted, at: Consent(granted=granted, at=at, seq=1),
    st.booleans(),
    st.sampled_from([MARCH, APRIL]),
)


@given(_states, _states)
def test_nothing_is_said_twice_and_no_refusal_is_lost(
    mine: Consent | None, other: Consent | None
) -> None:
    found = put_in_force(mine, other)
    refused = any(each is not None and not each.granted for each in (mine, other))

    assert not (refused and found is not None and found.granted)
    others = {} if other is None else {KEY: other}
    known = {} if found is None else {KEY: found}
    again = careful_consents(known, others, told=frozenset({KEY}), origin=ORIGIN)
    assert again == ()


def test_a_refusal_of_the_other_after_the_merge_began_is_taken_as_well() -> None:
    mine, other = a_state(granted=True), a_state(granted=False)
    assert mine is not None
    assert other is not None

    (change,) = careful_consents({KEY: mine}, {KEY: other}, told=frozenset({KEY}), origin=ORIGIN)

    assert change.action is ConsentAction.WITHDRAW


@pytest.mark.parametrize(
    ("reason", "until", "carried"),
    [
        (SuppressionReason.OPT_OUT_CALL, None, True),
        (SuppressionReason.COMPLAINT, None, True),
        (SuppressionReason.OPT_OUT_CALL, MARCH, False),
        (SuppressionReason.INVALID, None, False),
        (SuppressionReason.MANUAL, None, False),
    ],
)
def test_the_others_own_word_holds_for_the_survivor(
    reason: SuppressionReason, until: datetime | None, *, carried: bool
) -> None:
    mark = Mark(reason=reason, scope=ADS, since=MARCH, until=until)
    other = Contact(contact_id=B, suppressions={AddressHash("h"): (mark,)})

    found = list(refusals(other, ORIGIN, now=APRIL))

    assert [each.mark for each in found] == ([replace(mark, until=None)] if carried else [])


def a_total(day: date, count: int = 1) -> DayTotal:
    return DayTotal(day=day, count=count, sum_minor=10 * count, last=MARCH)


BUY = ActivityKey("purchase")
DAY = date(2026, 3, 1)


def test_activity_is_summed_by_day() -> None:
    mine = PersonActivity(cells={(BUY, DAY): a_total(DAY, 2)}, seen={1: 1}, version=7)
    other = {(BUY, DAY): a_total(DAY, 3)}

    found = with_activity(mine, other, {2: 2})

    assert found.cells == {(BUY, DAY): a_total(DAY, 5)}
    assert (found.seen, found.version) == ({2: 2, 1: 1}, 7)
    assert added(mine.cells, {}) == mine.cells


def test_days_that_are_closed_go_to_their_months() -> None:
    before = DAY - timedelta(days=1)
    cells = {(BUY, each): a_total(each) for each in (DAY, before)}

    still_open, closed = split_by_day(cells, PersonActivity(first_day=DAY))

    assert still_open == {(BUY, DAY): a_total(DAY)}
    assert closed == {"202602": {(BUY, before): a_total(before)}}
