"""An opt-out: what a person refuses, what they thereby take back, and what then stands.

Source: 정보통신망법 art. 50(2), and art. 50(6) with decree art. 62: whoever refuses is not written
to again, and it costs them nothing. What was agreed to later, by their own word, holds.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from functions.domain.channel import Channel, Purpose
from functions.domain.consent import Consent, ConsentAction, ConsentKey
from functions.domain.contact import Contact, Phone
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import OPT_OUTS, Mark, Scope, usual_scope
from functions.domain.writing import ConsentChange

_BY_PHONE = (Channel.SMS, Channel.KAKAO, Channel.WHATSAPP)


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOut:
    """What a person refused: when, by which way, seeing which wording.

    ``source`` says where it came from (``page``, ``solapi:080``), ``actor`` who wrote it down.
    """

    reason: SuppressionReason
    scope: Scope
    at: datetime
    source: str
    actor: str
    text_version: str = ""
    text_hash: str = ""
    ip: str = field(default="", repr=False)

    @property
    def mark(self) -> Mark:
        """What it leaves on the address: it has no end of its own."""
        return Mark(reason=self.reason, scope=self.scope, since=self.at)

    def outweighs(self, consent: Consent) -> bool:
        """Whether it takes a consent back: not one that the person gave later by their own word."""
        return consent.granted and not (consent.explicitly_granted and consent.at > self.at)

    def withdrawal(self, key: ConsentKey) -> ConsentChange:
        """Put into words, for the evidence, that this consent is taken back."""
        return ConsentChange(
            key=key,
            action=ConsentAction.WITHDRAW,
            at=self.at,
            source=self.source,
            actor=self.actor,
            text_version=self.text_version,
            text_hash=self.text_hash,
            ip=self.ip,
        )


def withdrawals(contact: Contact, opt_out: OptOut) -> tuple[ConsentChange, ...]:
    """Tell which consents in force the opt-out takes back, by day and by night."""
    if opt_out.scope.purpose is Purpose.TRANSACTIONAL:
        return ()
    return tuple(
        opt_out.withdrawal(key)
        for key, consent in sorted(contact.consents.items())
        if opt_out.scope.channel in (None, key.channel) and opt_out.outweighs(consent)
    )


def standing(known: Mark | None, new: Mark, *, now: datetime) -> Mark:
    """Tell which mark of a scope stands once the person's refusal is added to it.

    A refusal gives way to a later consent, so it never takes the place of a complaint, a dead
    number or an operator's word, which do not; one of those that was to end no longer does. Of
    two refusals the later one counts: what was agreed to between them is refused again.
    """
    if known is None or (known.until is not None and known.until <= now):
        return new
    if known.reason not in OPT_OUTS or known.since >= new.since:
        return replace(known, until=None)
    return new


def scope_of(reason: SuppressionReason, phone: Phone) -> Scope:
    """Tell what somebody refuses who does not say it.

    Advertisements; in North America a word of refusal ends every text from the sender
    (47 CFR 64.1200(a)(10); the carriers' own keyword handling there does the same).
    """
    if reason is SuppressionReason.OPT_OUT_REPLY and phone.is_north_american:
        return Scope(channel=Channel.SMS)
    return usual_scope(reason)


def concerns_phone(scope: Scope) -> bool:
    """Whether what is refused would reach the person's phone number."""
    return scope.channel is None or scope.channel in _BY_PHONE


def concerns_email(scope: Scope) -> bool:
    """Whether what is refused would reach the person's e-mail address."""
    return scope.channel in (None, Channel.EMAIL)
