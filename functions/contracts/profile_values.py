"""Consents and suppressions in the short forms that a profile keeps them in."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from functions.domain.consent import Basis, Consent, ConsentKey
from functions.domain.ids import AddressHash
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import Mark, Scope

_SEPARATOR = "|"


def mark_to_texts(mark: Mark) -> tuple[str, str, str, str]:
    """Write a mark as scope, reason, start and end."""
    until = "" if mark.until is None else mark.until.isoformat()
    return str(mark.scope), str(mark.reason), mark.since.isoformat(), until


def mark_from_texts(texts: Sequence[str]) -> Mark:
    """Read a mark back."""
    scope, reason, since, until = texts
    return Mark(
        reason=SuppressionReason(reason),
        scope=Scope.parse(scope),
        since=datetime.fromisoformat(since),
        until=datetime.fromisoformat(until) if until else None,
    )


def marks_to_texts(hashed: AddressHash, marks: Iterable[Mark]) -> set[str]:
    """Write the marks on an address of a person."""
    return {_SEPARATOR.join((hashed, *mark_to_texts(mark))) for mark in marks}


def marks_from_texts(texts: Iterable[str]) -> dict[AddressHash, tuple[Mark, ...]]:
    """Read the marks on all addresses of a person back."""
    found: defaultdict[AddressHash, tuple[Mark, ...]] = defaultdict(tuple)
    for text in sorted(texts):
        hashed, *parts = text.split(_SEPARATOR)
        found[AddressHash(hashed)] += (mark_from_texts(parts),)
    return dict(found)


def consents_from_json(stored: Mapping[str, Any]) -> dict[ConsentKey, Consent]:
    """Read the consents in force as the profile keeps them."""
    return {_key_of(text): _to_consent(*values) for text, values in stored.items()}


_key_of = lru_cache(maxsize=64)(ConsentKey.parse)
_text_of: Callable[[ConsentKey], str] = lru_cache(maxsize=64)(str)
"""There are few of them, and two for every message."""


def _to_consent(granted: int, at: str, seq: int, more: Mapping[str, Any] | None = None) -> Consent:
    if more is None:
        return Consent(granted=bool(granted), at=datetime.fromisoformat(at), seq=int(seq))
    trades = {goods: datetime.fromisoformat(end) for goods, end in more.get("trades", {}).items()}
    confirmed = more.get("confirmed")
    return Consent(
        granted=bool(granted),
        at=datetime.fromisoformat(at),
        seq=int(seq),
        basis=Basis(more.get("basis", Basis.EXPLICIT)),
        trades=trades,
        imported=more.get("imported", False),
        confirmed=None if confirmed is None else datetime.fromisoformat(confirmed),
    )


def consents_to_json(consents: Mapping[ConsentKey, Consent]) -> dict[str, Any]:
    """Write the consents in force as the profile keeps them."""
    return {_text_of(key): _from_consent(each) for key, each in consents.items()}


def _from_consent(consent: Consent) -> list[Any]:
    """What is usual is left out: the profile is read for every message."""
    usual = [int(consent.granted), consent.at.isoformat(), consent.seq]
    if consent.explicitly_granted and consent.confirmed is None:
        return usual
    more: dict[str, Any] = {}
    if consent.basis is not Basis.EXPLICIT:
        more["basis"] = str(consent.basis)
        more["trades"] = {goods: end.isoformat() for goods, end in consent.trades.items()}
    if consent.imported:
        more["imported"] = True
    if consent.confirmed is not None:
        more["confirmed"] = consent.confirmed.isoformat()
    return [*usual, more] if more else usual
