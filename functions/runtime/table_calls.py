"""DynamoDB's own operations, for the few calls that dispatch makes for every batch.

Arguments and answers are as they travel: a number is ``{"N": "7"}``; binary is bytes on the way
there, and base64 text in what comes back. The
setting ``AWS_CALLS`` says who makes the calls: ``signed``, the small client, or botocore, which
spends 0.4 to 1 ms of CPU on each and needs no setting.
"""

import base64
from collections.abc import Callable, Mapping
from functools import cache
from threading import local
from typing import Any, Protocol, TypeVar

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from functions.contracts.errors import Unavailable
from functions.runtime import quick_json
from functions.runtime.aws import dynamodb
from functions.runtime.settings import calls_are_signed
from functions.runtime.signed_client import DYNAMODB, Codec, Json, Refused, service_client

T = TypeVar("T")
_TIMEOUT_S = 10.0
_PAUSES_S = (0.05, 0.2, 0.8)
"""Four tries, as botocore's clients of this project have."""


class TableCalls(Protocol):
    """Calls DynamoDB."""

    def call(self, operation: str, arguments: Json, /) -> dict[str, Any]:
        """Call an operation. Raises Refused with DynamoDB's fault, Unavailable without answer."""

    def ask(self, operation: str, arguments: Json, read: Callable[[bytes], T], /) -> T:
        """As ``call``, with the answer as ``read`` reads it, which is quicker than a dictionary."""


def table_calls() -> TableCalls:
    """Who calls DynamoDB from this thread."""
    mine = _mine()
    if not hasattr(mine, "calls"):
        mine.calls = _signed() if calls_are_signed() else BotocoreCalls()
    calls: TableCalls = mine.calls
    return calls


@cache
def _mine() -> local:
    return local()


def _signed() -> TableCalls:
    codec = Codec(write=quick_json.write, read=quick_json.read)
    return service_client(DYNAMODB, timeout_s=_TIMEOUT_S, pauses_s=_PAUSES_S, codec=codec)


class BotocoreCalls:
    """Calls through botocore's client."""

    def call(self, operation: str, arguments: Json, /) -> dict[str, Any]:
        """See ``TableCalls.call``."""
        method = getattr(dynamodb(), xform_name(operation))
        try:
            answer = method(**arguments)
        except ClientError as error:
            fault = error.response["Error"]["Code"]
            msg = f"dynamodb {operation} answered {fault}"
            raise Refused(msg, fault=fault, answer=_with_base64(error.response)) from error
        except BotoCoreError as error:
            msg = f"dynamodb {operation}: {type(error).__name__}"
            raise Unavailable(msg) from error
        found: dict[str, Any] = _with_base64(answer)
        return found

    def ask(self, operation: str, arguments: Json, read: Callable[[bytes], T], /) -> T:
        """See ``TableCalls.ask``."""
        answer = self.call(operation, arguments)
        answer.pop("ResponseMetadata")
        return read(quick_json.write(answer))


def _with_base64(value: Any) -> Any:  # noqa: ANN401  # what botocore answers
    """With binary values as they travel."""
    if isinstance(value, Mapping):
        return {name: _with_base64(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_with_base64(each) for each in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
