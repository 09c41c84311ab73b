"""Identifiers in the provider's shapes."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta, timezone
from typing import Final

# Korea has had no daylight saving since 1988, so the fixed offset needs no zone database.
_KST: Final = timezone(timedelta(hours=9))


def group_id(now: datetime) -> str:
    """Make a group id: ``G4V``, the second in Korea, 15 characters."""
    return _id("G4V", now)


def message_id(now: datetime) -> str:
    """Make a message id: ``M4V``, the second in Korea, 15 characters."""
    return _id("M4V", now)


def file_id(now: datetime) -> str:
    """Make a file id like ``ST01FP200923042740594oism3eYSGkp``: UTC milliseconds, 11 characters."""
    stamp = f"{now:%y%m%d%H%M%S}{now.microsecond // 1000:03d}"
    return f"ST01FP{stamp}{secrets.token_hex(6)[:11]}"


def event_id() -> str:
    """Make the id that a report keeps through all its repetitions."""
    return secrets.token_hex(12)


def _id(prefix: str, now: datetime) -> str:
    return f"{prefix}{now.astimezone(_KST):%Y%m%d%H%M%S}{secrets.token_hex(8)[:15].upper()}"
