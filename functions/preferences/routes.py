"""The preference page, and the call that makes a link to it."""

from collections.abc import Mapping
from http import HTTPStatus

from chalice.app import Blueprint

from functions.contracts.http_preferences import PreferenceLinkPost
from functions.contracts.scope import Scope
from functions.domain.ids import ContactId, SenderId
from functions.domain.language import chosen
from functions.preferences import service, wiring
from functions.preferences.form import OneClick, read
from functions.preferences.service import DeadLink, Gone, Visit
from functions.runtime.http import ANY_TYPE, Call, Reply, endpoint
from functions.runtime.pages import for_people, own_base

bp = Blueprint(__name__)
_PATH = "/p/{token}"
_STATUS = {Gone.UNKNOWN: HTTPStatus.NOT_FOUND, Gone.EXPIRED: HTTPStatus.GONE}


def _fault(status: HTTPStatus, language: str) -> tuple[str, Mapping[str, str]]:
    from functions.preferences import page

    return page.fault(status, language=language), page.HEADERS


_for_people = for_people(bp, _fault)


@bp.route(_PATH, methods=["GET"], content_types=ANY_TYPE)
@_for_people
@endpoint(bp, scope=None)
def get_preferences(call: Call[None], token: str) -> Reply:
    """Show a recipient what they agreed to, as a page. Nothing changes by looking."""
    return _shown(call, token)


@bp.route(_PATH, methods=["HEAD"], content_types=ANY_TYPE)
@_for_people
@endpoint(bp, scope=None)
def head_preferences(call: Call[None], token: str) -> Reply:
    """Answer as to GET, without the page."""
    return _shown(call, token)


@bp.route(_PATH, methods=["POST"], content_types=ANY_TYPE)
@_for_people
@endpoint(bp, scope=None)
def post_preferences(call: Call[None], token: str) -> Reply:
    """Refuse: the form of the page, or a mail program's one click (RFC 8058)."""
    from functions.preferences import page

    visitor = service.visit(token, deps=wiring.deps(), now=call.now)
    language = _language(call, visitor)
    if isinstance(visitor, DeadLink):
        return _dead(visitor, language)
    wish = read(call.raw_body, content_type=call.headers.get("content-type", ""))
    if wish is None:
        return _html(HTTPStatus.BAD_REQUEST, page.fault(HTTPStatus.BAD_REQUEST, language=language))
    seen, deps = page.seen(language, ip=call.ip), wiring.deps()
    if isinstance(wish, OneClick):
        service.refuse_by_one_click(visitor, seen, deps=deps, now=call.now)
        return Reply(body=page.one_click(language), headers=page.TEXT_HEADERS)
    receipt = service.refuse(visitor, wish, seen, deps=deps, now=call.now)
    shown = page.done(visitor, receipt, language=language, zone=wiring.zone())
    return _html(HTTPStatus.OK, shown)


@bp.route("/v1/contacts/{contact_id}/preference-link", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CONTACTS, body=PreferenceLinkPost)
def post_preference_link(call: Call[PreferenceLinkPost], contact_id: str) -> Reply:
    """Make a link to a contact's preference page, good for 30 days; it names nobody."""
    sender_id = SenderId(call.body.sender_id)
    token, expires = service.make_link(
        ContactId(contact_id), sender_id, deps=wiring.deps(), now=call.now
    )
    url = f"{wiring.base_url() or own_base(bp, call)}/p/{token}"
    return Reply(status=201, body={"url": url, "expires": expires.isoformat()})


def _shown(call: Call[None], token: str) -> Reply:
    from functions.preferences import page

    visitor = service.visit(token, deps=wiring.deps(), now=call.now)
    language = _language(call, visitor)
    if isinstance(visitor, DeadLink):
        return _dead(visitor, language)
    standing = service.standing(visitor, deps=wiring.deps(), now=call.now)
    shown = page.preferences(visitor, standing, language=language, zone=wiring.zone())
    return _html(HTTPStatus.OK, shown)


def _dead(link: DeadLink, language: str) -> Reply:
    from functions.preferences import page

    return _html(_STATUS[link.why], page.dead(link, language=language))


def _html(status: HTTPStatus, shown: str) -> Reply:
    from functions.preferences import page

    return Reply(status=int(status), body=shown, headers=page.HEADERS)


def _language(call: Call[None], visitor: Visit | DeadLink) -> str:
    locale = visitor.locale if isinstance(visitor, Visit) else None
    return chosen(call.query.get("lang", ""), locale, call.headers.get("accept-language", ""))
