"""What the one door looked at for the messages of a batch, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.domain.case import Case, with_recent
from functions.domain.fatigue import counting


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The cases of some messages of a batch, by ordinal, at one moment; they share their terms."""

    at: datetime
    cases: Mapping[int, Case]

    @classmethod
    def of(cls, cases: Mapping[int, Case], *, at: datetime) -> Evidence:
        """What is worth keeping: of a person's advertisements those that counted."""
        return cls(at=at, cases={ordinal: _lean(case, at) for ordinal, case in cases.items()})


def _lean(case: Case, now: datetime) -> Case:
    if case.recent is None:
        return case
    terms = case.terms
    counted = counting(case.recent, terms.spans(now, case.zones[0]), terms.offer)
    return case if counted is case.recent else with_recent(case, counted)
