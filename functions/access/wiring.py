"""Puts access together: keys from the table, replayed answers from Powertools."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent_function,
)
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyAlreadyInProgressError,
    IdempotencyValidationError,
)

from functions.access.service import AccessDeps, authenticate
from functions.contracts.errors import Conflict
from functions.domain.access_log import Access
from functions.domain.ids import ContactId
from functions.runtime.aws import dynamodb
from functions.runtime.http import Call, Json, Principal
from functions.runtime.pseudonym import subject_of
from functions.runtime.settings import table_name
from functions.storage.audit import AuditStore
from functions.storage.keys import KeyStore

_DAY_S = 24 * 3600


@cache
def deps() -> AccessDeps:
    """What the service needs."""
    return AccessDeps(keys=KeyStore())


class ApiGuards:
    """The guards of every endpoint; see ``runtime.http.Guards``."""

    def authenticate(self, authorization: str | None, *, now: datetime) -> Principal:
        """Find who calls. Raises Unauthenticated."""
        key = authenticate(authorization, deps=deps(), now=now)
        return Principal(key_id=key.key_id, scopes=key.scopes)

    def note_access(self, call: Call[Any], route: str, contact_id: str, status: int) -> None:
        """Append to the access log; see ``runtime.http.Guards``."""
        access = Access(
            at=call.now,
            request_id=call.request_id,
            key_id=call.principal.key_id,
            route=route,
            status=status,
            subject=subject_of(ContactId(contact_id)) if contact_id else "",
            ip=call.ip,
        )
        audit().add(access)

    def replay(self, call: Call[Any], place: str, answer: Callable[[], Json]) -> Json:
        """Answer once a day per key and place; see ``runtime.http.Guards``.

        Raises Conflict: ``idempotency_key_reused`` for another body, ``idempotency_in_progress``
        while the first call runs.
        """

        def compute_once(*, request: Json) -> Json:  # noqa: ARG001  # Powertools reads it
            return answer()

        compute = idempotent_function(
            compute_once,
            data_keyword_argument="request",
            persistence_store=_store(),
            config=_config(call.lambda_context),
            key_prefix="http",
        )
        request = {
            "key": [call.principal.key_id, place, call.idempotency_key],
            "body": _canonical(call.raw_body),
        }
        try:
            stored: Json = compute(request=request)
        except IdempotencyValidationError as error:
            msg = "This Idempotency-Key was used with another body."
            raise Conflict(msg, code="idempotency_key_reused") from error
        except IdempotencyAlreadyInProgressError as error:
            msg = "The first request with this Idempotency-Key is still being answered."
            raise Conflict(msg, code="idempotency_in_progress") from error
        return stored


@cache
def audit() -> AuditStore:
    """The access log."""
    return AuditStore()


@cache
def _store() -> DynamoDBPersistenceLayer:
    return DynamoDBPersistenceLayer(
        table_name=table_name("requests"),
        key_attr="request_key",
        expiry_attr="expires_at",
        boto3_client=dynamodb(),
    )


def _config(lambda_context: Any) -> IdempotencyConfig:  # noqa: ANN401  # Lambda's own type
    return IdempotencyConfig(
        event_key_jmespath="key",
        payload_validation_jmespath="body",
        expires_after_seconds=_DAY_S,
        lambda_context=lambda_context,
    )


def _canonical(raw_body: str) -> str:
    """The body without its spelling, so that reordered fields are the same request."""
    try:
        return json.dumps(json.loads(raw_body), sort_keys=True)
    except (ValueError, RecursionError):  # calls without a body take any
        return raw_body
