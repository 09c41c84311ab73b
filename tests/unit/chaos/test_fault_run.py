"""The small form of ``make chaos``, and the test of that test: broken builds are found out."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice, repeat
from typing import Any

import pytest

from benchmarks.chaos.fate import CALM, Rates
from benchmarks.chaos.run import Outcome, Plan, run
from functions.channels import solapi
from functions.channels.base import RetryLater, Taken
from functions.contracts.queues import Queue
from functions.dispatch import handing_over, service as dispatch
from functions.dispatch.handing_over import Call
from functions.domain.campaign import Gate, Part
from functions.domain.message import BatchState, Send
from functions.storage import gates
from functions.timers import service as timers
from tests.fakes.campaigns import FakeCampaigns

SMALL = Plan(people=800, campaigns=6, batch_size=20, part_size=100)
ROUGH = replace(
    SMALL, people=600, days=2, rates=Rates(killed=0.3, timeout_after_accept=0.1, duplicated=0.4)
)
SENTENCED = {
    *("batches.load", "batches.change_state", "batches.save_evidence"),
    *("carrier.send", "campaigns.get", "recents.take_all", "contacts.at_the_door"),
    *("sqs.send", "sqs.delete", "timers.due_in"),
}
"""Boundaries at which somebody must have died: claim, call, record, plan, queue and tick."""


def test_nobody_is_written_to_twice_or_lost_whatever_goes_wrong() -> None:
    outcomes = [run(replace(SMALL, seed=seed)) for seed in (1, 2, 3, 4)]

    assert sum(outcome.verdict.messages for outcome in outcomes) > 15_000
    assert [outcome.verdict.examples for outcome in outcomes] == [[], [], [], []]
    assert all(outcome.verdict.clean for outcome in outcomes)
    assert _kinds_that_never_came(outcomes) == set()
    assert _errors_of_our_own(outcomes) == set()


def _kinds_that_never_came(outcomes: list[Outcome]) -> set[str]:
    counts = sum((Counter(outcome.faults) for outcome in outcomes), Counter[str]())
    died = {kind.removeprefix(f"killed_{phase}_") for kind in counts for phase in PHASES}
    wanted = (set(Rates.__dataclass_fields__) - {"killed"}) | {"paused_and_resumed", "deployed"}
    return {kind for kind in wanted if not counts[kind]} | (SENTENCED - died)


def _errors_of_our_own(outcomes: list[Outcome]) -> set[str]:
    errors = chain.from_iterable(outcome.errors for outcome in outcomes)
    # Who plans a part that a rival just planned finds its slice gone; the queue brings it again.
    return {each for each in errors if not each.startswith("KeyError: 'parts/")}


PHASES = ("before", "after")


def test_the_same_seed_gives_the_same_run() -> None:
    plan = replace(SMALL, people=300, seed=7)

    first, second = run(plan), run(plan)

    assert first.faults == second.faults
    assert first.verdict == second.verdict


def test_without_faults_nothing_is_asked_twice() -> None:
    outcome = run(replace(SMALL, people=300, pauses=0, deploys=0, rates=CALM))

    assert outcome.verdict.clean
    assert set(outcome.faults) == {"cancelled", "dead_letters_redriven", "reports_reordered"}
    assert outcome.faults["dead_letters_redriven"] == 0


# Broken builds. Each is the product without one of its precautions.


def no_claim(patch: pytest.MonkeyPatch) -> None:
    """A worker sends what waits and tells nobody before."""

    def looked(batch: Any, verdicts: Any, way: Any, *, deps: Any, now: datetime) -> BatchState:
        def note(state: BatchState) -> BatchState:
            return replace(state, rounds=(*state.rounds, int(now.timestamp()))[-16:])

        state = deps.batches.change_state(batch.meta.number, note)
        return state.with_sends(
            {i: Send.SENDING for i in verdicts.sendable if i in state.waiting()}
        )

    patch.setattr(dispatch, "_claim", looked)


def no_question(patch: pytest.MonkeyPatch) -> None:
    """What an earlier attempt left open is sent again without asking the carrier."""

    def reopened(batch: Any, *, deps: Any, now: datetime) -> BatchState | None:
        open_ = batch.state.in_doubt
        again = batch.state.with_sends(dict.fromkeys(open_, Send.PENDING))
        return deps.batches.change_state(batch.meta.number, lambda _: again) if open_ else again

    patch.setattr(dispatch, "reconciled", reopened)


def record_before_the_call(patch: pytest.MonkeyPatch) -> None:
    """A worker writes that it sent, then sends."""

    def recorded(call: Call, **values: Any) -> Any:
        handing_over._recorded(call, Taken(rejected={}), **values)
        return handing_over.hand_over(call, **values)

    patch.setattr(dispatch, "hand_over", recorded)


def silence_is_refusal(patch: pytest.MonkeyPatch) -> None:
    """A call without an answer is taken for one that did not arrive."""
    patch.setattr(solapi, "Ambiguous", RetryLater)


def every_plan_counts(patch: pytest.MonkeyPatch) -> None:
    """Two workers that plan the same part both start their batches."""

    def marked(self: FakeCampaigns, part: Part) -> bool:
        self.parts_by_name[part.campaign_id, part.part] = part
        return True

    patch.setattr(FakeCampaigns, "mark_planned", marked)


def timers_are_deleted_first(patch: pytest.MonkeyPatch) -> None:
    """A tick deletes timers, then puts their jobs into the queues."""

    def worked_off(slot: datetime, *, deps: Any) -> Counter[Queue]:
        due = list(deps.timers.due_in(slot))
        deps.timers.remove(slot, due)
        for timer in due:
            deps.send([timer.body], timer.queue, 0)
        return Counter()

    patch.setattr(timers, "_work_off", worked_off)


def pauses_are_ignored(patch: pytest.MonkeyPatch) -> None:
    """Workers never look whether a campaign is paused."""
    patch.setattr(gates, "gate_of", lambda _: Gate.OPEN)


def seeds() -> Iterator[int]:
    return iter(range(1, 13))


@pytest.mark.parametrize(
    ("broken", "finding"),
    [
        (no_claim, "duplicates"),
        (no_question, "duplicates"),
        (silence_is_refusal, "duplicates"),
        (every_plan_counts, "duplicates"),
        (record_before_the_call, "losses"),
        (timers_are_deleted_first, "losses"),
        (pauses_are_ignored, "calls_while_paused"),
    ],
)
def test_a_broken_build_is_found_out(
    broken: Callable[[pytest.MonkeyPatch], None], finding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch)

    outcomes = []
    for seed in seeds():
        outcomes.append(run(replace(ROUGH, seed=seed)))
        if getattr(outcomes[-1].verdict, finding):
            break

    assert getattr(outcomes[-1].verdict, finding)
    # What is found is what the build does wrong, not that it does not run.
    assert _errors_of_our_own(outcomes) == set()


def test_the_sound_build_withstands_the_same() -> None:
    assert all(map(_clean, islice(seeds(), 4), repeat(ROUGH)))


def _clean(seed: int, plan: Plan) -> bool:
    return run(replace(plan, seed=seed)).verdict.clean
