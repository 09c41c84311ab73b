"""What becomes of an accepted message: decided by settings and recipient, never by chance."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from infra.local.carrier import codes

if TYPE_CHECKING:
    from infra.local.carrier.knobs import Knobs
    from infra.local.carrier.records import Draft

_MOBILE_PREFIXES = ("010", "011", "016", "017", "018", "019", "050")
_NETWORKS = (("45005", "SKT"), ("45008", "KTF"), ("45006", "LGT"))


def decide(draft: Draft, *, knobs: Knobs) -> str:
    """Give the last code a message will get; 3000 means that no report ever comes."""
    forced = forced_code(draft, knobs=knobs)
    if forced is not None and not codes.is_refusal(forced):
        return forced
    if draft.country == "82" and not draft.to.startswith(_MOBILE_PREFIXES):
        return codes.BAD_RECIPIENT
    return _code_by_share(draft, knobs=knobs) or codes.DELIVERED


def forced_code(draft: Draft, *, knobs: Knobs) -> str | None:
    """Give the code forced on this number; the longest matching suffix wins."""
    matching = [suffix for suffix in knobs.forced_codes if draft.to.endswith(suffix)]
    if not matching:
        return None
    code = knobs.forced_codes[max(matching, key=len)]
    return code if _applies(code, draft.type) else None


def share_of(name: str) -> float:
    """Map a name to a number from 0 to 1 that is the same in every run."""
    digest = hashlib.blake2b(name.encode(errors="replace"), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def network(number: str) -> tuple[str, str]:
    """Give the code and name of the network this number is taken to belong to."""
    return _NETWORKS[int(share_of(f"network {number}") * len(_NETWORKS))]


def _code_by_share(draft: Draft, *, knobs: Knobs) -> str | None:
    # Kakao and text are separate chances, so that a replacement of a failed Alimtalk can arrive.
    path = "kakao" if draft.type == "ATA" else "text"
    usable = [code for code in knobs.failure_codes if _applies(code, draft.type)]
    if not usable or share_of(f"{knobs.seed} {path} {draft.to}") >= knobs.failure_share:
        return None
    return usable[int(share_of(f"{knobs.seed} code {draft.to}") * len(usable))]


def _applies(code: str, message_type: str) -> bool:
    return message_type == "ATA" or not codes.is_kakao_carrier_code(code)
