import pytest

from functions.contracts.errors import (
    AppError,
    Conflict,
    FieldError,
    Forbidden,
    InvalidInput,
    MalformedBody,
    NotFound,
    PayloadTooLarge,
    RateLimited,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (MalformedBody, "malformed_body"),
        (UnsupportedMediaType, "unsupported_media_type"),
        (PayloadTooLarge, "payload_too_large"),
        (InvalidInput, "invalid_input"),
        (Unauthenticated, "unauthenticated"),
        (Forbidden, "forbidden"),
        (NotFound, "not_found"),
        (Conflict, "conflict"),
        (RateLimited, "rate_limited"),
        (Unavailable, "unavailable"),
    ],
)
def test_every_kind_has_its_code_which_callers_rely_on(kind: type[AppError], code: str) -> None:
    error = kind("What happened.")

    assert (error.code, error.message, str(error)) == (code, "What happened.", "What happened.")
    assert (error.errors, error.retry_after_s) == ((), None)


def test_error_may_have_a_code_of_its_own_and_a_time_to_wait() -> None:
    error = Conflict("Used already.", code="idempotency_key_reused", retry_after_s=5)

    assert (error.code, error.retry_after_s) == ("idempotency_key_reused", 5)
    assert Conflict("Another.").code == "conflict"


def test_all_bad_fields_are_named_at_once() -> None:
    one = FieldError("/a", "missing", "Give it.")
    other = FieldError("/b", "too_long", "Shorten it.")

    assert InvalidInput.of(one, other).errors == (one, other)
    assert InvalidInput.field("/a", "missing", "Give it.").errors == (one,)
