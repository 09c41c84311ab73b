"""What one person gets: the template filled, labelled, made sendable, measured and priced."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.content.template_text import (
    MissingVariable,
    TemplateFault,
    TemplateText,
    names_used,
)
from functions.domain.ad_form import FORM_BY_MEDIUM, AdText, Advertiser, Medium
from functions.domain.channel import Channel, Purpose
from functions.domain.contact import AttributeValue
from functions.domain.planning import Composed, Person
from functions.domain.preference_token import MARK
from functions.domain.reason import RefusalReason
from functions.domain.sender import Sender
from functions.domain.template import Template
from functions.domain.text_size import (
    MessageType,
    SizeFault,
    UnsendableText,
    check_size,
    normalise,
    text_type,
    unsendable,
)

PAGE = "preferences_url"
"""The variable for the address of the recipient's preference page; nobody else can set it."""
COUPON = "coupon"
"""The variable for the recipient's code, in a campaign that has a pool of coupons."""
_GAP = re.compile(r"#\{([^{}]+)\}")
_WARNINGS = frozenset({SizeFault.TEXT_NEAR_LIMIT})
_FORM = FORM_BY_MEDIUM[Medium.TEXT]


class Uncomposable(ValueError):
    """The message of a person cannot be made; ``reason`` is what is recorded."""

    def __init__(self, reason: RefusalReason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Composer:
    """Makes the messages of one send. ``shared`` are variables that everyone gets.

    ``page_base`` is what the preference page's address starts with; without one, a template that
    uses ``preferences_url`` cannot be rendered.
    """

    template: Template
    sender: Sender
    link_base: str
    shared: Mapping[str, AttributeValue]
    page_base: str | None = None

    def __call__(self, person: Person) -> Composed | RefusalReason:
        """Compose for one person; a reason when that cannot be done."""
        try:
            return self.compose(person)
        except Uncomposable as error:
            return error.reason

    def compose(self, person: Person) -> Composed:
        """Compose for one person. Raises Uncomposable."""
        variables = self._variables(person)
        if self.template.channel is Channel.KAKAO:
            return self._alimtalk(variables)
        return self._text_message(variables)

    def _variables(self, person: Person) -> dict[str, Any]:
        contact = person.contact
        known: dict[str, Any] = {} if contact is None else dict(contact.attributes)
        page = {} if self.page_base is None else {PAGE: f"{self.page_base}/p/{MARK}"}
        return {"contact": known, **self.shared, **person.variables, **page}

    def _text_message(self, variables: Mapping[str, Any]) -> Composed:
        text = normalise(self._fill(self.template.body, variables)).text
        if not text.strip():
            raise Uncomposable(RefusalReason.UNRENDERABLE, "the text is empty")
        subject = self._subject(variables)
        correct = True
        if self.template.purpose is Purpose.ADVERTISING:
            text, correct = self._in_form(text, subject)
        if unsendable(text) or unsendable(subject or ""):
            raise Uncomposable(RefusalReason.UNSENDABLE_TEXT, "a character the carrier refuses")
        has_image = self.template.image_id is not None
        message_type = text_type(text, subject=subject, has_image=has_image)
        _check_size(message_type, text, subject)
        return Composed(
            message_type=message_type, text=text, subject=subject, ad_label_correct=correct
        )

    def _subject(self, variables: Mapping[str, Any]) -> str | None:
        """Fill the subject; one that came out blank is none, so that an SMS stays an SMS."""
        if self.template.subject is None:
            return None
        return normalise(self._fill(self.template.subject, variables)).text.strip() or None

    def _in_form(self, text: str, subject: str | None) -> tuple[str, bool]:
        """Give an advertisement its legal form, and tell whether it has it. Raises Uncomposable."""
        sender = self.sender
        if sender.opt_out_number is None:
            raise Uncomposable(RefusalReason.AD_LABEL, "the sender has no free opt-out number")
        advertiser = Advertiser(
            name=normalise(sender.display_name).text,
            contact=sender.label_contact,
            refusal=sender.opt_out_number,
        )
        try:
            ad = _FORM.compose(AdText(title=subject, body=text), advertiser)
        except ValueError as error:
            raise Uncomposable(RefusalReason.AD_LABEL, "no true label can be made") from error
        return ad.body, not _FORM.problems(ad, advertiser)

    def _alimtalk(self, variables: Mapping[str, Any]) -> Composed:
        filled = {
            name: self._fill(expression, variables)
            for name, expression in self.template.variables.items()
        }
        text = _GAP.sub(lambda gap: filled.get(gap[1], gap[0]), self.template.body)
        _check_size(MessageType.ALIMTALK, text, None)
        return Composed(message_type=MessageType.ALIMTALK, text=text, variables=filled)

    def _fill(self, source: str, variables: Mapping[str, Any]) -> str:
        text = TemplateText(source=source, links=self.template.links, link_base=self.link_base)
        try:
            return text.render(variables)
        except (MissingVariable, TemplateFault) as error:
            raise Uncomposable(RefusalReason.UNRENDERABLE, str(error)) from error


def usual_type(template: Template) -> MessageType:
    """Of which type most messages of a template are, were its gaps filled by as much as names them.

    What nobody can tell is taken for the dearer type.
    """
    if template.channel is Channel.KAKAO:
        return MessageType.ALIMTALK
    text = normalise(template.body).text
    try:
        return text_type(text, subject=template.subject, has_image=template.image_id is not None)
    except UnsendableText:
        return MessageType.LMS


def uses(template: Template, name: str) -> bool:
    """Whether a template has a gap for a variable of this name."""
    sources: Iterable[str | None] = (template.body, template.subject)
    if template.channel is Channel.KAKAO:
        sources = template.variables.values()
    return any(name in names_used(source) for source in sources if source)


def gaps(body: str) -> frozenset[str]:
    """Names of the ``#{…}`` gaps of an Alimtalk text."""
    return frozenset(_GAP.findall(body))


def _check_size(message_type: MessageType, text: str, subject: str | None) -> None:
    problems = check_size(message_type, text=text, subject=subject)
    if any(problem.fault not in _WARNINGS for problem in problems):
        raise Uncomposable(RefusalReason.TOO_LONG, "the text is too long")
