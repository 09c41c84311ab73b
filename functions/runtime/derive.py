"""Keys for single purposes, derived from the deployment's one master secret.

Standard library only: the redirect uses it, which loads nothing heavier.
"""

import base64
import hashlib
import hmac

_TOKEN_BYTES = 18


def key(master: str, *, purpose: str) -> bytes:
    """Derive a 32-byte key; another purpose gives an unrelated one."""
    return hmac.digest(master.encode(), b"allim/" + purpose.encode(), hashlib.sha256)


def token(master: str, *, purpose: str) -> str:
    """Derive a URL-safe token of 144 bits, such as a webhook's secret path."""
    return base64.urlsafe_b64encode(key(master, purpose="token/" + purpose)[:_TOKEN_BYTES]).decode()
