"""What the one door looked at for the messages of a batch, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.domain.case import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The cases of some messages of a batch, by ordinal, at one moment; they share their terms."""

    at: datetime
    cases: Mapping[int, Case]
