"""SOLAPI's list of refusals: who called the 080 number of the account.

Facts: the official SDK ``solapi-nodejs`` (``GET /iam/v1/black``, type ``DENIAL``). Apart from the
adapter that sends, whose workers need not know how numbers are written.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from functions.channels.base import OptOutEvent, OptOutPage
from functions.channels.moments import believable
from functions.content.phone import InvalidPhone, parse_phone
from functions.domain.reason import SuppressionReason

_PAGE = 500


class Lists(Protocol):
    """The account's lists."""

    def get(self, path: str, query: Mapping[str, str], *, now: datetime) -> dict[str, Any]:
        """Ask for a page. Raises ChannelError."""


class SolapiDenials:
    """Lists who refused by calling the 080 number."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists

    def opt_outs(self, *, since: datetime | None, cursor: str | None, now: datetime) -> OptOutPage:
        """Read a page of the refusals; see ``OptOutSource.opt_outs``."""
        query = {"type": "DENIAL", "limit": str(_PAGE)}
        if since is not None:
            query["dateCreated[gte]"] = since.isoformat()
        if cursor is not None:
            query["startKey"] = cursor
        return read_denials(self._lists.get("/iam/v1/black", query, now=now), now)


def read_denials(page: Mapping[str, Any], now: datetime) -> OptOutPage:
    """Read a page of ``GET /iam/v1/black``: who called the 080 number, and when."""
    found = page.get("blackList") or ()
    denials = found.values() if isinstance(found, dict) else found
    events = (_denial(item, now) for item in denials if isinstance(item, dict))
    cursor = page.get("nextKey")
    return OptOutPage(
        events=tuple(event for event in events if event is not None),
        cursor=str(cursor) if cursor else None,
    )


def _denial(item: Mapping[str, Any], now: datetime) -> OptOutEvent | None:
    try:
        phone = parse_phone(str(item.get("recipientNumber")))
    except InvalidPhone:
        return None
    return OptOutEvent(
        key=_key_of(item),
        phone=phone,
        reason=SuppressionReason.OPT_OUT_CALL,
        at=believable(item.get("dateCreated"), now=now),
    )


def _key_of(item: Mapping[str, Any]) -> str:
    """What SOLAPI calls a refusal; else a digest of it, which is the same whenever it comes."""
    written = json.dumps(item, sort_keys=True).encode()
    return str(item.get("handleKey") or hashlib.sha256(written).hexdigest())
