"""What writers of a contact hand about: the profile with its version, and consent changes."""

from dataclasses import dataclass
from datetime import datetime

from functions.domain.consent import ConsentAction, ConsentKey
from functions.domain.contact import Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A contact with what its writers need: the version, and the head of the evidence."""

    contact: Contact
    version: int
    consent_seq: int
    consent_head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChange:
    """What a person said, before it has its place in the chain of evidence."""

    key: ConsentKey
    action: ConsentAction
    at: datetime
    source: str
    actor: str
    text_version: str
