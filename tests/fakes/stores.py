"""Stores in memory that behave as the real ones; the same contract tests run on both."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.contracts.errors import Unavailable
from functions.domain.api_key import StoredKey
from functions.domain.batch import KEEP_REQUEST, Batch, BatchMeta, Binding
from functions.domain.case import PersonFacts
from functions.domain.clicks import BatchClicks
from functions.domain.contact import Contact, Phone
from functions.domain.evidence import Evidence
from functions.domain.held import HeldBatch, counts_of, mark_of, place_of
from functions.domain.ids import (
    BatchNumber,
    ContactId,
    ImageId,
    KeyId,
    MessageNumber,
    SenderId,
    TemplateId,
)
from functions.domain.image import StoredImage
from functions.domain.message import BatchState
from functions.domain.outcome import NO_OUTCOMES, BatchOutcomes
from functions.domain.reaction import NO_REACTIONS, Reactions
from functions.domain.sender import Sender
from functions.domain.standing import Standing
from functions.domain.template import Template, TemplateStatus


@dataclass
class FakeBatches:
    batches: dict[BatchNumber, Batch] = field(default_factory=dict)
    next_number: int = 1
    saved: dict[BatchNumber, list[Evidence]] = field(default_factory=dict)
    reactions: dict[BatchNumber, Reactions] = field(default_factory=dict)
    came: dict[BatchNumber, BatchOutcomes] = field(default_factory=dict)
    clicks: dict[BatchNumber, BatchClicks] = field(default_factory=dict)

    @classmethod
    def of(cls, *batches: Batch) -> "FakeBatches":
        return cls(batches={batch.meta.number: batch for batch in batches})

    def reserve(self, count: int) -> BatchNumber:
        first = self.next_number
        self.next_number += count
        return BatchNumber(first)

    def create(self, batches: Iterable[Batch]) -> None:
        self.batches |= {batch.meta.number: batch for batch in batches}

    def load(self, number: BatchNumber) -> Batch | None:
        return self.batches.get(number)

    def save_evidence(self, number: BatchNumber, evidence: Evidence) -> None:
        if evidence.cases:
            self.saved.setdefault(number, []).append(evidence)

    def evidence(self, number: BatchNumber) -> tuple[Evidence, ...]:
        return tuple(self.saved.get(number, ()))

    def meta(self, number: BatchNumber, *, consistent: bool = False) -> BatchMeta | None:
        batch = self.batches.get(number)
        return None if batch is None else batch.meta

    def standings(
        self, numbers: Sequence[BatchNumber], *, outcomes: bool = False
    ) -> list[Standing]:
        known = [self.batches[number] for number in numbers if number in self.batches]
        return [
            Standing(
                number=batch.meta.number,
                state=batch.state,
                clicks=self.clicks.get(batch.meta.number, BatchClicks.none(batch.meta.size)),
                unit_price=batch.meta.unit_price,
                reactions=self.reactions.get(batch.meta.number, NO_REACTIONS),
                outcomes=self.came.get(batch.meta.number, NO_OUTCOMES) if outcomes else NO_OUTCOMES,
            )
            for batch in known
        ]

    def states(self, numbers: Sequence[BatchNumber]) -> dict[BatchNumber, BatchState]:
        return {each: self.batches[each].state for each in numbers if each in self.batches}

    def change_state(
        self,
        number: BatchNumber,
        change: Callable[[BatchState], BatchState | None],
        *,
        known: BatchState | None = None,
    ) -> BatchState | None:
        if number not in self.batches:
            raise LookupError(number)
        old = self.batches[number].state
        new = change(old)
        if new is None or new == old:
            return None
        new = replace(new, version=old.version + 1)
        self.batches[number] = replace(self.batches[number], state=new)
        return new


@dataclass
class FakeContacts:
    contacts: dict[ContactId, Contact] = field(default_factory=dict)
    history: list[tuple[ContactId, MessageNumber]] = field(default_factory=list)

    @classmethod
    def of(cls, *contacts: Contact) -> "FakeContacts":
        return cls(contacts={contact.contact_id: contact for contact in contacts})

    def at_the_door(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, PersonFacts]:
        return {each: PersonFacts.of(found) for each, found in self.get_many(contact_ids).items()}

    def get_many(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Contact]:
        return {each: self.contacts[each] for each in contact_ids if each in self.contacts}

    def owners_of(self, phones: Iterable[Phone]) -> Mapping[Phone, ContactId]:
        wanted = set(phones)
        return {
            contact.phone: contact.contact_id
            for contact in self.contacts.values()
            if contact.phone in wanted
        }

    def remember_sent(self, numbers: Mapping[ContactId, MessageNumber], *, now: datetime) -> None:
        self.history += numbers.items()


@dataclass
class FakeTemplates:
    templates: dict[tuple[TemplateId, int], Template] = field(default_factory=dict)

    @classmethod
    def of(cls, *templates: Template) -> "FakeTemplates":
        return cls(templates={(each.template_id, each.version): each for each in templates})

    def add(self, template: Template) -> bool:
        key = (template.template_id, template.version)
        return self.templates.setdefault(key, template) is template

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        return self.templates.get((template_id, version))

    def versions(self, template_id: TemplateId) -> tuple[Template, ...]:
        own = [each for (owner, _), each in self.templates.items() if owner == template_id]
        return tuple(sorted(own, key=lambda each: each.version, reverse=True))

    def move(self, template: Template, *, to: TemplateStatus, note: str) -> bool:
        key = (template.template_id, template.version)
        known = self.templates.get(key)
        if known is None or known.status is not template.status:
            return False
        approving = to is TemplateStatus.APPROVED
        if approving and any(
            each.approved and each.purpose is not template.purpose
            for each in self.versions(template.template_id)
        ):
            return False
        moved = replace(known, status=to, note=note, ad_warnings=template.ad_warnings)
        self.templates[key] = moved
        return True

    def lead(self, template: Template, *, before: int) -> bool:
        key = (template.template_id, template.version)
        known = self.templates.get(key)
        if known is None or len(known.replaced) != before:
            return False
        self.templates[key] = replace(
            known, destinations=template.destinations, replaced=template.replaced
        )
        return True


@dataclass
class FakeSenders:
    senders: dict[SenderId, Sender] = field(default_factory=dict)

    @classmethod
    def of(cls, *senders: Sender) -> "FakeSenders":
        return cls(senders={sender.sender_id: sender for sender in senders})

    def add(self, sender: Sender) -> None:
        if self.senders.setdefault(sender.sender_id, sender) is not sender:
            msg = "the sender is there already"
            raise Unavailable(msg)

    def get(self, sender_id: SenderId) -> Sender | None:
        return self.senders.get(sender_id)

    def change(self, before: Sender, after: Sender) -> bool:
        known = self.senders.get(before.sender_id)
        same = known is not None and _registration(known) == _registration(before)
        if same:
            self.senders[before.sender_id] = after
        return same


def _registration(sender: Sender) -> tuple[object, ...]:
    return sender.status, sender.proofs, sender.reviewed, sender.accounts, sender.rate


@dataclass
class FakeSenderFiles:
    """``sizes`` are the files that were uploaded, by their keys."""

    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def upload_headers(self) -> dict[str, str]:
        return {"If-None-Match": "*"}

    def upload_url(self, key: str) -> str:
        return f"https://bucket.example/put/{key}"

    def size(self, key: str) -> int | None:
        return self.sizes.get(key)

    def download_url(self, key: str) -> str:
        return f"https://bucket.example/get/{key}"


@dataclass
class FakeRequests:
    bound: dict[str, Binding] = field(default_factory=dict)

    def find(self, request_id: str) -> Binding | None:
        return self.bound.get(request_id)

    def claim(
        self,
        request_id: str,
        batches: Sequence[BatchNumber],
        *,
        now: datetime,
        fingerprint: str = "",
        keep: timedelta = KEEP_REQUEST,
    ) -> tuple[BatchNumber, ...]:
        binding = Binding(batches=tuple(batches), fingerprint=fingerprint)
        return self.bound.setdefault(request_id, binding).batches


@dataclass
class FakeKeys:
    """``reads`` counts how often a key was looked up."""

    keys: dict[KeyId, StoredKey] = field(default_factory=dict)
    reads: int = 0

    def add(self, key: StoredKey) -> None:
        self.keys[key.key_id] = key

    def get(self, key_id: KeyId) -> StoredKey | None:
        self.reads += 1
        return self.keys.get(key_id)

    def all(self) -> tuple[StoredKey, ...]:
        return tuple(self.keys.values())

    def revoke(self, key_id: KeyId, *, now: datetime) -> bool:
        if key_id not in self.keys:
            return False
        self.keys[key_id] = replace(self.keys[key_id], revoked=now)
        return True


@dataclass
class FakeImages:
    images: dict[ImageId, StoredImage] = field(default_factory=dict)

    def get(self, image_id: ImageId) -> StoredImage | None:
        return self.images.get(image_id)


@dataclass
class FakeHeld:
    """The ledger of what is held, as the real index: made of the batches themselves."""

    batches_of: FakeBatches

    def batches(self, place: str, *, after: int, limit: int) -> tuple[HeldBatch, ...]:
        found = [
            HeldBatch(number=number, counts=counts_of(mark))
            for number, batch in sorted(self.batches_of.batches.items())
            if number > after
            and place_of(batch.meta.source, number) == place
            and (mark := mark_of(batch.state))
        ]
        return tuple(found[:limit])
