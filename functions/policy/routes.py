"""HTTP calls about the company's policy."""

from chalice.app import Blueprint

from functions.contracts.http_policy import PolicyPut
from functions.contracts.policy_document import policy_from_json, policy_to_json
from functions.contracts.scope import Scope
from functions.policy import service, wiring
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.listing import listing
from functions.storage.policies import PolicyVersion

bp = Blueprint(__name__)


@bp.route("/v1/policy", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_policy(call: Call[None]) -> Reply:  # noqa: ARG001  # views take a call
    """Read the policy in force; version 0 is the law alone."""
    return Reply(body=policy_to_json(wiring.deps().policies.current()))


@bp.route("/v1/policy/versions", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_policy_versions(call: Call[None]) -> Reply:
    """List every version that there was, the newest first: when it was made, and by which key."""
    return listing(call, wiring.versions(), _version_view, of="policies")


def _version_view(found: PolicyVersion) -> Json:
    return policy_to_json(found.policy) | {"made": found.made.isoformat(), "by": found.actor}


@bp.route("/v1/policy", methods=["PUT"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=PolicyPut)
def put_policy(call: Call[PolicyPut]) -> Reply:
    """Put a policy in force in place of the version it names; workers see it in 15 seconds."""
    policy = policy_from_json(call.body.model_dump(mode="json"))
    put = service.put(policy, actor=call.principal.key_id, deps=wiring.deps(), now=call.now)
    return Reply(body=policy_to_json(put))
