from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.contracts.errors import Conflict
from functions.domain.contact import Contact, Email, GroupChange, Phone
from functions.domain.ids import AddressHash, BatchNumber, ContactId, MessageNumber
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import Mark, Suppression
from functions.domain.writing import Profile
from functions.runtime.clock import wall_now
from functions.storage import claims, contacts as module
from functions.storage.contacts import ContactItem, ContactStore
from functions.storage.histories import HistoryStore
from functions.storage.suppressions import AddressItem, SuppressionStore, address_hash
from tests.builders import NOON, a_mark, a_phone
from tests.fakes.people import FakeProfiles, FakeSuppressions, fake_hash
from tests.integration.account import Account

C1, C2 = ContactId("c1"), ContactId("c2")
COMPLAINT = a_mark(SuppressionReason.COMPLAINT)
OPT_OUT = a_mark(SuppressionReason.OPT_OUT_CALL)


@dataclass(frozen=True)
class Stores:
    """The stores of people, fake or real, and how they hash a number."""

    contacts: ContactStore | FakeProfiles
    suppressions: SuppressionStore | FakeSuppressions
    hash_of: Callable[[Phone], AddressHash]

    def profile(self, contact_id: ContactId = C1) -> Profile:
        found = self.contacts.get(contact_id)
        assert found is not None
        return found

    def contact(self, contact_id: ContactId = C1) -> Contact:
        return self.profile(contact_id).contact

    def suppress(self, phone: Phone, mark: Mark = COMPLAINT) -> None:
        """As the use case does it."""
        hashed = self.hash_of(phone)
        self.suppressions.put(Suppression(address_hash=hashed, mark=mark, source="api"))
        owner = self.suppressions.owner_of(hashed)
        if owner is not None:
            self.contacts.add_marks(owner, hashed, [mark])


def real_stores() -> Stores:
    return Stores(ContactStore(), SuppressionStore(), lambda phone: address_hash(phone.e164))


def fake_stores() -> Stores:
    contacts = FakeProfiles()
    return Stores(contacts, contacts.suppressions, fake_hash)


@pytest.fixture(params=[fake_stores, real_stores], ids=["fake", "real"])
def stores(request: pytest.FixtureRequest) -> Stores:
    made: Stores = request.param()
    return made


@pytest.fixture
def real() -> Stores:
    return real_stores()


def a_profile(number: int = 1, **values: Any) -> Contact:
    facts: dict[str, Any] = {
        "contact_id": ContactId(f"c{number}"),
        "phone": a_phone(number),
        "email": Email("c@example.com"),
        "attributes": {"이름": "김하늘", "points": 7, "rate": 0.5, "vip": True, "empty": ""},
        "groups": frozenset({"vip", "봄 할인"}),
        "locale": "en",
        "zone": "Asia/Tokyo",
    }
    return Contact(**(facts | values))


def test_contact_is_read_as_it_was_written(stores: Stores) -> None:
    assert stores.contacts.save(a_profile(), replacing=None)

    found = stores.profile()
    assert found.contact == a_profile(phone_hash=stores.hash_of(a_phone(1)))
    assert found.version == 1
    assert (found.consent_seq, found.consent_head) == (0, "0" * 64)


def test_contact_of_nothing_but_an_id_is_kept(stores: Stores) -> None:
    stores.contacts.save(Contact(contact_id=C1), replacing=None)

    assert stores.contact() == Contact(contact_id=C1)


def test_types_of_attributes_are_kept(stores: Stores) -> None:
    values = {"a": 1, "b": 1.0, "c": True, "d": "1", "e": -(2**53), "f": 0}
    stores.contacts.save(a_profile(attributes=values), replacing=None)

    found = stores.contact().attributes

    assert {name: (type(each), each) for name, each in found.items()} == {
        name: (type(each), each) for name, each in values.items()
    }


def test_values_that_are_left_out_are_removed(stores: Stores) -> None:
    stores.contacts.save(a_profile(), replacing=None)

    assert stores.contacts.save(Contact(contact_id=C1), replacing=stores.profile())

    assert stores.contact() == Contact(contact_id=C1)
    assert stores.profile().version == 2


def test_nobody_is_none(stores: Stores) -> None:
    assert stores.contacts.get(C1) is None
    assert stores.contacts.get_profiles([C1, C2]) == {}
    assert stores.contacts.owner_of(a_phone(1)) is None


def test_many_are_read_at_once(stores: Stores) -> None:
    for number in (1, 2):
        stores.contacts.save(a_profile(number), replacing=None)

    found = stores.contacts.get_profiles([C1, ContactId("c9"), C2, C1])

    assert set(found) == {C1, C2}
    assert found[C2] == stores.profile(C2)


def test_contact_that_changed_meanwhile_is_not_overwritten(stores: Stores) -> None:
    stores.contacts.save(a_profile(), replacing=None)
    outdated = stores.profile()
    stores.contacts.save(a_profile(locale="ja"), replacing=outdated)

    assert not stores.contacts.save(a_profile(locale="fr"), replacing=outdated)
    assert not stores.contacts.save(a_profile(locale="fr"), replacing=None)

    assert stores.contact().locale == "ja"


def test_number_belongs_to_whoever_has_it(stores: Stores) -> None:
    stores.contacts.save(a_profile(1), replacing=None)

    assert stores.contacts.owner_of(a_phone(1)) == C1


def test_number_of_somebody_else_is_a_conflict(stores: Stores) -> None:
    stores.contacts.save(a_profile(1), replacing=None)

    with pytest.raises(Conflict) as refused:
        stores.contacts.save(a_profile(2, phone=a_phone(1)), replacing=None)

    assert refused.value.code == "address_taken"
    assert stores.contacts.get(C2) is None
    assert stores.contacts.owner_of(a_phone(1)) == C1


def test_number_that_was_given_up_is_free(stores: Stores) -> None:
    stores.contacts.save(a_profile(1), replacing=None)
    stores.contacts.save(a_profile(1, phone=a_phone(5)), replacing=stores.profile())

    assert stores.contacts.owner_of(a_phone(1)) is None
    assert stores.contacts.save(a_profile(2, phone=a_phone(1)), replacing=None)
    assert stores.contacts.owner_of(a_phone(1)) == C2


def test_number_that_was_removed_is_free(stores: Stores) -> None:
    stores.contacts.save(a_profile(1), replacing=None)

    stores.contacts.save(a_profile(1, phone=None), replacing=stores.profile())

    assert stores.contacts.owner_of(a_phone(1)) is None
    assert stores.contact().phone_hash is None


def test_number_that_stays_is_kept(stores: Stores) -> None:
    stores.contacts.save(a_profile(1), replacing=None)

    stores.contacts.save(a_profile(1, locale="ja"), replacing=stores.profile())

    assert stores.contacts.owner_of(a_phone(1)) == C1


def test_two_may_exchange_their_numbers_by_way_of_none(stores: Stores) -> None:
    for number in (1, 2):
        stores.contacts.save(a_profile(number), replacing=None)

    stores.contacts.save(a_profile(1, phone=None), replacing=stores.profile(C1))
    stores.contacts.save(a_profile(2, phone=a_phone(1)), replacing=stores.profile(C2))
    stores.contacts.save(a_profile(1, phone=a_phone(2)), replacing=stores.profile(C1))

    assert stores.contacts.owner_of(a_phone(1)) == C2
    assert stores.contacts.owner_of(a_phone(2)) == C1


def test_suppression_is_found_when_the_number_comes(stores: Stores) -> None:
    stores.suppress(a_phone(1))

    stores.contacts.save(a_profile(1), replacing=None)

    assert stores.contact().suppressions == {stores.hash_of(a_phone(1)): (COMPLAINT,)}


def test_suppression_is_found_when_the_number_changes(stores: Stores) -> None:
    stores.contacts.save(a_profile(1), replacing=None)
    stores.suppress(a_phone(5))

    stores.contacts.save(a_profile(1, phone=a_phone(5)), replacing=stores.profile())

    assert stores.contact().suppressions == {stores.hash_of(a_phone(5)): (COMPLAINT,)}


def test_suppression_shows_on_whoever_has_the_number(stores: Stores) -> None:
    stores.contacts.save(a_profile(1), replacing=None)

    stores.suppress(a_phone(1))

    assert stores.contact().suppressions == {stores.hash_of(a_phone(1)): (COMPLAINT,)}


def test_suppression_survives_a_save(stores: Stores) -> None:
    stores.contacts.save(a_profile(1), replacing=None)
    stores.suppress(a_phone(1))

    stores.contacts.save(a_profile(1, locale="ja"), replacing=stores.profile())

    assert stores.contact().suppressions == {stores.hash_of(a_phone(1)): (COMPLAINT,)}


def test_suppression_that_is_lifted_goes(stores: Stores) -> None:
    stores.contacts.save(a_profile(1), replacing=None)
    stores.suppress(a_phone(1))

    stores.contacts.clear_marks(C1, stores.hash_of(a_phone(1)))

    assert stores.contact().suppressions == {}


def test_suppression_of_a_number_given_up_does_not_come_back_with_it(stores: Stores) -> None:
    stores.suppress(a_phone(1))
    stores.contacts.save(a_profile(1), replacing=None)
    stores.contacts.save(a_profile(1, phone=a_phone(5)), replacing=stores.profile())
    stores.suppressions.remove(stores.hash_of(a_phone(1)))

    stores.contacts.save(a_profile(1, phone=a_phone(1)), replacing=stores.profile())

    assert stores.contact().suppressions == {}


def test_nobody_cannot_be_marked(stores: Stores) -> None:
    stores.contacts.add_marks(C1, stores.hash_of(a_phone(1)), [COMPLAINT])

    assert stores.contacts.get(C1) is None


def test_groups_are_joined_and_left(stores: Stores) -> None:
    stores.contacts.save(a_profile(groups=frozenset()), replacing=None)

    joined = [stores.contacts.change_groups(C1, add=each) for each in ("vip", "vip", "봄")]
    assert joined == [GroupChange.DONE] * 3
    assert stores.contact().groups == {"vip", "봄"}

    left = [stores.contacts.change_groups(C1, remove=each) for each in ("vip", "never")]
    assert left == [GroupChange.DONE] * 2
    assert stores.contact().groups == {"봄"}


def test_nobody_joins_no_group(stores: Stores) -> None:
    assert stores.contacts.change_groups(C1, add="vip") is GroupChange.UNKNOWN
    assert stores.contacts.change_groups(C1, remove="vip") is GroupChange.UNKNOWN
    assert stores.contacts.get(C1) is None


def test_a_group_too_many_is_not_joined(stores: Stores) -> None:
    full = frozenset(map(str, range(50)))
    stores.contacts.save(a_profile(groups=full), replacing=None)

    assert stores.contacts.change_groups(C1, add="vip") is GroupChange.FULL
    assert stores.contacts.change_groups(C1, add="7") is GroupChange.DONE
    assert stores.contact().groups == full


def test_save_under_way_does_not_undo_a_group_joined_meanwhile(stores: Stores) -> None:
    stores.contacts.save(a_profile(groups=frozenset()), replacing=None)
    outdated = stores.profile()
    stores.contacts.change_groups(C1, add="vip")

    assert not stores.contacts.save(a_profile(groups=frozenset()), replacing=outdated)

    assert stores.contact().groups == {"vip"}


def age_claim(phone: Phone, age: timedelta) -> None:
    """Make a claim look as if it had been made some time ago."""
    claimed = int((wall_now() - age).timestamp())
    AddressItem(address_hash(phone.e164)).update(actions=[AddressItem.claimed.set(claimed)])


def leave_claim_behind(owner: ContactId, phone: Phone, *, age: timedelta) -> None:
    """As a writer does who dies between claiming the number and saving the contact."""
    claims.claim(address_hash(phone.e164), owner, holds=lambda *_: True)
    age_claim(phone, age)


def test_claim_left_behind_by_a_writer_that_died_is_taken_over(real: Stores) -> None:
    leave_claim_behind(C1, a_phone(1), age=timedelta(minutes=16))

    assert real.contacts.save(a_profile(2, phone=a_phone(1)), replacing=None)

    assert real.contacts.owner_of(a_phone(1)) == C2


def test_claim_of_a_writer_that_may_still_be_at_work_is_respected(real: Stores) -> None:
    leave_claim_behind(C1, a_phone(1), age=timedelta(minutes=14))

    with pytest.raises(Conflict) as refused:
        real.contacts.save(a_profile(2, phone=a_phone(1)), replacing=None)

    assert refused.value.code == "address_taken"
    assert real.contacts.owner_of(a_phone(1)) == C1


def test_writer_that_died_may_try_again_at_once(real: Stores) -> None:
    leave_claim_behind(C1, a_phone(1), age=timedelta(0))

    assert real.contacts.save(a_profile(1), replacing=None)


def test_old_claim_of_a_contact_that_has_the_number_is_respected(real: Stores) -> None:
    real.contacts.save(a_profile(1), replacing=None)
    age_claim(a_phone(1), timedelta(days=400))

    with pytest.raises(Conflict):
        real.contacts.save(a_profile(2, phone=a_phone(1)), replacing=None)


def test_old_claim_of_a_contact_that_has_another_number_by_now_is_taken_over(
    real: Stores,
) -> None:
    real.contacts.save(a_profile(1), replacing=None)
    leave_claim_behind(C1, a_phone(5), age=timedelta(days=1))

    assert real.contacts.save(a_profile(2, phone=a_phone(5)), replacing=None)


class Meddling(ContactStore):
    """Lets somebody else work between the refused claim and the look at who has it."""

    def __init__(self, meddle: Callable[[], None]) -> None:
        self.meddle = meddle

    def _holds(self, contact_id: ContactId, hashed: AddressHash) -> bool:
        holds = super()._holds(contact_id, hashed)
        self.meddle()
        return holds


def test_claim_taken_over_by_two_at_once_goes_to_one(real: Stores) -> None:
    leave_claim_behind(C1, a_phone(1), age=timedelta(minutes=16))

    def rival() -> None:
        real.contacts.save(a_profile(2, phone=a_phone(1)), replacing=None)

    with pytest.raises(Conflict):
        Meddling(rival).save(a_profile(3, phone=a_phone(1)), replacing=None)

    assert real.contacts.owner_of(a_phone(1)) == C2


def test_claim_renewed_by_its_writer_meanwhile_is_not_taken_over(real: Stores) -> None:
    leave_claim_behind(C1, a_phone(1), age=timedelta(minutes=16))

    with pytest.raises(Conflict):
        Meddling(lambda: leave_claim_behind(C1, a_phone(1), age=timedelta(0))).save(
            a_profile(3, phone=a_phone(1)), replacing=None
        )

    assert real.contacts.owner_of(a_phone(1)) == C1


def test_number_given_up_while_we_ask_for_it_is_ours(
    real: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    real.contacts.save(a_profile(1), replacing=None)
    refused = claims.written

    def gives_up(write: Callable[[], object]) -> bool:
        monkeypatch.setattr(claims, "written", refused)
        done = refused(write)
        real.contacts.save(a_profile(1, phone=None), replacing=real.profile(C1))
        return done

    monkeypatch.setattr(claims, "written", gives_up)

    assert ContactStore().save(a_profile(2, phone=a_phone(1)), replacing=None)
    assert real.contacts.owner_of(a_phone(1)) == C2


def test_number_given_up_that_somebody_else_has_by_now_stays_theirs(real: Stores) -> None:
    real.contacts.save(a_profile(1), replacing=None)
    before = real.profile(C1)
    AddressItem(address_hash(a_phone(1).e164), owner=C2, claimed=0).save()

    assert real.contacts.save(a_profile(1, phone=None), replacing=before) is True
    assert real.contacts.owner_of(a_phone(1)) == C2


def test_suppression_that_comes_while_the_contact_is_made_is_not_lost(
    real: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = module.marks_of

    def read_just_before(hashed: AddressHash) -> tuple[Mark, ...]:
        monkeypatch.setattr(module, "marks_of", read)
        found = read(hashed)
        real.suppress(a_phone(1))
        return found

    monkeypatch.setattr(module, "marks_of", read_just_before)

    real.contacts.save(a_profile(1), replacing=None)

    assert real.contact().suppressions == {real.hash_of(a_phone(1)): (COMPLAINT,)}


def test_suppressions_of_other_scopes_stand_side_by_side(stores: Stores) -> None:
    stores.contacts.save(a_profile(1), replacing=None)
    stores.suppress(a_phone(1), OPT_OUT)
    stores.suppress(a_phone(1), COMPLAINT)

    (marks,) = stores.contact().suppressions.values()

    assert set(marks) == {COMPLAINT, OPT_OUT}


def test_only_the_marks_named_are_taken_off(stores: Stores) -> None:
    stores.contacts.save(a_profile(1), replacing=None)
    stores.suppress(a_phone(1), OPT_OUT)
    stores.suppress(a_phone(1), COMPLAINT)

    stores.contacts.clear_marks(C1, stores.hash_of(a_phone(1)), [OPT_OUT])

    assert stores.contact().suppressions == {stores.hash_of(a_phone(1)): (COMPLAINT,)}


def test_end_of_a_suppression_is_kept(stores: Stores) -> None:
    ending = a_mark(SuppressionReason.MANUAL, until=NOON + timedelta(days=30))
    stores.contacts.save(a_profile(1), replacing=None)

    stores.suppress(a_phone(1), ending)

    assert stores.contact().suppressions == {stores.hash_of(a_phone(1)): (ending,)}


def test_numbers_are_not_readable_in_the_book_of_addresses(real: Stores, account: Account) -> None:
    real.contacts.save(a_profile(1), replacing=None)

    rows = account.dynamodb.scan(TableName="allim-test-addresses")["Items"]

    assert len(rows) == 1
    assert "1000000001"[2:] not in str(rows)


def test_owners_of_many_numbers_are_found(real: Stores) -> None:
    store = ContactStore()
    for number in (1, 2):
        store.save(a_profile(number), replacing=None)

    phones = [a_phone(1), a_phone(9), a_phone(2), a_phone(1)]

    assert store.owners_of(phones) == {a_phone(1): C1, a_phone(2): C2}
    assert store.owners_of([]) == {}


def test_contacts_of_many_ids_are_read_beyond_one_request() -> None:
    ids = [ContactId(f"c{number}") for number in range(1, 105)]
    with ContactItem.batch_write() as write:
        for each in ids:
            write.save(ContactItem(each, "PROFILE", v=1))

    assert set(ContactStore().get_many(ids)) == set(ids)
    assert ContactStore().get_many([]) == {}


def everyone(store: ContactStore, **options: Any) -> list[str]:
    seen: list[str] = []
    position = None
    for _ in range(60):
        page = store.page(position=position, **options)
        assert len(page.items) <= options["limit"]
        seen += [each.contact_id for each in page.items]
        position = page.after
        if position is None:
            return seen
    pytest.fail("the list has no end")


@pytest.mark.parametrize("limit", [1, 3, 10, 100])
def test_pages_show_everyone_once(limit: int) -> None:
    ids = [f"c{number}" for number in range(1, 16)]
    with ContactItem.batch_write() as write:
        for each in ids:
            for kind in ("PROFILE", "SENT#202610", "SENT#202611"):
                write.save(ContactItem(each, kind, v=1))

    assert sorted(everyone(ContactStore(), limit=limit)) == sorted(ids)


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_pages_of_a_group_show_its_members_once(limit: int) -> None:
    with ContactItem.batch_write() as write:
        for number in range(1, 13):
            groups = {"vip"} if number % 3 == 0 else {"vip2"}
            write.save(ContactItem(f"c{number}", "PROFILE", v=1, groups=groups))

    seen = everyone(ContactStore(), limit=limit, group="vip")

    assert sorted(seen) == ["c12", "c3", "c6", "c9"]


def sliced(**options: Any) -> list[list[str]]:
    slices: list[list[str]] = []
    position = None
    for _ in range(60):
        page = ContactStore().slice(position=position, **options)
        slices.append([each.contact_id for each, _ in page.items])
        position = page.after
        if position is None:
            return slices
    pytest.fail("the slices have no end")


@pytest.mark.parametrize("size", [1, 4, 100])
@pytest.mark.parametrize(
    ("groups", "members"), [((), 12), (("vip",), 4), (("nobody",), 0), (("vip", "vip2"), 12)]
)
def test_slices_hold_everyone_once(size: int, groups: tuple[str, ...], members: int) -> None:
    with ContactItem.batch_write() as write:
        for number in range(1, 13):
            own = {"vip"} if number % 3 == 0 else {"vip2"}
            write.save(ContactItem(f"c{number}", "PROFILE", v=1, groups=own))
            write.save(ContactItem(f"c{number}", "SENT#202611"))

    seen = [each for slice_ in sliced(size=size, groups=groups) for each in slice_]

    assert len(seen) == members
    assert len(set(seen)) == members


def test_slice_of_a_small_group_in_a_large_table_costs_a_bounded_number_of_requests(
    requests_made: Callable[[], list[str]],
) -> None:
    with ContactItem.batch_write() as write:
        for number in range(30):
            write.save(ContactItem(f"c{number:02d}", "PROFILE", v=1))
    requests_made()

    page = ContactStore().slice(size=1, position=None, groups=["nobody"])

    made = requests_made()
    assert made[:20] == ["Scan"] * 20
    # Whose rows the border of the slice may have parted.
    assert made[20:] in ([], ["BatchGetItem"])
    assert page.items == ()
    assert page.after is not None


def a_number(batch: int, ordinal: int) -> MessageNumber:
    return MessageNumber(batch=BatchNumber(batch), ordinal=ordinal)


def test_messages_of_a_person_are_listed_newest_first() -> None:
    store = ContactStore()
    october, november = datetime(2026, 10, 31, 14, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    for batch, moment in ((9, october), (200, november), (31, november), (4, november)):
        store.remember_sent({C1: a_number(batch, 3), C2: a_number(batch, 4)}, now=moment)

    assert list(HistoryStore().of(C1)) == [
        ("202611", a_number(200, 3)),
        ("202611", a_number(31, 3)),
        ("202611", a_number(4, 3)),
        ("202610", a_number(9, 3)),
    ]


def test_messages_are_numbers_and_not_texts_when_they_are_sorted() -> None:
    store = ContactStore()
    for ordinal in (9, 10, 100):
        store.remember_sent({C1: a_number(1, ordinal)}, now=NOON)

    assert [number.ordinal for _, number in HistoryStore().of(C1)] == [100, 10, 9]


def test_messages_until_a_month_are_listed() -> None:
    store = ContactStore()
    for month in (9, 10, 11, 12):
        moment = datetime(2026, month, 15, tzinfo=UTC)
        store.remember_sent({C1: a_number(month, 0)}, now=moment)

    assert [month for month, _ in HistoryStore().of(C1, until="202610")] == ["202610", "202609"]


def test_message_remembered_twice_is_listed_once() -> None:
    store = ContactStore()

    for _ in range(2):
        store.remember_sent({C1: a_number(7, 0)}, now=NOON)

    assert list(HistoryStore().of(C1)) == [("202611", a_number(7, 0))]


def test_history_of_somebody_unknown_makes_no_contact() -> None:
    store = ContactStore()
    store.remember_sent({C1: a_number(7, 0)}, now=NOON)

    assert store.get(C1) is None
    assert store.save(a_profile(1), replacing=None)
    assert [number for _, number in HistoryStore().of(C1)] == [a_number(7, 0)]


def test_message_costs_its_history_one_write(requests_made: Callable[[], list[str]]) -> None:
    store = ContactStore()
    store.remember_sent({C1: a_number(7, 0)}, now=NOON)
    requests_made()

    store.remember_sent({C1: a_number(8, 0), C2: a_number(8, 1)}, now=NOON)

    assert requests_made() == ["UpdateItem", "UpdateItem"]


def test_profile_keeps_no_more_than_it_was_given(account: Account) -> None:
    ContactStore().save(Contact(contact_id=C1), replacing=None)

    (row,) = account.dynamodb.scan(TableName="allim-test-contacts")["Items"]

    assert set(row) == {"contact_id", "kind", "locale", "v"}


def test_marks_of_suppressions_are_kept_apart_from_the_profile(real: Stores) -> None:
    real.contacts.save(a_profile(1), replacing=None)
    outdated = real.profile()

    real.suppress(a_phone(1))
    saved = real.contacts.save(replace(outdated.contact, locale="ja"), replacing=outdated)

    assert saved
    assert real.contact().suppressions == {real.hash_of(a_phone(1)): (COMPLAINT,)}
    assert ContactItem.get("c1", "PROFILE").locale == "ja"
