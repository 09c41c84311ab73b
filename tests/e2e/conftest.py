"""The whole system on this machine, deployed from the package: started once for all stories."""

import socket
from collections.abc import Iterator

import pytest

from infra.local.session import LocalSystem, Settings, local_system
from infra.package import package
from infra.packaging.layout import REPOSITORY, Layout
from tests.e2e.shop import Shop

LEASE_S = 8
"""Short, so that a killed worker's batch is taken up within seconds."""


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def system() -> Iterator[LocalSystem]:
    package(Layout())
    aws_port = a_free_port()
    settings = Settings(
        aws_port=aws_port,
        carrier_port=a_free_port(),
        data_dir=REPOSITORY / "build" / "e2e",
        parameters=(
            ("DispatchLeaseSeconds", str(LEASE_S)),
            ("LinkDomains", f"http://127.1:{aws_port}/l"),
        ),
    )
    with local_system(settings) as running:
        yield running


@pytest.fixture
def shop(system: LocalSystem) -> Iterator[Shop]:
    """A shop with senders registered and the carrier well-behaved."""
    shop = Shop(system)
    shop.carrier.reset()
    shop.register_at_the_carrier()
    yield shop
    shop.close()
