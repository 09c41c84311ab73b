"""Forgetting a person: what has to be searched for, and the certificate of what was found.

Source: 개인정보 보호법 art. 21 and 36, decree art. 16 (destroyed irrecoverably) and 43.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from functions.domain.contact import Email, Phone
from functions.domain.ids import ContactId

SWEPT_AGAIN_AFTER = timedelta(minutes=15)
"""No Lambda runs longer: what was being written about the person when the profile went is
there by then, and found by the second sweep."""
ERASED = "erased"
"""Stands where the person's id was."""


class ErasureStatus(StrEnum):
    """How far an erasure has come."""

    REQUESTED = "requested"
    SWEPT_ONCE = "swept_once"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """What a person is known by; kept only until the erasure is done."""

    contact_id: ContactId
    phone: Phone | None = None
    email: Email | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """How the person may stand in stored texts."""
        phone = () if self.phone is None else (self.phone.e164, self.phone.national)
        return (*phone, *(() if self.email is None else (self.email.address,)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """An erasure and its certificate.

    ``subject`` is the keyed hash under which the evidence that the law asks for is kept.
    ``erased`` says how many things were erased, by kind.
    """

    erasure_id: str
    subject: str
    requested: datetime
    actor: str
    status: ErasureStatus = ErasureStatus.REQUESTED
    completed: datetime | None = None
    erased: Mapping[str, int] = field(default_factory=dict)
    traces: Traces | None = field(default=None, repr=False)

    def with_counts(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        """The counts with those of another sweep."""
        kinds = dict.fromkeys((*self.erased, *counts))
        return {kind: self.erased.get(kind, 0) + counts.get(kind, 0) for kind in kinds}
