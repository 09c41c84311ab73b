"""Why a message was held, refused or failed: stable names that are stored, counted and shown.

Each reason also has a stable number, for a message's state is packed into one byte. Numbers
are never reused or changed; ``tests/unit/domain/test_reason.py`` pins them.
"""

from enum import StrEnum


class HoldReason(StrEnum):
    """The message may leave later."""

    NIGHT = "night"
    SCHEDULED = "scheduled"
    QUIET_HOURS = "quiet_hours"
    FREQUENCY_CAP = "frequency_cap"
    THROTTLE = "throttle"


class RefusalReason(StrEnum):
    """The one door keeps the message from leaving."""

    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"
    NO_CONSENT = "no_consent"
    SENDER_NOT_APPROVED = "sender_not_approved"
    AD_LABEL = "ad_label"
    AD_ON_INFORMATIONAL_CHANNEL = "ad_on_informational_channel"
    UNKNOWN_CONTACT = "unknown_contact"
    DUPLICATE_ADDRESS = "duplicate_address"
    UNRENDERABLE = "unrenderable"
    UNSENDABLE_TEXT = "unsendable_text"
    TOO_LONG = "too_long"
    CONTACT_ERASED = "contact_erased"
    ADDRESS_CHANGED = "address_changed"
    CLOSED_HOURS = "closed_hours"
    CAPPED = "capped"
    EXPIRES_FIRST = "expires_first"
    COUPON_EXHAUSTED = "coupon_exhausted"
    COUPON_EXPIRED = "coupon_expired"
    CONVERTED = "converted"
    OPTED_OUT_SINCE = "opted_out_since"
    HELD_OUT = "held_out"
    """By chance, to see what the campaign brings about."""
    HELD_OUT_GLOBALLY = "held_out_globally"
    """In the company's group of people who get no advertising, to see what all of it does."""


class FailureReason(StrEnum):
    """The provider or the carrier could not deliver; the vocabulary common to all providers."""

    INVALID_NUMBER = "invalid_number"
    OPTED_OUT = "opted_out"
    BLOCKED = "blocked"
    SENDER = "sender"
    CONTENT = "content"
    TEMPLATE = "template"
    BALANCE = "balance"
    NOT_KAKAO_USER = "not_kakao_user"
    NOT_FRIEND = "not_friend"
    OUTSIDE_HOURS = "outside_hours"
    DEVICE = "device"
    TIMEOUT = "timeout"
    CARRIER = "carrier"
    SPAM = "spam"
    EXPIRED = "expired"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    DUPLICATE = "duplicate"
    OTHER = "other"


class SuppressionReason(StrEnum):
    """Why an address must not be written to."""

    OPT_OUT_CALL = "opt_out_call"
    OPT_OUT_REPLY = "opt_out_reply"
    OPT_OUT_PAGE = "opt_out_page"
    OPT_OUT_ONE_CLICK = "opt_out_one_click"
    OPT_OUT_CARRIER = "opt_out_carrier"
    COMPLAINT = "complaint"
    INVALID = "invalid"
    MANUAL = "manual"


CODE_BY_HOLD = {
    HoldReason.NIGHT: 0,
    HoldReason.SCHEDULED: 1,
    HoldReason.QUIET_HOURS: 2,
    HoldReason.FREQUENCY_CAP: 3,
    HoldReason.THROTTLE: 4,
}
CODE_BY_REFUSAL = {
    RefusalReason.NO_ADDRESS: 0,
    RefusalReason.SUPPRESSED: 1,
    RefusalReason.NO_CONSENT: 2,
    RefusalReason.SENDER_NOT_APPROVED: 3,
    RefusalReason.AD_LABEL: 4,
    RefusalReason.AD_ON_INFORMATIONAL_CHANNEL: 5,
    RefusalReason.UNKNOWN_CONTACT: 6,
    RefusalReason.DUPLICATE_ADDRESS: 7,
    RefusalReason.UNRENDERABLE: 8,
    RefusalReason.UNSENDABLE_TEXT: 9,
    RefusalReason.TOO_LONG: 10,
    RefusalReason.CONTACT_ERASED: 11,
    RefusalReason.ADDRESS_CHANGED: 12,
    RefusalReason.CLOSED_HOURS: 13,
    RefusalReason.CAPPED: 14,
    RefusalReason.EXPIRES_FIRST: 15,
    RefusalReason.COUPON_EXHAUSTED: 16,
    RefusalReason.COUPON_EXPIRED: 17,
    RefusalReason.CONVERTED: 18,
    RefusalReason.OPTED_OUT_SINCE: 19,
    RefusalReason.HELD_OUT: 20,
    RefusalReason.HELD_OUT_GLOBALLY: 21,
}
CODE_BY_FAILURE = {
    FailureReason.INVALID_NUMBER: 0,
    FailureReason.OPTED_OUT: 1,
    FailureReason.BLOCKED: 2,
    FailureReason.SENDER: 3,
    FailureReason.CONTENT: 4,
    FailureReason.TEMPLATE: 5,
    FailureReason.BALANCE: 6,
    FailureReason.NOT_KAKAO_USER: 7,
    FailureReason.NOT_FRIEND: 8,
    FailureReason.OUTSIDE_HOURS: 9,
    FailureReason.DEVICE: 10,
    FailureReason.TIMEOUT: 11,
    FailureReason.CARRIER: 12,
    FailureReason.SPAM: 13,
    FailureReason.EXPIRED: 14,
    FailureReason.PROVIDER_UNAVAILABLE: 15,
    FailureReason.DUPLICATE: 16,
    FailureReason.OTHER: 17,
}
