"""The compliance record as a file: fetched from the API, verified with the public key alone."""

from __future__ import annotations

import base64
import gzip
from typing import TYPE_CHECKING

import httpx
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from functions.domain.record_chain import Verified, key_id_of, verify

if TYPE_CHECKING:
    from pathlib import Path

_TIMEOUT_S = 60


class RecordError(Exception):
    """Why a record cannot be fetched or read; the text is for people."""


def fetch_month(api: str, key: str, month: str, *, to: Path) -> int:
    """Write all sealed days of a month into one file; tells how many. Raises RecordError."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(timeout=_TIMEOUT_S, follow_redirects=True) as client:
        url = f"{api.rstrip('/')}/v1/compliance/records"
        answer = client.get(url, params={"month": month}, headers=headers)
        if answer.is_error:
            msg = f"The API answered {answer.status_code}: {answer.text}"
            raise RecordError(msg)
        days = [day for day in answer.json()["items"] if day["sealed"]]
        with to.open("wb") as file:
            for part in (part for day in days for part in day["files"]):
                file.write(client.get(part).raise_for_status().content)
    return len(days)


def verify_file(file: Path, public_key: Path) -> Verified:
    """Read a record, gzipped or not, up to the first thing that is wrong. Raises RecordError."""
    key = _read_key(public_key)
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def check(message: bytes, signature: str) -> bool:
        try:
            key.verify(base64.b64decode(signature), message, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True

    try:
        with _opened(file) as lines:
            return verify(lines, key_id=key_id_of(der), check=check)
    except (OSError, EOFError) as error:
        msg = f"{file} cannot be read: {error}"
        raise RecordError(msg) from error


def _opened(file: Path) -> gzip.GzipFile:
    with file.open("rb") as raw:
        zipped = raw.read(2) == b"\x1f\x8b"
    return gzip.open(file, "rb") if zipped else file.open("rb")  # type: ignore[return-value]  # both give lines


def _read_key(path: Path) -> ec.EllipticCurvePublicKey:
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError) as error:
        msg = f"{path} holds no public key in PEM: {error}"
        raise RecordError(msg) from error
    if not isinstance(key, ec.EllipticCurvePublicKey):
        msg = f"{path} holds a key of another kind than records are signed with (P-256)."
        raise RecordError(msg)
    return key
