"""A reviewed text with gaps. A version never changes once it is made, but where it leads may."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from functions.domain.ad_words import AdWarning
from functions.domain.channel import Channel, Purpose
from functions.domain.destination import Destination, Replaced
from functions.domain.ids import MAIN_ACCOUNT, AccountName, ImageId, TemplateId


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
    ``links`` are the tracked addresses as the text has them, numbered by their place;
    ``destinations`` are where they lead now, ``replaced`` where they led before, oldest first, and
    ``utm`` is what their addresses get added, under ``click`` the name of the parameter that gets
    the code of the link. ``goods`` is the kind of goods
    advertised (decree art. 61(1)), ``tags`` are what frequency caps look at. ``ad_warnings`` is
    what a notice was found to say like an advertisement, and ``note`` why it may: the reviewer's.
    ``provider_template_ids`` are those of the further accounts at the provider that know it.
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
    destinations: tuple[Destination, ...] = ()
    replaced: tuple[Replaced, ...] = ()
    utm: Mapping[str, str] = field(default_factory=dict)
    status: TemplateStatus = TemplateStatus.DRAFT
    note: str = ""
    goods: str | None = None
    tags: frozenset[str] = frozenset()
    ad_warnings: tuple[AdWarning, ...] = ()
    provider_template_ids: Mapping[AccountName, str] = field(default_factory=dict)

    def provider_id_at(self, account: AccountName) -> str | None:
        """The id that an account at the provider knows it by."""
        if account == MAIN_ACCOUNT:
            return self.provider_template_id
        return self.provider_template_ids.get(account)

    def usable_at(self, account: AccountName) -> bool:
        """Whether messages of it can leave at this account: Kakao must know it there."""
        return self.channel is not Channel.KAKAO or self.provider_id_at(account) is not None

    @property
    def approved(self) -> bool:
        """Whether messages may be made of it."""
        return self.status is TemplateStatus.APPROVED
