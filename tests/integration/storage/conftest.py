"""One account serves all tests of a module; its tables are emptied before each."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.responses import DynamoHandler
from pynamodb.connection.base import Connection

from functions.runtime.table_calls import BotocoreCalls
from tests.integration.account import Account
from tests.integration.conftest import an_account


@pytest.fixture(scope="module")
def account_of_module() -> Iterator[Account]:
    """An account with the tables, queues, bucket and secrets of template.yaml."""
    with an_account() as made:
        yield made


@pytest.fixture(autouse=True)
def account(account_of_module: Account) -> Account:
    """The account, with nothing in its tables."""
    for regions in dynamodb_backends.values():
        for backend in regions.values():
            for table in backend.tables.values():
                table.items = defaultdict(dict)
    return account_of_module


@pytest.fixture
def one_request_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make moto answer as DynamoDB does, each request for itself: its own parts are not atomic."""
    lock, call_action = Lock(), DynamoHandler.call_action

    def locked(handler: DynamoHandler) -> Any:
        with lock:
            return call_action(handler)

    monkeypatch.setattr(DynamoHandler, "call_action", locked)


@pytest.fixture
def requests_made(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Names of the requests to DynamoDB made since the last question."""
    made: list[str] = []
    dispatch = Connection.dispatch

    def noting(self: Connection, operation_name: str, *args: Any, **kwargs: Any) -> Any:
        made.append(operation_name)
        return dispatch(self, operation_name, *args, **kwargs)

    def taken() -> list[str]:
        names = made.copy()
        made.clear()
        return names

    call = BotocoreCalls.call

    def noting_calls(self: BotocoreCalls, operation: str, arguments: Any, /) -> Any:
        made.append(operation)
        return call(self, operation, arguments)

    monkeypatch.setattr(Connection, "dispatch", noting)
    monkeypatch.setattr(BotocoreCalls, "call", noting_calls)
    return taken
