"""A reviewed text with gaps. A version never changes once it is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from functions.domain.ad_words import AdWarning
from functions.domain.channel import Channel, Purpose
from functions.domain.ids import ImageId, TemplateId


class TemplateStatus(StrEnum):
    """A version's way from draft to use."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"


TEMPLATE_STEPS: Mapping[TemplateStatus, frozenset[TemplateStatus]] = {
    TemplateStatus.DRAFT: frozenset({TemplateStatus.SUBMITTED}),
    TemplateStatus.SUBMITTED: frozenset({TemplateStatus.APPROVED, TemplateStatus.REJECTED}),
    TemplateStatus.APPROVED: frozenset(),
    TemplateStatus.REJECTED: frozenset(),
}
"""Which status may follow which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One version of a template.

    ``body`` is a MiniJinja template for SMS. For Alimtalk it is the text as Kakao approved it,
    with ``#{name}`` gaps, and ``variables`` gives the expression that fills each gap.
    ``links`` are the tracked destinations, numbered by their place. ``goods`` is the kind of goods
    advertised (decree art. 61(1)), ``tags`` are what frequency caps look at. ``ad_warnings`` is
    what a notice was found to say like an advertisement, and ``note`` why it may: the reviewer's.
    """

    template_id: TemplateId
    version: int
    name: str
    channel: Channel
    purpose: Purpose
    body: str
    subject: str | None = None
    image_id: ImageId | None = None
    provider_template_id: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    status: TemplateStatus = TemplateStatus.DRAFT
    note: str = ""
    goods: str | None = None
    tags: frozenset[str] = frozenset()
    ad_warnings: tuple[AdWarning, ...] = ()

    @property
    def approved(self) -> bool:
        """Whether messages may be made of it."""
        return self.status is TemplateStatus.APPROVED
