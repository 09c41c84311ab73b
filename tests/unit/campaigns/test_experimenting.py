"""Experiments while workers repeat, reorder and die: one decision, and everybody once."""

from collections import Counter
from dataclasses import replace
from datetime import time, timedelta

import pytest
from hypothesis import given, settings, strategies as st

from functions.campaigns import control, experimenting, safe
from functions.campaigns.allotting import split
from functions.campaigns.checking import CheckingDeps, check
from functions.campaigns.counting import counted_by_variant
from functions.contracts.campaign_jobs import CheckJob, ExperimentJob
from functions.contracts.errors import Conflict, InvalidInput
from functions.contracts.experiment_document import is_as_registered, sha256
from functions.contracts.experiment_record import record_of
from functions.contracts.queues import PlanJob
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.experiment import Criteria, Inconclusive, Mode, Rule, Variant
from functions.domain.experiment_look import Count
from functions.domain.planning import Person
from functions.domain.safety import Safety
from tests.builders import NOON, a_contact, a_phone
from tests.fakes.campaigns import FakeOpenCampaigns
from tests.fakes.dying import Death
from tests.unit.campaigns.experiment_world import CRITERIA, Varied, an_experiment
from tests.unit.campaigns.safe_world import ANNA, CAMPAIGN, PEOPLE, WON, a_ramp

QUIET = Safety(ramp=None, rules=None)
CLEAR = {"a": 5, "b": 70}
SAME = {"a": 30, "b": 30}


def a_test(percent: dict[str, int], **values: object) -> Varied:
    world = Varied(safety=QUIET, experiment=an_experiment(**values), percent=percent)
    world.launch()
    return world


def decision(world: Varied):
    assert world.campaign().experiment is not None
    return world.campaign().experiment.decision


def test_everybody_gets_a_variant_and_shares_are_exact() -> None:
    world = a_test(SAME)

    world.drain()

    assert Counter(world.got().values()) == {"a": PEOPLE // 2, "b": PEOPLE // 2}
    assert sorted(world.sent) == list(range(1, PEOPLE + 1))


def test_pilot_takes_its_share_and_the_others_wait() -> None:
    world = a_test(CLEAR, pilot=30)

    world.work()

    assert len(world.sent) == PEOPLE * 30 // 100
    assert Counter(world.got().values()) == {"a": 30, "b": 30}
    report = world.report()
    assert (report.recipients, report.pending, report.status) == (PEOPLE, 140, "running")
    assert report.accounted == PEOPLE


def test_winner_goes_to_everybody_who_waited() -> None:
    world = a_test(CLEAR, pilot=50)

    world.drain()

    found = decision(world)
    assert (found.rule, found.winner, found.chosen) == (Rule.SIGNIFICANT, "b", "b")
    assert Counter(world.got().values()) == {"a": 50, "b": 150}
    assert sorted(world.sent) == list(range(1, PEOPLE + 1))
    assert world.report().status == "finished"
    assert found.at < NOON + CRITERIA.deadline


@pytest.mark.parametrize(
    ("action", "chosen"),
    [(Inconclusive.CONTROL, "a"), (Inconclusive.BEST, "b"), (Inconclusive.ASK, None)],
)
def test_without_a_winner_the_frozen_action_is_taken(action, chosen) -> None:
    criteria = replace(CRITERIA, inconclusive=action)
    world = a_test({"a": 30, "b": 44}, pilot=50, criteria=criteria)

    world.drain()

    found = decision(world)
    assert (found.rule, found.winner, found.chosen) == (Rule.ALL_MEASURED, None, chosen)
    waiting = 100 if chosen is None else 0
    assert len(world.sent) == PEOPLE - waiting
    assert world.report().pending == waiting


def test_who_is_asked_chooses_once() -> None:
    criteria = replace(CRITERIA, inconclusive=Inconclusive.ASK)
    world = a_test(SAME, pilot=50, criteria=criteria)
    with pytest.raises(Conflict):
        experimenting.choose(CAMPAIGN, "b", by=ANNA, deps=world.deps(), now=world.now)
    world.drain()

    with pytest.raises(InvalidInput):
        experimenting.choose(CAMPAIGN, "c", by=ANNA, deps=world.deps(), now=world.now)
    for _ in range(2):
        experimenting.choose(CAMPAIGN, "b", by=ANNA, deps=world.deps(), now=world.now)
    with pytest.raises(Conflict):
        experimenting.choose(CAMPAIGN, "a", by=ANNA, deps=world.deps(), now=world.now)
    world.drain()

    found = decision(world)
    assert (found.winner, found.chosen, found.chosen_by) == (None, "b", ANNA)
    assert sorted(world.sent) == list(range(1, PEOPLE + 1))


def test_deadline_ends_it_with_what_is_known() -> None:
    criteria = replace(CRITERIA, deadline=timedelta(minutes=20))
    later = Variant(name="b", after=timedelta(hours=3))
    world = a_test(CLEAR, pilot=50, criteria=criteria, variants=(Variant(name="a"), later))

    world.drain()

    found = decision(world)
    assert (found.rule, found.chosen, found.at) == (
        Rule.DEADLINE,
        "a",
        NOON + timedelta(minutes=20),
    )


def test_what_holds_is_registered_at_the_launch_and_cannot_be_changed() -> None:
    world = Varied(safety=QUIET, experiment=an_experiment(), percent=SAME)
    wanted = an_experiment(pilot=20)

    safe.put_experiment(CAMPAIGN, wanted, by=ANNA, deps=world.deps(), now=NOON)
    world.launch()

    experiment = world.campaign().experiment
    assert experiment is not None
    known = experiment.registration
    assert known is not None
    assert (known.at, known.sha256) == (NOON, sha256(known.text))
    assert '"pilot_percent":20' in known.text
    with pytest.raises(Conflict) as refused:
        safe.put_experiment(CAMPAIGN, an_experiment(), by=ANNA, deps=world.deps(), now=NOON)
    assert refused.value.code == "experiment_fixed"


def test_rules_that_were_changed_behind_the_registration_decide_nothing() -> None:
    world = a_test(CLEAR, pilot=50)
    known = world.campaign()
    assert known.experiment is not None
    eased = replace(known.experiment, criteria=replace(CRITERIA, significance=0.5))
    world.campaigns.campaigns[CAMPAIGN] = replace(known, experiment=eased)

    assert not is_as_registered(world.campaign())
    with pytest.raises(LookupError):
        world.drain()

    assert decision(world) is None


def test_looks_that_come_again_or_late_change_nothing() -> None:
    world = a_test(CLEAR, pilot=50)
    world.drain()
    before, looks = world.campaign(), world.experiments.looks(CAMPAIGN)
    sent = list(world.sent)

    for number in range(len(looks) + 2):
        for chain in (looks[0].chain, 7):
            world.queue.append(ExperimentJob(campaign_id=CAMPAIGN, look=number, chain=chain))
    world.drain()

    assert world.campaign() == before
    assert world.experiments.looks(CAMPAIGN) == looks
    assert world.sent == sent
    assert decision(world).record == record_of(looks)


def test_two_chains_of_looks_become_one() -> None:
    world = a_test(SAME, pilot=50)
    world.work()
    for _ in range(3):
        world.now += timedelta(seconds=1)
        experimenting.begin(CAMPAIGN, deps=world.deps(), now=world.now)

    world.drain()

    looks = world.experiments.looks(CAMPAIGN)
    assert len({each.chain for each in looks}) == 1
    assert decision(world) is not None


def test_nothing_is_decided_while_paused_and_it_goes_on_when_resumed() -> None:
    world = a_test(CLEAR, pilot=50)
    world.work()
    control.pause(CAMPAIGN, deps=world.deps())
    world.drain()
    assert decision(world) is None

    world.resume()
    world.drain()

    assert decision(world).winner == "b"
    assert sorted(world.sent) == list(range(1, PEOPLE + 1))


def test_who_waits_is_cancelled_with_the_campaign() -> None:
    world = a_test(CLEAR, pilot=50)
    world.work()

    control.cancel(CAMPAIGN, deps=world.deps())
    world.drain()

    report = world.report()
    assert (report.sent, report.cancelled, report.accounted) == (100, 100, PEOPLE)


def test_budget_holds_for_the_rest_too() -> None:
    world = Varied(
        safety=replace(QUIET, budget=130 * WON), experiment=an_experiment(pilot=50), percent=CLEAR
    )
    world.launch()

    world.drain()

    assert (world.campaign().status, world.planned_cost()) == ("paused", 130 * WON)
    world.put(replace(QUIET, budget=PEOPLE * WON))
    world.resume()
    world.drain()
    assert Counter(world.got().values()) == {"a": 50, "b": 150}
    assert sorted(world.sent) == list(range(1, PEOPLE + 1))


def test_ramp_lets_the_pilot_in_by_steps() -> None:
    safety = Safety(ramp=a_ramp(10, 100), rules=None)
    world = Varied(safety=safety, experiment=an_experiment(pilot=50), percent=CLEAR)
    world.launch()

    world.work()
    assert len(world.sent) == 10
    world.drain()

    assert sorted(world.sent) == list(range(1, PEOPLE + 1))


def test_lost_chain_of_looks_is_begun_anew_by_the_check() -> None:
    world = a_test(CLEAR, pilot=50)
    world.work()
    world.timers.clear()
    opened = FakeOpenCampaigns()
    deps = CheckingDeps(
        campaigns=world.campaigns,
        open=opened,
        batches=world.batches,
        close_goal=lambda *_: None,
        start=lambda *_: None,
        enqueue=world.queue.extend,
        spread=lambda work, values: [work(each) for each in values],
    )

    for _ in range(2):
        check(CheckJob(campaign_id=CAMPAIGN, patience_s=0), deps=deps, now=world.now)
    assert {each.part for each in world.queue if isinstance(each, PlanJob)} == {"000000"}
    world.drain()

    assert decision(world).winner == "b"
    assert sorted(world.sent) == list(range(1, PEOPLE + 1))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_decision_and_everybody_once_whatever_dies_repeats_or_overtakes(data) -> None:
    world = a_test(CLEAR, pilot=40)

    for _ in range(data.draw(st.integers(0, 60))):
        death = data.draw(st.none() | st.builds(Death, at=st.integers(1, 14), after=st.booleans()))
        place = data.draw(st.integers(0, 5))
        world.step(place, death=death, twice=data.draw(st.booleans()))
    world.drain()

    found = decision(world)
    assert (found.winner, found.record) == (
        "b",
        record_of(world.experiments.looks(CAMPAIGN)),
    )
    assert sorted(world.sent) == list(range(1, PEOPLE + 1))
    assert world.report().accounted == PEOPLE
    taking_part = Counter(
        variant
        for part in world.campaigns.parts(CAMPAIGN)
        if not part.rest
        for number in part.batches
        for variant in [world.batches.batches[number].meta.variant]
        for _ in world.batches.batches[number].recipients
    )
    assert taking_part == {"a": 40, "b": 40}


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_may_die_at_any_step_of_a_look(after: bool) -> None:
    for at in range(1, 25):
        world = a_test(CLEAR, pilot=50)
        world.work()
        world.now += timedelta(minutes=15)
        job = ExperimentJob(campaign_id=CAMPAIGN, look=0, chain=1)
        world.timers.clear()
        world.queue.append(job)
        death = Death(at=at, after=after)

        world.step(death=death)
        world.drain()

        assert (decision(world).look, decision(world).winner) == (0, "b")
        assert sorted(world.sent) == list(range(1, PEOPLE + 1))
        if death.calls < at:
            return
    msg = "a look has more steps than this test kills it at"
    raise AssertionError(msg)


def test_adaptive_shares_follow_what_did_better_and_are_recorded() -> None:
    experiment = an_experiment(
        mode=Mode.ADAPTIVE,
        part_every=timedelta(minutes=15),
        criteria=Criteria(window=timedelta(minutes=10)),
    )
    world = Varied(safety=QUIET, experiment=experiment, percent=CLEAR)
    world.launch()

    world.drain()

    draws = world.experiments.draws(CAMPAIGN)
    assert [each.part for each in draws] == [f"{place:06d}" for place in range(10)]
    assert [sum(each.people.values()) for each in draws] == [20] * 10
    assert draws[0].people["b"] < 16
    assert sum(each.people["b"] for each in draws[5:]) > 95
    got = Counter(world.got().values())
    assert got["b"] == sum(each.people["b"] for each in draws)
    assert sorted(world.sent) == list(range(1, PEOPLE + 1))
    assert decision(world) is None
    assert world.experiments.looks(CAMPAIGN) == ()


def test_adaptive_part_that_holds_nobody_out_reads_its_draw_before_and_after_it_is_made() -> None:
    experiment = an_experiment(mode=Mode.ADAPTIVE, part_every=timedelta(minutes=15))
    world = Varied(safety=QUIET, experiment=experiment, percent=CLEAR)
    read, draw = Counter[str](), world.experiments.draw

    def counted_draw(campaign_id, part):
        read[part] += 1
        return draw(campaign_id, part)

    world.experiments.draw = counted_draw
    world.launch()

    world.drain()

    assert set(read.values()) == {2}


def test_adaptive_part_gets_what_was_drawn_also_when_planned_again() -> None:
    experiment = an_experiment(mode=Mode.ADAPTIVE, part_every=timedelta(minutes=15))
    for at in range(1, 12):
        world = Varied(safety=QUIET, experiment=experiment, percent=CLEAR)
        world.launch()
        world.step()
        world.step(death=Death(at=at))
        world.drain()

        draws = world.experiments.draws(CAMPAIGN)
        got = Counter(world.got().values())
        assert got["b"] == sum(each.people["b"] for each in draws)
        assert len(world.sent) == len(set(world.sent)) == PEOPLE


def test_variants_of_time_begin_at_their_hours() -> None:
    variants = (
        Variant(name="a", after=timedelta(hours=1)),
        Variant(name="b", at_local=time(15)),
        Variant(name="c"),
    )
    world = a_test(SAME, variants=variants)
    world.work()

    begins = {batch.meta.variant: batch.meta.not_before for batch in world.batches.batches.values()}
    assert begins == {"a": NOON + timedelta(hours=1), "b": NOON + timedelta(hours=3), "c": None}


def test_looks_read_nothing_of_a_part_before_a_window_can_be_over() -> None:
    world = a_test(CLEAR)
    world.work()
    read, standings = Counter[timedelta](), world.batches.standings

    def counted_standings(*args, **values):
        read[world.now - NOON] += 1
        return standings(*args, **values)

    world.batches.standings = counted_standings  # type: ignore[method-assign]
    world.drain()

    # The looks after 5 and 10 minutes; a window is 10 minutes, and known 2 later.
    assert decision(world).at == NOON + timedelta(minutes=15)
    assert set(read) == {timedelta(minutes=15)}


def test_window_is_as_long_for_a_variant_that_begins_later() -> None:
    variants = (Variant(name="a"), Variant(name="b", after=timedelta(hours=1)))
    world = a_test({}, variants=variants)
    world.work()
    for number, batch in world.batches.batches.items():
        left = batch.state.claimed({}, now=batch.meta.began, lease_s=0)
        sends = dict.fromkeys(range(len(left)), left.sent_now)
        world.batches.batches[number] = replace(batch, state=left.with_sends(sends))
        late = int(CRITERIA.window.total_seconds()) + 1
        hit = Hit(ordinal=0, link=0, visitor=Visitor.HUMAN, elapsed_s=late)
        world.batches.clicks[number] = BatchClicks.none(batch.meta.size).with_hits([hit])

    part, at = world.campaigns.parts(CAMPAIGN)[0], NOON + timedelta(hours=2)
    found = counted_by_variant(part, CRITERIA, deps=world.deps(), at=at)

    assert found == dict.fromkeys("ab", Count(sent=10))


def test_who_shares_a_number_is_never_in_both_halves() -> None:
    world = Varied(safety=QUIET, experiment=an_experiment(pilot=50))
    people = [
        Person.known(a_contact(number, phone=a_phone(number % 20))) for number in range(1, 101)
    ]

    taking_part, waiting = split(world.campaign(), people, first=0, deps=world.deps())

    assert len(taking_part) + len(waiting) == 100
    assert not {each.phone for each in taking_part} & {each.phone for each in waiting}
