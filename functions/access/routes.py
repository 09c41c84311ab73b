"""HTTP calls about API keys."""

from chalice.app import Blueprint

from functions.access import service, wiring
from functions.contracts.http_access import KeyCreate
from functions.contracts.scope import Scope
from functions.domain.api_key import StoredKey
from functions.domain.ids import KeyId
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.ids import fresh_id, fresh_secret

bp = Blueprint(__name__)


@bp.route("/v1/keys", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=KeyCreate, replayable=False)
def create_key(call: Call[KeyCreate]) -> Reply:
    """Make a key. Its token is in the answer this once, so the answer is never stored."""
    made = service.make_key(
        key_id=KeyId(fresh_id("key")),
        secret=fresh_secret(),
        name=call.body.name,
        scopes=call.body.scopes,
        now=call.now,
    )
    wiring.deps().keys.add(made.key)
    return Reply(status=201, body=_view(made.key) | {"token": made.token})


@bp.route("/v1/keys", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def list_keys(call: Call[None]) -> Reply:  # noqa: ARG001  # views take a call
    """List all keys, without their secrets."""
    return Reply(body={"items": [_view(key) for key in wiring.deps().keys.all()]})


@bp.route("/v1/keys/{key_id}", methods=["DELETE"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def revoke_key(call: Call[None], key_id: str) -> Reply:
    """Revoke a key; it works half a minute longer at most."""
    service.revoke(KeyId(key_id), deps=wiring.deps(), now=call.now)
    return Reply(status=204)


def _view(key: StoredKey) -> Json:
    return {
        "key_id": key.key_id,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "created": key.created.isoformat(),
        "revoked": None if key.revoked is None else key.revoked.isoformat(),
    }
