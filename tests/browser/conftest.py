"""Our pages in a real browser: the API's own routes behind a small local server."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from tests.browser.chromium import CHROMIUM, WHY_SKIPPED, Tab, a_tab
from tests.integration.api import Api
from tests.integration.http.emulation import emulated
from tests.integration.http.shop import a_token

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served() -> Iterator[str]:
    """Serve the API on a free port; its address."""
    from app import app
    from tests.contract.wsgi import WsgiGateway

    with make_server("127.0.0.1", 0, WsgiGateway(app), handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[Api, str]]:
    """A caller of the API, and where browsers find it."""
    from chalice.test import Client

    from app import app

    with emulated(), served() as base:
        yield Api(client=Client(app), token=a_token("admin")), base


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tab]:
    """A browser, which the tests of a module share."""
    if CHROMIUM is None:
        pytest.skip(WHY_SKIPPED)
    with a_tab(tmp_path_factory.mktemp("profile")) as opened:
        yield opened
