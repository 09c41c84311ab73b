"""Teaches moto the statements that our code makes; see ``tests/statements.py``."""

from collections.abc import Mapping, Sequence
from typing import Any

from moto.dynamodb.models import DynamoDBBackend

from tests.statements import Item, batch


class _Rows:
    def __init__(self, backend: DynamoDBBackend) -> None:
        self._backend = backend

    def key(self, table: str, values: Mapping[str, Any]) -> Item:
        found = self._backend.get_table(table)
        return {name: values[name] for name in found.table_key_attrs}

    def get(self, table: str, key: Item) -> Item | None:
        row = self._backend.get_item(table, key)
        return None if row is None else dict(row.to_json()["Attributes"])

    def put(self, table: str, row: Item) -> None:
        self._backend.put_item(table, row)


def _execute(self: DynamoDBBackend, statements: Sequence[Mapping[str, Any]]) -> list[Item]:
    return batch(statements, _Rows(self))


def teach() -> None:
    """Have moto carry statements out as DynamoDB does."""
    DynamoDBBackend.batch_execute_statement = _execute
