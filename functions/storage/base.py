"""What all PynamoDB models share: one connection, and table names from the settings.

Plain PynamoDB opens one botocore client per model (45-110 ms each, pynamodb#1245). The override
of ``_get_connection`` is not public API, so PynamoDB is pinned and
``tests/integration/storage/test_base.py`` holds it.
"""

from collections.abc import Callable, Mapping
from functools import cache
from threading import Lock
from typing import Any

from pynamodb.attributes import NumberAttribute
from pynamodb.connection.base import Connection
from pynamodb.connection.table import TableConnection
from pynamodb.exceptions import (
    DeleteError,
    PutError,
    PynamoDBException,
    TransactWriteError,
    UpdateError,
)
from pynamodb.expressions.condition import Condition
from pynamodb.models import Model

from functions.contracts.errors import Unavailable
from functions.contracts.page import Position
from functions.runtime.aws import dynamodb, session
from functions.runtime.settings import table_name

_NUMBER = "N:"
_first_use = Lock()
_CONDITION_FAILED = "ConditionalCheckFailedException"
_LOST = frozenset({"ConditionalCheckFailed", "TransactionConflict"})
"""Why a transaction is cancelled when somebody else wrote first."""


@cache
def connection() -> Connection:
    """The connection that every model uses."""
    shared = Connection(
        region=session().get_config_variable("region"),
        connect_timeout_seconds=3,
        read_timeout_seconds=10,
        max_pool_connections=32,
    )
    shared._local.session = session()  # noqa: SLF001  # saves making a second session, 27 ms
    return shared


class Item(Model):
    """A row of a table. ``Meta.table`` is the short name, such as ``contacts``."""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        with _first_use:
            meta: Any = cls.Meta
            meta.table_name = table_name(meta.table)
            table = super()._get_connection()
            if table.connection is not connection():
                shared = connection()
                shared.add_meta_table(table.get_meta_table())
                table.connection = shared
            return table


def item_count(table: str) -> int:
    """About how many rows a table has, by its short name; AWS counts every six hours."""
    answer = dynamodb().describe_table(TableName=table_name(table))
    return answer["Table"].get("ItemCount", 0)


def unchanged(counter: NumberAttribute, known: int) -> Condition:
    """Whether a row's counter of changes is still the one that was read; 0: it had none."""
    return counter == known if known else counter.does_not_exist()


def read_units_of(page: Mapping[str, Any]) -> float:
    """What reading a page of a scan or query took, as DynamoDB says."""
    return float(page.get("ConsumedCapacity", {}).get("CapacityUnits", 0))


def start_key(position: Position | None) -> dict[str, dict[str, str]] | None:
    """Where a scan goes on, in DynamoDB's form. Numbers are kept as ``N:7``."""
    if position is None:
        return None
    return {
        name: {"N": value[2:]} if value.startswith(_NUMBER) else {"S": value[2:]}
        for name, value in position.items()
    }


def position_of(last_key: Mapping[str, Mapping[str, str]] | None) -> Position | None:
    """The other way round."""
    if last_key is None:
        return None
    position = {}
    for name, value in last_key.items():
        ((kind, text),) = value.items()
        position[name] = f"{kind}:{text}"
    return position


def written(write: Callable[[], object]) -> bool:
    """Run a conditional write: False when its condition did not hold.

    Raises Unavailable for every other fault of the store.
    """
    try:
        write()
    except (DeleteError, PutError, UpdateError) as error:
        if error.cause_response_code == _CONDITION_FAILED:
            return False
        raise unavailable(error) from error
    except TransactWriteError as error:
        if _LOST.intersection(reason.code for reason in error.cancellation_reasons if reason):
            return False
        raise unavailable(error) from error
    return True


def unavailable(error: PynamoDBException) -> Unavailable:
    """Say, without the store's own words, that it did not answer."""
    return Unavailable(f"The store answered {error.cause_response_code or 'nothing'}.")


def forget_connection() -> None:
    """Drop the shared connection; for tests."""
    connection.cache_clear()
