"""Asks the caps about one offer at one moment."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from functions.domain import fatigue
from functions.domain.fatigue import Cap, Capped, Entry, Offer, Recent, spans_of


def capped(
    entries: Sequence[Entry],
    caps: Sequence[Cap],
    offer: Offer,
    *,
    own: int | None,
    now: datetime,
    zone: ZoneInfo,
) -> Capped | None:
    """The cap that keeps the offer back."""
    spans = spans_of(caps, offer, now=now, zone=zone)
    return fatigue.capped(entries, spans, offer, own=own, zone=zone)


def counting(
    recent: Recent, caps: Sequence[Cap], offer: Offer, *, now: datetime, zone: ZoneInfo
) -> Recent:
    """What of the row counts."""
    return fatigue.counting(recent, spans_of(caps, offer, now=now, zone=zone), offer)
