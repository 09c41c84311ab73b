"""What every refusal must look like, and proof that it left nothing behind."""

import re
from functools import cache
from typing import Any

from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends
from moto.sqs.models import sqs_backends

from tests.integration.account import Account
from tests.integration.api import Answer
from tests.integration.template import PSEUDO_PARAMETERS, REGION

_MEMBERS = {"type", "title", "status", "code", "detail", "request_id"}
_PERSONAL = re.compile(r"\d{7,}|\d{2,4}-\d{3,4}-\d{4}|\S+@\S+|비밀\S*")
_TITLE_BY_STATUS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    413: "Request Entity Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Entity",
    500: "Internal Server Error",
}


def assert_problem(
    answer: Answer, status: int, code: str, *fields: tuple[str, str], sent: str = ""
) -> None:
    """It is an RFC 9457 document with these bad fields (pointer, code), and repeats no value."""
    assert (answer.status, answer.body["code"]) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["type"] == "about:blank"
    assert answer.body["title"] == _TITLE_BY_STATUS[status]
    assert answer.body["status"] == status
    assert answer.body["detail"]
    found = answer.body.get("errors", [])
    assert [(each["pointer"], each["code"]) for each in found] == list(fields), answer.text
    assert all(each["message"] for each in found)
    assert set(answer.body) == _MEMBERS | ({"errors"} if fields else set())
    for personal in _PERSONAL.findall(sent):
        assert personal not in answer.text


def fields_of(answer: Answer) -> list[tuple[str, str]]:
    """The bad fields that an answer names: pointer and code."""
    return [(each["pointer"], each["code"]) for each in answer.body["errors"]]


def everything_in(account: Account) -> dict[str, Any]:
    """All rows, objects and messages of the account, to see that nothing was added or changed.

    Read from the emulation's own memory: through its interfaces it takes a hundred times longer.
    """
    found: dict[str, Any] = {}
    for name, value in _places(account):
        if name == "TABLE_AUDIT":
            continue  # that somebody looked is written down on every look
        if name.startswith("TABLE_"):
            rows = _backend(dynamodb_backends).get_table(value).all_items()
            found[name] = sorted(repr(row.to_json()) for row in rows)
        elif name.startswith("QUEUE_"):
            queue = _backend(sqs_backends).get_queue(value.rpartition("/")[2])
            found[name] = sorted(each.id for each in queue._messages)
        elif name.startswith("BUCKET_"):
            keys = _backend(s3_backends, region="aws").get_bucket(value).keys
            found[name] = sorted((key, keys[key].etag) for key in keys)
    return found


def _backend(backends: Any, *, region: str = REGION) -> Any:
    return backends[PSEUDO_PARAMETERS["AWS::AccountId"]][region]


@cache
def _places(account: Account) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(account.environment().items()))
