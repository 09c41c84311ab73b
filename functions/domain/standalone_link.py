"""Links of their own: on a poster, in a QR code, in a profile; of no message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from functions.domain.destination import Destination, Replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class StandaloneLink:
    """A link that stands by itself, and where it led before, oldest first.

    ``medium`` says where it is shown. ``changes`` counts every change of the row. A removed link
    keeps its slug for ever: what was printed must never lead to somebody else.
    """

    slug: str
    name: str
    medium: str
    destination: Destination
    utm: Mapping[str, str]
    made: datetime
    made_by: str
    replaced: tuple[Replaced, ...] = ()
    removed: datetime | None = None
    changes: int = 0
