"""What was registered with the carrier beforehand: senders, channels, templates, files, denials."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.local.carrier.records import Denial, StoredFile, Template


@dataclass(slots=True)
class Registry:
    """The account's registrations, each found by its natural key."""

    senders: set[str] = field(default_factory=set)
    # Of the senders, those that are not known to every account, with the API keys that know them.
    known_to: dict[str, set[str]] = field(default_factory=dict)
    channels: set[str] = field(default_factory=set)
    templates: dict[str, Template] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    denials: dict[tuple[str, str], Denial] = field(default_factory=dict)

    def add_sender(self, number: str, *, api_key: str | None) -> None:
        """Register a number at an account, or at all of them (None)."""
        self.senders.add(number)
        if api_key is None:
            self.known_to.pop(number, None)
        else:
            self.known_to.setdefault(number, set()).add(api_key)

    def knows_sender(self, number: str, *, api_key: str) -> bool:
        """Tell whether the number is registered at this account."""
        return number in self.senders and api_key in self.known_to.get(number, {api_key})

    def add_denial(self, denial: Denial) -> None:
        """Remember a refusal; the first one of a pair keeps its date."""
        self.denials.setdefault((denial.sender, denial.recipient), denial)

    def denies(self, *, recipient: str, sender: str) -> bool:
        """Tell whether the recipient refused texts from this sender."""
        return (sender, recipient) in self.denials

    def clear(self) -> None:
        """Forget everything."""
        self.senders.clear()
        self.known_to.clear()
        for part in (self.channels, self.templates, self.files, self.denials):
            part.clear()
