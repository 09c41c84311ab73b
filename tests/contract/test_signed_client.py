"""The small client against botocore's own signer, and against a server on a real connection."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.session import get_session
from hypothesis import given, strategies as st

from functions.contracts.errors import Unavailable
from functions.runtime.settings import AwsCredentials, aws_endpoint, forget_settings
from functions.runtime.signed_client import (
    DYNAMODB,
    SECRETS,
    SQS,
    Refused,
    Service,
    ServiceClient,
    SignedClient,
    Signer,
    signed_client,
)

AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
KEY_ID, SECRET = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
CREDENTIALS = AwsCredentials(key_id=KEY_ID, secret=SECRET)


def signed(
    signer: Signer, headers: dict[str, str], body: bytes, *, at: datetime = AT
) -> dict[str, str]:
    """All headers of a request, signed."""
    head = signer.head(headers, at=at)
    return head.headers | {"authorization": head.headers["authorization"] + head.signature(body)}


def signed_by_botocore(
    headers: dict[str, str], body: bytes, *, service: str, region: str, token: str
) -> dict[str, str]:
    """Take the steps of botocore's signer, which reads the clock only before them."""
    request = AWSRequest(
        method="POST", url=f"https://{headers['host']}/", data=body, headers=headers
    )
    signer: Any = SigV4Auth(Credentials(KEY_ID, SECRET, token or None), service, region)
    request.context["timestamp"] = AT.strftime("%Y%m%dT%H%M%SZ")
    signer._modify_request_before_signing(request)
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(to_sign, request))
    return {name.lower(): str(value) for name, value in request.headers.items()}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"TableName":"batches"}', id="ascii"),
        pytest.param('{"MessageBody":"할인 😀"}'.encode(), id="non-ascii"),
        pytest.param(bytes(range(256)) * 1000, id="large-binary"),
    ],
)
@pytest.mark.parametrize("token", ["", "FwoGZXIvYXdzE+token/with=signs=="])
@pytest.mark.parametrize(
    ("service", "region", "host"),
    [
        ("dynamodb", "ap-northeast-2", "dynamodb.ap-northeast-2.amazonaws.com"),
        ("sqs", "us-east-1", "127.0.0.1:4566"),
        ("secretsmanager", "ap-northeast-2", "[::1]:4566"),
    ],
)
def test_signs_as_botocore_does(
    *, body: bytes, token: str, service: str, region: str, host: str
) -> None:
    headers = {"content-type": "application/x-amz-json-1.0", "host": host, "x-amz-target": "A.B"}
    credentials = AwsCredentials(key_id=KEY_ID, secret=SECRET, token=token)

    signer = Signer(service=service, region=region, credentials=credentials)
    ours = signed(signer, headers, body)

    assert ours == signed_by_botocore(headers, body, service=service, region=region, token=token)


@given(body=st.binary(max_size=300), secret=st.text(st.characters(codec="ascii"), min_size=1))
def test_signs_any_body_with_any_secret_as_botocore_does(body: bytes, secret: str) -> None:
    headers = {"content-type": "x", "host": "sqs.ap-northeast-2.amazonaws.com", "x-amz-target": "t"}
    signer = SigV4Auth(Credentials(KEY_ID, secret), "sqs", "ap-northeast-2")
    request = AWSRequest(method="POST", url=f"https://{headers['host']}/", data=body)
    for name, value in headers.items():
        request.headers[name] = value
    request.headers["X-Amz-Date"] = request.context["timestamp"] = AT.strftime("%Y%m%dT%H%M%SZ")
    theirs = signer.signature(
        signer.string_to_sign(request, signer.canonical_request(request)), request
    )

    credentials = AwsCredentials(key_id=KEY_ID, secret=secret)
    ours = signed(
        Signer(service="sqs", region="ap-northeast-2", credentials=credentials), headers, body
    )

    assert ours["authorization"].endswith(f"Signature={theirs}")


def test_derives_a_new_key_on_the_next_day() -> None:
    signer = Signer(service="sqs", region="us-east-1", credentials=CREDENTIALS)
    fresh = Signer(service="sqs", region="us-east-1", credentials=CREDENTIALS)
    headers = {"host": "sqs.us-east-1.amazonaws.com"}
    signed(signer, headers, b"")

    kept = signed(signer, headers, b"", at=AT + timedelta(days=1))

    assert kept == signed(fresh, headers, b"", at=AT + timedelta(days=1))
    assert "20261123/us-east-1/sqs" in kept["authorization"]


def test_the_secret_is_not_in_the_text_of_the_credentials() -> None:
    assert SECRET not in repr(CREDENTIALS)


@dataclass
class Peer:
    """A server that answers from a script and remembers what it was asked."""

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    connections: int = 0
    hang_up_after: set[int] = field(default_factory=set)
    gate: threading.Event = field(default_factory=threading.Event)
    clients: list[ServiceClient] = field(default_factory=list)


def handler_of(peer: Peer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            peer.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            peer.requests.append({"headers": headers, "body": body, "path": self.path})
            peer.gate.wait(10)
            status, content = peer.answers.pop(0) if peer.answers else (200, b"{}")
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            # As AWS ends an idle connection: without a word.
            self.close_connection = len(peer.requests) in peer.hang_up_after

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler


class QuietServer(ThreadingHTTPServer):
    """A server whose visitors may leave before the answer."""

    def handle_error(self, *_: object) -> None:
        """Say nothing of it."""


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    peer.gate.set()
    server = QuietServer(("127.0.0.1", 0), handler_of(peer))
    peer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield peer
    peer.gate.set()
    for client in peer.clients:
        client.close()
    server.shutdown()
    server.server_close()
    thread.join()


class FakeClock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now


def a_service_client(
    service: Service,
    peer: Peer,
    *,
    clock: FakeClock | None = None,
    timeout_s: float = 5,
    pauses_s: tuple[float, ...] = (0.0,),
) -> ServiceClient:
    signer = Signer(service=service.name, region="ap-northeast-2", credentials=CREDENTIALS)
    client = ServiceClient(
        service,
        endpoint=peer.url,
        signer=signer,
        timeout_s=timeout_s,
        pauses_s=pauses_s,
        clock=clock or FakeClock(),
    )
    peer.clients.append(client)
    return client


def a_client(peer: Peer) -> SignedClient:
    return SignedClient(
        dynamodb=a_service_client(DYNAMODB, peer),
        sqs=a_service_client(SQS, peer),
        secrets=a_service_client(SECRETS, peer),
    )


def test_reads_a_text_of_a_row(peer: Peer) -> None:
    peer.answers = [(200, '{"Item":{"meta":{"S":"할인"}}}'.encode())]

    text = a_client(peer).row_text("batches", {"batch": 7, "kind": "META"}, "meta", consistent=True)

    assert text == "할인"
    assert peer.requests[0]["path"] == "/"
    assert peer.requests[0]["headers"]["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert peer.requests[0]["headers"]["content-type"] == "application/x-amz-json-1.0"
    assert json.loads(peer.requests[0]["body"]) == {
        "TableName": "batches",
        "Key": {"batch": {"N": "7"}, "kind": {"S": "META"}},
        "ProjectionExpression": "#wanted",
        "ExpressionAttributeNames": {"#wanted": "meta"},
        "ConsistentRead": True,
    }


@pytest.mark.parametrize("answer", [b"{}", b'{"Item":{}}', b'{"Item":{"meta":{"N":"1"}}}'])
def test_a_row_or_text_that_is_not_there_is_none(peer: Peer, answer: bytes) -> None:
    peer.answers = [(200, answer)]

    assert a_client(peer).row_text("batches", {"batch": 7}, "meta", consistent=False) is None


def test_sends_a_message(peer: Peer) -> None:
    a_client(peer).send_message("https://sqs.example.com/1/clicks", '{"kind":"할인"}')

    assert peer.requests[0]["headers"]["x-amz-target"] == "AmazonSQS.SendMessage"
    assert json.loads(peer.requests[0]["body"]) == {
        "QueueUrl": "https://sqs.example.com/1/clicks",
        "MessageBody": '{"kind":"할인"}',
    }


def test_reads_a_secret(peer: Peer) -> None:
    peer.answers = [(200, b'{"SecretString":"s3cret"}')]

    assert a_client(peer).secret("arn:aws:secretsmanager:x") == "s3cret"
    assert peer.requests[0]["headers"]["x-amz-target"] == "secretsmanager.GetSecretValue"
    assert peer.requests[0]["headers"]["content-type"] == "application/x-amz-json-1.1"


def test_the_peer_receives_what_botocore_would_have_signed(peer: Peer) -> None:
    a_client(peer).send_message("https://sqs.example.com/1/clicks", "할인")

    got = peer.requests[0]
    signed = got["headers"]["authorization"].partition("SignedHeaders=")[2].partition(",")[0]
    assert signed == "content-type;host;x-amz-date;x-amz-target"
    headers = {name: got["headers"][name] for name in ("content-type", "host", "x-amz-target")}
    theirs = signed_by_botocore(
        headers, got["body"], service="sqs", region="ap-northeast-2", token=""
    )
    assert got["headers"]["authorization"] == theirs["authorization"]


def test_keeps_its_connection(peer: Peer) -> None:
    client = a_service_client(SQS, peer)

    for _ in range(5):
        client.call("SendMessage", {})

    assert peer.connections == 1
    assert len(peer.requests) == 5


def test_connects_anew_when_the_kept_connection_is_dead(peer: Peer) -> None:
    client = a_service_client(SQS, peer)
    peer.hang_up_after = {1, 2}
    client.call("SendMessage", {"MessageBody": "1"})
    wait_until_closed(client)

    client.call("SendMessage", {"MessageBody": "2"})

    assert peer.connections == 2
    assert [json.loads(got["body"])["MessageBody"] for got in peer.requests] == ["1", "2"]


def wait_until_closed(client: ServiceClient) -> None:
    """Wait for the other side's end of the stream, and leave it there for the client."""
    sock: Any = client._connection._connection.sock
    assert sock.recv(1, socket.MSG_PEEK) == b""


def test_connects_anew_after_a_long_rest(peer: Peer) -> None:
    clock = FakeClock()
    client = a_service_client(SQS, peer, clock=clock)
    client.call("SendMessage", {})
    clock.now += timedelta(seconds=21)

    client.call("SendMessage", {})

    assert peer.connections == 2


def test_tries_a_fault_of_the_server_once_more(peer: Peer) -> None:
    peer.answers = [(500, b'{"__type":"InternalServerError"}'), (200, b'{"ok":1}')]

    assert a_service_client(DYNAMODB, peer).call("GetItem", {}) == {"ok": 1}


def test_an_answer_is_read_as_asked(peer: Peer) -> None:
    peer.answers = [(200, b'{"n":"7"}'), (200, b'{"n":"seven"}'), (400, b'{"__type":"x#Wrong"}')]
    client = a_service_client(DYNAMODB, peer)

    def read(answer: bytes) -> int:
        return int(json.loads(answer)["n"])

    assert client.ask("GetItem", {}, read) == 7
    with pytest.raises(Unavailable, match="not what it should be"):
        client.ask("GetItem", {}, read)
    with pytest.raises(Refused, match="Wrong"):
        client.ask("GetItem", {}, read)


def test_gives_up_after_a_second_fault(peer: Peer) -> None:
    peer.answers = [(503, b""), (503, b"<html>"), (200, b"{}")]

    with pytest.raises(Unavailable, match="dynamodb GetItem answered 503"):
        a_service_client(DYNAMODB, peer).call("GetItem", {})

    assert len(peer.requests) == 2


def test_does_not_repeat_what_is_refused_and_keeps_the_words_of_the_refusal_back(
    peer: Peer,
) -> None:
    refusal = b'{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"010-0123-4567"}'
    peer.answers = [(400, refusal)]

    with pytest.raises(Unavailable) as caught:
        a_service_client(SQS, peer).call("SendMessage", {})

    assert str(caught.value) == "sqs SendMessage answered 400 QueueDoesNotExist"
    assert len(peer.requests) == 1


def test_tells_what_it_was_refused_with(peer: Peer) -> None:
    refusal = b'{"__type":"x#ConditionalCheckFailedException","Item":{"v":{"N":"3"}}}'
    peer.answers = [(400, refusal)]

    with pytest.raises(Refused) as caught:
        a_service_client(DYNAMODB, peer).call("UpdateItem", {})

    assert caught.value.fault == "ConditionalCheckFailedException"
    assert caught.value.answer["Item"] == {"v": {"N": "3"}}


@pytest.mark.parametrize("fault", ["ThrottlingException", "ProvisionedThroughputExceededException"])
def test_tries_again_what_came_too_fast(peer: Peer, fault: str) -> None:
    busy = (400, f'{{"__type":"com.amazonaws.dynamodb.v20120810#{fault}"}}'.encode())
    peer.answers = [busy, busy, (200, b'{"ok":1}')]
    client = a_service_client(DYNAMODB, peer, pauses_s=(0.0, 0.0, 0.0))

    assert client.call("UpdateItem", {}) == {"ok": 1}

    peer.answers = [busy] * 4
    with pytest.raises(Refused, match=fault):
        client.call("UpdateItem", {})


def raw_peer(*pieces: bytes) -> Iterator[str]:
    """A server that answers one request with these pieces, each sent alone, and hangs up."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65_536)
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(0.01)

    thread = threading.Thread(target=answer)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}"
    thread.join()
    server.close()


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 8\r\n\r\n", b'{"ok', b'":1}'),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 8\r", b'\n\r\n{"ok":1}'),
        (b'HTTP/1.0 200 OK\r\nServer: x\r\nContent-Length:8\r\nConnection: close\r\n\r\n{"ok":1}',),
        (b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"ok":1}\r\n0\r\n\r\n',),
    ],
    ids=["cut-content", "cut-head", "closing", "chunked"],
)
def test_reads_an_answer_however_it_is_cut(pieces: tuple[bytes, ...]) -> None:
    peers = raw_peer(*pieces)
    client = a_service_client(DYNAMODB, Peer(url=next(peers)))

    assert client.call("GetItem", {}) == {"ok": 1}

    client.close()
    next(peers, None)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        b"HTTP/1.1 OK\r\ncontent-length: two\r\n\r\n{}",
        b"SSH-2.0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}",
        b"",
    ],
    ids=["half-of-the-chunks", "two-lengths", "no-number", "not-http", "too-short", "nothing"],
)
def test_an_answer_that_cannot_be_read_is_none(answer: bytes) -> None:
    peers = raw_peer(answer)
    client = a_service_client(DYNAMODB, Peer(url=next(peers)))

    with pytest.raises(Unavailable, match="dynamodb GetItem: HTTPException"):
        client.call("GetItem", {})

    client.close()
    next(peers, None)


@pytest.mark.parametrize("content", [b"", b"[]", b"not json", b'{"SecretString":1}', b"{}"])
def test_an_answer_that_is_no_secret_is_no_secret(peer: Peer, content: bytes) -> None:
    peer.answers = [(200, content)]

    with pytest.raises(Unavailable):
        a_client(peer).secret("arn")


def test_does_not_wait_longer_than_allowed_and_does_not_ask_again(peer: Peer) -> None:
    client = a_service_client(SQS, peer, timeout_s=0.5)
    client.call("SendMessage", {})
    peer.gate.clear()

    with pytest.raises(Unavailable, match="TimeoutError"):
        client.call("SendMessage", {})

    assert len(peer.requests) == 2


def test_works_again_after_a_wait_that_was_too_long(peer: Peer) -> None:
    client = a_service_client(SQS, peer, timeout_s=0.5)
    peer.gate.clear()
    with pytest.raises(Unavailable):
        client.call("SendMessage", {})
    peer.gate.set()

    assert client.call("SendMessage", {}) == {}


def test_nobody_listening_is_unavailable() -> None:
    client = a_service_client(SQS, Peer(url="http://127.0.0.1:1"))

    with pytest.raises(Unavailable, match="sqs SendMessage: ConnectionRefusedError"):
        client.call("SendMessage", {})


def test_checks_the_certificate_of_the_other_side() -> None:
    client = a_service_client(SQS, Peer(url="https://sqs.ap-northeast-2.amazonaws.com"))
    connection: Any = client._connection._connection

    assert connection._context.verify_mode is ssl.CERT_REQUIRED
    assert connection._context.check_hostname
    assert client._host == "sqs.ap-northeast-2.amazonaws.com"


def test_takes_credentials_and_addresses_from_the_environment_of_a_lambda(
    monkeypatch: pytest.MonkeyPatch, peer: Peer
) -> None:
    environment = {
        "AWS_REGION": "ap-northeast-2",
        "AWS_ACCESS_KEY_ID": "ASIAOFROLE",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_SESSION_TOKEN": "session",
        "AWS_ENDPOINT_URL": peer.url + "/",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    forget_settings()

    client = signed_client()
    client.send_message("https://sqs.example.com/1/clicks", "x")

    peer.clients.append(client._sqs)
    headers = peer.requests[0]["headers"]
    assert headers["x-amz-security-token"] == "session"
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=ASIAOFROLE/")
    assert "/ap-northeast-2/sqs/aws4_request" in headers["authorization"]
    forget_settings()


def test_calls_the_services_of_its_region_when_no_other_address_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setenv("AWS_REGION", "ap-northeast-2")

    addresses = [aws_endpoint(service.name) for service in (DYNAMODB, SQS, SECRETS)]

    assert addresses == [
        "https://dynamodb.ap-northeast-2.amazonaws.com",
        "https://sqs.ap-northeast-2.amazonaws.com",
        "https://secretsmanager.ap-northeast-2.amazonaws.com",
    ]


@pytest.mark.parametrize("service", [DYNAMODB, SQS, SECRETS])
def test_speaks_the_protocol_that_botocores_description_names(service: Service) -> None:
    model = get_session().get_service_model(service.name)

    assert model.metadata["targetPrefix"] == service.target
    assert model.metadata["jsonVersion"] == service.json_version
