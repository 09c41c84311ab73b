"""Ramps, approvals and resumes, as pure values."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.contracts.safety_document import safety_from_json, safety_to_json
from functions.domain.ids import KeyId
from functions.domain.safety import (
    USUAL_RAMP,
    Approval,
    Ramp,
    Resume,
    Safety,
    approved,
    edited,
    fresh_run,
    may_reach,
    reach,
    resumed,
    room,
    stepped,
    stopped,
    with_definition,
)
from functions.domain.stop_rules import StopReason, StopRules
from tests.builders import NOON

ANNA, BELA = KeyId("key_anna"), KeyId("key_bela")
_STEPS = st.lists(st.integers(min_value=1, max_value=99), unique=True, min_size=0, max_size=5).map(
    lambda steps: (*sorted(steps), 100)
)


def a_ramp(*steps: int, only_above: int = 0) -> Ramp:
    return Ramp(steps=steps, wait=timedelta(minutes=5), only_above=only_above)


def a_safety(**values: object) -> Safety:
    facts: dict[str, object] = {"ramp": a_ramp(1, 10, 100), "expected": 1_000}
    return Safety(**(facts | values))  # type: ignore[arg-type]


@given(
    steps=_STEPS,
    expected=st.integers(min_value=1, max_value=50_000),
    shares=st.lists(st.floats(min_value=0, max_value=1), min_size=1, max_size=5),
)
def test_a_step_lets_in_its_share_and_little_more(
    steps: tuple[int, ...], expected: int, shares: list[float]
) -> None:
    """Each slice finds a part of those it looks at; the chain comes to an end at every step."""
    safety = a_safety(ramp=a_ramp(*steps), expected=expected)
    found = turn = 0
    for percent in steps[:-1]:
        target = -(-expected * percent // 100)
        most_found = max(target + -(-target // 10), found)
        while (most := room(safety, found=found)) != 0:
            assert most is not None
            found += round(most * shares[turn % len(shares)]) or 1
            turn += 1
        assert target <= found <= most_found
        safety = stepped(safety)
    assert room(safety, found=found) is None


@given(found=st.integers(min_value=0, max_value=10_000))
def test_a_slice_that_is_found_whole_never_passes_its_step_by_more_than_a_tenth(
    found: int,
) -> None:
    safety = a_safety(expected=100_000)
    most = room(safety, found=found) or 0

    assert found >= 1_000 or found + most <= 1_000 + 100


@pytest.mark.parametrize(
    ("safety", "found"),
    [
        (Safety(ramp=None, expected=1_000_000), 0),
        (Safety(ramp=USUAL_RAMP, expected=100_000), 5_000),
        (Safety(ramp=USUAL_RAMP, expected=None), 0),
        (a_safety(step=2), 900),
        (a_safety(step=9), 900),
    ],
    ids=["none", "not large enough", "not launched", "the last step", "behind the last"],
)
def test_without_a_ramp_in_force_all_come_in(safety: Safety, found: int) -> None:
    assert room(safety, found=found) is None


def test_the_usual_ramp_is_for_more_than_a_hundred_thousand() -> None:
    assert room(Safety(expected=100_001), found=0) == 1_001
    assert room(Safety(expected=100_001), found=1_001) == 0


def test_a_person_overrides_a_rule_for_what_was_judged() -> None:
    stopped_here = stopped(a_safety(), StopReason.FAILED_RATE, parts=7)

    after = resumed(stopped_here, by=ANNA, at=NOON)

    assert (after.because, after.judged_from) == (None, 7)
    assert after.resumes == (Resume(by=ANNA, at=NOON, because=StopReason.FAILED_RATE),)


def test_a_resume_after_the_budget_judges_all_of_it_on() -> None:
    stopped_here = stopped(a_safety(judged_from=2), StopReason.BUDGET_REACHED, parts=7)

    assert resumed(stopped_here, by=ANNA, at=NOON).judged_from == 2


def test_a_resume_of_what_a_person_paused_is_nobodys_override() -> None:
    assert resumed(a_safety(), by=ANNA, at=NOON) == a_safety()


def test_only_the_last_ten_resumes_are_kept() -> None:
    safety = a_safety()
    for number in range(12):
        safety = resumed(stopped(safety, StopReason.FAILED_RATE, parts=number), by=ANNA, at=NOON)

    assert (len(safety.resumes), safety.judged_from) == (10, 11)


def test_who_wrote_it_cannot_approve_it() -> None:
    safety = edited(a_safety(editors=(ANNA,)), by=BELA)

    assert approved(safety, by=ANNA, at=NOON, people=5) is None
    assert approved(safety, by=BELA, at=NOON, people=5) is None
    assert approved(safety, by=KeyId("key_c"), at=NOON, people=5) is not None


def test_an_edit_voids_the_approval() -> None:
    allowed = approved(a_safety(editors=(ANNA,)), by=BELA, at=NOON, people=5_000)

    assert allowed is not None
    assert may_reach(allowed, 5_000, above=100)
    assert not may_reach(edited(allowed, by=ANNA), 5_000, above=100)


@given(
    people=st.integers(min_value=0, max_value=10_000),
    given_for=st.integers(min_value=0, max_value=10_000),
    above=st.none() | st.integers(min_value=0, max_value=10_000),
    stale=st.booleans(),
)
def test_no_more_are_reached_than_were_approved(
    people: int, given_for: int, above: int | None, stale: bool
) -> None:
    approval = Approval(by=BELA, at=NOON, edition=1, people=given_for)
    safety = a_safety(approval=approval, edition=2 if stale else 1)

    allowed = may_reach(safety, people, above=above)

    if above is None:
        assert allowed
        assert reach(safety, above=above) is None
    else:
        most = above if stale else max(above, given_for + given_for // 10)
        assert allowed is (people <= most)


def test_a_definition_replaces_what_is_wanted_and_keeps_what_happened() -> None:
    before = a_safety(step=1, because=StopReason.FAILED_RATE, editors=(ANNA,))
    wanted = Safety(ramp=None, rules=None, budget=5_000)

    after = with_definition(before, wanted)

    assert (after.ramp, after.rules, after.budget) == (None, None, 5_000)
    assert (after.step, after.because, after.editors) == (1, StopReason.FAILED_RATE, (ANNA,))


def test_a_run_begins_anew_under_the_approval_of_its_series() -> None:
    approval = Approval(by=BELA, at=NOON, edition=1, people=9)
    series = a_safety(approval=approval, step=2, because=StopReason.FAILED_RATE, judged_from=3)

    run = fresh_run(series)

    assert (run.step, run.because, run.judged_from, run.expected) == (0, None, 0, None)
    assert run.approval == approval


def test_all_of_it_is_read_back() -> None:
    safety = Safety(
        ramp=a_ramp(5, 100, only_above=3),
        rules=StopRules(failed=None, opted_out=1, complained=0, min_sent=9),
        budget=12_000,
        edition=4,
        editors=(ANNA, BELA),
        approval=Approval(by=BELA, at=NOON, edition=4, people=77),
        tested=4,
        expected=80,
        step=1,
        because=StopReason.BUDGET_REACHED,
        stopped_at=3,
        judged_from=2,
        resumes=(Resume(by=ANNA, at=NOON, because=StopReason.OPT_OUT_RATE),),
    )

    assert safety_from_json(safety_to_json(safety)) == safety
    assert safety_from_json(safety_to_json(Safety())) == Safety()


def test_a_campaign_from_before_there_was_any_is_launched_as_it_was_then() -> None:
    assert safety_from_json(None) == replace(Safety(), ramp=None, rules=None)
