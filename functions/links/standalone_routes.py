"""HTTP calls about standalone links: posters, QR codes, profiles."""

from datetime import UTC, date, datetime

from chalice.app import Blueprint

from functions.contracts.asked_days import asked_days
from functions.contracts.destination_view import destination_view, replaced_view
from functions.contracts.errors import InvalidInput
from functions.contracts.http_links import LinkPatch, LinkPost
from functions.contracts.scope import Scope
from functions.domain.destination import Destination
from functions.domain.link_domains import UNCHECKED, DomainHealth, domain_in_use
from functions.domain.link_openings import Counted
from functions.domain.standalone_link import StandaloneLink
from functions.links import link_report, standalone, wiring
from functions.links.link_report import LinkReport
from functions.links.qr_query import QrOptions, options_of
from functions.links.standalone import Change
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.listing import listing
from functions.storage.link_domains import link_bases

bp = Blueprint(__name__)
_LIST = "links"
_PNG = "image/png"


@bp.route("/v1/links", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=LinkPost)
def post_standalone_link(call: Call[LinkPost]) -> Reply:
    """Make a link of its own, which opens at once."""
    body = call.body
    link = StandaloneLink(
        slug=body.slug or "",
        name=body.name,
        medium=body.medium,
        destination=Destination(
            url=body.url, ios=body.ios, android=body.android, until=_whole(body.until)
        ),
        utm=body.utm.model_dump(exclude_none=True),
        made=call.now,
        made_by=call.principal.key_id,
    )
    return Reply(status=201, body=_view(standalone.make(link, deps=wiring.standalone_deps())))


@bp.route("/v1/links", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_standalone_links(call: Call[None]) -> Reply:
    """List links of their own by their slugs."""
    return listing(call, wiring.standalone_links(), _view, of=_LIST)


@bp.route("/v1/links/{slug}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_standalone_link(call: Call[None], slug: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read a link, and where it led before."""
    return Reply(body=_view(standalone.find(slug, deps=wiring.standalone_deps())))


@bp.route("/v1/links/{slug}", methods=["PATCH"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=LinkPatch)
def patch_standalone_link(call: Call[LinkPatch], slug: str) -> Reply:
    """Change a link, also one that was printed; visitors are led there within a minute."""
    changed = standalone.change(
        slug,
        lambda link: _change(call.body, link),
        key_id=call.principal.key_id,
        deps=wiring.standalone_deps(),
        now=call.now,
    )
    return Reply(body=_view(changed))


@bp.route("/v1/links/{slug}", methods=["DELETE"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS)
def delete_standalone_link(call: Call[None], slug: str) -> Reply:
    """End a link; its slug is never given again, and visitors read that it is over."""
    key_id = call.principal.key_id
    standalone.remove(slug, key_id=key_id, deps=wiring.standalone_deps(), now=call.now)
    return Reply(status=204)


@bp.route("/v1/links/{slug}/report", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_link_report(call: Call[None], slug: str) -> Reply:
    """Tell how often a link was opened, by day and hour, by people and by machines."""
    standalone.find(slug, deps=wiring.standalone_deps())
    today = call.now.astimezone(wiring.zone()).date()
    span = asked_days(call.query, last=today, count=link_report.USUAL_DAYS)
    report = link_report.report(
        slug, span, openings=wiring.openings(), zone=wiring.zone(), now=call.now
    )
    return Reply(body=_report_view(slug, report))


@bp.route("/v1/links/{slug}/qr.svg", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_qr_svg(call: Call[None], slug: str) -> Reply:
    """Draw the QR code of a link as SVG, for print."""
    from functions.content import qr_code

    address, options = _to_draw(call, slug)
    drawn = qr_code.svg(address, error=options.error, scale=options.scale, border=options.border)
    return Reply(body=drawn, headers={"Content-Type": "image/svg+xml"})


@bp.route("/v1/links/{slug}/qr.png", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_qr_png(call: Call[None], slug: str) -> Reply:
    """Draw the QR code of a link as PNG; ask with ``Accept: image/png``."""
    from functions.content import qr_code

    if not call.headers.get("accept", "").startswith(_PNG):
        message = "Ask with Accept: image/png; API Gateway sends images to nobody else."
        raise InvalidInput.field("/headers/Accept", "invalid_format", message)
    address, options = _to_draw(call, slug)
    drawn = qr_code.png(address, error=options.error, scale=options.scale, border=options.border)
    return Reply(body=drawn, headers={"Content-Type": _PNG})


@bp.route("/v1/link-domains", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_link_domains(call: Call[None]) -> Reply:  # noqa: ARG001  # views take a call
    """Tell under which domains links are served, how each was found, and which is in use."""
    bases, health = link_bases(), wiring.domain_health()
    in_use = domain_in_use(bases, health)
    items = [_domain_view(base, health.get(base, UNCHECKED), base == in_use) for base in bases]
    return Reply(body={"items": items})


def _domain_view(base: str, health: DomainHealth, in_use: bool) -> Json:  # noqa: FBT001  # a fact
    return {
        "address": base,
        "in_use": in_use,
        "usable": health.usable,
        "since": _moment(health.since or None),
        "checked": _moment(health.checked or None),
        "checks_against": health.against,
    }


def _to_draw(call: Call[None], slug: str) -> tuple[str, QrOptions]:
    link = standalone.find(slug, deps=wiring.standalone_deps())
    return _address(link), options_of(call.query)


def _change(body: LinkPatch, link: StandaloneLink) -> Change:
    given = body.model_fields_set
    old = link.destination
    destination = Destination(
        url=body.url or old.url,
        ios=body.ios if "ios" in given else old.ios,
        android=body.android if "android" in given else old.android,
        until=_whole(body.until) if "until" in given else old.until,
    )
    utm = None if body.utm is None else body.utm.model_dump(exclude_none=True)
    if "utm" in given and body.utm is None:
        utm = {}
    return Change(name=body.name, medium=body.medium, destination=destination, utm=utm)


def _whole(until: datetime | None) -> datetime | None:
    return None if until is None else until.astimezone(UTC).replace(microsecond=0)


def _address(link: StandaloneLink) -> str:
    return f"{wiring.link_base()}/{link.slug}"


def _view(link: StandaloneLink) -> Json:
    return {
        "slug": link.slug,
        "address": _address(link),
        "name": link.name,
        "medium": link.medium,
        **destination_view(link.destination),
        "utm": dict(link.utm),
        "created": link.made.isoformat(),
        "created_by": link.made_by,
        "history": [replaced_view(each) for each in link.replaced],
    }


def _report_view(slug: str, report: LinkReport) -> Json:
    return {
        "slug": slug,
        "from": report.span.first.isoformat(),
        "to": report.span.last.isoformat(),
        **_counted_view(report.total),
        "days": [_line("day", day, counted) for day, counted in report.days.items()],
        "hours": [_line("hour", hour, counted) for hour, counted in report.hours.items()],
    }


def _line(name: str, when: date | datetime, counted: Counted) -> Json:
    return {name: when.isoformat(), **_counted_view(counted)}


def _counted_view(counted: Counted) -> Json:
    return {
        "human": counted.human,
        "machine": counted.machine,
        "unknown": counted.unknown,
        "first": _moment(counted.first),
        "last": _moment(counted.last),
    }


def _moment(epoch_s: int | None) -> str | None:
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, tz=UTC).isoformat()
