"""Safe launch of a campaign: its ramp, stop rules, budget and approval, and where they stand.

All of it is one value in the campaign's row, changed under the row's version. The functions give
the value as it should be; who stores it looks whether somebody else was quicker.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.domain.ids import KeyId
from functions.domain.stop_rules import BY_RULE, USUAL_RULES, StopReason, StopRules

WHOLE = 100
MAX_STEPS = 10
_LEAST_SHARE = 10
"""A slice is at least this part of its step, so that a step is not cut into ever smaller ones."""
_GROWTH = 10
"""An audience may have grown by this part since its approval."""
_MOST_RESUMES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Ramp:
    """Shares of the recipients in percent, rising, the last 100; and how long each is watched.

    It holds for campaigns to more than ``only_above`` people.
    """

    steps: tuple[int, ...]
    wait: timedelta
    only_above: int = 0


USUAL_RAMP = Ramp(steps=(1, 10, WHOLE), wait=timedelta(minutes=15), only_above=100_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who allowed which edition of a campaign, for about how many people."""

    by: KeyId
    at: datetime
    edition: int
    people: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Who let a campaign go on that had stopped itself, and over which reason."""

    by: KeyId
    at: datetime
    because: StopReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Safety:
    """What keeps a campaign safe.

    ``edition`` counts the edits, ``editors`` are all who made one. ``expected`` is how many people
    it is for at most, counted at the launch. ``step`` is the ramp's. ``because`` tells why it
    paused itself when it had ``stopped_at`` parts; those before ``judged_from`` were judged by a
    person. ``tested`` is the edition of which a test was sent. With ``from_family`` it is a step,
    paid for by the ``budget`` of the campaign that its family began with.
    """

    ramp: Ramp | None = USUAL_RAMP
    rules: StopRules | None = USUAL_RULES
    budget: int | None = None
    edition: int = 1
    editors: tuple[KeyId, ...] = ()
    approval: Approval | None = None
    tested: int = 0
    expected: int | None = None
    step: int = 0
    because: StopReason | None = None
    stopped_at: int = 0
    judged_from: int = 0
    resumes: tuple[Resume, ...] = field(default=())
    from_family: bool = False

    @property
    def ramp_in_force(self) -> Ramp | None:
        """The ramp, where the campaign is large enough for it."""
        large = self.expected is not None and self.ramp is not None
        return self.ramp if large and (self.expected or 0) > self._above else None

    @property
    def _above(self) -> int:
        return 0 if self.ramp is None else self.ramp.only_above


USUAL_SAFETY = Safety()


def room(safety: Safety, *, found: int) -> int | None:
    """How many people more the ramp's step lets in, after ``found``; None: all there are."""
    ramp = safety.ramp_in_force
    if ramp is None or safety.step >= len(ramp.steps) - 1:
        return None
    target = -(-(safety.expected or 0) * ramp.steps[safety.step] // WHOLE)
    if found >= target:
        return 0
    return max(target - found, -(-target // _LEAST_SHARE))


def stepped(safety: Safety) -> Safety:
    """Let the next share in."""
    return replace(safety, step=safety.step + 1)


def stopped(safety: Safety, because: StopReason, *, parts: int) -> Safety:
    """Note why the campaign pauses itself, with so many parts resolved."""
    return replace(safety, because=because, stopped_at=parts)


def resumed(safety: Safety, *, by: KeyId, at: datetime) -> Safety:
    """Note that a person lets it go on: what was judged is not judged again."""
    if safety.because is None:
        return safety
    note = Resume(by=by, at=at, because=safety.because)
    over = safety.stopped_at if safety.because in BY_RULE else safety.judged_from
    return replace(
        safety,
        because=None,
        judged_from=over,
        resumes=(*safety.resumes, note)[-_MOST_RESUMES:],
    )


def edited(safety: Safety, *, by: KeyId) -> Safety:
    """Begin a new edition: approval and tests were of the old one."""
    editors = safety.editors if by in safety.editors else (*safety.editors, by)
    return replace(safety, edition=safety.edition + 1, editors=editors, approval=None)


def with_definition(safety: Safety, wanted: Safety) -> Safety:
    """Take over ramp, rules and budget; what happened stays."""
    return replace(safety, ramp=wanted.ramp, rules=wanted.rules, budget=wanted.budget)


def approved(safety: Safety, *, by: KeyId, at: datetime, people: int) -> Safety | None:
    """Allow this edition for so many people; None where the key took part in writing it."""
    if by in safety.editors:
        return None
    approval = Approval(by=by, at=at, edition=safety.edition, people=people)
    return replace(safety, approval=approval)


def reach(safety: Safety, *, above: int | None) -> int | None:
    """How many people may be reached: without approval ``above`` at most; None: any number."""
    approval = safety.approval
    if above is None or approval is None or approval.edition != safety.edition:
        return above
    return max(above, approval.people + approval.people // _GROWTH)


def may_reach(safety: Safety, people: int, *, above: int | None) -> bool:
    """Whether so many people may be reached."""
    most = reach(safety, above=above)
    return most is None or people <= most


def fresh_run(safety: Safety) -> Safety:
    """What a run of a recurring campaign begins with: the series' rules and approval."""
    return replace(
        safety, expected=None, step=0, because=None, stopped_at=0, judged_from=0, resumes=()
    )
