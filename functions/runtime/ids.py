"""Fresh identities and randomness, made here and nowhere else."""

import random
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def fresh_id(prefix: str) -> str:
    """A new random id such as ``cmp_7m2c…``: 80 bits in base 32, without look-alike letters."""
    return prefix + "_" + "".join(secrets.choice(_ALPHABET) for _ in range(16))


def fresh_word() -> str:
    """Eight random letters and digits, 40 bits, for what people may have to type."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(8))


def fresh_secret() -> str:
    """A secret of 192 bits, in URL-safe characters."""
    return secrets.token_urlsafe(24)


def jittered(seconds: float) -> int:
    """A whole number of seconds between half of and the whole given time."""
    return round(random.uniform(seconds / 2, seconds))  # noqa: S311  # not for secrets


def fresh_number(bits: int) -> int:
    """A random number of so many bits, which nobody can guess."""
    return secrets.randbits(bits)
