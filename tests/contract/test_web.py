"""Calls to providers over a real connection: what is certain, and what nobody can say."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

from functions.runtime import web
from functions.runtime.connection import Connection
from functions.runtime.web import NoAnswer, NotConnected

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
Script = Callable[[socket.socket], None]


@dataclass
class Peer:
    """A server each of whose connections is answered by the next script."""

    url: str = ""
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0

    def hear(self, connection: socket.socket) -> bool:
        """Wait for a whole request; tells if there was one."""
        found = b""
        while b"\r\n\r\n" not in found:
            part = connection.recv(65_536)
            if not part:
                return False
            found += part
        head, _, body = found.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        while len(body) < int(length or b"0"):
            body += connection.recv(65_536)
        self.heard.append(head + b"\r\n\r\n" + body)
        return True

    def says(self, *answers: bytes, stays: bool = False) -> Script:
        """Answer so many requests, then end the connection, or wait until the other side does."""

        def script(connection: socket.socket) -> None:
            for answer in answers:
                if not self.hear(connection):
                    return
                connection.sendall(answer)
            if stays:
                connection.recv(1)

        return script


@contextmanager
def peer_with(*make: Callable[[Peer], Script], at_once: bool = False) -> Iterator[Peer]:
    peer = Peer()
    server = socket.create_server(("127.0.0.1", 0))
    peer.url = f"http://127.0.0.1:{server.getsockname()[1]}"

    def serve() -> None:
        for script in [each(peer) for each in make]:
            connection, _ = server.accept()
            peer.connections += 1
            if at_once:
                threading.Thread(target=answer, args=(script, connection), daemon=True).start()
            else:
                answer(script, connection)

    def answer(script: Script, connection: socket.socket) -> None:
        with connection:
            script(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        for connection in web._free("http", peer.url.removeprefix("http://")):
            connection.close()
        server.close()
        thread.join(5)


def answering(*answers: bytes, stays: bool = False) -> Callable[[Peer], Script]:
    return lambda peer: peer.says(*answers, stays=stays)


def post(peer: Peer, body: bytes = b"[]") -> web.WebAnswer:
    return web.request("POST", f"{peer.url}/messages?x=1", headers={"X": "1"}, body=body)


@pytest.mark.parametrize("status", [200, 301, 404, 429, 500])
def test_any_status_is_an_answer(status: int) -> None:
    said = f"HTTP/1.1 {status} -\r\nContent-Length: 2\r\n\r\n{{}}".encode()
    with peer_with(answering(said)) as peer:
        answer = post(peer)

        assert (answer.status, answer.body, answer.retry_after_s) == (status, b"{}", None)
        (heard,) = peer.heard
        first, *lines = heard.decode().split("\r\n")
        assert first == "POST /messages?x=1 HTTP/1.1"
        assert {"X: 1", "Content-Length: 2", f"Host: {peer.url[7:]}"} <= set(lines)
        assert lines[-1] == "[]"


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"2\r\nhe\r\n3;x=1\r\nllo\r\n0\r\nT: 1\r\n\r\n"
        ),
        b"HTTP/1.1 200 OK\r\nX: 1\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ],
    ids=["length", "chunks", "until-the-end", "old", "after-a-hint"],
)
def test_reads_what_servers_send(said: bytes) -> None:
    with peer_with(answering(said)) as peer:
        assert post(peer).body == b"hello"


def test_an_answer_without_content_is_read_without_waiting_for_it() -> None:
    empty = b"HTTP/1.1 204 No Content\r\n\r\n"
    with peer_with(answering(empty, OK, stays=True)) as peer:
        assert (post(peer).body, post(peer).body) == (b"", b"{}")
        assert peer.connections == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("30", 30), ("0", 0), ("soon", None), ("-1", None), ("²", None), ("", None)],
)
def test_seconds_to_wait_are_read(header: str, seconds: int | None) -> None:
    said = f"HTTP/1.1 429 -\r\nRETRY-AFTER: {header}\r\nContent-Length: 0\r\n\r\n".encode("latin-1")
    with peer_with(answering(said)) as peer:
        assert post(peer).retry_after_s == seconds


def test_a_connection_is_kept() -> None:
    with peer_with(answering(OK, OK, OK, stays=True)) as peer:
        for _ in range(3):
            post(peer)

        assert (peer.connections, len(peer.heard)) == (1, 3)


def test_one_that_ended_is_found_out_before_anything_is_sent() -> None:
    with peer_with(answering(OK), answering(OK)) as peer:
        post(peer)
        wait_for_the_end(peer)

        assert post(peer).status == 200
        assert (peer.connections, len(peer.heard)) == (2, 2)


def wait_for_the_end(peer: Peer) -> None:
    (connection,) = web._free("http", peer.url.removeprefix("http://"))
    sock: Any = connection._connection.sock
    assert sock.recv(1, socket.MSG_PEEK) == b""


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"SSH-2.0\r\n\r\n",
    ],
    ids=["nothing", "half-a-head", "too-short", "half-a-chunk", "no-size", "unknown", "not-http"],
)
def test_whatever_breaks_after_sending_may_have_arrived(said: bytes) -> None:
    with peer_with(answering(said), answering(OK)) as peer:
        with pytest.raises(NoAnswer, match="HTTPException"):
            post(peer)

        assert len(peer.heard) == 1, "it is not repeated"
        assert post(peer).status == 200, "and the next call has a connection of its own"


def test_who_is_slow_may_have_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "READ_TIMEOUT_S", 0.2)
    with peer_with(answering(b"HTTP/1.1 200 OK\r\n", stays=True)) as peer:
        with pytest.raises(NoAnswer, match="TimeoutError"):
            post(peer)

        assert len(peer.heard) == 1


def test_a_reset_while_sending_may_have_arrived() -> None:
    def resets(_: Peer) -> Script:
        def script(connection: socket.socket) -> None:
            connection.recv(1)
            linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

        return script

    with peer_with(resets) as peer, pytest.raises(NoAnswer):
        post(peer, b"x" * 20_000_000)


def test_who_answers_before_all_is_said_is_heard() -> None:
    def refuses(_: Peer) -> Script:
        def script(connection: socket.socket) -> None:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 401 -\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1_000_000):
                continue

        return script

    with peer_with(refuses) as peer:
        assert post(peer, b"x" * 5_000_000).status == 401


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("http://127.0.0.1:1/", "ConnectionRefusedError"),
        ("http://nobody.invalid/", "gaierror"),
    ],
)
def test_without_a_connection_nothing_arrived(url: str, fault: str) -> None:
    with pytest.raises(NotConnected, match=fault):
        web.request("POST", url, headers={}, body=b"[]")


def test_who_speaks_no_tls_is_told_nothing() -> None:
    def blurts(peer: Peer) -> Script:
        def script(connection: socket.socket) -> None:
            peer.heard.append(connection.recv(65_536))
            connection.sendall(b"HTTP/1.1 400 -\r\nConnection: close\r\n\r\n")

        return script

    with peer_with(blurts) as peer:
        url = peer.url.replace("http", "https")
        with pytest.raises(NotConnected, match="SSL"):
            web.request("POST", url, headers={}, body=b"[secret]")

        assert not any(b"secret" in heard for heard in peer.heard)


def test_the_certificate_of_the_other_side_is_checked() -> None:
    connection: Any = web._connection(urlsplit("https://api.example.com/"))._connection

    assert connection._context.verify_mode is ssl.CERT_REQUIRED
    assert connection._context.check_hostname


@pytest.mark.parametrize("value", ["a\r\nEvil: 1", "a\nb"])
def test_a_value_cannot_add_lines(value: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        web.request("GET", "http://127.0.0.1:1/", headers={"X": value})


def test_body_of_an_answer_is_not_shown() -> None:
    with peer_with(
        answering(b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n010-0000-0001")
    ) as peer:
        assert "0000" not in repr(post(peer))


class Contested(list[Connection]):
    """Free connections, the last of which another thread takes in the same moment."""

    def __bool__(self) -> bool:
        return True

    def __len__(self) -> int:
        return 1


def test_who_finds_the_last_connection_taken_makes_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with peer_with(answering(OK)) as peer:
        monkeypatch.setattr(web, "_free", lambda *_: Contested())

        assert post(peer).status == 200
        monkeypatch.undo()


def test_threads_do_not_share_a_connection() -> None:
    both_are_heard = threading.Barrier(2, timeout=5)

    def meets(peer: Peer) -> Script:
        def script(connection: socket.socket) -> None:
            assert peer.hear(connection)
            both_are_heard.wait()
            connection.sendall(OK)
            connection.recv(1)

        return script

    with peer_with(meets, meets, at_once=True) as peer, ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: post(peer), range(2)))

        assert [each.status for each in answers] == [200, 200]
        assert peer.connections == 2
