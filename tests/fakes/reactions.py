"""Reactions to messages, in memory."""

from dataclasses import dataclass, field
from datetime import datetime

from functions.domain.ids import ContactId, MessageNumber
from functions.domain.reaction import Reaction


@dataclass
class FakeReactions:
    of_messages: list[tuple[MessageNumber, Reaction, datetime]] = field(default_factory=list)
    of_owners: list[tuple[ContactId, Reaction, datetime]] = field(default_factory=list)

    def of_message(self, number: MessageNumber, reaction: Reaction, *, at: datetime) -> None:
        self.of_messages.append((number, reaction, at))

    def of_owner(self, owner: ContactId, reaction: Reaction, *, at: datetime) -> None:
        self.of_owners.append((owner, reaction, at))
