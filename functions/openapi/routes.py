"""The HTTP call that describes all others."""

from chalice.app import Blueprint

from functions.runtime.http import ANY_TYPE, Call, Reply, endpoint

bp = Blueprint(__name__)


@bp.route("/v1/openapi.json", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=None)
def get_openapi(call: Call[None]) -> Reply:
    """Give the OpenAPI document of this deployment."""
    from functions.openapi.document import document  # its models are needed for nothing else

    context = bp.current_request.context
    server = f"https://{call.headers.get('host', '')}{_stage_path(context)}"
    return Reply(body=document(bp.current_app.routes, server=server))


def _stage_path(context: dict[str, object]) -> str:
    """What stands before ``/v1`` in the public path: the stage, or nothing on an own domain."""
    path, resource = str(context.get("path", "")), str(context.get("resourcePath", ""))
    return path.removesuffix(resource)
