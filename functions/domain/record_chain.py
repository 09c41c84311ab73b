"""The compliance record: lines of canonical JSON, each bound to the one before, a seal at the end.

A day is a head line, one line a message, and a seal, which is signed and which the next day's head
refers to. So a changed, missing, added or moved line shows, and a day that was made anew is not
signed by the key. Canonical JSON: keys sorted, no blanks, UTF-8, no fractions; for what is written
here the same as RFC 8785.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

Line = dict[str, Any]

GENESIS = "0" * 64
"""What the first line of the first day refers to."""
VERSION = 1
ALGORITHM: Final = "ECDSA_SHA_256"
"""On the curve P-256, the signature in DER: what KMS calls it."""
_DIGEST, _SIGNATURE = "digest", "signature"
_KEY_ID_CHARS = 16


class LineType(StrEnum):
    """What a line is."""

    HEAD = "head"
    MESSAGE = "message"
    SEAL = "seal"


def canonical(document: Mapping[str, Any]) -> bytes:
    """Write JSON so that equal documents are equal bytes.

    >>> canonical({"b": [1, None], "a": "알림"}).decode()
    '{"a":"알림","b":[1,null]}'
    """
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def key_id_of(public_key: bytes) -> str:
    """Name a key by its content: the first 16 digits of the SHA-256 of its public half in DER."""
    return hashlib.sha256(public_key).hexdigest()[:_KEY_ID_CHARS]


def digest_of(line: Mapping[str, Any]) -> str:
    """SHA-256 over everything a line says, in hex; digest and signature are not of it."""
    said = {name: value for name, value in line.items() if name not in (_DIGEST, _SIGNATURE)}
    return hashlib.sha256(canonical(said)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where a chain stands: how many lines of the day there are, and the digest of the last."""

    seq: int = 0
    digest: str = GENESIS


def head_of(day: date, *, zone: str, key_id: str, after: str) -> Line:
    """The first line of a day; ``after`` is the digest of the seal of the day before."""
    body = {"version": VERSION, "day": day.isoformat(), "zone": zone, "key_id": key_id}
    return _bound(LineType.HEAD, body, Link(digest=after))


def message_line(evidence: Mapping[str, Any], after: Link) -> Line:
    """The line of one message."""
    return _bound(LineType.MESSAGE, {"evidence": evidence}, after)


def seal_of(day: date, *, sealed: str, key_id: str, after: Link) -> Line:
    """The last line of a day, without its signature; ``sealed`` is the moment."""
    body = {
        "day": day.isoformat(),
        "messages": after.seq - 1,
        "sealed": sealed,
        "key_id": key_id,
        "algorithm": ALGORITHM,
    }
    return _bound(LineType.SEAL, body, after)


def _bound(kind: LineType, body: Mapping[str, Any], after: Link) -> Line:
    line = {"type": str(kind), "seq": after.seq, "previous": after.digest, **body}
    return {**line, _DIGEST: digest_of(line)}


def link_of(line: Mapping[str, Any]) -> Link:
    """Where the chain stands after this line."""
    return Link(seq=line["seq"] + 1, digest=line[_DIGEST])


def signed(seal: Line, signature: str) -> Line:
    """Put the signature (base64) into a seal."""
    return {**seal, _SIGNATURE: signature}


def to_sign(seal: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: the digest of the seal, which stands for the whole day."""
    return digest_of(seal).encode()


class Fault(StrEnum):
    """What is wrong with a line."""

    UNREADABLE = "unreadable"
    ALTERED = "altered"
    OUT_OF_PLACE = "out_of_place"
    NOT_SEALED = "not_sealed"
    OTHER_KEY = "other_key"
    BAD_SIGNATURE = "bad_signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The first thing that is wrong: in which line (from 1), of which day and message."""

    fault: Fault
    line: int
    day: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was found in order, up to the finding when there is one.

    ``begins_after`` is the digest of the seal of the day before the first.
    """

    days: int = 0
    messages: int = 0
    first_day: str = ""
    last_day: str = ""
    begins_after: str = ""
    finding: Finding | None = None


def verify(lines: Iterable[bytes], *, key_id: str, check: Callable[[bytes, str], bool]) -> Verified:
    """Read a record of one or more days in order, up to the first thing that is wrong.

    ``check`` tells whether a signature (base64) over some bytes is the key's.
    """
    verifier = _Verifier(key_id=key_id, check=check)
    number = 0
    for number, raw in enumerate(lines, start=1):
        fault = verifier.fault_of(raw)
        if fault is not None:
            return verifier.result(fault, number)
    return verifier.result(None if verifier.between_days else Fault.NOT_SEALED, number)


class _Verifier:
    """Goes along the lines."""

    def __init__(self, *, key_id: str, check: Callable[[bytes, str], bool]) -> None:
        self._key_id, self._check = key_id, check
        self._link = Link()
        self._line: Mapping[str, Any] = {}
        self._days: list[str] = []
        self._day = self._begins_after = ""
        self._messages = 0
        self.between_days = True

    def fault_of(self, raw: bytes) -> Fault | None:
        """Take one more line, unless something is wrong with it."""
        self._line = {}
        line = _read(raw)
        if line is None:
            return Fault.UNREADABLE
        self._line = line
        # Byte by byte, for JSON may say a thing twice and mean the second.
        if canonical(line) != raw.rstrip(b"\n") or line[_DIGEST] != digest_of(line):
            return Fault.ALTERED
        return self._misplaced(line) or self._taken(line)

    def _misplaced(self, line: Mapping[str, Any]) -> Fault | None:
        starts = line["type"] == LineType.HEAD
        if starts != self.between_days or line["type"] not in (*LineType,):
            return Fault.OUT_OF_PLACE
        expected = Link(digest=self._link.digest) if starts else self._link
        if starts and not self._days:
            # Where the record begins there is nothing to hold it against.
            expected = Link(digest=line["previous"])
            self._begins_after = line["previous"]
        at = Link(seq=line["seq"], digest=line["previous"])
        return None if at == expected else Fault.OUT_OF_PLACE

    def _taken(self, line: Mapping[str, Any]) -> Fault | None:
        self._link = link_of(line)
        match line["type"]:
            case LineType.HEAD:
                self._day = line["day"]
                self.between_days = False
            case LineType.MESSAGE:
                self._messages += 1
            case _:
                return self._sealed(line)
        return None if line.get("key_id", self._key_id) == self._key_id else Fault.OTHER_KEY

    def _sealed(self, seal: Mapping[str, Any]) -> Fault | None:
        if seal["key_id"] != self._key_id:
            return Fault.OTHER_KEY
        if seal["day"] != self._day or not self._check(to_sign(seal), seal.get(_SIGNATURE, "")):
            return Fault.BAD_SIGNATURE
        self._days.append(self._day)
        self.between_days = True
        return None

    def result(self, fault: Fault | None, number: int) -> Verified:
        """Say what was found."""
        evidence = self._line.get("evidence", {})
        day = self._line.get("day", self._day)
        message_id = str(evidence.get("message_id", ""))
        finding = None
        if fault is not None:
            finding = Finding(fault=fault, line=number, day=day, message_id=message_id)
        return Verified(
            days=len(self._days),
            messages=self._messages,
            first_day=self._days[0] if self._days else "",
            last_day=self._days[-1] if self._days else "",
            begins_after=self._begins_after,
            finding=finding,
        )


_OF_EVERY_LINE = {"type": str, "seq": int, "previous": str, _DIGEST: str}
_OF_TYPE: Mapping[str, Mapping[str, type]] = {
    LineType.HEAD: {"day": str, "key_id": str},
    LineType.MESSAGE: {"evidence": dict},
    LineType.SEAL: {"day": str, "key_id": str},
}


def _read(raw: bytes) -> Line | None:
    """A line whose parts have the right types; None for anything else."""
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict):
        return None
    wanted = {**_OF_EVERY_LINE, **_OF_TYPE.get(str(line.get("type")), {})}
    right = all(isinstance(line.get(name), kind) for name, kind in wanted.items())
    return line if right else None
