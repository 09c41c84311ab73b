"""The identity, proved from rows; what stands still, and for how long that is borne."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from functions.domain.campaign import Part
from functions.domain.evidence import Evidence
from functions.domain.ids import BatchNumber
from functions.domain.message import BatchState, Send
from functions.domain.reason import HoldReason, RefusalReason
from functions.domain.reconciliation import (
    LONGEST_PATIENCE,
    PARTS_PER_CHUNK,
    Chunk,
    Counted,
    FaultKind,
    Progress,
    counted,
    next_look,
    progress,
)
from tests.builders import MORNING, NIGHT, NOON, a_case, a_meta, a_part
from tests.unit.domain.test_held import SENDS

HOUR = timedelta(hours=1)
States = Mapping[BatchNumber, BatchState]


def a_state(*sends: int, **values: object) -> BatchState:
    state = replace(BatchState.fresh(sends, now=NOON), rounds=(int(NOON.timestamp()),))
    return replace(state, **values)  # type: ignore[arg-type]


def a_planned_part(number: int = 0, sizes: tuple[int, ...] = (), **values: object) -> Part:
    batches = tuple(BatchNumber(number * 100 + i + 1) for i in range(len(sizes)))
    facts: dict[str, object] = {
        "size": sum(sizes),
        "planned": True,
        "batches": batches,
        "batch_sizes": sizes,
    }
    return a_part(number, **(facts | values))


def a_chunk(*parts: Part, number: int = 0, follows: bool = False) -> Chunk:
    return Chunk(number=number, parts=parts, follows=follows)


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Chunk, States]:
    """Parts of any campaign whose rows are all there."""
    parts, states = [], {}
    for place in range(draw(st.integers(0, 4))):
        if draw(st.booleans()):
            parts.append(a_part(place, size=draw(st.integers(0, 2000))))
            continue
        batches = draw(st.lists(st.lists(SENDS, min_size=1, max_size=5), max_size=3))
        refused = draw(
            st.dictionaries(st.sampled_from(RefusalReason), st.integers(1, 9), max_size=2)
        )
        sizes = tuple(map(len, batches))
        part = a_planned_part(place, sizes, refused=refused)
        part = replace(part, size=sum(sizes) + sum(refused.values()))
        parts.append(part)
        states |= {
            number: a_state(*sends) for number, sends in zip(part.batches, batches, strict=True)
        }
    return a_chunk(*parts), states


@given(scenes())
def test_rows_that_are_all_there_add_up_and_have_no_faults(scene: tuple[Chunk, States]) -> None:
    chunk, states = scene

    found = counted(chunk, states)

    assert found.adds_up
    assert found.faults == ()


@given(scenes(), st.data())
def test_a_row_that_is_missing_or_of_another_size_is_named(
    scene: tuple[Chunk, States], data: st.DataObject
) -> None:
    chunk, states = scene
    if not states:
        return
    victim = data.draw(st.sampled_from(sorted(states)))
    broken = dict(states)
    if data.draw(st.booleans()):
        del broken[victim]
        kind = FaultKind.BATCH_MISSING
    else:
        broken[victim] = a_state(*states[victim].sends(), Send.PENDING)
        kind = FaultKind.BATCH_SIZE

    found = counted(chunk, broken)

    (fault,) = found.faults
    assert (fault.kind, fault.batch) == (kind, victim)
    assert not found.adds_up


def test_part_that_lost_somebody_is_named() -> None:
    part = a_planned_part(0, (2,), size=4, refused={RefusalReason.NO_CONSENT: 1})

    (fault,) = counted(a_chunk(part), {BatchNumber(1): a_state(0, 0)}).faults

    assert (fault.kind, fault.part, fault.expected, fault.found) == (
        FaultKind.PART_SIZE,
        "000000",
        4,
        3,
    )


@pytest.mark.parametrize("number", [0, 3])
def test_gap_between_parts_is_named_once(number: int) -> None:
    first = number * PARTS_PER_CHUNK
    parts = [a_planned_part(first + place) for place in (0, 2, 3)]

    (fault,) = counted(a_chunk(*parts, number=number), {}).faults

    assert (fault.kind, fault.part) == (FaultKind.PART_MISSING, f"{first + 1:06d}")


def test_what_waits_is_told_from_what_is_done() -> None:
    parts = [a_planned_part(0, (1, 1, 2)), a_part(1, size=7)]
    states = {
        BatchNumber(1): a_state(Send.sent(round_=0)),
        BatchNumber(2): a_state(Send.UNKNOWN),
        BatchNumber(3): a_state(Send.CANCELLED, Send.held(HoldReason.NIGHT)),
    }

    found = counted(a_chunk(*parts), states)

    assert found.open == (2, 3)
    assert found.unplanned == ("000001",)
    assert found.counts == {"sent": 1, "unknown": 1, "cancelled": 1, "held": 1, "pending": 7}
    assert found.recipients == 11


@pytest.mark.parametrize(
    ("chunk", "unresolved"),
    [
        (a_chunk(), 0),
        (a_chunk(number=1), None),
        (a_chunk(a_part(0)), None),
        (a_chunk(a_part(0), a_part(1, next_cursor="c")), 2),
        (a_chunk(a_part(0, next_cursor="c"), follows=True), None),
    ],
    ids=["nothing yet", "nothing more", "all", "a slice is missing", "the slice is there"],
)
def test_says_which_slice_is_still_to_be_found(chunk: Chunk, unresolved: int | None) -> None:
    assert chunk.unresolved == unresolved


def a_count(state: BatchState) -> Counted:
    return counted(a_chunk(a_planned_part(0, (len(state),))), {BatchNumber(1): state})


@pytest.mark.parametrize(
    "after",
    [
        a_state(Send.sent(round_=0), Send.PENDING),
        a_state(Send.SENDING, Send.SENDING, attempts=1),
        a_state(Send.PENDING, Send.PENDING, attempts=1),
    ],
    ids=["one left", "somebody tries", "somebody tried in vain"],
)
def test_work_that_gets_on_changes_the_marker(after: BatchState) -> None:
    assert a_count(a_state(Send.PENDING, Send.PENDING)).marker != a_count(after).marker


def test_progress_begins_anew_when_something_moved() -> None:
    before = Progress(marker="a", since=NOON, mends=3)

    assert progress(before, "a", now=MORNING) == before
    assert progress(before, "b", now=MORNING) == Progress(marker="b", since=MORNING)
    assert progress(None, "a", now=MORNING) == Progress(marker="a", since=MORNING)


def test_each_time_that_did_not_help_is_waited_out_twice_as_long() -> None:
    waits = [Progress(marker="a", since=NOON, mends=n).patience(HOUR) for n in range(9)]

    assert waits[:4] == [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR]
    assert waits[-1] == LONGEST_PATIENCE


def test_who_has_no_patience_does_not_get_any() -> None:
    stuck = Progress(marker="a", since=NOON, mends=5)

    assert stuck.stands_still(usual=timedelta(0), now=NOON)


@given(st.integers(1, 300))
def test_a_provider_out_of_reach_is_not_flooded(hours: int) -> None:
    """A job more for each time, each of which goes on by itself: few, however long it takes."""
    seen, mends = progress(None, "a", now=NOON), 0
    for hour in range(hours):
        now = NOON + hour * HOUR
        seen = progress(seen, "a", now=now)
        if seen.stands_still(usual=HOUR, now=now):
            seen, mends = seen.mended(now=now), mends + 1

    assert mends <= 6 + hours / 24


def test_message_that_may_leave_should_have_been_looked_at_when_it_last_moved() -> None:
    later = NOON + HOUR
    state = a_state(Send.PENDING, lease_until=int(later.timestamp()))

    assert next_look(a_meta(), state, ()) == later


def test_held_message_is_looked_at_when_its_hold_ends() -> None:
    state = a_state(Send.held(HoldReason.NIGHT))
    look = Evidence(at=NIGHT, cases={0: a_case()})

    assert next_look(a_meta(), state, (look,)) == MORNING
    assert next_look(a_meta(not_before=NIGHT), state, ()) == NIGHT


def test_the_earliest_of_a_batch_counts() -> None:
    state = a_state(Send.held(HoldReason.NIGHT), Send.UNKNOWN)

    assert next_look(a_meta(not_before=MORNING), state, ()) == NOON


@pytest.mark.parametrize(("send", "open_"), [(Send.UNKNOWN, True), (Send.GIVEN_UP, False)])
def test_what_was_given_up_is_unknown_and_waits_for_nothing(send: int, *, open_: bool) -> None:
    found = counted(a_chunk(a_planned_part(sizes=(1,))), {BatchNumber(1): a_state(send)})

    assert found.counts == {"unknown": 1}
    assert bool(found.open) is open_
