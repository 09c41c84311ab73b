"""The indexes of the table of batches, as template.yaml declares them."""

from typing import Any

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, IncludeProjection, KeysOnlyProjection

from functions.domain.batch import Batch
from functions.domain.held import mark_of, place_of
from functions.domain.ids import BatchNumber
from functions.domain.message import BatchState


class ByDay(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # theirs
    """Batches by the day (of the tenant's zone) on which the door looked at them."""

    class Meta:
        """Name and content."""

        index_name = "by_day"
        projection = KeysOnlyProjection()

    day = UnicodeAttribute(hash_key=True)
    batch = NumberAttribute(range_key=True)


class ByHeld(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # theirs
    """Batches of which something is held, by what made them: only they have a ``held_number``."""

    class Meta:
        """Name and content."""

        index_name = "by_held"
        projection = IncludeProjection(["h"])

    place = UnicodeAttribute(hash_key=True, attr_name="q")
    held_number = NumberAttribute(range_key=True, attr_name="n")
    held = UnicodeAttribute(attr_name="h", null=True)


def held_attributes(batch: Batch) -> dict[str, Any]:
    """What a new batch's STATE row has for the ledger of what is held."""
    number, mark = batch.meta.number, mark_of(batch.state)
    place = place_of(batch.meta.source, number)
    return {"place": place} | ({"held": mark, "held_number": number} if mark else {})


def held_values(number: BatchNumber, state: BatchState) -> dict[str, dict[str, str] | None]:
    """What puts a batch that changed into the ledger of what is held, or takes it out (None)."""
    mark = mark_of(state)
    if not mark:
        return {"h": None, "n": None}
    return {"h": {"S": mark}, "n": {"N": str(number)}}
