"""Templates: written, reviewed, then used; the text of a version never changes."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from functions.content.compose import gaps
from functions.content.template_text import TemplateFault, check_source, tracked_links
from functions.contracts.destination_errors import link_errors
from functions.contracts.errors import Conflict, FieldError, InvalidInput, NotFound
from functions.domain.ad_label import imitated_label
from functions.domain.ad_words import AdWarning, ad_warnings
from functions.domain.channel import Channel, Purpose
from functions.domain.ids import MAIN_ACCOUNT, AccountName, ImageId, TemplateId
from functions.domain.template import TEMPLATE_STEPS, Template, TemplateStatus
from functions.domain.text_size import ALIMTALK_MAX_CHARS, normalise
from functions.templates.linking import destinations_of, rule_errors


class Templates(Protocol):
    """The store of templates."""

    def add(self, template: Template) -> bool:
        """Write a new version."""

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        """Read one version."""

    def versions(self, template_id: TemplateId) -> tuple[Template, ...]:
        """Read all versions, newest first."""

    def move(self, template: Template, *, to: TemplateStatus, note: str) -> bool:
        """Change the status."""


class Images(Protocol):
    """The store of images."""

    def get(self, image_id: ImageId) -> object | None:
        """Read one image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDeps:
    """What the use cases need.

    ``accounts`` are the names of those at the provider, ``hosts`` those that links may lead to;
    none: any.
    """

    templates: Templates
    images: Images
    accounts: Callable[[], Collection[AccountName]]
    hosts: Sequence[str] = ()


def add(template: Template, *, deps: TemplateDeps) -> Template:
    """Write version 1 of a new template. Raises InvalidInput naming every bad field.

    ``destinations`` of what is given are rules for tracked links, each named by its ``url``.
    """
    checked = _checked(template, deps)
    deps.templates.add(checked)
    return checked


def add_version(template: Template, *, deps: TemplateDeps) -> Template:
    """Write the next version, given as to ``add``. Raises InvalidInput, NotFound, Conflict."""
    known = versions(template.template_id, deps=deps)
    newest = known[0]
    if template.channel is not newest.channel:
        message = "A template keeps its channel."
        raise InvalidInput.field("/channel", "not_allowed", message)
    if _is_of_another_class(template, known):
        message = "A version is approved: the template keeps its purpose. Write a new template."
        raise InvalidInput.field("/purpose", "class_fixed", message)
    checked = _checked(replace(template, version=newest.version + 1), deps)
    if not deps.templates.add(checked):
        msg = "Another version was added at the same time; try again."
        raise Conflict(msg, code="busy")
    return checked


def versions(template_id: TemplateId, *, deps: TemplateDeps) -> tuple[Template, ...]:
    """Read all versions, newest first. Raises NotFound."""
    found = deps.templates.versions(template_id)
    if not found:
        msg = "There is no such template."
        raise NotFound(msg)
    return found


def find(template_id: TemplateId, version: int, *, deps: TemplateDeps) -> Template:
    """Read one version. Raises NotFound."""
    template = deps.templates.get(template_id, version)
    if template is None:
        msg = "There is no such version of the template."
        raise NotFound(msg)
    return template


def move(
    template_id: TemplateId,
    version: int,
    *,
    to: TemplateStatus,
    note: str,
    deps: TemplateDeps,
) -> Template:
    """Take a version one step further.

    Raises NotFound, Conflict ``wrong_status``, InvalidInput ``reason_required`` when a notice that
    reads like an advertisement is approved without a word, ``class_fixed`` when another version
    was approved for another purpose.
    """
    found = find(template_id, version, deps=deps)
    template = replace(found, ad_warnings=_suspicions(found))
    allowed = to in TEMPLATE_STEPS[template.status]
    if allowed and to is TemplateStatus.APPROVED:
        _check_approval(template, note, deps)
    if not allowed or not deps.templates.move(template, to=to, note=note):
        if to is TemplateStatus.APPROVED:  # another version's approval may have been quicker
            _check_class(template, deps)
        msg = f"A version that is {template.status} cannot become {to}."
        raise Conflict(msg, code="wrong_status")
    return find(template_id, version, deps=deps)


def _check_approval(template: Template, note: str, deps: TemplateDeps) -> None:
    _check_class(template, deps)
    if template.ad_warnings and not note.strip():
        message = "It reads like an advertisement: say why it is none."
        raise InvalidInput.field("/note", "reason_required", message)


def _check_class(template: Template, deps: TemplateDeps) -> None:
    if _is_of_another_class(template, deps.templates.versions(template.template_id)):
        message = "Another version is approved for another purpose."
        raise InvalidInput.field("/version", "class_fixed", message)


def _is_of_another_class(template: Template, known: Sequence[Template]) -> bool:
    """The class decides which rules apply to a message, so what was reviewed fixes it."""
    return any(each.approved and each.purpose is not template.purpose for each in known)


def _suspicions(template: Template) -> tuple[AdWarning, ...]:
    if template.purpose is Purpose.ADVERTISING:
        return ()
    text = "\n".join(part for part in (template.subject, template.body) if part)
    return ad_warnings(text, alimtalk=template.channel is Channel.KAKAO)


def _checked(template: Template, deps: TemplateDeps) -> Template:
    errors = _source_errors(template, deps.hosts)
    links = () if errors else _links(template)
    if not errors:
        errors += rule_errors(template.destinations, links=links, hosts=deps.hosts)
    errors += _alimtalk_errors(template, deps) if template.channel is Channel.KAKAO else []
    errors += _text_message_errors(template, deps) if template.channel is Channel.SMS else []
    if errors:
        raise InvalidInput.of(*errors)
    return replace(
        template,
        links=links,
        destinations=destinations_of(links, template.destinations),
        ad_warnings=_suspicions(template),
    )


def _sources(template: Template) -> Sequence[tuple[str, str]]:
    sources = [(f"/variables/{name}", text) for name, text in template.variables.items()]
    if template.channel is Channel.SMS:
        sources.append(("/body", template.body))
        if template.subject is not None:
            sources.append(("/subject", template.subject))
    return sources


def _links(template: Template) -> tuple[str, ...]:
    return tracked_links("\n".join(source for _, source in _sources(template)))


def _source_errors(template: Template, hosts: Sequence[str]) -> list[FieldError]:
    errors = []
    for pointer, source in _sources(template):
        try:
            check_source(source)
            errors += link_errors(pointer, tracked_links(source), hosts=hosts)
        except TemplateFault as fault:
            errors.append(FieldError(pointer=pointer, code=fault.code, message=str(fault)))
    if not errors:
        try:
            _links(template)
        except TemplateFault as fault:
            errors.append(FieldError(pointer="/body", code=fault.code, message=str(fault)))
    return errors


def _text_message_errors(template: Template, deps: TemplateDeps) -> list[FieldError]:
    errors = []
    if template.variables or template.provider_template_id or template.provider_template_ids:
        message = "Only Kakao templates have variables and a provider's template id."
        errors.append(FieldError(pointer="/variables", code="not_allowed", message=message))
    if template.image_id is not None and deps.images.get(template.image_id) is None:
        message = "There is no such image."
        errors.append(FieldError(pointer="/image_id", code="not_found", message=message))
    if template.purpose is Purpose.ADVERTISING:
        errors += _label_errors(template)
    return errors


def _label_errors(template: Template) -> list[FieldError]:
    message = "Leave the label out: the exact '(광고)' is put in front for you."
    return [
        FieldError(pointer=pointer, code="imitation_label", message=message)
        for pointer, text in (("/body", template.body), ("/subject", template.subject or ""))
        if imitated_label(normalise(text).text) is not None
    ]


def _alimtalk_errors(template: Template, deps: TemplateDeps) -> list[FieldError]:
    errors = _account_errors(template, deps)
    if template.purpose is Purpose.ADVERTISING:
        message = "Kakao allows only informational Alimtalk."
        errors.append(FieldError(pointer="/purpose", code="not_allowed", message=message))
    if template.subject is not None or template.image_id is not None:
        message = "Alimtalk has neither subject nor image here."
        errors.append(FieldError(pointer="/subject", code="not_allowed", message=message))
    if template.provider_template_id is None:
        message = "Give the id under which Kakao approved the template."
        errors.append(FieldError(pointer="/provider_template_id", code="missing", message=message))
    if len(template.body) > ALIMTALK_MAX_CHARS:
        message = f"Alimtalk has at most {ALIMTALK_MAX_CHARS} characters."
        errors.append(FieldError(pointer="/body", code="too_long", message=message))
    for gap in sorted(gaps(template.body) ^ set(template.variables)):
        message = "Each #{gap} of the text needs an expression here, and no others."
        name = gap.replace("~", "~0").replace("/", "~1")  # RFC 6901
        errors.append(FieldError(f"/variables/{name}", "gap_mismatch", message))
    return errors


def _account_errors(template: Template, deps: TemplateDeps) -> list[FieldError]:
    unknown = set(template.provider_template_ids) - (set(deps.accounts()) - {MAIN_ACCOUNT})
    message = "There is no further account of this name."
    return [
        FieldError(f"/provider_template_ids/{account}", "unknown_account", message)
        for account in sorted(unknown)
    ]
