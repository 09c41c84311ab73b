"""Live membership: who changed is looked at, until a look finds nothing to write.

The row of stays is read before the person, and written only if nobody wrote it since. A worker
that wrote looks once more: what it wrote may come from a person read before a change that
another worker, seeing nothing to write, has already dealt with. Whatever dies comes again with
its job and starts from what is stored.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from functions.contracts.errors import NotFound, Unavailable
from functions.contracts.live_document import look_jobs
from functions.domain.audience import Audience
from functions.domain.ids import ContactId
from functions.domain.live_membership import Moved, Stay, StayRow, move
from functions.live.definitions import LiveAudience, LiveDefinitions, verdicts_on
from functions.live.ports import LiveDeps

MOST_LOOKS = 10
"""So often others may get in between before the job is given back to the queue."""
ENTERED, LEFT = "entered", "left"


def notice(
    contact_ids: Iterable[ContactId], *, known: LiveDefinitions, deps: LiveDeps, now: datetime
) -> int:
    """Have people who changed looked at when an audience is live; tells how many they are."""
    if not known.any(now=now):
        return 0
    people = list(dict.fromkeys(contact_ids))
    deps.enqueue(look_jobs(people))
    return len(people)


def look_at_all(
    contact_ids: Iterable[ContactId], *, known: LiveDefinitions, deps: LiveDeps, now: datetime
) -> Counter[str]:
    """Look at each person; counts how many audiences were entered and left.

    Raises Unavailable when others keep changing a person.
    """
    audiences = known.on(now.astimezone(deps.zone).date(), now=now)
    counts: Counter[str] = Counter()
    for contact_id in contact_ids:
        counts += look_at(contact_id, audiences, deps=deps, now=now)
    return counts


def look_at(
    contact_id: ContactId, audiences: Sequence[LiveAudience], *, deps: LiveDeps, now: datetime
) -> Counter[str]:
    """Write what changed for one person. Raises Unavailable when others keep changing them."""
    counts: Counter[str] = Counter()
    for _ in range(MOST_LOOKS):
        row = deps.stays.get(contact_id)
        moved = _look(contact_id, row, audiences, deps=deps, now=now)
        if moved.stays == row.stays:
            return counts
        if _write(contact_id, moved, row, deps=deps):
            counts.update({ENTERED: len(moved.entered), LEFT: len(moved.left)})
    msg = "Others keep changing the person."
    raise Unavailable(msg)


def _look(
    contact_id: ContactId,
    row: StayRow,
    audiences: Sequence[LiveAudience],
    *,
    deps: LiveDeps,
    now: datetime,
) -> Moved:
    subject = deps.subjects.of(contact_id, now=now)
    if subject is None:
        return Moved(stays={})
    return move(row.stays, verdicts_on(subject, audiences), now=now)


def _write(contact_id: ContactId, moved: Moved, row: StayRow, *, deps: LiveDeps) -> bool:
    if moved.stays:
        return deps.stays.save(contact_id, moved.stays, replacing=row)
    return deps.stays.delete(contact_id, replacing=row)


@dataclass(frozen=True, slots=True, kw_only=True)
class StayInAudience:
    """A stay, with the audience as it is."""

    audience: Audience
    stay: Stay


def audiences_of(
    contact_id: ContactId, *, deps: LiveDeps, now: datetime
) -> tuple[StayInAudience, ...]:
    """Give a person's stays in the audiences that are live, by id. Raises NotFound."""
    if deps.subjects.of(contact_id, now=now) is None:
        msg = "There is no such contact."
        raise NotFound(msg)
    stays = deps.stays.get(contact_id).stays
    live = {each.audience_id: each for each in deps.audiences() if each.live}
    return tuple(
        StayInAudience(audience=live[each], stay=stays[each])
        for each in sorted(live)
        if each in stays
    )
