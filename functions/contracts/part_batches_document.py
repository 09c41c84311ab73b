"""The batches of a campaign's part, as JSON in its row: number and size, and the variant if any."""

from collections.abc import Sequence
from typing import Any

from functions.domain.campaign import Part
from functions.domain.ids import BatchNumber


def batches_to_json(part: Part) -> list[tuple[int | str, ...]]:
    """Write them."""
    if not part.batch_variants:
        return list(zip(part.batches, part.batch_sizes, strict=True))
    return list(zip(part.batches, part.batch_sizes, part.batch_variants, strict=True))


def batches_from_json(rows: Sequence[Sequence[Any]] | None) -> dict[str, Any]:
    """Read them back, as the values of the part's fields."""
    found = rows or ()
    return {
        "batches": tuple(BatchNumber(number) for number, *_ in found),
        "batch_sizes": tuple(size for _, size, *_ in found),
        # Only where the campaign has variants.
        "batch_variants": tuple(each[2] for each in found if len(each) > 2),  # noqa: PLR2004
    }
