"""Which campaigns are under way, and what the last check of each found.

A campaign is marked before it becomes scheduled or launched, and is forgotten when a check finds
that nothing can change any more. A mark too many costs a look an hour; one too few would lose it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from functions.domain.ids import BatchNumber, CampaignId
from functions.domain.reconciliation import ChunkCheck, Fault, FaultKind, Progress
from functions.storage.campaigns import OPEN, CampaignItem

_CHECK, _CHECK_END = "CHECK#", "CHECK~"


class OpenCampaignStore:
    """Reads marks and checks; ``CampaignStore`` makes the marks."""

    def forget(self, campaign_id: CampaignId) -> None:
        """Note that it is over; repeating it is harmless."""
        CampaignItem(OPEN, campaign_id).delete()

    def all(self) -> Iterator[CampaignId]:
        """Every campaign under way, in the order of their ids."""
        for row in CampaignItem.query(OPEN, consistent_read=True):
            yield CampaignId(row.kind)

    def checks(self, campaign_id: CampaignId) -> tuple[ChunkCheck, ...]:
        """What was found last of each chunk, in order."""
        kinds = CampaignItem.kind.between(_CHECK, _CHECK_END)
        rows = CampaignItem.query(campaign_id, kinds, consistent_read=True)
        return tuple(check_from_json(row.found) for row in rows)

    def save_check(self, campaign_id: CampaignId, check: ChunkCheck) -> None:
        """Write what was found of a chunk; writing it again replaces it."""
        kind = f"{_CHECK}{check.chunk:04d}"
        CampaignItem(campaign_id, kind, found=check_to_json(check)).save()


def check_to_json(check: ChunkCheck) -> dict[str, Any]:
    """Write a check as the row and ``./allim reconcile`` have it."""
    return {
        "chunk": check.chunk,
        "last": check.last,
        "at": int(check.at.timestamp()),
        "asked": check.asked,
        "status": check.status,
        "recipients": check.recipients,
        "counts": dict(check.counts),
        "faults": [[f.kind, f.part, f.batch, f.expected, f.found] for f in check.faults],
        "more_faults": check.more_faults,
        "mended": dict(check.mended),
        "settled": check.settled,
        "progress": [
            check.progress.marker,
            int(check.progress.since.timestamp()),
            check.progress.mends,
        ],
    }


def check_from_json(found: dict[str, Any]) -> ChunkCheck:
    """Read a check back."""
    marker, since, mends = found["progress"]
    return ChunkCheck(
        chunk=found["chunk"],
        last=found["last"],
        at=_moment(found["at"]),
        asked=found["asked"],
        status=found["status"],
        recipients=found["recipients"],
        counts=found["counts"],
        faults=tuple(_fault(*each) for each in found["faults"]),
        more_faults=found["more_faults"],
        mended=found["mended"],
        settled=found["settled"],
        progress=Progress(marker=marker, since=_moment(since), mends=mends),
    )


def _fault(kind: str, part: str, batch: int | None, expected: int, found: int) -> Fault:
    number = None if batch is None else BatchNumber(batch)
    return Fault(kind=FaultKind(kind), part=part, batch=number, expected=expected, found=found)


def _moment(epoch_s: int) -> datetime:
    return datetime.fromtimestamp(epoch_s, tz=UTC)
