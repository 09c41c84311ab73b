"""Stays follow the verdicts."""

from datetime import timedelta

from hypothesis import given, strategies as st

from functions.domain.ids import AudienceId
from functions.domain.live_membership import LEFT_KEPT_FOR, Stay, Stays, Verdict, move
from tests.builders import NOON

_ID = AudienceId("a")
_BEFORE = NOON - timedelta(days=1)
_stays = st.dictionaries(
    st.sampled_from([AudienceId("a"), AudienceId("b")]),
    st.builds(
        Stay,
        version=st.integers(1, 3),
        since=st.just(_BEFORE),
        left=st.sampled_from([None, _BEFORE, NOON - timedelta(days=60)]),
    ),
)
_verdicts = st.dictionaries(
    st.sampled_from([AudienceId("a"), AudienceId("b")]),
    st.builds(Verdict, version=st.integers(1, 3), inside=st.booleans()),
)


@given(stays=_stays, verdicts=_verdicts)
def test_a_second_look_finds_nothing_to_change(
    stays: Stays, verdicts: dict[AudienceId, Verdict]
) -> None:
    once = move(stays, verdicts, now=NOON)

    again = move(once.stays, verdicts, now=NOON)

    assert again.stays == once.stays
    assert (again.entered, again.left) == ((), ())


@given(stays=_stays, verdicts=_verdicts)
def test_inside_is_what_the_newest_verdict_says(
    stays: Stays, verdicts: dict[AudienceId, Verdict]
) -> None:
    after = move(stays, verdicts, now=NOON).stays

    assert after.keys() <= verdicts.keys()
    for audience_id, verdict in verdicts.items():
        known = stays.get(audience_id)
        if known is None or known.version <= verdict.version:
            stay = after.get(audience_id)
            assert (stay is not None and stay.left is None) == verdict.inside


def test_a_verdict_on_an_older_version_changes_nothing() -> None:
    stays = {_ID: Stay(version=2, since=_BEFORE)}

    moved = move(stays, {_ID: Verdict(version=1, inside=False)}, now=NOON)

    assert moved.stays == stays
    assert moved.left == ()


def test_who_comes_back_has_a_new_stay() -> None:
    stays = {_ID: Stay(version=1, since=_BEFORE, left=_BEFORE)}

    moved = move(stays, {_ID: Verdict(version=1, inside=True)}, now=NOON)

    assert moved.stays == {_ID: Stay(version=1, since=NOON)}
    assert moved.entered == (_ID,)


def test_what_was_left_long_ago_is_forgotten() -> None:
    left = NOON - LEFT_KEPT_FOR - timedelta(seconds=1)
    stays = {_ID: Stay(version=1, since=left, left=left)}

    assert move(stays, {_ID: Verdict(version=1, inside=False)}, now=NOON).stays == {}


def test_an_audience_that_is_live_no_more_is_dropped_without_a_fact() -> None:
    moved = move({_ID: Stay(version=1, since=_BEFORE)}, {}, now=NOON)

    assert (moved.stays, moved.left) == ({}, ())
