"""What the tests of the stores share."""

from collections.abc import Callable
from threading import Lock
from typing import Any

import pytest
from pynamodb.connection.base import Connection


@pytest.fixture
def one_request_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make moto answer as DynamoDB does, each request for itself: its own parts are not atomic."""
    lock, dispatch = Lock(), Connection.dispatch

    def locked(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return dispatch(*args, **kwargs)

    monkeypatch.setattr(Connection, "dispatch", locked)


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

    monkeypatch.setattr(Connection, "dispatch", noting)
    return taken
