"""The two Parquet files that hold the people of a shard, and the names of their columns.

``people.parquet`` has one row per person: ``person`` (0, 1, 2 … within the shard), ``contact_id``,
``locale``, ``zone``, the lists ``groups``, ``consents`` and ``reachable``, and one column per
attribute and type. An attribute's column is named by the hexadecimal digits of its name: names are
the customer's own words, and DuckDB does not tell ``City`` from ``city``. A column that is not
there means that nobody of the shard has such an attribute.

``activity.parquet`` has one row per person, key and day: ``person``, ``event``, ``name``,
``value``, ``day``, ``count``, ``sum_minor``, sorted so that one key is read alone.
"""

from enum import StrEnum

PEOPLE_FILE, ACTIVITY_FILE = "people.parquet", "activity.parquet"


class Kind(StrEnum):
    """The type of an attribute's column; ``DAY`` is of texts that begin with a date."""

    TEXT = "s"
    WHOLE = "i"
    REAL = "f"
    TRUTH = "b"
    DAY = "d"


SQL_TYPE_BY_KIND = {
    Kind.TEXT: "VARCHAR",
    Kind.WHOLE: "BIGINT",
    Kind.REAL: "DOUBLE",
    Kind.TRUTH: "BOOLEAN",
    Kind.DAY: "DATE",
}
PEOPLE_TYPES = {
    "person": "INTEGER",
    "contact_id": "VARCHAR",
    "locale": "VARCHAR",
    "zone": "VARCHAR",
    "groups": "VARCHAR[]",
    "consents": "VARCHAR[]",
    "reachable": "VARCHAR[]",
}


def column_of(kind: Kind, name: str) -> str:
    """Name the column; it needs no quoting.

    >>> column_of(Kind.TEXT, "City")
    's_43697479'
    """
    return f"{kind}_{name.encode().hex()}"
