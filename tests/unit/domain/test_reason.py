from functions.domain.reason import (
    CODE_BY_FAILURE,
    CODE_BY_HOLD,
    CODE_BY_REFUSAL,
    FailureReason,
    HoldReason,
    RefusalReason,
)

PINNED_REFUSALS = (
    "no_address suppressed no_consent sender_not_approved ad_label ad_on_informational_channel "
    "unknown_contact duplicate_address unrenderable unsendable_text too_long contact_erased "
    "address_changed"
)
PINNED_FAILURES = (
    "invalid_number opted_out blocked sender content template balance not_kakao_user not_friend "
    "outside_hours device timeout carrier spam expired provider_unavailable duplicate other"
)


def test_numbers_of_refusals_never_change() -> None:
    stored = [str(reason) for reason, _ in sorted(CODE_BY_REFUSAL.items(), key=lambda i: i[1])]

    assert stored[:13] == PINNED_REFUSALS.split()


def test_numbers_of_failures_never_change() -> None:
    stored = [str(reason) for reason, _ in sorted(CODE_BY_FAILURE.items(), key=lambda i: i[1])]

    assert stored[:18] == PINNED_FAILURES.split()


def test_every_reason_has_its_own_number_that_fits_its_bits() -> None:
    for codes, reasons, room in (
        (CODE_BY_HOLD, HoldReason, 32),
        (CODE_BY_REFUSAL, RefusalReason, 64),
        (CODE_BY_FAILURE, FailureReason, 128),
    ):
        assert set(codes) == set(reasons)
        assert sorted(codes.values()) == list(range(len(reasons)))
        assert len(reasons) <= room
