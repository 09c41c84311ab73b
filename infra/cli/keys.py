"""The first API key of a deployment, written with the operator's own AWS credentials."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from functions.access.service import make_key
from functions.contracts.scope import Scope
from functions.domain.ids import KeyId
from functions.runtime.ids import fresh_id, fresh_secret

if TYPE_CHECKING:
    from infra.deploying.account import Account


def create_key(account: Account, *, table: str, name: str, scopes: Sequence[str]) -> str:
    """Write a key into the keys table; returns its token, which is shown nowhere else.

    Raises ValueError for an unknown scope.
    """
    made = make_key(
        key_id=KeyId(fresh_id("key")),
        secret=fresh_secret(),
        name=name,
        scopes=[Scope(scope) for scope in scopes],
        now=datetime.now(tz=UTC),
    )
    client = account.session.client("dynamodb", endpoint_url=account.endpoint_url)
    client.put_item(
        TableName=table,
        Item={
            "key_id": {"S": made.key.key_id},
            "secret_hash": {"S": made.key.secret_hash},
            "scopes": {"SS": sorted(made.key.scopes)},
            "name": {"S": made.key.name},
            "created": {"S": made.key.created.strftime("%Y-%m-%dT%H:%M:%S.%f%z")},
        },
        ConditionExpression="attribute_not_exists(key_id)",
    )
    return made.token
