"""An account in memory for longer than one test, with code that can be given a clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest

from tests.integration.account import Account
from tests.integration.conftest import _forget_everything, an_account

_NOWHERE = "http://127.0.0.1:9"


class Emulation(NamedTuple):
    """The account, and the environment of the code in it."""

    account: Account
    environment: pytest.MonkeyPatch


@contextmanager
def emulated() -> Iterator[Emulation]:
    """Make an account with what template.yaml declares, and tell the code where it is."""
    with an_account() as account, pytest.MonkeyPatch.context() as environment:
        # No test may reach the provider, and only the local stage has a clock that can be set.
        environment.setenv("SOLAPI_BASE_URL", _NOWHERE)
        environment.setenv("STAGE", "local")
        _forget_everything()
        yield Emulation(account, environment)
