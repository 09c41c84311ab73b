"""A small client for three calls of AWS, for the one Lambda that a person waits for.

botocore takes 110 ms to import and 400 µs of CPU a call; a tapped link needs neither. This
speaks the JSON protocols of DynamoDB, SQS and Secrets Manager over a kept connection, signed
with Signature Version 4 ("Create a signed AWS API request", IAM User Guide). The tests hold it
to botocore's own signer. Not for use by several threads at once.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import SSLContext, create_default_context
from urllib.parse import SplitResult, urlsplit

from functions.contracts.errors import Unavailable
from functions.runtime.clock import wall_now
from functions.runtime.settings import AwsCredentials, aws_credentials, aws_endpoint, aws_region

TIMEOUT_S = 2.0
"""For connecting, and for each wait for bytes. The redirect has five seconds in all."""
_IDLE_LIMIT = timedelta(seconds=20)
"""A connection that rested longer may be dead without a sign, above all in a frozen Lambda."""

_ALGORITHM = "AWS4-HMAC-SHA256"
_OK = 200
_FIRST_SERVER_FAULT = 500
_DEFAULT_PORTS = {"http": 80, "https": 443}

Json = Mapping[str, object]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How a service is addressed."""

    name: str
    target: str
    json_version: str


DYNAMODB = Service(name="dynamodb", target="DynamoDB_20120810", json_version="1.0")
SQS = Service(name="sqs", target="AmazonSQS", json_version="1.0")
SECRETS = Service(name="secretsmanager", target="secretsmanager", json_version="1.1")


class Signer:
    """Signs requests to one service; keeps the signing key of the day."""

    __slots__ = ("_credentials", "_day", "_key", "_scope")

    def __init__(self, *, service: str, region: str, credentials: AwsCredentials) -> None:
        self._credentials = credentials
        self._scope = f"{region}/{service}/aws4_request"
        self._day = ""
        self._key = b""

    def sign(self, headers: Mapping[str, str], body: bytes, *, at: datetime) -> dict[str, str]:
        """Sign a POST to ``/``; returns all headers to send.

        ``headers`` must hold the host; names are in lower case, values without outer blanks.
        """
        moment = at.strftime("%Y%m%dT%H%M%SZ")
        full = {**headers, "x-amz-date": moment}
        if self._credentials.token:
            full["x-amz-security-token"] = self._credentials.token
        names = sorted(full)
        signed = ";".join(names)
        lines = "".join(f"{name}:{full[name]}\n" for name in names)
        request = f"POST\n/\n\n{lines}\n{signed}\n{sha256(body).hexdigest()}"
        scope = f"{moment[:8]}/{self._scope}"
        digest = sha256(request.encode()).hexdigest()
        to_sign = f"{_ALGORITHM}\n{moment}\n{scope}\n{digest}"
        signature = hmac.digest(self._key_of(moment[:8]), to_sign.encode(), sha256).hex()
        full["authorization"] = (
            f"{_ALGORITHM} Credential={self._credentials.key_id}/{scope}, "
            f"SignedHeaders={signed}, Signature={signature}"
        )
        return full

    def _key_of(self, day: str) -> bytes:
        if day != self._day:
            key = b"AWS4" + self._credentials.secret.encode()
            for part in (day, *self._scope.split("/")):
                key = hmac.digest(key, part.encode(), sha256)
            self._day, self._key = day, key
        return self._key


class _Line:
    """One kept connection."""

    def __init__(self, url: SplitResult, *, timeout_s: float, clock: Clock) -> None:
        self._connection = _connection(url, timeout_s=timeout_s)
        self._clock = clock
        self._last_use: datetime | None = None

    def post(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        """Send and read the answer; a dead connection that was kept is replaced once.

        All three calls may be repeated: two only read, and SQS delivers at least once anyway,
        so that whoever reads its queues bears a message twice.
        """
        kept = self._kept()
        try:
            return self._exchange(headers, body)
        except TimeoutError:
            self._connection.close()
            raise
        except (OSError, HTTPException):
            self._connection.close()
            if not kept:
                raise
        return self._exchange(headers, body)

    def close(self) -> None:
        """End the connection; the next call opens one."""
        self._connection.close()

    def _kept(self) -> bool:
        if self._last_use is None or self._connection.sock is None:
            return False
        if self._clock() - self._last_use > _IDLE_LIMIT:
            self._connection.close()
            return False
        return True

    def _exchange(self, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        self._connection.request("POST", "/", body=body, headers=headers)
        answer = self._connection.getresponse()
        content = answer.read()
        self._last_use = self._clock()
        return answer.status, content


def _connection(url: SplitResult, *, timeout_s: float) -> HTTPConnection:
    host = url.hostname or ""
    if url.scheme == "https":
        return HTTPSConnection(host, url.port, timeout=timeout_s, context=_tls())
    return HTTPConnection(host, url.port, timeout=timeout_s)


@cache
def _tls() -> SSLContext:
    """One context for all services: making one reads every root certificate."""
    return create_default_context()


class ServiceClient:
    """Calls one service."""

    def __init__(
        self,
        service: Service,
        *,
        endpoint: str,
        signer: Signer,
        timeout_s: float = TIMEOUT_S,
        clock: Clock = wall_now,
    ) -> None:
        url = urlsplit(endpoint)
        self._service = service
        self._host = _host(url)
        self._signer = signer
        self._clock = clock
        self._line = _Line(url, timeout_s=timeout_s, clock=clock)

    def call(self, operation: str, arguments: Json) -> dict[str, object]:
        """Call an operation. A server's fault is tried again once.

        Raises Unavailable when there is no answer, or one that is not a success.
        """
        body = json.dumps(arguments, ensure_ascii=False).encode()
        status, content = self._post(operation, body)
        if status >= _FIRST_SERVER_FAULT:
            status, content = self._post(operation, body)
        if status != _OK:
            msg = f"{self._service.name} {operation} answered {status} {_code(content)}"
            raise Unavailable(msg)
        return _object(content)

    def close(self) -> None:
        """End the kept connection; the next call opens one."""
        self._line.close()

    def _post(self, operation: str, body: bytes) -> tuple[int, bytes]:
        headers = {
            "content-type": f"application/x-amz-json-{self._service.json_version}",
            "host": self._host,
            "x-amz-target": f"{self._service.target}.{operation}",
        }
        signed = self._signer.sign(headers, body, at=self._clock())
        try:
            return self._line.post(signed, body)
        except (OSError, HTTPException) as error:
            msg = f"{self._service.name} {operation}: {type(error).__name__}"
            raise Unavailable(msg) from error


def _host(url: SplitResult) -> str:
    # The signature covers the host as it is sent: without the port that the scheme implies.
    name = url.hostname or ""
    name = f"[{name}]" if ":" in name else name
    port = url.port
    return name if port in (None, _DEFAULT_PORTS.get(url.scheme)) else f"{name}:{port}"


def _object(content: bytes) -> dict[str, object]:
    try:
        answer = json.loads(content or b"{}")
    except ValueError as error:
        msg = "the answer is not JSON"
        raise Unavailable(msg) from error
    if not isinstance(answer, dict):
        msg = "the answer is not an object"
        raise Unavailable(msg)
    return answer


def _code(content: bytes) -> str:
    # Only the name of the fault: its text may quote what was sent.
    try:
        kind = _object(content).get("__type")
    except Unavailable:
        return ""
    return kind.rpartition("#")[2][:80] if isinstance(kind, str) else ""


class SignedClient:
    """The calls that a tapped link needs."""

    def __init__(
        self, *, dynamodb: ServiceClient, sqs: ServiceClient, secrets: ServiceClient
    ) -> None:
        self._dynamodb = dynamodb
        self._sqs = sqs
        self._secrets = secrets

    def row_text(
        self, table: str, key: Mapping[str, str | int], attribute: str, *, consistent: bool
    ) -> str | None:
        """Read one text attribute of a row; None when there is no such row or attribute."""
        answer = self._dynamodb.call(
            "GetItem",
            {
                "TableName": table,
                "Key": {name: _attribute(value) for name, value in key.items()},
                "ProjectionExpression": "#wanted",
                "ExpressionAttributeNames": {"#wanted": attribute},
                "ConsistentRead": consistent,
            },
        )
        item = answer.get("Item")
        value = item.get(attribute) if isinstance(item, dict) else None
        text = value.get("S") if isinstance(value, dict) else None
        return text if isinstance(text, str) else None

    def send_message(self, queue_url: str, body: str) -> None:
        """Put a message into a queue; on a dropped connection it may get in twice."""
        self._sqs.call("SendMessage", {"QueueUrl": queue_url, "MessageBody": body})

    def secret(self, arn: str) -> str:
        """Read the text of a secret."""
        text = self._secrets.call("GetSecretValue", {"SecretId": arn}).get("SecretString")
        if not isinstance(text, str):
            msg = "the secret is not a text"
            raise Unavailable(msg)
        return text


def _attribute(value: str | int) -> dict[str, str]:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def signed_client() -> SignedClient:
    """Make the client from the settings."""
    return SignedClient(dynamodb=_client(DYNAMODB), sqs=_client(SQS), secrets=_client(SECRETS))


def _client(service: Service) -> ServiceClient:
    signer = Signer(service=service.name, region=aws_region(), credentials=aws_credentials())
    return ServiceClient(service, endpoint=aws_endpoint(service.name), signer=signer)
