"""Goal events, how far messages got, and what came of batches, in memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.activity.attributing import AttributionDeps, GoalsOf, Holder
from functions.domain.attribution import GoalLog, Reached
from functions.domain.follow_up import Condition
from functions.domain.goal import Goal
from functions.domain.ids import BatchNumber, CampaignId, MessageNumber
from functions.domain.outcome import NO_OUTCOMES, BatchOutcomes
from tests.fakes.dying import Death


@dataclass
class FakeGoalLogs:
    rows: dict[Holder, GoalLog] = field(default_factory=dict)

    def of(self, holder: Holder) -> GoalLog:
        return self.rows.get(holder, GoalLog())

    def save(self, holder: Holder, log: GoalLog) -> bool:
        if self.of(holder).version != log.version:
            return False
        self.rows[holder] = replace(log, version=log.version + 1)
        return True


@dataclass
class FakeOutcomes:
    batches: dict[BatchNumber, BatchOutcomes] = field(default_factory=dict)
    writes: int = 0

    def change(self, number: BatchNumber, change: Callable[[BatchOutcomes], BatchOutcomes]) -> bool:
        old = self.batches.get(number, NO_OUTCOMES)
        new = change(old)
        self.batches[number] = new
        self.writes += new != old
        return new != old


@dataclass
class FakeReach:
    """What is known of messages: of which campaign, and when they touched (None: not yet)."""

    messages: dict[MessageNumber, CampaignId] = field(default_factory=dict)
    touched: dict[MessageNumber, int] = field(default_factory=dict)
    made: int = 0
    reads: int = 0

    def of(self, holder: Holder, *, since: datetime, goals_of: GoalsOf) -> Sequence[Reached]:
        self.reads += 1
        goals = goals_of(self.messages.values())
        return [
            Reached(number, goals[campaign], self.touched.get(number))
            for number, campaign in self.messages.items()
            if campaign in goals
        ]

    def began(self, numbers: Iterable[BatchNumber]) -> Mapping[BatchNumber, int]:
        return dict.fromkeys(numbers, self.made)


@dataclass
class GoalWorld:
    """A person, their messages, and where what came of them is written."""

    goals: dict[CampaignId, Goal]
    logs: FakeGoalLogs = field(default_factory=FakeGoalLogs)
    reach: FakeReach = field(default_factory=FakeReach)
    outcomes: FakeOutcomes = field(default_factory=FakeOutcomes)
    followed: list[tuple[int, Condition]] = field(default_factory=list)

    @property
    def deps(self) -> AttributionDeps:
        return self.deps_dying(Death(at=0))

    def deps_dying(self, death: Death) -> AttributionDeps:
        return AttributionDeps(
            logs=death.port(self.logs),
            reach=death.port(self.reach),
            outcomes=death.port(self.outcomes),
            open_goals=lambda: self.goals,
            goals_of=lambda ids: {each: self.goals[each] for each in ids if each in self.goals},
            followed=lambda number, fact: self.followed.append((number, fact)),
        )
