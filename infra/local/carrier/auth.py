"""Check of SOLAPI's ``Authorization: HMAC-SHA256 …`` header.

Rules: authentication/api-key.md of https://github.com/solapi/documents. Every refusal is a 403.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from infra.local.carrier.errors import ApiError
from infra.local.carrier.limits import REPLAY_S, SALT_BYTES, SKEW_S

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The four values of an Authorization header."""

    api_key: str
    date: str
    salt: str
    signature: str


@dataclass(slots=True, kw_only=True)
class Authenticator:
    """Knows the accounts and the signatures they used in the last quarter of an hour."""

    secret_by_key: Mapping[str, str]
    _used: dict[str, float] = field(default_factory=dict)

    def verify(self, header: str | None, *, now: datetime) -> str:
        """Accept the request and give its API key, or say why not.

        Raises:
            ApiError: 403 with InvalidAPIKey, RequestTimeTooSkewed, SignatureDoesNotMatch or
                DuplicatedSignature.

        """
        signed = read_header(header)
        secret = self.secret_by_key.get(signed.api_key)
        if secret is None:
            raise _refused("InvalidAPIKey", "유효한 API Key가 아닙니다.")
        if abs((now - _read_date(signed.date)).total_seconds()) > SKEW_S:
            raise _refused("RequestTimeTooSkewed", "요청 시각이 서버와 15분 넘게 다릅니다.")
        _check_signature(signed, secret)
        self._check_replay(signed.signature, now_s=now.timestamp())
        return signed.api_key

    def forget(self) -> None:
        """Drop the memory of used signatures."""
        self._used.clear()

    def _check_replay(self, signature: str, *, now_s: float) -> None:
        used_at = self._used.pop(signature, None)
        self._used[signature] = now_s
        # Insertion order is age order: dropping a few of the oldest with every request keeps the
        # memory at a quarter of an hour of traffic.
        oldest = list(islice(self._used.items(), 8))
        for key in [key for key, at in oldest if now_s - at > REPLAY_S]:
            del self._used[key]
        if used_at is not None and now_s - used_at <= REPLAY_S:
            raise _refused("DuplicatedSignature", "15분 안에 이미 사용된 Signature입니다.")


def _check_signature(signed: Signed, secret: str) -> None:
    expected = sign(secret, date=signed.date, salt=signed.salt)
    fits = len(signed.salt.encode(errors="replace")) in SALT_BYTES
    given = signed.signature.lower().encode(errors="replace")
    if not fits or not hmac.compare_digest(given, expected.encode()):
        raise _refused("SignatureDoesNotMatch", "Signature가 일치하지 않습니다.")


def claimed_key(header: str | None) -> str | None:
    """Give the API key that a request says it has, before anything is checked."""
    try:
        return read_header(header).api_key
    except ApiError:
        return None


def read_header(header: str | None) -> Signed:
    """Split the header; names of the parameters are read without regard to case.

    The Python SDK writes ``ApiKey`` and ``Date``, the Node SDK ``apiKey`` and ``date``.

    Raises:
        ApiError: 403 when the method or one of the four values is missing.

    """
    method, _, rest = (header or "").strip().partition(" ")
    pairs = (part.partition("=") for part in rest.split(","))
    values = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if method.upper() != "HMAC-SHA256" or not values.get("apikey"):
        raise _refused("InvalidAPIKey", "Authorization 헤더에 API Key가 없습니다.")
    if not all(values.get(name) for name in ("date", "salt", "signature")):
        raise _refused("SignatureDoesNotMatch", "date, salt, signature가 모두 필요합니다.")
    return Signed(
        api_key=values["apikey"],
        date=values["date"],
        salt=values["salt"],
        signature=values["signature"],
    )


def sign(api_secret: str, *, date: str, salt: str) -> str:
    """Compute the signature: HMAC-SHA256 over date and salt, in lower-case hex."""
    message = (date + salt).encode(errors="replace")
    return hmac.new(api_secret.encode(), message, hashlib.sha256).hexdigest()


def _read_date(value: str) -> datetime:
    try:
        date = datetime.fromisoformat(value)
    except ValueError:
        message = "date는 ISO 8601 형식이어야 합니다."
        raise _refused("RequestTimeTooSkewed", message) from None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _refused(code: str, message: str) -> ApiError:
    return ApiError(403, code, message)
