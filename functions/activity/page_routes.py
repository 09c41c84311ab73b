"""Public calls: what pages that a message led to tell of their visitors."""

from collections.abc import Callable
from functools import wraps

from chalice.app import Blueprint, Response
from pydantic import ValidationError

from functions.activity import page_wiring, paging
from functions.activity.page_script import script
from functions.activity.paging import PageReport
from functions.contracts.errors import PayloadTooLarge
from functions.contracts.http_pages import MAX_PAGE_BYTES, PageEventPost
from functions.domain.pricing import CURRENCY
from functions.runtime.http import ANY_TYPE, Call, Reply, endpoint
from functions.runtime.input_errors import input_error

bp = Blueprint(__name__)


def _for_any_page(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let pages of all sites read the answer, also a refusal; it holds nothing of anybody."""

    @wraps(view)
    def answered() -> Response:
        response = view()
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return answered


@bp.route("/v1/conversions", methods=["POST"], content_types=ANY_TYPE)
@_for_any_page
@endpoint(bp, scope=None)
def post_conversion(call: Call[None]) -> Reply:
    """Take what a page tells of its visitor, in JSON under any content type, as beacons send it."""
    raw = call.raw_body.encode()
    if len(raw) > MAX_PAGE_BYTES:
        msg = f"The body is larger than {MAX_PAGE_BYTES} bytes."
        raise PayloadTooLarge(msg)
    try:
        post = PageEventPost.model_validate_json(raw or b"null")
    except ValidationError as error:
        raise input_error(error, raw) from error
    report = PageReport(
        code=post.click,
        name=post.event,
        event_id=post.event_id,
        minor=0 if post.value is None else post.value.minor,
    )
    paging.accept(report, deps=page_wiring.deps(), now=call.now)
    return Reply(status=202, body={"accepted": True})


@bp.route("/v1/conversions.js", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=None)
def get_conversion_script(call: Call[None]) -> Reply:  # noqa: ARG001  # views take a call
    """Give the script that pages load to report; see docs/conversions.md."""
    headers = {
        "Content-Type": "text/javascript; charset=utf-8",
        "Cache-Control": "public, max-age=3600",
        "X-Content-Type-Options": "nosniff",
    }
    return Reply(body=script(CURRENCY), headers=headers)
