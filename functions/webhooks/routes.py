"""HTTP calls about webhooks: who is told what happens to messages."""

from chalice.app import Blueprint

from functions.contracts.http_webhooks import ReplayPost, WebhookPut
from functions.contracts.scope import Scope
from functions.runtime.http import ANY_TYPE, Call, Reply, endpoint
from functions.runtime.ids import fresh_id
from functions.webhooks import replaying, service, wiring
from functions.webhooks.service import Wanted
from functions.webhooks.views import log_view, replay_view, tried_view, webhook_view

bp = Blueprint(__name__)
_LOG_ENTRIES = 100


@bp.route("/v1/webhooks", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=WebhookPut, replayable=False)
def post_webhook(call: Call[WebhookPut]) -> Reply:
    """Have somebody told. The secret is in the answer this once, so the answer is never stored."""
    deps = wiring.deps()
    made = service.make(_wanted(call.body), webhook_id=fresh_id("whk"), deps=deps, now=call.now)
    secret = service.secret_of(made, deps=deps, now=call.now)
    return Reply(status=201, body=webhook_view(made) | {"secret": secret})


@bp.route("/v1/webhooks", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def list_webhooks(call: Call[None]) -> Reply:  # noqa: ARG001  # views take a call
    """List all webhooks, ten at most, without their secrets."""
    found = wiring.deps().post.webhooks.all()
    return Reply(body={"items": [webhook_view(each) for each in found], "next_cursor": None})


@bp.route("/v1/webhooks/{webhook_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def get_webhook(call: Call[None], webhook_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read a webhook, without its secret."""
    return Reply(body=webhook_view(service.find(webhook_id, deps=wiring.deps())))


@bp.route("/v1/webhooks/{webhook_id}", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=WebhookPut)
def put_webhook(call: Call[WebhookPut], webhook_id: str) -> Reply:
    """Change a webhook; one that is switched on again is told what happens from now on."""
    wanted, deps = _wanted(call.body), wiring.deps()
    changed = service.change(webhook_id, wanted, deps=deps, now=call.now)
    return Reply(body=webhook_view(changed))


@bp.route("/v1/webhooks/{webhook_id}", methods=["DELETE"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def delete_webhook(call: Call[None], webhook_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Remove a webhook; what waits for it is dropped."""
    service.remove(webhook_id, deps=wiring.deps())
    return Reply(status=204)


@bp.route("/v1/webhooks/{webhook_id}/secret", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, replayable=False)
def rotate_webhook_secret(call: Call[None], webhook_id: str) -> Reply:
    """Make a new secret, shown this once. For a day both it and the one before sign."""
    deps = wiring.deps()
    rotated = service.rotate(webhook_id, deps=deps, now=call.now)
    secret = service.secret_of(rotated, deps=deps, now=call.now)
    return Reply(body=webhook_view(rotated) | {"secret": secret})


@bp.route("/v1/webhooks/{webhook_id}/test", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, replayable=False)
def try_webhook(call: Call[None], webhook_id: str) -> Reply:
    """Send a test now, also to one that is switched off, and tell what came of it."""
    tried = service.try_out(webhook_id, test_id=fresh_id("tst"), deps=wiring.deps(), now=call.now)
    return Reply(body=tried_view(tried))


@bp.route("/v1/webhooks/{webhook_id}/deliveries", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def list_deliveries(call: Call[None], webhook_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """List the last 100 tries of the last three days, the newest first."""
    webhook = service.find(webhook_id, deps=wiring.deps())
    return Reply(body=log_view(wiring.log().newest(webhook.webhook_id, limit=_LOG_ENTRIES)))


@bp.route("/v1/webhooks/{webhook_id}/replay", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=ReplayPost)
def post_replay(call: Call[ReplayPost], webhook_id: str) -> Reply:
    """Tell again what happened within a range of time; one replay at once."""
    replay = replaying.start(
        webhook_id,
        replay_id=fresh_id("rpl"),
        between=(call.body.from_, call.body.to),
        types=call.body.types,
        deps=wiring.replay_deps(),
        now=call.now,
    )
    return Reply(status=202, body=replay_view(replay))


@bp.route("/v1/webhooks/{webhook_id}/replay", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def get_replay(call: Call[None], webhook_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read how far the newest replay has come."""
    return Reply(body=replay_view(replaying.find(webhook_id, deps=wiring.replay_deps())))


@bp.route("/v1/webhooks/{webhook_id}/replay", methods=["DELETE"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN)
def stop_replay(call: Call[None], webhook_id: str) -> Reply:
    """Stop a replay; what is being sent arrives."""
    stopped = replaying.stop(webhook_id, deps=wiring.replay_deps(), now=call.now)
    return Reply(body=replay_view(stopped))


def _wanted(body: WebhookPut) -> Wanted:
    return Wanted(
        url=body.url,
        types=body.types,
        enabled=body.enabled,
        description=body.description,
        batched=body.batch,
    )
