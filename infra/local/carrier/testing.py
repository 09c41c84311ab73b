"""The simulator inside a test process: a thread, a free port, a clean end."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from infra.local.carrier.client import CarrierControl
from infra.local.carrier.clock import real_time
from infra.local.carrier.server import HOST, listen, make_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from infra.local.carrier.knobs import Knobs

_START_S: Final = 10.0


@contextmanager
def running_carrier(
    *,
    api_key: str = "SIMULATEDKEY",
    api_secret: str = "simulated-secret",  # noqa: S107 - opens nothing but the simulator
    more_accounts: Mapping[str, str] | None = None,
    knobs: Knobs | None = None,
    time_source: Callable[[], datetime] = real_time,
) -> Iterator[CarrierControl]:
    """Run a simulator and give its control; the ``base_url`` is an attribute of it.

    Raises:
        TimeoutError: when the server does not start.

    """
    accounts = {api_key: api_secret, **(more_accounts or {})}
    server = make_server(accounts=accounts, knobs=knobs, time_source=time_source)
    listener = listen(0)
    thread = threading.Thread(
        target=lambda: asyncio.run(server.serve(sockets=[listener])), name="carrier", daemon=True
    )
    thread.start()
    if not server.ready.wait(_START_S):
        message = "the carrier simulator did not start"
        raise TimeoutError(message)
    base_url = f"http://{HOST}:{listener.getsockname()[1]}"
    control = CarrierControl(base_url, api_key=api_key, api_secret=api_secret)
    try:
        yield control
    finally:
        control.close()
        server.should_exit = True
        thread.join(_START_S)
        listener.close()
