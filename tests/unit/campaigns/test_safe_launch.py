"""Ramp, stop rules and watch of a campaign while workers repeat, reorder and die."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.campaigns import control
from functions.campaigns.watching import EVERY, MOST_BATCHES, counted
from functions.contracts.campaign_jobs import RampJob, WatchJob
from functions.contracts.queues import ResolveJob
from functions.domain.campaign import CampaignStatus
from functions.domain.campaign_control import next_step
from functions.domain.clicks import BatchClicks
from functions.domain.reaction import NO_REACTIONS, Reaction
from functions.domain.safety import USUAL_RAMP, Safety
from functions.domain.standing import Standing
from functions.domain.stop_rules import StopReason, StopRules
from tests.fakes.dying import Death
from tests.unit.campaigns.safe_world import ANNA, CAMPAIGN, PEOPLE, WAIT, World, a_ramp

RULES = StopRules(min_sent=10)
ALL_FAIL = frozenset(range(1, PEOPLE + 1))


def a_ramped(**values: object) -> World:
    """Ten percent, then half, then all."""
    safety = Safety(ramp=a_ramp(10, 50, 100), rules=RULES)
    world = World(safety=safety, **values)  # type: ignore[arg-type]
    world.launch()
    return world


def let_in(world: World) -> int:
    return sum(part.size for part in world.campaigns.parts(CAMPAIGN))


def test_each_step_waits_for_the_one_before() -> None:
    world, seen = a_ramped(), []

    world.work()
    seen.append((len(world.sent), world.now))
    for _ in range(2):
        started = world.now
        while len(world.sent) == seen[-1][0]:
            world.step()
            world.work()
        assert world.now - started >= WAIT
        seen.append((len(world.sent), world.now))
    world.drain()

    assert [sent for sent, _ in seen] == [20, 100, 200]
    assert world.report().status == "finished"
    assert len(set(world.sent)) == PEOPLE


def test_a_bad_first_step_stops_the_campaign_and_says_why() -> None:
    world = a_ramped(failing=ALL_FAIL)

    world.drain()

    safety = world.campaign().safety
    assert (world.campaign().status, safety.because) == ("paused", StopReason.FAILED_RATE)
    assert (len(world.sent), world.report().failed) == (20, {"device": 20})
    assert world.report().status == "paused"


def test_who_resumes_over_a_rule_is_noted_and_need_not_wait_again() -> None:
    world = a_ramped(failing=frozenset(range(1, 21)))
    world.drain()
    stopped_at = world.now

    world.resume(by=ANNA)
    world.work()

    (note,) = world.campaign().safety.resumes
    assert (note.by, note.because) == (ANNA, StopReason.FAILED_RATE)
    assert (world.now, len(world.sent)) == (stopped_at, 100)
    world.drain()
    assert world.report().status == "finished"


def test_what_fails_after_the_resume_stops_it_again() -> None:
    world = a_ramped(failing=ALL_FAIL)
    world.drain()

    world.resume()
    world.drain()

    assert world.campaign().safety.because is StopReason.FAILED_RATE
    assert len(world.sent) == 100


def test_a_person_who_pauses_and_resumes_does_not_cut_the_wait_short() -> None:
    world = a_ramped()
    world.work()
    before = world.now
    control.pause(CAMPAIGN, deps=world.deps())

    world.resume()
    world.work()

    assert (len(world.sent), world.campaign().safety.resumes) == (20, ())
    world.drain()
    assert len(world.sent) == PEOPLE
    assert world.now - before >= 2 * WAIT


def test_a_step_of_which_much_waits_is_not_judged_yet() -> None:
    world = a_ramped(failing=ALL_FAIL)
    world.handle(world.queue.popleft())
    world.handle(world.queue.popleft())  # planned, and not sent
    later = list(world.queue)
    world.queue.clear()
    world.handle(RampJob(campaign_id=CAMPAIGN, step=0))

    assert world.campaign().status is CampaignStatus.LAUNCHED
    assert world.campaign().safety.step == 0
    assert isinstance(world.timers[-1][2], RampJob)
    world.queue.extend(later)
    world.drain()
    assert len(world.sent) == 20


def test_a_small_campaign_has_no_usual_ramp() -> None:
    world = World(safety=Safety(ramp=USUAL_RAMP))
    world.launch()

    world.work()

    assert len(world.sent) == PEOPLE


def test_an_old_look_of_a_step_changes_nothing_once_it_is_cancelled() -> None:
    world = a_ramped()
    world.work()
    control.cancel(CAMPAIGN, deps=world.deps())
    world.drain()

    assert (world.campaign().status, len(world.sent)) == ("cancelled", 20)


MOVES = ("step", "step", "step", "twice", "die", "pause", "resume")


@settings(max_examples=150, deadline=None)
@given(
    moves=st.lists(
        st.tuples(st.sampled_from(MOVES), st.integers(0, 30), st.booleans()), max_size=60
    )
)
def test_nothing_goes_beyond_its_step_whatever_happens(
    moves: list[tuple[str, int, bool]],
) -> None:
    world = a_ramped()
    targets = {0: 22, 1: 110, 2: PEOPLE}
    for name, place, after in moves:
        match name:
            case "pause":
                control.pause(CAMPAIGN, deps=world.deps())
            case "resume":
                world.resume()
            case "die":
                world.step(place, death=Death(place % 12 + 1, after=after))
            case _:
                world.step(place, twice=name == "twice")
        assert let_in(world) <= targets[world.campaign().safety.step]
    world.resume()
    world.drain()

    assert sorted(world.sent) == list(range(1, PEOPLE + 1))
    assert world.report().status == "finished"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("dies_at", range(1, 9))
def test_a_look_at_a_step_that_dies_anywhere_is_made_good(dies_at: int, *, after: bool) -> None:
    world = a_ramped()
    world.work()
    world.timers.sort()
    at, _, job = next(each for each in world.timers if isinstance(each[2], RampJob))
    world.now = at
    world.queue.append(job)

    world.step(death=Death(dies_at, after=after))
    world.drain()

    assert sorted(world.sent) == list(range(1, PEOPLE + 1))


# The watch


def a_watched(**values: object) -> World:
    world = World(safety=Safety(ramp=None, rules=RULES), **values)  # type: ignore[arg-type]
    world.launch()
    return world


def test_a_campaign_that_goes_bad_is_stopped_while_it_runs() -> None:
    world = a_watched(failing=ALL_FAIL)
    for _ in range(6):
        world.step()
    waiting = list(world.queue)
    world.queue.clear()

    world.drain()  # the watch alone

    assert world.campaign().safety.because is StopReason.FAILED_RATE
    sent = len(world.sent)
    world.queue.extend(waiting)
    world.drain()
    assert len(world.sent) == sent < PEOPLE


def test_what_a_person_went_on_over_is_not_held_against_the_campaign_again() -> None:
    world = a_watched(failing=frozenset(range(1, 41)))
    while len(world.sent) < 40:
        world.step()
    waiting = list(world.queue)
    world.queue.clear()
    world.drain()  # the watch alone
    assert world.campaign().safety.because is StopReason.FAILED_RATE
    world.queue.extend(waiting)
    world.work()

    world.resume()
    world.drain()

    assert world.store.looks[-1].failed == 0
    assert (len(world.sent), world.report().status) == (PEOPLE, "finished")


def test_two_looks_at_once_let_in_one_share() -> None:
    world = a_ramped()
    world.work()

    once = next_step(world.campaign(), after=0)

    assert once.safety.step == 1
    assert next_step(once, after=0) == once


def test_the_watch_ends_with_the_campaign() -> None:
    world = a_watched()

    world.work()
    assert [type(job) for _, _, job in world.timers] == [WatchJob]
    world.step()

    assert (list(world.queue), world.timers) == ([], [])
    assert world.store.looks[-1].sent == PEOPLE


def test_the_watch_looks_more_seldom_while_nothing_leaves() -> None:
    world = a_watched()
    for _ in range(4):
        world.step()
    world.queue.clear()

    gaps = []
    for _ in range(3):
        before = world.now
        world.step()
        gaps.append(world.now - before)

    assert gaps == [EVERY, EVERY, timedelta(minutes=15)]


def test_a_watch_that_comes_twice_makes_one_chain() -> None:
    world = a_watched()
    for _ in range(4):
        world.step()
    world.queue.clear()
    (timer,) = world.timers

    world.timers.append(timer)
    world.step()
    world.step()
    looks = len(world.store.looks)
    world.step()

    assert (looks, len(world.store.looks), len(world.timers)) == (1, 2, 1)


def test_a_resume_begins_a_chain_in_place_of_the_old_one() -> None:
    world = a_watched()
    for _ in range(4):
        world.step()
    control.pause(CAMPAIGN, deps=world.deps())
    world.resume()
    world.queue = type(world.queue)(job for job in world.queue if not isinstance(job, ResolveJob))
    world.work()

    for _ in range(5):
        world.step()

    assert len([job for _, _, job in world.timers if isinstance(job, WatchJob)]) == 1


def test_without_rules_nobody_watches() -> None:
    world = World(safety=Safety(ramp=None, rules=None))
    world.launch()

    world.work()

    assert (world.timers, len(world.sent)) == ([], PEOPLE)


def test_a_large_campaign_is_judged_by_a_part_of_its_batches() -> None:
    world = a_watched()
    world.work()
    (part, *_) = world.campaigns.parts(CAMPAIGN)
    read: list[int] = []

    class Counting:
        def standings(self, numbers: list[int]) -> list[Standing]:
            read.extend(numbers)
            return world.batches.standings(part.batches) * len(numbers)

    many = replace(part, batches=tuple(range(1, 1_301)))  # type: ignore[arg-type]  # numbers
    counts = counted([many], deps=replace(world.deps(), batches=Counting()))  # type: ignore[arg-type]

    assert len(read) <= MOST_BATCHES
    assert (read[0], read[-1] > 1_200) == (1, True)
    assert counts.sent == len(read) * part.size


def test_opt_outs_and_complaints_are_counted() -> None:
    world = a_watched()
    world.work()
    parts = world.campaigns.parts(CAMPAIGN)
    (known, *_) = world.batches.standings(parts[0].batches)
    reactions = NO_REACTIONS.having(0, Reaction.OPTED_OUT, elapsed_s=60)
    reactions = reactions.having(1, Reaction.COMPLAINED, elapsed_s=60)

    class Answering:
        def standings(self, numbers: list[int]) -> list[Standing]:
            clicks = BatchClicks.none(len(known.state))
            return [replace(known, clicks=clicks, reactions=reactions) for _ in numbers]

    deps = replace(world.deps(), batches=Answering())  # type: ignore[arg-type]  # of it, this
    counts = counted(parts, deps=deps)

    assert (counts.opted_out, counts.complained) == (10, 10)
