"""Keys and indexes of the tables, as template.yaml declares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.integration.template import resources_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """A secondary index: which attributes an item needs to be in it, and what it copies."""

    keys: tuple[str, ...]
    whole: bool
    included: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table by its short name."""

    keys: tuple[str, ...]
    indexes: tuple[Index, ...]

    def index_entries(self, item: Mapping[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
        """What each index holds of an item, by the index's place; nothing where it has no key."""
        for place, index in enumerate(self.indexes):
            if all(key in item for key in index.keys):
                kept = item if index.whole else (*self.keys, *index.keys, *index.included)
                yield place, {name: item[name] for name in kept if name in item}


@cache
def tables() -> Mapping[str, Table]:
    """All tables, by the last word of their names."""
    return {
        properties["TableName"]["Fn::Sub"].rsplit("-", 1)[-1]: _table(properties)
        for properties in resources_of("AWS::DynamoDB::Table").values()
    }


def table_of(full_name: str) -> Table:
    """The table of this name, whatever its deployment."""
    return tables()[full_name.rsplit("-", 1)[-1]]


def _table(properties: Mapping[str, Any]) -> Table:
    indexes = properties.get("GlobalSecondaryIndexes", ())
    return Table(
        keys=_keys(properties),
        indexes=tuple(
            Index(
                keys=_keys(each),
                whole=each["Projection"]["ProjectionType"] == "ALL",
                included=tuple(each["Projection"].get("NonKeyAttributes", ())),
            )
            for each in indexes
        ),
    )


def _keys(properties: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(each["AttributeName"] for each in properties["KeySchema"])
