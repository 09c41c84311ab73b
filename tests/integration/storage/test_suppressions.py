from datetime import timedelta

import pytest

from functions.domain.ids import AddressHash
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import Suppression
from functions.storage.suppressions import (
    SuppressionItem,
    SuppressionStore,
    address_hash,
    suppression_of,
)
from tests.builders import NOON, a_phone
from tests.fakes.people import FakeSuppressions
from tests.integration.account import Account

H1, H2 = AddressHash("hash1"), AddressHash("hash2")
Suppressions = SuppressionStore | FakeSuppressions


@pytest.fixture(params=[FakeSuppressions, SuppressionStore], ids=["fake", "real"])
def suppressions(request: pytest.FixtureRequest) -> Suppressions:
    made: Suppressions = request.param()
    return made


def a_suppression(hashed: AddressHash = H1, **values: object) -> Suppression:
    facts = {"reason": SuppressionReason.COMPLAINT, "source": "api", "since": NOON}
    return Suppression(address_hash=hashed, **(facts | values))  # type: ignore[arg-type]


def test_suppression_is_read_as_it_was_written(suppressions: Suppressions) -> None:
    suppressions.put(a_suppression())

    assert suppressions.get(H1) == a_suppression()
    assert suppressions.get(H2) is None


def test_newer_reason_replaces_the_older(suppressions: Suppressions) -> None:
    newer = a_suppression(reason=SuppressionReason.MANUAL, since=NOON + timedelta(days=1))
    suppressions.put(a_suppression())

    suppressions.put(newer)

    assert suppressions.get(H1) == newer


def test_suppression_that_is_removed_is_gone(suppressions: Suppressions) -> None:
    suppressions.put(a_suppression())

    suppressions.remove(H1)
    suppressions.remove(H1)

    assert suppressions.get(H1) is None


def test_address_that_nobody_claimed_has_no_owner(suppressions: Suppressions) -> None:
    assert suppressions.owner_of(H1) is None


def test_hash_depends_on_the_address_and_on_our_secret(account: Account) -> None:
    first = address_hash("+821000000001")

    assert first == address_hash("+821000000001")
    assert first != address_hash("+821000000002")
    assert len(first) == 32
    assert "1000000001" not in first


def test_reasons_of_many_numbers_are_found() -> None:
    store = SuppressionStore()
    for number in (1, 3):
        hashed = address_hash(a_phone(number).e164)
        store.put(a_suppression(hashed, reason=SuppressionReason.OPT_OUT_REPLY))

    phones = [a_phone(number) for number in (1, 2, 3, 1)]

    assert store.reasons_by_phone(phones) == {
        a_phone(1): SuppressionReason.OPT_OUT_REPLY,
        a_phone(3): SuppressionReason.OPT_OUT_REPLY,
    }
    assert store.reasons_by_phone([]) == {}


def test_reason_of_one_address_is_found() -> None:
    SuppressionStore().put(a_suppression())

    assert suppression_of(H1) is SuppressionReason.COMPLAINT
    assert suppression_of(H2) is None


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_every_reason_can_be_kept(reason: SuppressionReason) -> None:
    SuppressionStore().put(a_suppression(reason=reason))

    assert suppression_of(H1) is reason


def test_list_shows_every_address_once() -> None:
    store = SuppressionStore()
    hashes = {AddressHash(f"hash{number}") for number in range(7)}
    for hashed in hashes:
        store.put(a_suppression(hashed))

    first = store.page(limit=5, position=None)
    second = store.page(limit=5, position=first.after)

    assert len(first.items) == 5
    assert {each.address_hash for each in (*first.items, *second.items)} == hashes
    assert second.after is None


def test_row_without_a_reason_fails_loudly_instead_of_letting_messages_through() -> None:
    SuppressionItem(H1, source="somebody").save()

    with pytest.raises(ValueError, match="without reason"):
        SuppressionStore().get(H1)
