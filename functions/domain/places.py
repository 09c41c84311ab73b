"""A place under the caps: taken or not, and what the person's row is now."""

from typing import NamedTuple

from functions.domain.fatigue import Entry, Recent
from functions.domain.ids import ContactId


class Wanted(NamedTuple):
    """A place that is asked for, in the row of this version (0: there is none yet)."""

    contact_id: ContactId
    entry: Entry
    version: int


class Place(NamedTuple):
    """What came of asking for a place. ``recent`` is the row as it is now, either way."""

    taken: bool
    recent: Recent
