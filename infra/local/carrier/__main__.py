"""Command line: ``python -m infra.local.carrier --port 4700 --api-key … --api-secret …``."""

from __future__ import annotations

import argparse
import asyncio
import errno
import sys

from infra.local.carrier.knobs import Knobs, loopback_url
from infra.local.carrier.server import HOST, listen, make_server


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; 0 after a clean stop, 1 when the port cannot be taken."""
    options = _parser().parse_args(arguments)
    try:
        listener = listen(options.port)
    except OSError as error:
        sys.stderr.write(_why_not(error, port=options.port))
        return 1
    server = make_server(
        accounts={options.api_key: options.api_secret, **dict(options.account)},
        knobs=Knobs(
            clock_offset_s=options.clock_offset_s,
            webhook_url=options.webhook_url,
            inbound_url=options.inbound_url,
        ),
    )
    sys.stdout.write(f"carrier simulator: http://{HOST}:{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    with listener:
        asyncio.run(server.serve(sockets=[listener]))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.local.carrier",
        description="Simulated mobile carriers behind SOLAPI's HTTP API, for this machine only.",
    )
    parser.add_argument("--port", type=int, default=4700, help="loopback port (default 4700)")
    parser.add_argument("--api-key", required=True)
    parser.add_argument("--api-secret", required=True)
    parser.add_argument(
        "--account",
        nargs=2,
        action="append",
        default=[],
        metavar=("KEY", "SECRET"),
        help="a further account; may be given several times",
    )
    parser.add_argument(
        "--clock-offset-s",
        type=float,
        default=0.0,
        help="seconds the simulated time is ahead of the machine's",
    )
    parser.add_argument("--webhook-url", type=_url, help="where delivery reports are posted")
    parser.add_argument("--inbound-url", type=_url, help="where replies of phones are posted")
    return parser


def _url(text: str) -> str | None:
    try:
        return loopback_url(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _why_not(error: OSError, *, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is already taken. Stop what uses it or choose another: --port N\n"
    return f"Port {port} cannot be used: {error.strerror}\n"


if __name__ == "__main__":
    sys.exit(main())
