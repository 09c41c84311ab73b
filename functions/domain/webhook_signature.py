"""Signatures of outgoing webhooks, as Standard Webhooks asks for.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence

_PREFIX = "whsec_"


def secret_text(key: bytes) -> str:
    """Write a key as receivers keep it: 24 to 64 bytes in base 64 behind a prefix.

    >>> secret_text(bytes(24))
    'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """
    return _PREFIX + base64.b64encode(key).decode()


def headers_of(
    body: bytes, *, message_id: str, at: int, keys: Sequence[bytes]
) -> Mapping[str, str]:
    """The headers of a message that is sent at an epoch second, with a signature for each key."""
    signed = f"{message_id}.{at}.".encode() + body
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(_signature(key, signed) for key in keys),
    }


def _signature(key: bytes, signed: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
