"""The HTTP server around the application: loopback only, quiet, and quick to stop."""

from __future__ import annotations

import contextlib
import signal
import socket
import threading
from typing import TYPE_CHECKING, Final

import uvicorn

from infra.local.carrier import app
from infra.local.carrier.auth import Authenticator
from infra.local.carrier.carrier import Carrier
from infra.local.carrier.clock import Clock, real_time
from infra.local.carrier.knobs import Knobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from typing import Any

HOST: Final = "127.0.0.1"
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Server(uvicorn.Server):
    """A uvicorn server that can hang up without an answer and ends with status 0 on SIGTERM."""

    def __init__(self, carrier: Carrier) -> None:
        super().__init__(
            uvicorn.Config(
                app.build(carrier),
                http="h11",
                ws="none",
                lifespan="on",
                log_level="warning",
                access_log=False,
                timeout_graceful_shutdown=3,
                # Longer than the pause between two sends of a local run, so that a connection
                # is not closed under a client that is about to use it again.
                timeout_keep_alive=75,
            )
        )
        self.carrier = carrier
        self.ready = threading.Event()
        carrier.hang_up = self._hang_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen and tell those who wait for it."""
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Release the requests that a fault keeps hanging, then stop."""
        self.carrier.closing.set()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM.

        uvicorn raises the signal again after it has stopped, which would end the process as if
        it had been killed.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self.handle_exit) for one in _SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _hang_up(self, client: tuple[str, int]) -> None:
        for connection in list(self.server_state.connections):
            if getattr(connection, "client", None) == client:
                transport: Any = getattr(connection, "transport", None)
                transport.abort()


def make_server(
    *,
    accounts: Mapping[str, str],
    knobs: Knobs | None = None,
    time_source: Callable[[], datetime] = real_time,
) -> Server:
    """Build a carrier with its server; ``accounts`` gives the secret of each API key."""
    first = knobs or Knobs()
    carrier = Carrier(
        Authenticator(secret_by_key=accounts),
        clock=Clock(source=time_source, offset_s=first.clock_offset_s),
        knobs=first,
    )
    return Server(carrier)


def listen(port: int) -> socket.socket:
    """Take a port of the loopback address; port 0 takes any free one.

    Raises:
        OSError: when the port is taken.

    """
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, every
    # answer on a kept connection would wait 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        # From here on callers wait in the queue instead of being refused while the rest starts.
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
