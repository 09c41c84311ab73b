"""Calls of DynamoDB in its own form, through botocore."""

import base64

import pytest

from functions.contracts.errors import Unavailable
from functions.runtime.settings import forget_settings, table_name
from functions.runtime.signed_client import Refused, ServiceClient
from functions.runtime.table_calls import BotocoreCalls, table_calls

KEY = {"batch": {"N": "7"}, "kind": {"S": "STATE"}}
CONTENT = bytes(range(256))
BINARY, FOUND = {"B": CONTENT}, {"B": base64.b64encode(CONTENT).decode()}


def test_rows_are_as_they_travel() -> None:
    row = {**KEY, "s": BINARY, "e": {"L": [BINARY, {"S": "B"}]}, "m": {"M": {"B": {"S": "x"}}}}

    table_calls().call("PutItem", {"TableName": table_name("batches"), "Item": row})
    found = table_calls().call("GetItem", {"TableName": table_name("batches"), "Key": KEY})

    assert found["Item"] == {**row, "s": FOUND, "e": {"L": [FOUND, {"S": "B"}]}}


def test_a_refusal_tells_the_fault_and_the_row() -> None:
    table = table_name("batches")
    table_calls().call("PutItem", {"TableName": table, "Item": {**KEY, "s": BINARY}})

    with pytest.raises(Refused) as caught:
        table_calls().call(
            "PutItem",
            {
                "TableName": table,
                "Item": KEY,
                "ConditionExpression": "attribute_not_exists(kind)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        )

    assert caught.value.fault == "ConditionalCheckFailedException"
    assert caught.value.answer["Item"]["s"] == FOUND


def test_no_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    from botocore.exceptions import ConnectTimeoutError

    def fail(**_: object) -> None:
        raise ConnectTimeoutError(endpoint_url="x")

    client = type("Client", (), {"get_item": staticmethod(fail)})
    monkeypatch.setattr("functions.runtime.table_calls.dynamodb", lambda: client)

    with pytest.raises(Unavailable, match="dynamodb GetItem: ConnectTimeoutError"):
        BotocoreCalls().call("GetItem", {})


def test_the_setting_says_who_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    from functions.runtime import table_calls as module

    assert isinstance(table_calls(), BotocoreCalls)
    monkeypatch.setenv("AWS_CALLS", "signed")
    module._mine.cache_clear()
    forget_settings()

    assert isinstance(table_calls(), ServiceClient)
    module._mine.cache_clear()
