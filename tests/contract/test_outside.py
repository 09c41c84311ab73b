"""Calls to places that others name: what they can make us do, and what they cannot."""

import socket
import ssl
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest

from functions.domain.public_address import is_public
from functions.runtime import outside
from functions.runtime.outside import NotAllowed, Outside
from functions.runtime.web import NoAnswer, NotConnected
from tests.contract.receiver import Receiver, a_receiver, dripping, hanging_up, saying

METADATA = "169.254.169.254"


def anywhere(_: str) -> bool:
    return True


def here(host: str, port: int) -> Sequence[str]:
    return ("127.0.0.1",)


def post(
    receiver: Receiver, *, whole_s: float = 5.0, body: bytes = b"{}"
) -> tuple[int, int | None]:
    place = Outside(receiver.url(), allowed=anywhere, whole_s=whole_s)
    try:
        answer = place.post(body, {"webhook-id": "1"})
    finally:
        place.close()
    return answer.status, answer.retry_after_s


def test_what_is_sent_arrives_whole() -> None:
    body = b"x" * 300_000
    with a_receiver(saying(204)) as receiver:
        assert post(receiver, body=body) == (204, None)

        (heard,) = receiver.heard
        assert (heard.path, heard.body) == ("/hooks?a=1", body)
        assert heard.headers["host"] == f"127.0.0.1:{receiver.port}"
        assert heard.headers["content-type"] == "application/json"
        assert heard.headers["webhook-id"] == "1"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("30", 30), ("0", 0), ("-1", None), ("Wed, 21 Oct", None), ("9" * 5_000, None)],
)
def test_seconds_to_wait_are_read(header: str, seconds: int | None) -> None:
    with a_receiver(saying(503, f"Retry-After: {header}")) as receiver:
        assert post(receiver) == (503, seconds)


def test_a_connection_is_kept_from_call_to_call() -> None:
    with a_receiver(saying(200, body=b"ok")) as receiver:
        place = Outside(receiver.url(), allowed=anywhere)
        for _ in range(3):
            assert place.post(b"{}", {}).status == 200
        place.close()

        assert (receiver.connections, len(receiver.heard)) == (1, 3)


def test_one_that_the_other_side_ended_is_made_anew() -> None:
    ended = threading.Event()

    def closing(connection) -> None:
        saying(200)(connection)
        connection.shutdown(socket.SHUT_RDWR)
        ended.set()

    with a_receiver(closing, saying(200)) as receiver:
        place = Outside(receiver.url(), allowed=anywhere)
        place.post(b"{}", {})
        assert ended.wait(5)

        assert place.post(b"{}", {}).status == 200
        assert receiver.connections == 2
        place.close()


def test_a_redirect_is_not_followed() -> None:
    away = f"Location: http://{METADATA}/latest/meta-data"
    with a_receiver(saying(307, away)) as receiver:
        assert post(receiver) == (307, None)
        assert len(receiver.heard) == 1


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", METADATA, "10.0.0.7", "::1", "::ffff:169.254.169.254", "fe80::1%eth0", "0.0.0.0"],
)
def test_a_name_that_leads_inside_is_not_called(address: str) -> None:
    with a_receiver(saying(200)) as receiver:
        place = Outside(
            receiver.url("shop.example"), allowed=is_public, resolve=lambda *_: (address,)
        )
        with pytest.raises(NotAllowed):
            place.post(b"{}", {})

        assert receiver.connections == 0


def test_a_name_that_leads_inside_among_others_is_not_called() -> None:
    place = Outside(
        "http://shop.example/", allowed=is_public, resolve=lambda *_: ("1.1.1.1", METADATA)
    )

    with pytest.raises(NotAllowed):
        place.post(b"{}", {})


def test_a_name_is_looked_up_once_and_that_address_is_called() -> None:
    """A second look would find another place: that is DNS rebinding."""
    looks: list[str] = []

    def rebinding(host: str, _: int) -> Sequence[str]:
        looks.append(host)
        return ("127.0.0.1",) if len(looks) == 1 else (METADATA,)

    with a_receiver(saying(200)) as receiver:
        place = Outside(receiver.url("shop.example"), allowed=anywhere, resolve=rebinding)

        assert place.post(b"{}", {}).status == 200
        assert place.post(b"{}", {}).status == 200
        place.close()

        assert looks == ["shop.example"]
        assert receiver.heard[0].headers["host"] == f"shop.example:{receiver.port}"


def test_a_lookup_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "CONNECT_S", 0.2)
    free = threading.Event()

    def hangs(*_: object) -> Sequence[str]:
        free.wait(5)
        return ()

    began = monotonic()
    with pytest.raises(NotConnected):
        Outside("http://shop.example/", allowed=anywhere, resolve=hangs).post(b"{}", {})
    free.set()

    assert monotonic() - began < 2


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"SSH-2.0\r\n\r\n", b"HTTP/1.1 2x0 OK\r\n\r\n"],
    ids=["nothing", "half-a-head", "not-http", "no-status"],
)
def test_whatever_breaks_is_no_answer(said: bytes) -> None:
    with a_receiver(hanging_up(said)) as receiver, pytest.raises(NoAnswer):
        post(receiver)


@pytest.mark.parametrize(
    ("piece", "first"),
    [(b"X: 1\r\n", b"HTTP/1.1 200 OK\r\n"), (b"HTTP/1.1 103 Early\r\n\r\n", b"")],
    ids=["a-head-without-end", "hints-without-end"],
)
def test_who_drips_is_not_heard_to_the_end(piece: bytes, first: bytes) -> None:
    def answer(connection) -> None:
        connection.sendall(first)
        dripping(piece, every_s=0.05, times=100)(connection)

    began = monotonic()
    with a_receiver(answer) as receiver, pytest.raises(NoAnswer, match="Timeout"):
        post(receiver, whole_s=0.4)

    assert monotonic() - began < 2


def test_a_body_that_drips_changes_nothing_of_the_status() -> None:
    def answer(connection) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        dripping(b"x", every_s=0.05, times=100)(connection)

    began = monotonic()
    with a_receiver(answer) as receiver:
        assert post(receiver, whole_s=0.4) == (200, None)

    assert monotonic() - began < 2


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 5000000000\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n",
        b"\r\n",
        b"Content-Length: 99999999999999999999999999\r\n\r\n",
        b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n",
    ],
    ids=["long", "chunked", "until-the-end", "absurd", "no-number"],
)
def test_of_a_huge_answer_only_the_head_is_read(head: bytes) -> None:
    def floods(connection) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + head)
        for _ in range(10_000):
            connection.sendall(b"x" * 100_000)

    began = monotonic()
    with a_receiver(floods) as receiver:
        assert post(receiver) == (200, None)

    assert monotonic() - began < 2


def test_a_huge_head_is_refused() -> None:
    def floods(connection) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(1_000):
            connection.sendall(b"X: " + b"x" * 10_000 + b"\r\n")

    with a_receiver(floods) as receiver, pytest.raises(NoAnswer, match="HTTPException"):
        post(receiver)


def test_without_a_connection_nothing_arrived() -> None:
    place = Outside("http://shop.example:1/", allowed=anywhere, resolve=here)

    with pytest.raises(NotConnected):
        place.post(b"{}", {})


@pytest.mark.parametrize("value", ["a\r\nEvil: 1", "a\nb"])
def test_a_value_cannot_add_lines(value: str) -> None:
    with a_receiver(saying(200)) as receiver:
        place = Outside(receiver.url(), allowed=anywhere)
        with pytest.raises(ValueError, match="one line"):
            place.post(b"{}", {"X": value})
        place.close()

        assert receiver.heard == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.example")])
    now = datetime.now(tz=UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("shop.example")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(pem))
    return path


def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_the_certificate_must_be_of_the_name_in_the_url(certificate: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    with a_receiver(saying(200), tls=server_tls(certificate)) as receiver:
        for host, good in (("shop.example", True), ("other.example", False)):
            place = Outside(
                receiver.url(host, "https"), allowed=anywhere, resolve=here, tls=lambda: trusting
            )
            if good:
                assert place.post(b"{}", {}).status == 200
            else:
                with pytest.raises(NotConnected, match="CertVerification"):
                    place.post(b"{}", {})
            place.close()

        assert len(receiver.heard) == 1


def test_a_certificate_of_nobody_known_is_refused(certificate: Path) -> None:
    with a_receiver(saying(200), tls=server_tls(certificate)) as receiver:
        place = Outside(receiver.url("shop.example", "https"), allowed=anywhere, resolve=here)
        with pytest.raises(NotConnected, match="CertVerification"):
            place.post(b"secret", {})

        assert receiver.heard == []


def test_who_never_answers_the_handshake_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://shop.example:{server.getsockname()[1]}/"
        place = Outside(url, allowed=anywhere, resolve=here, whole_s=0.3)
        began = monotonic()
        with pytest.raises(NotConnected, match="Timeout"):
            place.post(b"{}", {})

        assert monotonic() - began < 2
