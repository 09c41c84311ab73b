"""Every integration test gets a fresh account in memory, and code that forgot the last one."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from moto import mock_aws

from functions.runtime.aws import session
from tests.integration.account import Account
from tests.integration.api import Api
from tests.integration.template import REGION

_CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
}


@pytest.fixture(autouse=True)
def account() -> Iterator[Account]:
    """An account with the tables, queues, bucket and secrets of template.yaml."""
    with an_account() as made:
        yield made


@contextmanager
def an_account() -> Iterator[Account]:
    """Make an account, and have our code find itself in it."""
    with pytest.MonkeyPatch.context() as monkeypatch, mock_aws():
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
            monkeypatch.delenv(name, raising=False)
        for name, value in _CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        made = Account()
        made.make_everything()
        for name, value in made.environment().items():
            monkeypatch.setenv(name, value)
        _forget_everything()
        _do_one_thing_at_a_time(monkeypatch)
        yield made
        _forget_everything()


@pytest.fixture
def make_api() -> Callable[..., Api]:
    """Make a caller whose key has these scopes."""
    from chalice.test import Client

    from app import app
    from functions.access.service import make_key
    from functions.domain.ids import KeyId
    from functions.storage.keys import KeyStore

    def make(*scopes: str) -> Api:
        made = make_key(
            key_id=KeyId(f"key_{'_'.join(scopes)}"),
            secret="s" * 32,
            name="test",
            scopes=scopes,
            now=datetime(2026, 11, 1, tzinfo=UTC),
        )
        KeyStore().add(made.key)
        return Api(client=Client(app), token=made.token)

    return make


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    """A caller that may do everything."""
    return make_api("admin")


def _do_one_thing_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    # moto copies its tables for every transaction, which fails while another thread writes.
    monkeypatch.setattr("functions.imports.wiring.spread", map)


def _forget_everything() -> None:
    """Empty every cache of our code: settings, clients, secrets, stores, wiring.

    The botocore session stays: all it remembers is what the services' interfaces look like.
    """
    for name, module in list(sys.modules.items()):
        if name == "functions" or name.startswith("functions."):
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear") and value is not session:
                    value.cache_clear()
