"""The webhooks that providers call."""

from chalice.app import Blueprint

from functions.contracts.errors import NotFound
from functions.contracts.queues import CallbackReceived, Queue
from functions.contracts.scope import Scope
from functions.receipts import service, wiring
from functions.runtime import queues
from functions.runtime.http import ANY_TYPE, Call, Reply, endpoint

bp = Blueprint(__name__)
_MAX_MESSAGE_BYTES = 1 << 20
"""The largest message that SQS takes."""


@bp.route("/hooks/{provider}/{token}", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=None)
def post_callback(call: Call[None], provider: str, token: str) -> Reply:
    """Take a provider's callback; it is read later. The path's token is the authentication."""
    if not wiring.knows(provider, token, headers=call.headers):
        msg = "There is no such webhook."
        raise NotFound(msg)
    callback = CallbackReceived(provider=provider, body=call.raw_body)
    # What people say must not wait behind a campaign's reports.
    to = Queue.OPTOUTS if wiring.hears(provider) else Queue.RECEIPTS
    for part in service.split(callback, most_bytes=_MAX_MESSAGE_BYTES):
        queues.send([part], to=to)
    return Reply(body={"accepted": True})


@bp.route("/v1/webhooks/incoming", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def list_incoming(call: Call[None]) -> Reply:  # noqa: ARG001  # views take a call
    """List the secret paths, and signatures, to enter at the providers."""
    paths = {each: f"/hooks/{each}/{wiring.webhook_token(each)}" for each in wiring.providers()}
    return Reply(body={"paths": paths, "signatures": wiring.signatures()})
