"""HTTP calls about templates and images."""

import base64
import re
from datetime import UTC

from chalice.app import Blueprint

from functions.content.compose import Composer
from functions.contracts.destination_view import destination_view, replaced_view
from functions.contracts.errors import InvalidInput, NotFound, PayloadTooLarge
from functions.contracts.http_templates import (
    ImagePost,
    LinkTarget,
    TemplatePost,
    TemplatePreview,
    TemplateReview,
    TemplateSubmit,
    Track,
)
from functions.contracts.scope import Scope
from functions.domain.contact import Contact
from functions.domain.destination import Destination
from functions.domain.ids import AccountName, ContactId, ImageId, TemplateId
from functions.domain.image import StoredImage
from functions.domain.planning import Person
from functions.domain.template import Template, TemplateStatus
from functions.domain.template_warning import warnings_of
from functions.domain.utm import CLICK, CLICK_PARAMETER
from functions.runtime.http import ANY_TYPE, Call, Json, Reply, endpoint
from functions.runtime.ids import fresh_id
from functions.runtime.listing import listing
from functions.templates import linking, service, wiring
from functions.templates.linking import Place
from functions.templates.preview import Preview, preview

bp = Blueprint(__name__)
_LIST = "templates"
_NUMBER = re.compile("[0-9]{1,9}")


@bp.route("/v1/templates", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=TemplatePost)
def post_template(call: Call[TemplatePost]) -> Reply:
    """Write a new template as version 1."""
    drafted = _template(TemplateId(fresh_id("tpl")), call.body)
    return Reply(status=201, body=_view(service.add(drafted, deps=wiring.deps())))


@bp.route("/v1/templates/{template_id}/versions", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=TemplatePost)
def post_version(call: Call[TemplatePost], template_id: str) -> Reply:
    """Write the next version; earlier ones stay as they are."""
    drafted = _template(TemplateId(template_id), call.body)
    return Reply(status=201, body=_view(service.add_version(drafted, deps=wiring.deps())))


@bp.route("/v1/templates/{template_id}", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def get_template(call: Call[None], template_id: str) -> Reply:  # noqa: ARG001  # views take a call
    """Read all versions, newest first."""
    versions = service.versions(TemplateId(template_id), deps=wiring.deps())
    return Reply(body={"template_id": template_id, "versions": [_view(each) for each in versions]})


@bp.route("/v1/templates", methods=["GET"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ)
def list_templates(call: Call[None]) -> Reply:
    """List all versions of all templates."""
    return listing(call, wiring.templates(), _view, of=_LIST)


@bp.route("/v1/templates/{template_id}/submit", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=TemplateSubmit)
def submit_template(call: Call[TemplateSubmit], template_id: str) -> Reply:
    """Ask for a review of a version."""
    return _move(template_id, call.body.version, TemplateStatus.SUBMITTED, note="")


@bp.route("/v1/templates/{template_id}/approve", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=TemplateReview)
def approve_template(call: Call[TemplateReview], template_id: str) -> Reply:
    """Allow messages to be made of a version."""
    return _move(template_id, call.body.version, TemplateStatus.APPROVED, note=call.body.note)


@bp.route("/v1/templates/{template_id}/reject", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.ADMIN, body=TemplateReview)
def reject_template(call: Call[TemplateReview], template_id: str) -> Reply:
    """Refuse a version."""
    return _move(template_id, call.body.version, TemplateStatus.REJECTED, note=call.body.note)


def _move(template_id: str, version: int, to: TemplateStatus, *, note: str) -> Reply:
    moved = service.move(TemplateId(template_id), version, to=to, note=note, deps=wiring.deps())
    return Reply(body=_view(moved))


@bp.route(
    "/v1/templates/{template_id}/versions/{version}/links/{place}",
    methods=["PUT"],
    content_types=ANY_TYPE,
)
@endpoint(bp, scope=Scope.ADMIN, body=LinkTarget)
def put_link(call: Call[LinkTarget], template_id: str, version: str, place: str) -> Reply:
    """Lead a tracked link elsewhere, also in messages that were sent; takes up to a minute."""
    changed = linking.change(
        Place(template_id=TemplateId(template_id), version=_number(version), link=_number(place)),
        _destination(call.body),
        key_id=call.principal.key_id,
        deps=wiring.linking_deps(),
        now=call.now,
    )
    return Reply(body=_view(changed))


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        msg = "There is no such link."
        raise NotFound(msg)
    return int(text)


@bp.route("/v1/templates/{template_id}/preview", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.READ, body=TemplatePreview, replayable=False, personal=True)
def preview_template(call: Call[TemplatePreview], template_id: str) -> Reply:
    """Show the text, type, size and price that somebody would get."""
    body = call.body
    composer = Composer(
        template=service.find(TemplateId(template_id), body.version, deps=wiring.deps()),
        sender=wiring.sender(body.sender_id),
        link_base=wiring.link_base(),
        shared={},
        page_base=wiring.page_base(),
    )
    contact = Contact(contact_id=ContactId("preview"), attributes=body.contact)
    if body.contact_id is not None:
        contact = wiring.contact(body.contact_id)
    shown = preview(composer, Person.known(contact, variables=body.variables))
    return Reply(body=_preview_view(shown))


@bp.route("/v1/images", methods=["POST"], content_types=ANY_TYPE)
@endpoint(bp, scope=Scope.CAMPAIGNS, body=ImagePost)
def post_image(call: Call[ImagePost]) -> Reply:
    """Store an image for MMS, turned into a JPEG that every carrier takes."""
    from functions.content.image import InvalidImage, prepare  # Pillow, only needed here

    data = _decoded(call.body.data)
    try:
        jpeg = prepare(data)
    except InvalidImage as error:
        if error.code == "too_large":
            msg = "The image is too large; send at most 3.5 MB and 25 megapixels."
            raise PayloadTooLarge(msg, code="image_too_large") from error
        raise InvalidInput.field("/data", error.code, "This is no image we know.") from error
    image = StoredImage(
        image_id=ImageId(fresh_id("img")),
        object_key="",
        width=jpeg.width,
        height=jpeg.height,
        size_bytes=len(jpeg.data),
    )
    return Reply(status=201, body=_store_image(image, jpeg.data))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:  # also what is not ASCII
        raise InvalidInput.field("/data", "not_base64", "Send the image as base64.") from error


def _store_image(image: StoredImage, data: bytes) -> Json:
    key = f"images/{image.image_id}.jpg"
    wiring.objects().put_bytes(key, data, content_type="image/jpeg")
    wiring.images().add(image.stored_at(key))
    return {
        "image_id": image.image_id,
        "width": image.width,
        "height": image.height,
        "size_bytes": image.size_bytes,
    }


def _template(template_id: TemplateId, body: TemplatePost) -> Template:
    drafted = Template(
        template_id=template_id,
        version=1,
        name=body.name,
        channel=body.channel,
        purpose=body.purpose,
        body=body.body,
        subject=body.subject,
        image_id=None if body.image_id is None else ImageId(body.image_id),
        provider_template_id=body.provider_template_id,
        provider_template_ids={
            AccountName(name): each for name, each in body.provider_template_ids.items()
        },
        variables=dict(body.variables),
        goods=body.goods,
        tags=frozenset(body.tags),
        destinations=tuple(_destination(each) for each in body.links),
        utm=_added_to_links(body),
    )
    return linking.with_bare_links_tracked(drafted) if body.track is Track.ALL else drafted


def _added_to_links(body: TemplatePost) -> dict[str, str]:
    utm: dict[str, str] = body.utm.model_dump(exclude_none=True)
    return utm | ({CLICK: CLICK_PARAMETER} if body.click_id else {})


def _destination(body: LinkTarget) -> Destination:
    until = None if body.until is None else body.until.astimezone(UTC).replace(microsecond=0)
    return Destination(url=body.url, ios=body.ios, android=body.android, until=until)


def _view(template: Template) -> Json:
    return {
        "template_id": template.template_id,
        "version": template.version,
        "name": template.name,
        "channel": template.channel,
        "purpose": template.purpose,
        "body": template.body,
        "subject": template.subject,
        "image_id": template.image_id,
        "provider_template_id": template.provider_template_id,
        "provider_template_ids": dict(template.provider_template_ids),
        "variables": dict(template.variables),
        "links": list(template.links),
        "destinations": [
            destination_view(each)
            | {"history": [replaced_view(old) for old in template.replaced if old.place == place]}
            for place, each in enumerate(template.destinations)
        ],
        "utm": {name: value for name, value in template.utm.items() if name != CLICK},
        "click_id": CLICK in template.utm,
        "status": template.status,
        "note": template.note,
        "goods": template.goods,
        "tags": sorted(template.tags),
        "warnings": [
            {"code": each.code, "found": list(each.found), "message": each.message}
            for each in warnings_of(template)
        ],
    }


def _preview_view(shown: Preview) -> Json:
    return {
        "text": shown.text,
        "subject": shown.composed.subject,
        "type": shown.composed.message_type,
        "size": shown.size,
        "price": {"minor": shown.price.minor, "currency": shown.price.currency},
        "variables": dict(shown.composed.variables),
        "changes": [
            {"original": each.original, "replacement": each.replacement, "count": each.count}
            for each in shown.changes
        ],
        "uncertain_characters": list(shown.uncertain),
    }
