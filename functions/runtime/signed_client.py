"""A small client for the few calls of AWS that must cost little: a tapped link's, a batch's.

botocore takes 110 ms to import and 400 µs of CPU a call; a tapped link needs neither, and a batch
makes a dozen calls. This speaks the JSON protocols of DynamoDB, SQS and Secrets Manager over a
kept connection, signed with Signature Version 4 ("Create a signed AWS API request", IAM User
Guide). The tests hold it to botocore's own signer. Not for use by several threads at once.
"""

import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from http.client import HTTPException
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from functions.contracts.errors import Unavailable
from functions.runtime.clock import wall_now
from functions.runtime.connection import Answer, Clock, Connection, host_of
from functions.runtime.settings import AwsCredentials, aws_credentials, aws_endpoint, aws_region

TIMEOUT_S = 2.0
"""For connecting, and for each wait for bytes. The redirect has five seconds in all."""

_ALGORITHM = "AWS4-HMAC-SHA256"
_DATE = "x-amz-date"
_OK = 200
_FIRST_SERVER_FAULT = 500
_AT_ONCE = (0.0,)
_TOO_FAST = frozenset(
    {"ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"}
)
"""What DynamoDB calls a request that it would have taken a moment later."""

Json = Mapping[str, object]
T = TypeVar("T")
_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """Who writes and reads JSON. ``read`` raises ValueError for what is none."""

    write: Callable[[Json], bytes]
    read: Callable[[bytes], Any]


STANDARD = Codec(write=lambda document: _encode(document).encode(), read=json.loads)
"""Takes longer, and nothing to import."""


class Refused(Unavailable):
    """The service answered, and not with a success: ``fault`` is its name, ``answer`` all of it."""

    def __init__(self, message: str, *, fault: str, answer: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.fault = fault
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """How a service is addressed."""

    name: str
    target: str
    json_version: str


DYNAMODB = Service(name="dynamodb", target="DynamoDB_20120810", json_version="1.0")
SQS = Service(name="sqs", target="AmazonSQS", json_version="1.0")
SECRETS = Service(name="secretsmanager", target="secretsmanager", json_version="1.1")


class Head:
    """What the requests of one second have in common: all but the signature over the body."""

    __slots__ = ("_canonical", "_key", "_to_sign", "headers")

    def __init__(self, headers: Mapping[str, str], *, scope: str, key: bytes) -> None:
        """Prepare; ``headers`` are all that are signed, by names in lower case."""
        self.headers = dict(headers)
        names = sorted(headers)
        signed = ";".join(names)
        lines = "".join(f"{name}:{headers[name]}\n" for name in names)
        self._canonical = sha256(f"POST\n/\n\n{lines}\n{signed}\n".encode())
        self._to_sign = f"{_ALGORITHM}\n{headers[_DATE]}\n{scope}\n".encode()
        self._key = key

    def signature(self, body: bytes) -> str:
        """Sign a request with this body."""
        request = self._canonical.copy()
        request.update(sha256(body).hexdigest().encode())
        to_sign = self._to_sign + request.hexdigest().encode()
        return hmac.digest(self._key, to_sign, sha256).hex()


class Signer:
    """Signs requests to one service; keeps the signing key of the day."""

    __slots__ = ("_credentials", "_day", "_key", "_scope")

    def __init__(self, *, service: str, region: str, credentials: AwsCredentials) -> None:
        self._credentials = credentials
        self._scope = f"{region}/{service}/aws4_request"
        self._day = ""
        self._key = b""

    def head(self, headers: Mapping[str, str], *, at: datetime) -> Head:
        """Prepare POSTs to ``/`` in this second, which only lack a signature.

        ``headers`` must hold the host; names are in lower case, values without outer blanks. The
        last header of the result is the authorization up to its signature.
        """
        moment = at.strftime("%Y%m%dT%H%M%SZ")
        full = {**headers, _DATE: moment}
        if self._credentials.token:
            full["x-amz-security-token"] = self._credentials.token
        scope = f"{moment[:8]}/{self._scope}"
        head = Head(full, scope=scope, key=self._key_of(moment[:8]))
        head.headers["authorization"] = (
            f"{_ALGORITHM} Credential={self._credentials.key_id}/{scope}, "
            f"SignedHeaders={';'.join(sorted(full))}, Signature="
        )
        return head

    def _key_of(self, day: str) -> bytes:
        if day != self._day:
            key = b"AWS4" + self._credentials.secret.encode()
            for part in (day, *self._scope.split("/")):
                key = hmac.digest(key, part.encode(), sha256)
            self._day, self._key = day, key
        return self._key


class _Opening(NamedTuple):
    """How requests of one operation begin in one second (epoch), up to the signature."""

    second: int
    text: bytes
    head: Head


class ServiceClient:
    """Calls one service.

    ``pauses_s`` are how long to wait before each further try after a fault that may pass.
    """

    def __init__(  # noqa: PLR0913  # all that a call depends on
        self,
        service: Service,
        *,
        endpoint: str,
        signer: Signer,
        timeout_s: float = TIMEOUT_S,
        pauses_s: Sequence[float] = _AT_ONCE,
        codec: Codec = STANDARD,
        clock: Clock = wall_now,
    ) -> None:
        url = urlsplit(endpoint)
        self._service = service
        self._host = host_of(url)
        self._signer = signer
        self._clock = clock
        self._pauses_s = pauses_s
        self._codec = codec
        self._openings: dict[str, _Opening] = {}
        self._connection = Connection(url, connect_s=timeout_s, read_s=timeout_s, clock=clock)

    def call(self, operation: str, arguments: Json) -> dict[str, Any]:
        """Call an operation. A server's fault, or its being too busy, is tried again.

        Raises Refused for an answer that is not a success, Unavailable when there is none.
        """
        return self._object(self._answer(operation, arguments))

    def ask(self, operation: str, arguments: Json, read: Callable[[bytes], T]) -> T:
        """As ``call``, with the answer as ``read`` reads it (ValueError: it is none)."""
        answer = self._answer(operation, arguments)
        try:
            return read(answer.body)
        except ValueError as error:
            msg = "the answer is not what it should be"
            raise Unavailable(msg) from error

    def _answer(self, operation: str, arguments: Json) -> Answer:
        body = self._codec.write(arguments)
        for pause_s in self._pauses_s:
            answer = self._post(operation, body)
            if answer.status == _OK:
                return answer
            if answer.status < _FIRST_SERVER_FAULT and self._fault(answer) not in _TOO_FAST:
                raise self._refused(operation, answer)
            time.sleep(pause_s)
        answer = self._post(operation, body)
        if answer.status != _OK:
            raise self._refused(operation, answer)
        return answer

    def _refused(self, operation: str, answer: Answer) -> Refused:
        fault = self._fault(answer)
        msg = f"{self._service.name} {operation} answered {answer.status} {fault}"
        return Refused(msg, fault=fault, answer=self._object_or_none(answer))

    def close(self) -> None:
        """End the kept connection; the next call opens one."""
        self._connection.close()

    def _post(self, operation: str, body: bytes) -> Answer:
        opening = self._opening(operation)
        head = b"%b%b\r\ncontent-length: %d\r\n\r\n" % (
            opening.text,
            opening.head.signature(body).encode(),
            len(body),
        )
        try:
            return self._exchange(head + body)
        except (OSError, HTTPException) as error:
            msg = f"{self._service.name} {operation}: {type(error).__name__}"
            raise Unavailable(msg) from error

    def _opening(self, operation: str) -> _Opening:
        at = self._clock()
        known = self._openings.get(operation)
        if known is not None and known.second == int(at.timestamp()):
            return known
        headers = {
            "content-type": f"application/x-amz-json-{self._service.json_version}",
            "host": self._host,
            "x-amz-target": f"{self._service.target}.{operation}",
        }
        head = self._signer.head(headers, at=at)
        lines = "\r\n".join([f"{name}: {value}" for name, value in head.headers.items()])
        text = f"POST / HTTP/1.1\r\n{lines}".encode("latin-1")
        self._openings[operation] = _Opening(int(at.timestamp()), text, head)
        return self._openings[operation]

    def _exchange(self, request: bytes) -> Answer:
        """Send and read the answer; a dead connection that was kept is replaced once.

        All calls may be repeated: those that read, those that write on a condition, and those
        to SQS, which delivers at least once anyway.
        """
        if self._connection.kept():
            try:
                return self._connection.exchange(request)
            except TimeoutError:
                raise
            except (OSError, HTTPException):
                pass  # It was dead.
        self._connection.open()
        return self._connection.exchange(request)

    def _object(self, answer: Answer) -> dict[str, Any]:
        try:
            found = self._codec.read(answer.body or b"{}")
        except ValueError as error:
            msg = "the answer is not JSON"
            raise Unavailable(msg) from error
        if not isinstance(found, dict):
            msg = "the answer is not an object"
            raise Unavailable(msg)
        return found

    def _object_or_none(self, answer: Answer) -> dict[str, Any]:
        try:
            return self._object(answer)
        except Unavailable:
            return {}

    def _fault(self, answer: Answer) -> str:
        # Only the name of the fault: its text may quote what was sent.
        kind = self._object_or_none(answer).get("__type")
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
        self._sqs.ask("SendMessage", {"QueueUrl": queue_url, "MessageBody": body}, _unread)

    def secret(self, arn: str) -> str:
        """Read the text of a secret."""
        text = self._secrets.call("GetSecretValue", {"SecretId": arn}).get("SecretString")
        if not isinstance(text, str):
            msg = "the secret is not a text"
            raise Unavailable(msg)
        return text


def _unread(_body: bytes) -> None:
    """That it is a success is all that is wanted."""


def _attribute(value: str | int) -> dict[str, str]:
    return {"N": str(value)} if isinstance(value, int) else {"S": value}


def signed_client() -> SignedClient:
    """Make the client from the settings."""
    return SignedClient(
        dynamodb=service_client(DYNAMODB), sqs=service_client(SQS), secrets=service_client(SECRETS)
    )


def service_client(
    service: Service,
    *,
    timeout_s: float = TIMEOUT_S,
    pauses_s: Sequence[float] = _AT_ONCE,
    codec: Codec = STANDARD,
) -> ServiceClient:
    """Make a client of one service from the settings."""
    signer = Signer(service=service.name, region=aws_region(), credentials=aws_credentials())
    return ServiceClient(
        service,
        endpoint=aws_endpoint(service.name),
        signer=signer,
        timeout_s=timeout_s,
        pauses_s=pauses_s,
        codec=codec,
    )
