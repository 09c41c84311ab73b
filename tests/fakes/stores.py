"""Stores in memory that behave as the real ones; the same contract tests run on both."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.domain.batch import Batch, BatchMeta
from functions.domain.contact import Contact, Phone
from functions.domain.ids import BatchNumber, ContactId, MessageNumber, SenderId, TemplateId
from functions.domain.message import BatchState
from functions.domain.sender import Sender
from functions.domain.template import Template


@dataclass
class FakeBatches:
    batches: dict[BatchNumber, Batch] = field(default_factory=dict)
    next_number: int = 1

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

    def meta(self, number: BatchNumber) -> BatchMeta | None:
        batch = self.batches.get(number)
        return None if batch is None else batch.meta

    def change_state(
        self, number: BatchNumber, change: Callable[[BatchState], BatchState | None]
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

    def get_many(self, contact_ids: Iterable[ContactId]) -> Mapping[ContactId, Contact]:
        return {each: self.contacts[each] for each in contact_ids if each in self.contacts}

    def owners_of(self, phones: Iterable[Phone]) -> Mapping[Phone, ContactId]:
        wanted = set(phones)
        return {
            contact.phone: contact.contact_id
            for contact in self.contacts.values()
            if contact.phone in wanted
        }

    def remember_sent(
        self, numbers: Mapping[ContactId, MessageNumber], *, now: datetime
    ) -> None:
        self.history += numbers.items()


@dataclass
class FakeTemplates:
    templates: dict[tuple[TemplateId, int], Template] = field(default_factory=dict)

    @classmethod
    def of(cls, *templates: Template) -> "FakeTemplates":
        return cls(templates={(each.template_id, each.version): each for each in templates})

    def get(self, template_id: TemplateId, version: int) -> Template | None:
        return self.templates.get((template_id, version))


@dataclass
class FakeSenders:
    senders: dict[SenderId, Sender] = field(default_factory=dict)

    @classmethod
    def of(cls, *senders: Sender) -> "FakeSenders":
        return cls(senders={sender.sender_id: sender for sender in senders})

    def get(self, sender_id: SenderId) -> Sender | None:
        return self.senders.get(sender_id)


@dataclass
class FakeRequests:
    bound: dict[str, tuple[BatchNumber, ...]] = field(default_factory=dict)

    def claim(
        self, request_id: str, batches: Sequence[BatchNumber], *, now: datetime
    ) -> tuple[BatchNumber, ...]:
        return self.bound.setdefault(request_id, tuple(batches))
