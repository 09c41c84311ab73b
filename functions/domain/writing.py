"""What writers of a contact hand about: the profile with its version, and consent changes."""

from dataclasses import dataclass, field
from datetime import datetime

from functions.domain.consent import Basis, ConsentAction, ConsentKey, ConsentRecord
from functions.domain.contact import Contact
from functions.domain.ids import ContactId


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A contact with what its writers need: the version, and the head of the evidence."""

    contact: Contact
    version: int
    consent_seq: int
    consent_head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChange:
    """What a person said, before it has its place in the chain; see ``ConsentRecord``."""

    key: ConsentKey
    action: ConsentAction
    at: datetime
    source: str
    actor: str
    text_version: str
    text_hash: str = ""
    ip: str = field(default="", repr=False)
    basis: Basis = Basis.EXPLICIT
    goods: str = ""

    def record(  # each gives the row its place
        self,
        contact_id: ContactId,
        *,
        seq: int,
        previous: str,
        subject: str,
        ip_hash: str,
        recorded: datetime,
    ) -> ConsentRecord:
        """Make it the row of this number, after the one whose digest is ``previous``."""
        return ConsentRecord(
            contact_id=contact_id,
            subject=subject,
            seq=seq,
            key=self.key,
            action=self.action,
            at=self.at,
            recorded=recorded,
            source=self.source,
            actor=self.actor,
            text_version=self.text_version,
            text_hash=self.text_hash,
            ip=self.ip,
            ip_hash=ip_hash,
            basis=self.basis,
            goods=self.goods,
            previous=previous,
        )
