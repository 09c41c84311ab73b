"""When a sender may be used, and what an advertisement says of it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.sender import Review, SenderStatus
from tests.builders import NOON, a_sender

MOMENT = timedelta(microseconds=1)
DAY = timedelta(days=1)
# Close together, so that the borders themselves are drawn often.
MOMENTS = st.integers(-3, 3).map(lambda hours: NOON + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("now", "usable"),
    [
        (NOON - MOMENT, False),
        (NOON, True),
        (NOON + DAY - MOMENT, True),
        (NOON + DAY, False),
    ],
)
def test_registration_begins_with_its_first_moment_and_ends_before_its_last(
    now: datetime, usable: bool
) -> None:
    assert a_sender(valid_from=NOON, valid_until=NOON + DAY).usable(now) is usable


@given(st.sampled_from(list(SenderStatus)), st.none() | MOMENTS, st.none() | MOMENTS, MOMENTS)
def test_only_an_approved_sender_within_its_dates_is_usable(
    status: SenderStatus, start: datetime | None, end: datetime | None, now: datetime
) -> None:
    sender = a_sender(status=status, valid_from=start, valid_until=end)

    expected = (
        status is SenderStatus.APPROVED
        and not (start is not None and now < start)
        and not (end is not None and now >= end)
    )
    assert sender.usable(now) is expected


@pytest.mark.parametrize(
    ("contact", "shown"),
    [(None, None), ("0200001234", None), ("0200005678", "0200005678")],
)
def test_advertisement_names_the_contact_unless_it_is_the_sending_number(
    contact: str | None, shown: str | None
) -> None:
    assert a_sender(address="0200001234", contact=contact).label_contact == shown


@pytest.mark.parametrize("status", [s for s in SenderStatus if s is not SenderStatus.APPROVED])
def test_only_an_approval_changes_the_dates(status: SenderStatus) -> None:
    sender = a_sender(valid_from=NOON, valid_until=NOON + DAY)

    decided = sender.decided(Review(status=status, note="확인"), now=NOON)

    assert (decided.status, decided.note, decided.reviewed) == (status, "확인", NOON)
    assert (decided.valid_from, decided.valid_until) == (NOON, NOON + DAY)
