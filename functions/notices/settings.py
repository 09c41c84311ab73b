"""How notices are sent: checked against the templates and senders there are."""

from functions.content.template_text import names_used
from functions.contracts.errors import FieldError, InvalidInput
from functions.contracts.route import route_of
from functions.domain.channel import Channel, Purpose
from functions.domain.notice import NoticeKind
from functions.domain.notice_settings import VARIABLES, NoticeRoute, NoticeSettings
from functions.domain.sender import Sender
from functions.domain.template import Template
from functions.notices.ports import NoticeDeps


def save(settings: NoticeSettings, *, deps: NoticeDeps) -> NoticeSettings:
    """Use these from now on. Raises InvalidInput naming all that does not fit."""
    errors = [
        error
        for kind, route in settings.routes.items()
        for error in _route_errors(kind, route, deps)
    ]
    if errors:
        raise InvalidInput.of(*errors)
    deps.notices.save_settings(settings)
    return settings


def _route_errors(kind: NoticeKind, route: NoticeRoute, deps: NoticeDeps) -> list[FieldError]:
    template = deps.templates.get(route.template_id, route.template_version)
    sender = deps.senders.get(route.sender_id)
    try:
        route_of(template, sender, default_zone=deps.zone)
    except InvalidInput as error:
        return [
            FieldError(f"/{kind}{each.pointer}", each.code, each.message) for each in error.errors
        ]
    return [*_sender_errors(kind, sender), *_template_errors(kind, template)]


def _sender_errors(kind: NoticeKind, sender: Sender | None) -> list[FieldError]:
    if sender is None or sender.approved:
        return []
    return [FieldError(f"/{kind}/sender_id", "not_approved", "The sender is not approved.")]


def _template_errors(kind: NoticeKind, template: Template | None) -> list[FieldError]:
    if template is None:
        return []
    place = f"/{kind}/template_id"
    if template.purpose is not Purpose.TRANSACTIONAL:
        return [FieldError(place, "not_allowed", "A notice is no advertisement.")]
    unknown = sorted(_names(template) - VARIABLES)
    if unknown:
        message = f"A notice has no value for {', '.join(unknown)}."
        return [FieldError(place, "unrenderable", message)]
    return []


def _names(template: Template) -> frozenset[str]:
    """What the text reads. What some people have and others lack would stop all the others."""
    if template.channel is Channel.KAKAO:
        sources = [*template.variables.values()]
    else:
        sources = [template.body, template.subject or ""]
    return frozenset(name for source in sources for name in names_used(source))
