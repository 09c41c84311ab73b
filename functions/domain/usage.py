"""What work took of AWS, and what that costs at list prices.

Prices of us-east-1 in November 2026, as in ``benchmarks/prices.toml``, which says where each was
found. A region's own prices and an account's discounts are not known here.
"""

from dataclasses import dataclass

MICROS_PER_READ_UNIT = 0.125
"""Millionths of a dollar, as all of these."""
MICROS_PER_GB_S = 16.6667
MICROS_PER_WRITTEN = 5.0
MICROS_PER_READ = 0.4
USAGE_CURRENCY = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Read units of DynamoDB, GB-seconds of workers, and S3 objects written and read."""

    read_units: float = 0
    gb_s: float = 0
    written: int = 0
    read: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            read_units=self.read_units + other.read_units,
            gb_s=self.gb_s + other.gb_s,
            written=self.written + other.written,
            read=self.read + other.read,
        )

    @property
    def micros(self) -> int:
        """What it costs, in millionths of a dollar.

        >>> Usage(read_units=62_500, gb_s=300, written=400, read=400).micros
        14973
        """
        return round(
            self.read_units * MICROS_PER_READ_UNIT
            + self.gb_s * MICROS_PER_GB_S
            + self.written * MICROS_PER_WRITTEN
            + self.read * MICROS_PER_READ
        )


NOTHING_USED = Usage()
