"""Errors that callers are told about. ``code`` is stable and documented; texts carry no PII.

AppError
├── MalformedBody, UnsupportedMediaType, PayloadTooLarge
├── InvalidInput            every bad field at once
├── Unauthenticated, Forbidden
├── NotFound
├── Conflict                with its own code, e.g. ``idempotency_key_reused``
├── RateLimited
└── Unavailable             storage or provider cannot answer now
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One bad field: where (JSON pointer), a stable code, a sentence for people."""

    pointer: str
    code: str
    message: str


class AppError(Exception):
    """A failure the caller can act upon."""

    code = "internal"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        errors: Sequence[FieldError] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.errors = tuple(errors)
        self.retry_after_s = retry_after_s


class MalformedBody(AppError):
    """The body is not JSON."""

    code = "malformed_body"


class UnsupportedMediaType(AppError):
    """The content type is not the one this call takes."""

    code = "unsupported_media_type"


class PayloadTooLarge(AppError):
    """The body is larger than this call takes."""

    code = "payload_too_large"


class InvalidInput(AppError):
    """One or more fields are wrong; ``errors`` names them all."""

    code = "invalid_input"

    @classmethod
    def of(cls, *errors: FieldError) -> "InvalidInput":
        """Refuse the input because of these fields."""
        return cls("The request has invalid fields.", errors=errors)

    @classmethod
    def field(cls, pointer: str, code: str, message: str) -> "InvalidInput":
        """Refuse the input because of one field."""
        return cls.of(FieldError(pointer=pointer, code=code, message=message))


class Unauthenticated(AppError):
    """The key is missing or unknown."""

    code = "unauthenticated"


class Forbidden(AppError):
    """The key lacks the scope."""

    code = "forbidden"


class NotFound(AppError):
    """There is no such thing; ``merged_into`` is the contact that it became, if any."""

    code = "not_found"

    def __init__(
        self, message: str, *, code: str | None = None, merged_into: str | None = None
    ) -> None:
        super().__init__(message, code=code)
        self.merged_into = merged_into


class Conflict(AppError):
    """The state of things does not allow it."""

    code = "conflict"


class RateLimited(AppError):
    """Too many requests."""

    code = "rate_limited"


class Unavailable(AppError):
    """A part that we need does not answer; try again."""

    code = "unavailable"
