"""Finds out, before anything is started, that a port is taken, and says what to do about it."""

from __future__ import annotations

import socket

LOOPBACK = "127.0.0.1"


class PortTakenError(RuntimeError):
    """Another program listens where we want to; the text says what helps."""


def require_free(port: int, *, purpose: str, setting: str) -> None:
    """Raise PortTakenError when something listens on the port.

    ``setting`` is how the user chooses another one, such as ``AWS_PORT``.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            msg = (
                f"port {port} for {purpose} is taken: stop what listens there "
                f"(an earlier run, perhaps), or choose another with {setting}=<port>"
            )
            raise PortTakenError(msg) from error
