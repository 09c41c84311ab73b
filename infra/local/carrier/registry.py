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
    channels: set[str] = field(default_factory=set)
    templates: dict[str, Template] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    denials: dict[tuple[str, str], Denial] = field(default_factory=dict)

    def add_denial(self, denial: Denial) -> None:
        """Remember a refusal; the first one of a pair keeps its date."""
        self.denials.setdefault((denial.sender, denial.recipient), denial)

    def denies(self, *, recipient: str, sender: str) -> bool:
        """Tell whether the recipient refused texts from this sender."""
        return (sender, recipient) in self.denials

    def clear(self) -> None:
        """Forget everything."""
        for part in (self.senders, self.channels, self.templates, self.files, self.denials):
            part.clear()
