"""Batches: the unit of work and of message state.

A batch is an item collection: ``META`` and ``RECIPIENTS`` are written once, ``STATE`` and
``CLICKS`` change under a version guard. STATE stays within one write unit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.expressions.update import Action

from functions.contracts.errors import Unavailable
from functions.contracts.evidence_document import evidence_from_json, evidence_to_json
from functions.domain.batch import Batch, BatchMeta, Recipient
from functions.domain.clicks import BatchClicks
from functions.domain.evidence import Evidence
from functions.domain.ids import (
    MAIN_ACCOUNT,
    MAX_BATCH_NUMBER,
    AccountName,
    BatchNumber,
    ContactId,
)
from functions.domain.message import BatchState
from functions.domain.outcome import BatchOutcomes
from functions.domain.pricing import Money
from functions.domain.reaction import NO_REACTIONS, Reactions
from functions.domain.settled import settled_since
from functions.domain.standing import Standing
from functions.runtime.clock import utc_now
from functions.runtime.settings import table_name, tenant_zone
from functions.runtime.table_calls import table_calls
from functions.storage.base import Item, unchanged, written
from functions.storage.batch_indexes import ByDay, ByHeld, held_attributes, held_values
from functions.storage.batch_meta import meta_from_json, meta_to_json
from functions.storage.packing import pack, pack_people, unpack, unpack_people
from functions.storage.wire import binary, change_row, get_item, query_from

_META, _RECIPIENTS, _STATE, _CLICKS = "META", "RECIPIENTS", "STATE", "CLICKS"
_COUNTER, _EVIDENCE, _EVIDENCE_END = "COUNTER", "EVIDENCE#", "EVIDENCE~"
OUTCOMES = "CONVERSIONS"
_MAX_TRIES = 20
_NOBODY = Recipient(contact_id=None, phone=None, text="")
"""What is left of a message to somebody who was erased."""


class BatchItem(Item):
    """A row of a batch. Names are short where the row must stay small."""

    class Meta:
        """Short name of the table."""

        table = "batches"

    batch = NumberAttribute(hash_key=True)
    kind = UnicodeAttribute(range_key=True)
    meta = JSONAttribute(null=True)
    people = BinaryAttribute(legacy_encoding=False, null=True)
    created = NumberAttribute(attr_name="c", null=True)
    slots = BinaryAttribute(legacy_encoding=False, attr_name="s", null=True)
    rounds = BinaryAttribute(legacy_encoding=False, attr_name="r", null=True)
    lease_until = NumberAttribute(attr_name="l", null=True)
    attempts = NumberAttribute(attr_name="a", null=True)
    price = NumberAttribute(attr_name="p", null=True)
    version = NumberAttribute(attr_name="v", null=True)
    account = UnicodeAttribute(attr_name="w", null=True)
    reactions = BinaryAttribute(legacy_encoding=False, attr_name="o", null=True)
    reacted = BinaryAttribute(legacy_encoding=False, attr_name="m", null=True)
    links = BinaryAttribute(legacy_encoding=False, attr_name="k", null=True)
    outcomes = BinaryAttribute(legacy_encoding=False, attr_name="g", null=True)
    counter = NumberAttribute(null=True)
    day = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    place = UnicodeAttribute(attr_name="q", null=True)
    held_number = NumberAttribute(attr_name="n", null=True)
    held = UnicodeAttribute(attr_name="h", null=True)
    by_day, by_held = ByDay(), ByHeld()


class BatchStore:
    """Reads and writes batches; ``clock`` tells when the end of a message is noted."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock

    def reserve(self, count: int) -> BatchNumber:
        """Take ``count`` numbers nobody else gets; returns the first. Gaps do no harm."""
        item = BatchItem(0, _COUNTER)
        item.update(actions=[BatchItem.counter.add(count)])
        first = int(item.counter) - count + 1
        if first + count > MAX_BATCH_NUMBER:
            msg = "batch numbers are used up"
            raise Unavailable(msg)
        return BatchNumber(first)

    def create(self, batches: Iterable[Batch]) -> None:
        """Write new batches, under numbers just reserved."""
        with BatchItem.batch_write() as write:
            for batch in batches:
                for item in _new_items(batch):
                    write.save(item)

    def load(self, number: BatchNumber) -> Batch | None:
        """Read a whole batch, consistently; None when there is none."""
        # Clicks and evidence sort before, and are not read.
        rows = {row.kind: row for row in query_from(BatchItem, number, _META)}
        if _META not in rows or _STATE not in rows or _RECIPIENTS not in rows:
            return None
        return Batch(
            meta=meta_from_json(number, rows[_META].meta),
            recipients=unpack_people(rows[_RECIPIENTS].people),
            state=state_of(rows[_STATE]),
        )

    def erase_recipient(self, number: BatchNumber, contact_id: ContactId) -> int:
        """Empty a person's messages of a batch; tells how many there were.

        Raises Unavailable when others keep erasing from the same batch.
        """
        for _ in range(_MAX_TRIES):
            item = self._recipients_item(number)
            if item is None:
                return 0
            people = unpack_people(item.people)
            left = tuple(_NOBODY if each.contact_id == contact_id else each for each in people)
            if left == people:
                return 0
            same = BatchItem.people == item.people
            actions: list[Action] = [BatchItem.people.set(pack_people(left))]
            if written(lambda i=item, a=actions, s=same: i.update(actions=a, condition=s)):  # type: ignore[misc]  # bound now
                return sum(each.contact_id == contact_id for each in people)
        msg = "the batch is being changed by others"
        raise Unavailable(msg)

    def _recipients_item(self, number: BatchNumber) -> BatchItem | None:
        try:
            return BatchItem.get(number, _RECIPIENTS, consistent_read=True)
        except BatchItem.DoesNotExist:
            return None

    def save_evidence(self, number: BatchNumber, evidence: Evidence) -> None:
        """Keep what was looked at, one row a round; writing it again replaces it."""
        if evidence.cases:
            kind = f"{_EVIDENCE}{int(evidence.at.timestamp())}"
            day = evidence.at.astimezone(tenant_zone()).date().isoformat()
            row = {"people": binary(pack(evidence_to_json(evidence))), "day": {"S": day}}
            item = {**_key(number, kind), **row}
            table_calls().call("PutItem", {"TableName": table_name("batches"), "Item": item})

    def evidence(self, number: BatchNumber) -> tuple[Evidence, ...]:
        """Read what was looked at, oldest round first."""
        # Not begins_with, which MiniStack 1.5.33 refuses beside a key that is a number.
        rounds = BatchItem.kind.between(_EVIDENCE, _EVIDENCE_END)
        rows = BatchItem.query(number, rounds, consistent_read=True)
        return tuple(evidence_from_json(unpack(row.people)) for row in rows)

    def looked_at(self, day: date, *, after: BatchNumber, limit: int) -> tuple[BatchNumber, ...]:
        """The next batches, in the order of their numbers, that the door looked at on a day."""
        rows = BatchItem.by_day.query(
            day.isoformat(), ByDay.batch > after, page_size=limit, limit=limit
        )
        return tuple(dict.fromkeys(BatchNumber(int(row.batch)) for row in rows))

    def meta(self, number: BatchNumber, *, consistent: bool = False) -> BatchMeta | None:
        """Read what never changes of a batch; consistently just after it was written."""
        try:
            item = BatchItem.get(number, _META, consistent_read=consistent)
            return meta_from_json(number, item.meta)
        except BatchItem.DoesNotExist:
            return None

    def began(self, meta: BatchMeta) -> datetime:
        """When a batch began, from which clicks and answers are timed.

        Sooner than was planned, where some of it was released early.
        """
        if meta.not_before is None:
            return meta.created
        state = state_of(BatchItem.get(meta.number, _STATE))
        return datetime.fromtimestamp(state.created, tz=UTC)

    def standings(
        self, numbers: Sequence[BatchNumber], *, outcomes: bool = False
    ) -> list[Standing]:
        """Read state and clicks, and where asked outcomes, of many batches, 100 rows a request."""
        kinds = (_STATE, _CLICKS, OUTCOMES) if outcomes else (_STATE, _CLICKS)
        keys = [(number, kind) for number in numbers for kind in kinds]
        rows = {(int(i.batch), i.kind): i for i in BatchItem.batch_get(keys, consistent_read=True)}
        return [
            _standing(number, rows[number, _STATE], rows)
            for number in numbers
            if (number, _STATE) in rows
        ]

    def change_state(
        self,
        number: BatchNumber,
        change: Callable[[BatchState], BatchState | None],
        *,
        known: BatchState | None = None,
    ) -> BatchState | None:
        """Apply ``change`` to the newest state and store it, starting over when others wrote.

        ``change`` returns None to leave the state as it is. ``known`` is the newest that the
        caller has seen: it need not be read again. Returns what was stored, or None when nothing
        was. Raises LookupError for an unknown batch, Unavailable when others keep winning.
        """
        for _ in range(_MAX_TRIES):
            old = self._state(number) if known is None else known
            new = change(old)
            if new is not None and new != old:
                new = settled_since(old, new, now=self._clock())
                new = replace(new, version=old.version + 1)
                if self._store(number, new, old.version):
                    return new
            elif known is None:
                return None
            known = None
        raise Unavailable("the batch is being changed by others")

    def _state(self, number: BatchNumber) -> BatchState:
        item = get_item(BatchItem, _key(number, _STATE))
        if item is None:
            msg = f"there is no batch {number}"
            raise LookupError(msg)
        return state_of(item)

    def _store(self, number: BatchNumber, state: BatchState, old_version: int) -> bool:
        values = {
            "s": binary(state.slots),
            "r": binary(_pack_rounds(state.rounds)),
            "l": {"N": str(state.lease_until)},
            "a": {"N": str(state.attempts)},
            "v": {"N": str(state.version)},
            "w": {"S": state.account},
            "c": {"N": str(state.created)},
            **held_values(number, state),
        }
        return change_row("batches", _key(number, _STATE), values, seen=old_version)

    def states(self, numbers: Sequence[BatchNumber]) -> dict[BatchNumber, BatchState]:
        """Read the states of many batches, as of a second ago; consistently where there is none."""
        found: dict[BatchNumber, BatchState] = {}
        for consistent in (False, True):
            keys = [(number, _STATE) for number in numbers if number not in found]
            for row in BatchItem.batch_get(keys, consistent_read=consistent):
                found[BatchNumber(int(row.batch))] = state_of(row)
        return found

    def change_clicks(
        self, number: BatchNumber, size: int, change: Callable[[BatchClicks], BatchClicks]
    ) -> None:
        """Apply ``change`` to the clicks of a batch; nothing is written when nothing changes."""
        for _ in range(_MAX_TRIES):
            old, version = self._clicks(number, size)
            new = change(old)
            if new == old or self._store_clicks(number, new, version):
                return
        raise Unavailable("the clicks are being changed by others")

    def _clicks(self, number: BatchNumber, size: int) -> tuple[BatchClicks, int]:
        try:
            item = BatchItem.get(number, _CLICKS, consistent_read=True)
        except BatchItem.DoesNotExist:
            return BatchClicks.none(size), 0
        return _clicks_of(item, size), int(item.version or 0)

    def _store_clicks(self, number: BatchNumber, clicks: BatchClicks, version: int) -> bool:
        item, links = BatchItem(number, _CLICKS), clicks.pack_links()
        actions: list[Action] = [
            BatchItem.slots.set(clicks.pack()),
            BatchItem.links.set(links) if links else BatchItem.links.remove(),
            BatchItem.version.set(version + 1),
        ]
        same = unchanged(BatchItem.version, version)
        return written(lambda: item.update(actions=actions, condition=same))


def _key(number: BatchNumber, kind: str) -> dict[str, Any]:
    return {"batch": {"N": str(number)}, "kind": {"S": kind}}


def told_of(
    rows: Iterable[BatchItem],
) -> tuple[tuple[Recipient, ...], BatchState, BatchClicks, str] | None:
    """Recipients, state, clicks and source of a batch whose rows a scan met; None without them."""
    by_kind = {row.kind: row for row in rows}
    if not {_META, _RECIPIENTS, _STATE} <= set(by_kind):
        return None
    recipients = unpack_people(by_kind[_RECIPIENTS].people)
    return (
        recipients,
        state_of(by_kind[_STATE]),
        _clicks_of(by_kind.get(_CLICKS), len(recipients)),
        by_kind[_META].meta["source"][1],
    )


def _new_items(batch: Batch) -> Iterable[BatchItem]:
    number, state = batch.meta.number, batch.state
    yield BatchItem(number, _META, meta=meta_to_json(batch.meta))
    yield BatchItem(number, _RECIPIENTS, people=pack_people(batch.recipients))
    yield BatchItem(
        number,
        _STATE,
        created=state.created,
        slots=state.slots,
        rounds=_pack_rounds(state.rounds),
        lease_until=state.lease_until,
        attempts=state.attempts,
        price=batch.meta.unit_price.minor,
        version=state.version,
        **held_attributes(batch),
    )


def _standing(
    number: BatchNumber, state: BatchItem, rows: Mapping[tuple[int, str], BatchItem]
) -> Standing:
    clicks, outcomes = rows.get((number, _CLICKS)), rows.get((number, OUTCOMES))
    unpacked = state_of(state)
    return Standing(
        number=number,
        state=unpacked,
        clicks=_clicks_of(clicks, len(unpacked)),
        unit_price=Money(minor=int(state.price or 0)),
        reactions=reactions_of(clicks),
        outcomes=BatchOutcomes.unpack(bytes((outcomes and outcomes.outcomes) or b"")),
    )


def _clicks_of(item: BatchItem | None, size: int) -> BatchClicks:
    if item is None:
        return BatchClicks.none(size)
    return BatchClicks.unpack(bytes(item.slots or b""), size, links=bytes(item.links or b""))


def reactions_of(item: BatchItem | None) -> Reactions:
    """Read the reactions in a CLICKS row, if there is one."""
    if item is None:
        return NO_REACTIONS
    return Reactions(bytes(item.reactions or b""), bytes(item.reacted or b""))


def state_of(item: BatchItem) -> BatchState:
    """Read a STATE row."""
    return BatchState(
        created=int(item.created or 0),
        slots=bytes(item.slots or b""),
        rounds=unpack_rounds(bytes(item.rounds or b"")),
        lease_until=int(item.lease_until or 0),
        attempts=int(item.attempts or 0),
        version=int(item.version or 0),
        account=AccountName(item.account or MAIN_ACCOUNT),
    )


def _pack_rounds(rounds: Sequence[int]) -> bytes:
    return b"".join(epoch_s.to_bytes(5, "big") for epoch_s in rounds)


def unpack_rounds(packed: bytes) -> tuple[int, ...]:
    """Read when rounds began."""
    return tuple(int.from_bytes(packed[i : i + 5], "big") for i in range(0, len(packed), 5))
