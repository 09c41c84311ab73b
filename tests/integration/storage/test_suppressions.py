from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from functions.domain.channel import Channel, Purpose
from functions.domain.ids import AddressHash
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import EVERYTHING, Mark, Scope, Suppression
from functions.storage.suppressions import (
    SuppressionItem,
    SuppressionStore,
    address_hash,
    marks_of,
)
from tests.builders import NOON, a_mark, a_phone
from tests.fakes.people import FakeSuppressions
from tests.integration.account import Account

COMPLAINED = a_mark(SuppressionReason.COMPLAINT)
H1, H2 = AddressHash("hash1"), AddressHash("hash2")
Suppressions = SuppressionStore | FakeSuppressions


@pytest.fixture(params=[FakeSuppressions, SuppressionStore], ids=["fake", "real"])
def suppressions(request: pytest.FixtureRequest) -> Suppressions:
    made: Suppressions = request.param()
    return made


def a_suppression(
    hashed: AddressHash = H1, mark: Mark = COMPLAINED, source: str = "api"
) -> Suppression:
    return Suppression(address_hash=hashed, mark=mark, source=source)


def test_suppression_is_read_as_it_was_written(suppressions: Suppressions) -> None:
    mark = a_mark(scope=Scope(Channel.SMS, Purpose.ADVERTISING), until=NOON + timedelta(days=30))

    suppressions.put(a_suppression(mark=mark))

    assert suppressions.get(H1) == (a_suppression(mark=mark),)
    assert suppressions.get(H2) == ()


def test_newer_reason_replaces_the_older_of_its_scope(suppressions: Suppressions) -> None:
    newer = a_suppression(mark=a_mark(since=NOON + timedelta(days=1)))
    other = a_suppression(mark=a_mark(SuppressionReason.OPT_OUT_PAGE))
    assert suppressions.put(a_suppression()) is None
    assert suppressions.put(other) is None

    replaced = suppressions.put(newer)

    assert replaced == a_suppression()
    assert set(suppressions.get(H1)) == {newer, other}


def test_suppression_that_is_removed_is_gone(suppressions: Suppressions) -> None:
    suppressions.put(a_suppression())

    assert suppressions.remove(H1)
    assert not suppressions.remove(H1)

    assert suppressions.get(H1) == ()


def test_suppression_of_one_scope_is_removed_alone(suppressions: Suppressions) -> None:
    opted_out = a_suppression(mark=a_mark(SuppressionReason.OPT_OUT_PAGE))
    suppressions.put(opted_out)
    suppressions.put(a_suppression())

    assert suppressions.remove(H1, EVERYTHING)
    assert not suppressions.remove(H1, EVERYTHING)

    assert suppressions.get(H1) == (opted_out,)


def test_address_that_nobody_claimed_has_no_owner(suppressions: Suppressions) -> None:
    assert suppressions.owner_of(H1) is None


def test_hash_depends_on_the_address_and_on_our_secret(account: Account) -> None:
    first = address_hash("+821000000001")

    assert first == address_hash("+821000000001")
    assert first != address_hash("+821000000002")
    assert len(first) == 32
    assert "1000000001" not in first


def test_marks_of_many_numbers_are_found() -> None:
    store, mark = SuppressionStore(), a_mark(SuppressionReason.OPT_OUT_REPLY)
    for number in (1, 3):
        store.put(a_suppression(address_hash(a_phone(number).e164), mark))

    phones = [a_phone(number) for number in (1, 2, 3, 1)]

    assert store.marks_by_phone(phones) == {a_phone(1): (mark,), a_phone(3): (mark,)}
    assert store.marks_by_phone([]) == {}


def test_number_allowed_again_has_no_marks() -> None:
    store, hashed = SuppressionStore(), address_hash(a_phone(1).e164)
    store.put(a_suppression(hashed))

    store.remove(hashed)

    assert store.marks_by_phone([a_phone(1)]) == {}


@pytest.mark.parametrize("reason", list(SuppressionReason))
def test_every_reason_can_be_kept(reason: SuppressionReason) -> None:
    SuppressionStore().put(a_suppression(mark=a_mark(reason)))

    assert marks_of(H1) == (a_mark(reason),)


@pytest.mark.usefixtures("one_request_at_a_time")
def test_of_many_that_write_at_once_none_is_lost() -> None:
    scopes = [Scope(channel, purpose) for channel in Channel for purpose in Purpose]
    store = SuppressionStore()

    with ThreadPoolExecutor(len(scopes)) as pool:
        list(pool.map(lambda scope: store.put(a_suppression(mark=a_mark(scope=scope))), scopes))

    assert {mark.scope for mark in marks_of(H1)} == set(scopes)


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
    SuppressionItem(H1, v=1).save()

    with pytest.raises(ValueError, match="without reason"):
        SuppressionStore().get(H1)
