"""Two contacts that are one person: what the one who stays has afterwards.

The survivor's values win and the other's fill what is missing. Of each consent the more careful
of the two holds, and a refusal anywhere wins (정보통신망법 art. 50(2)); every step is evidence.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from functions.domain.activity import DayTotal
from functions.domain.consent import Basis, Consent, ConsentAction, ConsentKey
from functions.domain.contact import (
    MAX_ATTRIBUTES,
    MAX_ATTRIBUTES_CHARS,
    MAX_GROUPS,
    AttributeValue,
    Contact,
)
from functions.domain.day_totals import Cell, Cells, DayTotals
from functions.domain.opt_out import OptOut
from functions.domain.person_activity import MAX_SEEN, PersonActivity
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import OPT_OUTS, Mark
from functions.domain.writing import ConsentChange

_OWN_WORD = OPT_OUTS | {SuppressionReason.COMPLAINT}
"""What a person says against messages, whatever address they had then."""
_TEXT_VERSION = "merge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who was merged, as evidence may name them: ``source`` is ``merge:<subject>``."""

    source: str
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The survivor with what the other had, and the names of what had no room."""

    contact: Contact
    groups_left_out: tuple[str, ...] = ()
    attributes_left_out: tuple[str, ...] = ()


def filled(survivor: Contact, other: Contact) -> Filled:
    """Give the survivor what they lack, as far as a contact has room.

    >>> filled(Contact(contact_id="a", groups=frozenset("x")),
    ...        Contact(contact_id="b", groups=frozenset("y"))).contact.groups == {"x", "y"}
    True
    """
    more = sorted(other.groups - survivor.groups)
    room = max(0, MAX_GROUPS - len(survivor.groups))
    attributes, left_out = _with_room(survivor.attributes, other.attributes)
    contact = replace(
        survivor,
        phone=survivor.phone or other.phone,
        email=survivor.email or other.email,
        zone=survivor.zone or other.zone,
        attributes=attributes,
        groups=survivor.groups | set(more[:room]),
    )
    return Filled(contact=contact, groups_left_out=tuple(more[room:]), attributes_left_out=left_out)


def _with_room(
    mine: Mapping[str, AttributeValue], others: Mapping[str, AttributeValue]
) -> tuple[Mapping[str, AttributeValue], tuple[str, ...]]:
    kept, left_out = dict(mine), []
    chars = sum(len(name) + len(str(value)) for name, value in mine.items())
    for name, value in sorted(others.items(), key=lambda each: each[0]):
        if name in kept:
            continue
        more = len(name) + len(str(value))
        if len(kept) < MAX_ATTRIBUTES and chars + more <= MAX_ATTRIBUTES_CHARS:
            kept[name] = value
            chars += more
        else:
            left_out.append(name)
    return kept, tuple(left_out)


def careful_consents(
    mine: Mapping[ConsentKey, Consent],
    others: Mapping[ConsentKey, Consent],
    *,
    told: frozenset[ConsentKey],
    origin: Origin,
) -> tuple[ConsentChange, ...]:
    """Say what the survivor's evidence gets, for each consent of the other.

    ``told`` are those about which it has a row of this merge already: nothing is said twice. A
    consent that only the other gave counts as imported, for a merge is our word, not the
    person's. One that only a transaction gave is not taken over.
    """
    changes: list[ConsentChange] = []
    for key, other in sorted(others.items()):
        known = mine.get(key)
        refused_since = known is not None and known.granted and not other.granted
        if key not in told or refused_since:
            changes += _careful(key, known, other, origin)
    return tuple(changes)


def _careful(
    key: ConsentKey, known: Consent | None, other: Consent, origin: Origin
) -> Iterator[ConsentChange]:
    if not other.granted or (known is not None and not known.granted):
        refusals = [each for each in (known, other) if each is not None and not each.granted]
        at = max(each.at for each in refusals)
        yield _change(key, ConsentAction.WITHDRAW, at, origin)
        return
    both = [other] if known is None else [known, other]
    if any(each.basis is Basis.TRANSACTION for each in both):
        return
    yield _change(key, ConsentAction.IMPORT, min(each.at for each in both), origin)
    if known is not None and known.confirmed is not None:
        yield _change(key, ConsentAction.CONFIRM, known.confirmed, origin)


def _change(key: ConsentKey, action: ConsentAction, at: datetime, origin: Origin) -> ConsentChange:
    return ConsentChange(
        key=key,
        action=action,
        at=at,
        source=origin.source,
        actor=origin.actor,
        text_version=_TEXT_VERSION,
    )


def refusals(other: Contact, origin: Origin, *, now: datetime) -> Iterator[OptOut]:
    """What the other said against messages: it holds for the survivor's number as well.

    That a number is dead or was kept back by an operator is about that number alone.
    """
    for marks in other.suppressions.values():
        for mark in marks:
            if mark.reason in _OWN_WORD and not _ended(mark, now):
                yield OptOut(
                    reason=mark.reason,
                    scope=mark.scope,
                    at=mark.since,
                    source=origin.source,
                    actor=origin.actor,
                )


def _ended(mark: Mark, now: datetime) -> bool:
    return mark.until is not None and mark.until <= now


def with_activity(mine: PersonActivity, cells: Cells, seen: Mapping[int, int]) -> PersonActivity:
    """The survivor's recent activity with that of the other, added day by day."""
    both = {**seen, **mine.seen}
    newest = dict(list(both.items())[-MAX_SEEN:])
    return PersonActivity(
        cells=added(mine.cells, cells),
        seen=newest,
        waiting=mine.waiting,
        first_day=mine.first_day,
        version=mine.version,
    )


def added(cells: Cells, more: Cells) -> Cells:
    """Both together, summed by key and day."""
    totals = DayTotals(cells)
    for (key, _), total in more.items():
        totals.add(key, total)
    return totals.cells


def split_by_day(
    cells: Cells, activity: PersonActivity
) -> tuple[dict[Cell, DayTotal], dict[str, dict[Cell, DayTotal]]]:
    """Part totals into those of days still open for this person, and the closed ones by month."""
    open_cells: dict[Cell, DayTotal] = {}
    closed: dict[str, dict[Cell, DayTotal]] = {}
    for cell, total in cells.items():
        if total.day >= activity.first_day:
            open_cells[cell] = total
        else:
            closed.setdefault(f"{total.day:%Y%m}", {})[cell] = total
    return open_cells, closed
