"""Signs the compliance record: KMS holds the key, which never leaves it.

On the local stack the emulator's KMS holds it; the code is the same.
"""

import base64
from dataclasses import dataclass
from functools import cache

from functions.domain.record_chain import ALGORITHM, key_id_of
from functions.runtime.aws import kms
from functions.runtime.settings import record_key_arn

_PEM_WIDTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """The half of the key that everybody may have. ``key_id`` names it by its content."""

    der: bytes

    @property
    def key_id(self) -> str:
        """See ``record_chain.key_id_of``."""
        return key_id_of(self.der)

    @property
    def pem(self) -> str:
        """The key as ``openssl`` and others read it (RFC 7468)."""
        text = base64.b64encode(self.der).decode()
        rows = [text[i : i + _PEM_WIDTH] for i in range(0, len(text), _PEM_WIDTH)]
        return "\n".join(["-----BEGIN PUBLIC KEY-----", *rows, "-----END PUBLIC KEY-----", ""])


@cache
def public_key() -> PublicKey:
    """Read the public key, once a process."""
    return PublicKey(der=kms().get_public_key(KeyId=record_key_arn())["PublicKey"])


def sign(message: bytes) -> str:
    """Sign at most 4,096 bytes; gives the signature in base64."""
    answer = kms().sign(KeyId=record_key_arn(), Message=message, SigningAlgorithm=ALGORITHM)
    return base64.b64encode(answer["Signature"]).decode()
