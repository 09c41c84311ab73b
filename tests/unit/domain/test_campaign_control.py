"""How campaigns move, by a table of every status."""

from dataclasses import replace
from datetime import timedelta

import pytest

from functions.domain.campaign import CampaignStatus, Gate, gate_of
from functions.domain.campaign_control import (
    Immovable,
    advanced,
    cancelled,
    due,
    launched,
    paused,
    rescheduled,
    resumed,
    run_of,
)
from functions.domain.ids import CampaignId
from tests.builders import NOON, a_campaign

DRAFT, SCHEDULED, LAUNCHED, PAUSED, CANCELLED, EXPIRED, ENDED = CampaignStatus
LATER = NOON + timedelta(hours=1)
NOT_LAUNCHED, ALREADY, GONE, TOO_LATE, OVER = Immovable


@pytest.mark.parametrize(
    ("status", "launch", "pause", "resume", "cancel"),
    [
        (DRAFT, LAUNCHED, NOT_LAUNCHED, NOT_LAUNCHED, CANCELLED),
        (SCHEDULED, ALREADY, NOT_LAUNCHED, NOT_LAUNCHED, CANCELLED),
        (LAUNCHED, ALREADY, PAUSED, LAUNCHED, CANCELLED),
        (PAUSED, ALREADY, PAUSED, LAUNCHED, CANCELLED),
        (CANCELLED, GONE, GONE, GONE, CANCELLED),
        (EXPIRED, TOO_LATE, TOO_LATE, TOO_LATE, EXPIRED),
        (ENDED, OVER, OVER, OVER, ENDED),
    ],
)
def test_each_move_from_each_status(
    status: CampaignStatus,
    launch: CampaignStatus | Immovable,
    pause: CampaignStatus | Immovable,
    resume: CampaignStatus | Immovable,
    cancel: CampaignStatus,
) -> None:
    campaign = a_campaign(status=status)

    moved = launched(campaign, now=NOON), paused(campaign), resumed(campaign), cancelled(campaign)

    found = [each if isinstance(each, Immovable) else each.status for each in moved]
    assert found == [launch, pause, resume, cancel]


@pytest.mark.parametrize("status", [LAUNCHED, PAUSED, CANCELLED, EXPIRED, ENDED])
def test_moving_again_changes_nothing(status: CampaignStatus) -> None:
    campaign = a_campaign(status=status)

    for move in (paused, resumed, cancelled):
        once = move(campaign)
        if not isinstance(once, Immovable):
            assert move(once) == once


def test_launch_with_a_moment_ahead_is_a_schedule() -> None:
    campaign = a_campaign(send_at=LATER)

    assert launched(campaign, now=NOON) == replace(campaign, status=SCHEDULED)


def test_launch_with_a_moment_behind_is_at_once() -> None:
    campaign = a_campaign(send_at=NOON)

    assert launched(campaign, now=NOON) == a_campaign(status=LAUNCHED, launched=NOON)


def test_what_is_due_is_launched_until_its_deadline() -> None:
    campaign = a_campaign(send_at=NOON, status=SCHEDULED)
    deadline = NOON + timedelta(days=3)

    in_time = due(campaign, now=deadline - timedelta(seconds=1), deadline=deadline)
    too_late = due(campaign, now=deadline, deadline=deadline)

    assert (in_time.status, too_late.status) == (LAUNCHED, EXPIRED)
    assert (in_time.launched, too_late.launched) == (deadline - timedelta(seconds=1), None)


@pytest.mark.parametrize("status", [DRAFT, LAUNCHED, PAUSED, CANCELLED, EXPIRED])
def test_only_what_is_scheduled_becomes_due(status: CampaignStatus) -> None:
    campaign = a_campaign(status=status)

    assert due(campaign, now=NOON, deadline=LATER) == campaign


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (DRAFT, DRAFT),
        (SCHEDULED, SCHEDULED),
        (LAUNCHED, ALREADY),
        (PAUSED, ALREADY),
        (CANCELLED, GONE),
        (EXPIRED, TOO_LATE),
    ],
)
def test_schedule_is_changed_before_the_launch_only(
    status: CampaignStatus, expected: CampaignStatus | Immovable
) -> None:
    changed = rescheduled(a_campaign(status=status, send_at=NOON), send_at=LATER)

    if isinstance(changed, Immovable):
        assert changed is expected
    else:
        assert (changed.status, changed.send_at) == (expected, LATER)


def test_schedule_taken_away_leaves_a_draft() -> None:
    changed = rescheduled(a_campaign(status=SCHEDULED, send_at=LATER), send_at=None)

    assert changed == a_campaign(status=DRAFT)


@pytest.mark.parametrize("status", list(CampaignStatus))
def test_messages_leave_unless_paused_or_cancelled(status: CampaignStatus) -> None:
    expected = {PAUSED: Gate.SHUT, CANCELLED: Gate.GONE}.get(status, Gate.OPEN)

    assert gate_of(status) is expected


def test_series_is_scheduled_also_from_a_moment_behind() -> None:
    series = a_campaign(send_at=NOON, first_at=NOON, recurs="FREQ=DAILY")

    assert launched(series, now=LATER) == replace(series, status=SCHEDULED)


def test_run_is_a_campaign_of_its_own_named_after_its_moment() -> None:
    series = a_campaign(send_at=NOON, first_at=NOON, recurs="x", status=SCHEDULED, version=7)

    run = run_of(series, now=LATER, deadline=LATER + timedelta(days=1))

    assert run == a_campaign(
        campaign_id=CampaignId("cmp_1-202611200300"),
        series=series.campaign_id,
        send_at=NOON,
        status=LAUNCHED,
        launched=LATER,
        created=LATER,
    )


def test_series_waits_for_its_next_time_or_ends() -> None:
    series = a_campaign(send_at=NOON, first_at=NOON, recurs="x", status=SCHEDULED)

    assert advanced(series, next_at=LATER) == replace(series, send_at=LATER)
    assert advanced(series, next_at=None).status is ENDED


def test_series_whose_schedule_is_changed_begins_anew() -> None:
    series = a_campaign(send_at=NOON, first_at=NOON, recurs="x", status=SCHEDULED)

    assert rescheduled(series, send_at=LATER) == replace(series, send_at=LATER, first_at=LATER)
    assert rescheduled(series, send_at=None) == replace(series, status=DRAFT)
