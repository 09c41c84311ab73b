"""Refreshes of audiences: a row each, a row per segment that is read, a row per shard asked."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.expressions.update import Action

from functions.domain.ids import AudienceId
from functions.domain.refresh import (
    Counts,
    Refresh,
    RefreshStatus,
    SegmentProgress,
    ShardResult,
    run_id_at,
)
from functions.domain.usage import Usage
from functions.storage.base import Item, written

_RUN, _SEGMENT, _SHARD = "run", "segment#", "shard#"


class RefreshItem(Item):
    """``run`` / run id; ``segment#<run id>`` / segment; ``shard#<run id>`` / shard."""

    class Meta:
        """Short name of the table."""

        table = "refreshes"

    kind = UnicodeAttribute(hash_key=True)
    name = UnicodeAttribute(range_key=True)
    day = UnicodeAttribute(null=True)
    started = UTCDateTimeAttribute(null=True)
    finished = UTCDateTimeAttribute(null=True)
    people_segments = NumberAttribute(null=True)
    message_segments = NumberAttribute(null=True)
    shards = NumberAttribute(null=True)
    status = UnicodeAttribute(null=True)
    people = NumberAttribute(null=True)
    chunks = NumberAttribute(null=True)
    position = UnicodeAttribute(null=True)
    ended = BooleanAttribute(null=True)
    files = JSONAttribute(null=True)
    counts = JSONAttribute(null=True)
    usage = JSONAttribute(null=True)
    expires_at = NumberAttribute(null=True)


class RefreshStore:
    """Reads refreshes and moves them on."""

    def add(self, refresh: Refresh, *, expires_at: int) -> bool:
        """Write a new one; False when there is one of this name."""
        item = _to_item(refresh)
        item.expires_at = expires_at
        return written(lambda: item.save(condition=RefreshItem.name.does_not_exist()))

    def get(self, run_id: str) -> Refresh | None:
        """Read one, consistently."""
        try:
            return _to_refresh(RefreshItem.get(_RUN, run_id, consistent_read=True))
        except RefreshItem.DoesNotExist:
            return None

    def newest(self, *, done: bool = False) -> Refresh | None:
        """Read the newest, or the newest that is done."""
        condition = RefreshItem.status == str(RefreshStatus.DONE) if done else None
        rows = RefreshItem.query(
            _RUN,
            filter_condition=condition,
            scan_index_forward=False,
            page_size=10,
            consistent_read=True,
        )
        item = next(iter(rows), None)
        return None if item is None else _to_refresh(item)

    def since(self, moment: datetime) -> tuple[Refresh, ...]:
        """Read those that started at this moment or later, consistently."""
        later = RefreshItem.name >= run_id_at(moment, "")
        rows = RefreshItem.query(_RUN, later, consistent_read=True)
        return tuple(map(_to_refresh, rows))

    def advance(self, refresh: Refresh, *, to: RefreshStatus) -> bool:
        """Move a refresh on from the status it has; False when somebody else did."""
        same = RefreshItem.status == str(refresh.status)
        actions: list[Action] = [RefreshItem.status.set(str(to))]
        return self._update(refresh.run_id, actions, same)

    def finish(self, refresh: Refresh, *, at: datetime) -> bool:
        """Store that a refresh is done, with its people; False when that was known."""
        open_ = RefreshItem.status != str(RefreshStatus.DONE)
        actions: list[Action] = [
            RefreshItem.status.set(str(RefreshStatus.DONE)),
            RefreshItem.people.set(refresh.people),
            RefreshItem.usage.set(_from_usage(refresh.usage)),
            RefreshItem.finished.set(at),
        ]
        return self._update(refresh.run_id, actions, open_)

    def _update(self, run_id: str, actions: list[Action], condition: Any) -> bool:  # noqa: ANN401
        item = RefreshItem(_RUN, run_id)
        return written(lambda: item.update(actions=actions, condition=condition))

    def segment(self, run_id: str, segment: int) -> SegmentProgress:
        """Read how far a segment is, consistently."""
        try:
            item = RefreshItem.get(_SEGMENT + run_id, _numbered(segment), consistent_read=True)
        except RefreshItem.DoesNotExist:
            return SegmentProgress(segment=segment, files={})
        return _to_progress(item)

    def segments(self, run_id: str) -> tuple[SegmentProgress, ...]:
        """Read how far all segments are that were begun, consistently."""
        rows = RefreshItem.query(_SEGMENT + run_id, consistent_read=True)
        return tuple(map(_to_progress, rows))

    def advance_segment(
        self, run_id: str, before: SegmentProgress, after: SegmentProgress, *, expires_at: int
    ) -> bool:
        """Store a chunk, unless somebody else wrote it since ``before``."""
        same = (
            RefreshItem.chunks == before.chunks
            if before.chunks
            else RefreshItem.chunks.does_not_exist()
        )
        item = RefreshItem(
            _SEGMENT + run_id,
            _numbered(after.segment),
            chunks=after.chunks,
            position=after.position,
            ended=after.finished,
            files={str(shard): files for shard, files in after.files.items()},
            usage=_from_usage(after.usage),
            expires_at=expires_at,
        )
        return written(lambda: item.save(condition=same))

    def save_result(self, run_id: str, result: ShardResult, *, expires_at: int) -> None:
        """Store what a shard answered; storing it again is harmless."""
        counts = {k: [c.count, c.entered, c.left] for k, c in result.counts.items()}
        RefreshItem(
            _SHARD + run_id,
            _numbered(result.shard),
            people=result.people,
            counts=counts,
            usage=_from_usage(result.usage),
            expires_at=expires_at,
        ).save()

    def results(self, run_id: str) -> tuple[ShardResult, ...]:
        """Read what the shards answered so far, consistently."""
        rows = RefreshItem.query(_SHARD + run_id, consistent_read=True)
        return tuple(
            ShardResult(
                shard=int(row.name),
                people=int(row.people or 0),
                counts=_to_counts(row.counts),
                usage=_to_usage(row.usage),
            )
            for row in rows
        )


def _numbered(number: int) -> str:
    return f"{number:04d}"


def _to_counts(stored: Mapping[str, list[int]] | None) -> dict[AudienceId, Counts]:
    return {
        AudienceId(audience_id): Counts(count=count, entered=entered, left=left)
        for audience_id, (count, entered, left) in (stored or {}).items()
    }


def _from_usage(usage: Usage) -> list[float]:
    return [round(usage.read_units, 1), round(usage.gb_s, 3), usage.written, usage.read]


def _to_usage(stored: list[float] | None) -> Usage:
    read_units, gb_s, written_, read = stored or (0, 0, 0, 0)
    return Usage(read_units=read_units, gb_s=gb_s, written=int(written_), read=int(read))


def _to_progress(item: RefreshItem) -> SegmentProgress:
    files: Mapping[str, list[str]] = item.files or {}
    return SegmentProgress(
        segment=int(item.name),
        chunks=int(item.chunks or 0),
        position=item.position,
        finished=bool(item.ended),
        files={int(shard): tuple(names) for shard, names in files.items()},
        usage=_to_usage(item.usage),
    )


def _to_item(refresh: Refresh) -> RefreshItem:
    return RefreshItem(
        _RUN,
        refresh.run_id,
        day=refresh.day.isoformat(),
        started=refresh.started,
        people_segments=refresh.people_segments,
        message_segments=refresh.message_segments,
        shards=refresh.shards,
        status=str(refresh.status),
        people=refresh.people,
    )


def _to_refresh(item: RefreshItem) -> Refresh:
    return Refresh(
        run_id=item.name,
        day=date.fromisoformat(item.day or ""),
        started=item.started,
        people_segments=int(item.people_segments or 1),
        message_segments=int(item.message_segments or 0),
        shards=int(item.shards or 1),
        status=RefreshStatus(item.status or ""),
        people=int(item.people or 0),
        usage=_to_usage(item.usage),
        finished=item.finished,
    )
