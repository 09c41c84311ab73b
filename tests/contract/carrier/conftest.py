"""One simulator for all tests of this folder, emptied before each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from solapi import SolapiMessageService

from infra.local.carrier.testing import running_carrier
from tests.contract.carrier.direct import DirectClient
from tests.contract.carrier.receiver import running_receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.carrier.client import CarrierControl
    from tests.contract.carrier.receiver import Receiver


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Allow sockets here, whatever the rest of the suite says."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.enable_socket)


@pytest.fixture(scope="session")
def _running() -> Iterator[CarrierControl]:
    with running_carrier() as control:
        yield control


@pytest.fixture
def carrier(_running: CarrierControl) -> CarrierControl:
    """Give an empty simulator that knows one sender and reports at once."""
    _running.reset()
    _running.configure(report_delay_s=0, webhook_backoff_s=0.01)
    _running.add_sender("0212345678")
    return _running


@pytest.fixture
def sdk(carrier: CarrierControl) -> SolapiMessageService:
    """Give the official SDK, pointed at the simulator."""
    service = SolapiMessageService(carrier.api_key, carrier.api_secret)
    service.base_url = carrier.base_url
    return service


@pytest.fixture(scope="session")
def _direct(_running: CarrierControl) -> Iterator[DirectClient]:
    client = DirectClient(
        _running.base_url, api_key=_running.api_key, api_secret=_running.api_secret
    )
    yield client
    client.http.close()


@pytest.fixture
def direct(carrier: CarrierControl, _direct: DirectClient) -> DirectClient:
    """Give a plain signed HTTP client of the emptied simulator."""
    del carrier
    return _direct


@pytest.fixture
def receiver(carrier: CarrierControl) -> Iterator[Receiver]:
    """Give a webhook receiver that the simulator reports to."""
    with running_receiver() as running:
        carrier.configure(webhook_url=running.url)
        yield running
        carrier.configure(webhook_url=None)
