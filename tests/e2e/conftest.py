"""The whole system on this machine, deployed from the package: started once for all stories.

Stories mostly wait, so `make e2e` runs four stacks beside each other, each with its own stories.
"""

import os
import socket
from collections.abc import Iterator

import pytest

from infra.local.session import LocalSystem, Settings, local_system
from infra.packaging.layout import REPOSITORY
from tests.e2e.shop import Shop

LEASE_S = 8
"""Short, so that a killed worker's batch is taken up within seconds."""


def a_free_port(lowest: int) -> int:
    for port in range(lowest, lowest + 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port
    msg = f"no port is free from {lowest} on"
    raise OSError(msg)


@pytest.fixture(scope="session")
def system() -> Iterator[LocalSystem]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    # Far apart: between the look and the start another stack could take the same one.
    aws_port = a_free_port(21_000 + 1_000 * int(worker.removeprefix("gw") or 0))
    settings = Settings(
        aws_port=aws_port,
        carrier_port=a_free_port(aws_port + 100),
        data_dir=REPOSITORY / "build" / "e2e" / worker,
        parameters=(
            ("DispatchLeaseSeconds", str(LEASE_S)),
            ("LinkDomains", f"http://127.1:{aws_port}/l"),
        ),
    )
    # Several at once find the package made: see the Makefile.
    with local_system(settings, built=bool(worker)) as running:
        yield running


@pytest.fixture
def shop(system: LocalSystem) -> Iterator[Shop]:
    """A shop with senders registered and the carrier well-behaved."""
    shop = Shop(system)
    shop.carrier.reset()
    shop.register_at_the_carrier()
    yield shop
    shop.close()
