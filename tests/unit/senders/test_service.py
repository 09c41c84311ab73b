from datetime import timedelta
from typing import Any

import pytest

from functions.contracts.errors import Conflict, InvalidInput, NotFound
from functions.domain.channel import Channel
from functions.domain.ids import MAIN_ACCOUNT, AccountName, ProofId, SenderId
from functions.domain.sender import MAX_PROOFS, Proof, ProofKind, Review, Sender, SenderStatus
from functions.senders import service
from functions.senders.service import SenderDeps, add_proof, find, proof_files, register_at, review
from tests.builders import NOON, a_sender
from tests.fakes.stores import FakeSenderFiles, FakeSenders

SND_1 = SenderId("snd_1")
SECOND = AccountName("second")
PRF_1 = ProofId("prf_1")
KEY_1 = "senders/snd_1/proof-prf_1"
CERTIFICATE = Proof(
    proof_id=PRF_1, kind=ProofKind.TELECOM_CERTIFICATE, object_key=KEY_1, added=NOON
)
DAY = timedelta(days=1)


def deps(senders: FakeSenders | None = None, **sizes: int) -> SenderDeps:
    files = FakeSenderFiles({f"senders/snd_1/proof-{name}": size for name, size in sizes.items()})
    return SenderDeps(
        senders=senders or FakeSenders(), files=files, accounts=lambda: (MAIN_ACCOUNT, SECOND)
    )


def register(sender: Sender, *, deps: SenderDeps) -> Sender:
    return service.register(sender, deps=deps, now=NOON)


def pending(**values: Any) -> FakeSenders:
    return FakeSenders.of(a_sender(**({"status": SenderStatus.PENDING} | values)))


def approval(**values: Any) -> Review:
    return Review(**({"status": SenderStatus.APPROVED, "note": "확인"} | values))


def test_sender_is_registered_to_be_approved_with_its_number_in_digits() -> None:
    world = deps()

    registered = register(a_sender(address="02-0000-1234"), deps=world)

    assert registered == find(SND_1, deps=world)
    assert registered.address == "0200001234"
    assert registered.status is SenderStatus.PENDING
    assert registered.registered == NOON


def test_nobody_can_register_an_approved_sender() -> None:
    registered = register(a_sender(status=SenderStatus.APPROVED), deps=deps())

    assert registered.status is SenderStatus.PENDING
    assert not registered.approved


def test_kakao_channel_is_registered_as_it_is() -> None:
    sender = a_sender(channel=Channel.KAKAO, address="KA01PF_abc-123", opt_out_number=None)

    assert register(sender, deps=deps()).address == "KA01PF_abc-123"


def test_sender_of_notices_needs_no_free_number() -> None:
    assert register(a_sender(opt_out_number=None), deps=deps()).opt_out_number is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"address": "010-0000-0001"}, [("/address", "non_existent_range")]),
        ({"address": "114"}, [("/address", "special_number")]),
        ({"address": "전화"}, [("/address", "malformed")]),
        ({"address": "02-123"}, [("/address", "too_short")]),
        ({"address": ""}, [("/address", "malformed")]),
        ({"channel": Channel.KAKAO, "address": "@shop"}, [("/address", "invalid_format")]),
        ({"channel": Channel.KAKAO, "address": "ab"}, [("/address", "invalid_format")]),
        ({"contact": "112"}, [("/contact", "special_number")]),
        ({"contact": "전화"}, [("/contact", "malformed")]),
        ({"contact": "010-0000-0001"}, [("/contact", "non_existent_range")]),
        ({"opt_out_number": "02-000-0000"}, [("/opt_out_number", "invalid_format")]),
        ({"opt_out_number": ""}, [("/opt_out_number", "invalid_format")]),
        ({"display_name": "상점 🌸"}, [("/display_name", "unsendable_text")]),
        ({"display_name": "두\u2028줄"}, [("/display_name", "unsendable_text")]),
        ({"display_name": " "}, [("/display_name", "unsendable_text")]),
        (
            {"address": "114", "contact": "1", "display_name": "🌸", "opt_out_number": "1"},
            [
                ("/address", "special_number"),
                ("/contact", "too_short"),
                ("/display_name", "unsendable_text"),
                ("/opt_out_number", "invalid_format"),
            ],
        ),
    ],
)
def test_bad_sender_is_refused_with_every_field(
    values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    senders = FakeSenders()

    with pytest.raises(InvalidInput) as refused:
        register(a_sender(**values), deps=deps(senders))

    assert [(error.pointer, error.code) for error in refused.value.errors] == expected
    assert senders.senders == {}


def test_name_of_a_kakao_channel_may_show_anything() -> None:
    sender = a_sender(channel=Channel.KAKAO, address="KA01PF", display_name="상점 🌸")

    assert register(sender, deps=deps()).display_name == "상점 🌸"


def test_name_with_a_replaceable_sign_is_accepted() -> None:
    assert register(a_sender(display_name="알림–상점"), deps=deps()).display_name == "알림–상점"


@pytest.mark.parametrize(
    ("text", "digits"),
    [(None, None), ("1588-0000", "15880000"), ("0505-012-3456", "05050123456")],
)
def test_contact_is_kept_in_digits(text: str | None, digits: str | None) -> None:
    assert register(a_sender(contact=text), deps=deps()).contact == digits


def test_registration_begins_without_proofs_and_review() -> None:
    sender = a_sender(proofs=(CERTIFICATE,), reviewed=NOON, note="x", valid_until=NOON)

    registered = register(sender, deps=deps())

    assert (registered.proofs, registered.reviewed, registered.note) == ((), None, "")
    assert registered.valid_until is None


@pytest.mark.parametrize("status", list(SenderStatus))
def test_review_decides_and_may_decide_anew(status: SenderStatus) -> None:
    world = deps(FakeSenders.of(a_sender(status=SenderStatus.APPROVED)))

    reviewed = review(SND_1, Review(status=status, note="확인"), deps=world, now=NOON)

    assert (reviewed.status, reviewed.note, reviewed.reviewed) == (status, "확인", NOON)
    assert find(SND_1, deps=world) == reviewed


def test_number_is_approved_on_an_uploaded_proof_without_a_word() -> None:
    world = deps(pending(proofs=(CERTIFICATE,)), prf_1=1_000)

    assert review(SND_1, approval(note=""), deps=world, now=NOON).approved


@pytest.mark.parametrize(
    ("proofs", "sizes"),
    [
        pytest.param((), {}, id="no-proof"),
        pytest.param((), {"prf_1": 1_000}, id="file-of-nothing"),
        pytest.param((CERTIFICATE,), {}, id="not-uploaded"),
        pytest.param((CERTIFICATE,), {"prf_1": 0}, id="empty"),
    ],
)
@pytest.mark.parametrize("note", ["", "  "])
def test_number_is_not_approved_without_a_proof_or_a_reason(
    proofs: tuple[Proof, ...], sizes: dict[str, int], note: str
) -> None:
    world = deps(pending(proofs=proofs), **sizes)

    with pytest.raises(InvalidInput) as refused:
        review(SND_1, approval(note=note), deps=world, now=NOON)

    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/note", "reason_required")]
    assert find(SND_1, deps=world).status is SenderStatus.PENDING


def test_number_may_be_approved_for_a_stated_reason() -> None:
    assert review(SND_1, approval(note="자사 번호"), deps=deps(pending()), now=NOON).approved


def test_kakao_channel_needs_no_proof() -> None:
    world = deps(pending(channel=Channel.KAKAO, address="KA01PF"))

    assert review(SND_1, approval(note=""), deps=world, now=NOON).approved


@pytest.mark.parametrize(
    "status", [SenderStatus.PENDING, SenderStatus.REJECTED, SenderStatus.SUSPENDED]
)
def test_anything_but_an_approval_needs_neither(status: SenderStatus) -> None:
    assert not review(SND_1, Review(status=status), deps=deps(pending()), now=NOON).approved


def test_approval_has_dates_which_outlive_a_suspension() -> None:
    world = deps(pending())
    dates = {"valid_from": NOON - DAY, "valid_until": NOON + DAY}
    approved = review(SND_1, approval(**dates), deps=world, now=NOON)

    suspended = review(SND_1, Review(status=SenderStatus.SUSPENDED), deps=world, now=NOON)

    assert approved.usable(NOON)
    assert not suspended.usable(NOON)
    assert (suspended.valid_from, suspended.valid_until) == tuple(dates.values())
    assert review(SND_1, approval(), deps=world, now=NOON).valid_until is None


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (approval(valid_until=NOON), [("/valid_until", "out_of_range")]),
        (approval(valid_until=NOON - DAY), [("/valid_until", "out_of_range")]),
        (
            approval(valid_from=NOON + DAY, valid_until=NOON + DAY),
            [("/valid_until", "out_of_range")],
        ),
        (
            Review(status=SenderStatus.REJECTED, valid_from=NOON, valid_until=NOON),
            [("/valid_from", "not_allowed"), ("/valid_until", "not_allowed")],
        ),
        (
            approval(note="", valid_until=NOON),
            [("/valid_until", "out_of_range"), ("/note", "reason_required")],
        ),
    ],
)
def test_dates_that_cannot_be_are_refused(
    decision: Review, expected: list[tuple[str, str]]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        review(SND_1, decision, deps=deps(pending()), now=NOON)

    assert [(e.pointer, e.code) for e in refused.value.errors] == expected


def test_proof_is_expected_below_the_senders_own_key() -> None:
    world = deps(pending())

    proof = add_proof(SND_1, ProofKind.TELECOM_CERTIFICATE, proof_id=PRF_1, deps=world, now=NOON)

    assert proof == CERTIFICATE
    assert find(SND_1, deps=world).proofs == (CERTIFICATE,)


def test_number_of_somebody_else_has_several_proofs() -> None:
    world = deps(pending(proofs=(CERTIFICATE,)))

    add_proof(SND_1, ProofKind.POWER_OF_ATTORNEY, proof_id=ProofId("prf_2"), deps=world, now=NOON)

    kinds = [proof.kind for proof in find(SND_1, deps=world).proofs]
    assert kinds == [ProofKind.TELECOM_CERTIFICATE, ProofKind.POWER_OF_ATTORNEY]


def test_proofs_have_an_end() -> None:
    world = deps(pending(proofs=(CERTIFICATE,) * MAX_PROOFS))

    with pytest.raises(InvalidInput) as refused:
        add_proof(SND_1, ProofKind.CALLER_DISPLAY, proof_id=PRF_1, deps=world, now=NOON)

    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/kind", "too_many")]


def test_reviewer_sees_where_the_files_are_and_which_are_missing() -> None:
    missing = Proof(
        proof_id=ProofId("prf_2"),
        kind=ProofKind.CALLER_DISPLAY,
        object_key="senders/snd_1/proof-prf_2",
        added=NOON,
    )
    world = deps(pending(proofs=(CERTIFICATE, missing)), prf_1=1_000)

    first, second = proof_files(SND_1, deps=world)

    assert (first.url, first.size_bytes) == (f"https://bucket.example/get/{KEY_1}", 1_000)
    assert (second.url, second.size_bytes) == (None, None)


def test_decision_on_what_changed_meanwhile_is_a_conflict() -> None:
    class Overtaken(FakeSenders):
        def change(self, before: Sender, after: Sender) -> bool:
            super().change(before, before.decided(Review(status=SenderStatus.REJECTED), now=NOON))
            return super().change(before, after)

    world = deps(Overtaken.of(a_sender(status=SenderStatus.PENDING)))

    with pytest.raises(Conflict) as refused:
        review(SND_1, approval(), deps=world, now=NOON)

    assert refused.value.code == "busy"
    assert find(SND_1, deps=world).status is SenderStatus.REJECTED


def test_what_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        find(SND_1, deps=deps())
    with pytest.raises(NotFound):
        review(SND_1, approval(), deps=deps(), now=NOON)
    with pytest.raises(NotFound):
        add_proof(SND_1, ProofKind.CALLER_DISPLAY, proof_id=PRF_1, deps=deps(), now=NOON)
    with pytest.raises(NotFound):
        proof_files(SND_1, deps=deps())


def test_number_is_registered_at_a_further_account_in_digits() -> None:
    world = deps(FakeSenders.of(a_sender()))

    sender = register_at(SND_1, {SECOND: "02-0000-1234"}, deps=world)

    assert sender.accounts == {SECOND: "0200001234"}
    assert sender.address_at(SECOND) == sender.address_at(MAIN_ACCOUNT) == "0200001234"
    assert sender.address_at(AccountName("third")) is None


def test_accounts_are_said_anew_and_the_review_stays() -> None:
    world = deps(FakeSenders.of(a_sender(accounts={SECOND: "0200001234"})))

    sender = register_at(SND_1, {}, deps=world)

    assert sender == a_sender()


@pytest.mark.parametrize(
    ("accounts", "pointer", "code"),
    [
        ({"third": "02-0000-1234"}, "/accounts/third", "unknown_account"),
        ({"main": "02-0000-1234"}, "/accounts/main", "unknown_account"),
        ({"second": "114"}, "/accounts/second", "special_number"),
    ],
)
def test_unknown_account_and_unsendable_number_are_refused(
    accounts: dict[AccountName, str], pointer: str, code: str
) -> None:
    world = deps(FakeSenders.of(a_sender()))

    with pytest.raises(InvalidInput) as refused:
        register_at(SND_1, accounts, deps=world)

    assert [(each.pointer, each.code) for each in refused.value.errors] == [(pointer, code)]
    assert find(SND_1, deps=world) == a_sender()


def test_another_number_than_the_reviewed_one_is_refused() -> None:
    world = deps(FakeSenders.of(a_sender()))

    with pytest.raises(InvalidInput) as refused:
        register_at(SND_1, {SECOND: "02-0000-9999"}, deps=world)

    assert [each.code for each in refused.value.errors] == ["another_number"]


def test_channel_has_an_id_of_its_own_at_each_account() -> None:
    kakao = a_sender(channel=Channel.KAKAO, address="KA01PF_1")
    world = deps(FakeSenders.of(kakao))

    assert register_at(SND_1, {SECOND: "KA01PF_2"}, deps=world).address_at(SECOND) == "KA01PF_2"
