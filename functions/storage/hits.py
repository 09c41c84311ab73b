"""What was seen of openings of links: rows of their batch that end by themselves."""

from collections.abc import Iterable
from hashlib import blake2s

from functions.domain.hits import KEPT_FOR, Seen
from functions.domain.ids import BatchNumber
from functions.storage.batches import BatchItem
from functions.storage.packing import pack, unpack

_HITS, _HITS_END = "HITS#", "HITS~"
_NAME_BYTES = 6


class HitStore:
    """Keeps openings, and gives them back."""

    def add(self, number: BatchNumber, seen: Iterable[Seen]) -> None:
        """Keep openings of a batch; adding the same again is harmless."""
        found = sorted(set(seen))
        packed = pack([_to_row(each) for each in found])
        name = blake2s(packed, digest_size=_NAME_BYTES).hexdigest()
        BatchItem(
            number,
            f"{_HITS}{found[-1].at:010d}#{name}",
            people=packed,
            expires_at=found[-1].at + int(KEPT_FOR.total_seconds()),
        ).save()

    def since(self, number: BatchNumber, epoch_s: int) -> tuple[Seen, ...]:
        """Openings of a batch that were recorded with one from this moment on, each once."""
        start = f"{_HITS}{max(epoch_s, 0):010d}"
        # Not begins_with, which MiniStack 1.5.33 refuses beside a key that is a number.
        kinds = BatchItem.kind.between(start, _HITS_END)
        rows = BatchItem.query(number, kinds, consistent_read=True)
        found = {_to_seen(each) for row in rows for each in unpack(row.people)}
        return tuple(sorted(found))


def _to_row(seen: Seen) -> list[str | int]:
    return [
        seen.at,
        seen.ordinal,
        seen.link,
        seen.method,
        seen.user_agent,
        seen.network,
        seen.purpose,
    ]


def _to_seen(row: list[str | int]) -> Seen:
    at, ordinal, link, method, user_agent, network, purpose = row
    return Seen(
        at=int(at),
        ordinal=int(ordinal),
        link=int(link),
        method=str(method),
        user_agent=str(user_agent),
        network=str(network),
        purpose=str(purpose),
    )
