"""An account in memory, and code that forgot the last one, for longer than one test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto import mock_aws

from tests.integration.account import Account
from tests.integration.conftest import _CREDENTIALS, _forget_everything

_NOWHERE = "http://127.0.0.1:9"


@contextmanager
def emulated_account(environment: pytest.MonkeyPatch) -> Iterator[Account]:
    """Make an account with what template.yaml declares, and tell the code where it is."""
    environment.delenv("AWS_PROFILE", raising=False)
    environment.delenv("AWS_ENDPOINT_URL", raising=False)
    for name, value in _CREDENTIALS.items():
        environment.setenv(name, value)
    with mock_aws():
        made = Account()
        made.make_everything()
        # No test may reach the provider, and only the local stage has a clock that can be set.
        given = made.environment() | {"SOLAPI_BASE_URL": _NOWHERE, "STAGE": "local"}
        for name, value in given.items():
            environment.setenv(name, value)
        _forget_everything()
        yield made
        _forget_everything()
