from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from functions.contacts.service import (
    ContactDeps,
    Outcome,
    Upserted,
    check_change,
    consent_history,
    find,
    join_group,
    leave_group,
    patch,
    record_consent,
    suppress,
    unsuppress,
    upsert,
    upsert_many,
)
from functions.contracts.errors import Conflict, InvalidInput, NotFound
from functions.domain.consent import ConsentAction
from functions.domain.contact import Contact, Email, GroupChange
from functions.domain.ids import AddressHash, ContactId
from functions.domain.reaction import Reaction
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import ADVERTISING, Mark, Suppression
from functions.domain.writing import ConsentChange
from tests.builders import NOON, SMS_ADS, SMS_NIGHT_ADS, a_mark, a_phone
from tests.fakes.people import FakeConsents, FakeProfiles, FakeSuppressions
from tests.fakes.reactions import FakeReactions

C1, C2 = ContactId("c1"), ContactId("c2")
COMPLAINT = SuppressionReason.COMPLAINT
OPT_OUT_CALL = SuppressionReason.OPT_OUT_CALL


def a_profile(number: int = 1, **values: object) -> Contact:
    """Somebody as a caller of the API describes them."""
    facts: dict[str, object] = {
        "contact_id": ContactId(f"c{number}"),
        "phone": a_phone(number),
        "attributes": {"name": "김하늘"},
    }
    return Contact(**(facts | values))  # type: ignore[arg-type]


@dataclass
class World:
    contacts: FakeProfiles = field(default_factory=FakeProfiles)

    def __post_init__(self) -> None:
        self.suppressions: FakeSuppressions = self.contacts.suppressions
        self.consents = FakeConsents(self.contacts)
        self.reactions = FakeReactions()
        self.deps = ContactDeps(
            contacts=self.contacts,
            consents=self.consents,
            suppressions=self.suppressions,
            reactions=self.reactions,
            merged_into=lambda _: None,
        )

    def contact(self, contact_id: ContactId = C1) -> Contact:
        return find(contact_id, deps=self.deps).contact


def a_world(*contacts: Contact) -> World:
    return World(contacts=FakeProfiles.of(*contacts))


def test_new_contact_is_created() -> None:
    world = a_world()

    done = upsert(a_profile(), deps=world.deps)

    assert done == Upserted(contact_id=C1, outcome=Outcome.CREATED)
    assert world.contact().attributes == {"name": "김하늘"}


def test_same_profile_again_changes_nothing() -> None:
    world = a_world(a_profile())

    done = upsert(a_profile(), deps=world.deps)

    assert done.outcome is Outcome.UNCHANGED
    assert find(C1, deps=world.deps).version == 1


@pytest.mark.parametrize(
    "values",
    [
        {"phone": a_phone(9)},
        {"phone": None},
        {"email": Email("c1@example.com")},
        {"attributes": {}},
        {"attributes": {"name": "김하늘", "points": 1}},
        {"groups": frozenset({"vip"})},
        {"locale": "en"},
        {"zone": "Asia/Tokyo"},
    ],
    ids=lambda values: str(sorted(values)),
)
def test_any_other_profile_replaces_the_old_one(values: dict[str, Any]) -> None:
    world = a_world(a_profile())

    done = upsert(a_profile(**values), deps=world.deps)

    assert done.outcome is Outcome.UPDATED
    assert {name: getattr(world.contact(), name) for name in values} == values


@pytest.mark.parametrize(("old", "new"), [(1, True), (1, 1.0), (0, False), ("1", 1)])
def test_value_of_another_type_is_another_value(old: object, new: object) -> None:
    world = a_world(a_profile(attributes={"flag": old}))

    done = upsert(a_profile(attributes={"flag": new}), deps=world.deps)

    assert done.outcome is Outcome.UPDATED
    assert type(world.contact().attributes["flag"]) is type(new)


def test_number_of_somebody_else_is_a_conflict() -> None:
    world = a_world(a_profile(1))

    with pytest.raises(Conflict) as refused:
        upsert(a_profile(2, phone=a_phone(1)), deps=world.deps)

    assert refused.value.code == "address_taken"
    assert world.contacts.get(C2) is None


def test_number_given_up_is_free_for_somebody_else() -> None:
    world = a_world(a_profile(1))
    upsert(a_profile(1, phone=a_phone(5)), deps=world.deps)

    done = upsert(a_profile(2, phone=a_phone(1)), deps=world.deps)

    assert done.outcome is Outcome.CREATED


def test_upsert_that_a_rival_overtook_is_tried_again() -> None:
    world = a_world(a_profile())
    world.contacts.rivals = [a_profile(attributes={"name": "이바다"})]

    done = upsert(a_profile(locale="en"), deps=world.deps)

    assert done.outcome is Outcome.UPDATED
    assert world.contact().attributes == {"name": "김하늘"}
    assert world.contact().locale == "en"


def test_creation_that_a_rival_overtook_becomes_an_update() -> None:
    world = a_world()
    world.contacts.rivals = [a_profile(locale="en")]

    assert upsert(a_profile(), deps=world.deps).outcome is Outcome.UPDATED


def test_rival_who_wrote_the_same_leaves_nothing_to_do() -> None:
    world = a_world()
    world.contacts.rivals = [a_profile()]

    assert upsert(a_profile(), deps=world.deps).outcome is Outcome.UNCHANGED


def test_rivals_who_never_rest_are_a_conflict() -> None:
    world = a_world()
    world.contacts.rivals = [a_profile(attributes={"turn": turn}) for turn in range(8)]

    with pytest.raises(Conflict) as refused:
        upsert(a_profile(), deps=world.deps)

    assert refused.value.code == "busy"


def test_many_are_upserted_each_for_itself() -> None:
    world = a_world(a_profile(1), a_profile(2))
    taken = a_profile(3, phone=a_phone(1))

    done = upsert_many(
        [a_profile(1), a_profile(2, locale="en"), taken, a_profile(4)], deps=world.deps
    )

    assert [(each.contact_id, each.outcome) for each in done] == [
        ("c1", Outcome.UNCHANGED),
        ("c2", Outcome.UPDATED),
        ("c3", Outcome.REJECTED),
        ("c4", Outcome.CREATED),
    ]
    assert [each.error and each.error.code for each in done] == [None, None, "address_taken", None]


def test_patch_changes_only_what_is_given() -> None:
    world = a_world(a_profile(email=Email("c1@example.com"), zone="Asia/Tokyo"))

    patched = patch(C1, {"locale": "en"}, deps=world.deps)

    assert patched == world.contact()
    assert (patched.locale, patched.phone, patched.zone) == ("en", a_phone(1), "Asia/Tokyo")
    assert patched.attributes == {"name": "김하늘"}


def test_patch_with_none_removes() -> None:
    world = a_world(a_profile(email=Email("c1@example.com")))

    patched = patch(C1, {"email": None, "phone": None}, deps=world.deps)

    assert (patched.email, patched.phone) == (None, None)
    assert world.contacts.owner_of(a_phone(1)) is None


def test_attributes_of_a_patch_are_merged_name_by_name() -> None:
    world = a_world(a_profile(attributes={"name": "김하늘", "points": 7, "old": "x"}))

    changes = {"attributes": {"points": 8, "city": "부산", "old": None, "never": None}}
    patched = patch(C1, changes, deps=world.deps)

    assert patched.attributes == {"name": "김하늘", "points": 8, "city": "부산"}


def test_attributes_patched_with_nothing_are_removed() -> None:
    world = a_world(a_profile())

    assert patch(C1, {"attributes": None}, deps=world.deps).attributes == {}


def test_attributes_that_become_too_many_are_refused() -> None:
    world = a_world(a_profile(attributes={f"a{n}": n for n in range(60)}))

    with pytest.raises(InvalidInput) as refused:
        patch(C1, {"attributes": {f"b{n}": n for n in range(60)}}, deps=world.deps)

    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/attributes", "too_large")]
    assert len(world.contact().attributes) == 60


def test_patch_does_not_undo_what_a_rival_wrote() -> None:
    world = a_world(a_profile())
    world.contacts.rivals = [a_profile(attributes={"name": "김하늘", "points": 1})]

    patched = patch(C1, {"attributes": {"city": "부산"}}, deps=world.deps)

    assert patched.attributes == {"name": "김하늘", "points": 1, "city": "부산"}


def test_patch_that_rivals_keep_overtaking_is_a_conflict() -> None:
    world = a_world(a_profile())
    world.contacts.rivals = [a_profile(attributes={"turn": turn}) for turn in range(8)]

    with pytest.raises(Conflict) as refused:
        patch(C1, {"locale": "en"}, deps=world.deps)

    assert refused.value.code == "busy"


def test_patch_of_nobody_is_not_found() -> None:
    with pytest.raises(NotFound):
        patch(C1, {"locale": "en"}, deps=a_world().deps)


def test_number_that_a_patch_brings_shows_its_suppression() -> None:
    world = a_world(a_profile())
    suppress(a_suppression(9), deps=world.deps, now=NOON)

    patched = patch(C1, {"phone": a_phone(9)}, deps=world.deps)

    assert patched.suppressions == {AddressHash("hash9"): (COMPLAINED,)}


def a_change(
    action: ConsentAction = ConsentAction.GRANT, *, at: datetime = NOON, **values: Any
) -> ConsentChange:
    facts = {"key": SMS_ADS, "source": "shop", "actor": "key_1", "text_version": "v1"}
    return ConsentChange(action=action, at=at, **(facts | values))


def test_consent_is_recorded_and_in_force() -> None:
    world = a_world(a_profile())

    record = record_consent(C1, a_change(), deps=world.deps, now=NOON)

    assert (record.seq, record.contact_id, record.actor) == (1, C1, "key_1")
    assert world.contact().consents[SMS_ADS].granted


def test_withdrawal_is_in_force_and_both_are_evidence() -> None:
    world = a_world(a_profile())
    record_consent(C1, a_change(), deps=world.deps, now=NOON)

    later = NOON + timedelta(days=1)
    withdrawal = a_change(ConsentAction.WITHDRAW, at=later)
    record_consent(C1, withdrawal, deps=world.deps, now=later)

    assert not world.contact().consents[SMS_ADS].granted
    history = consent_history(C1, deps=world.deps, as_of=later)
    assert [each.action for each in history.records] == ["grant", "withdraw"]
    assert history.breaks == ()


def test_consent_in_the_future_is_refused() -> None:
    world = a_world(a_profile())

    with pytest.raises(InvalidInput) as refused:
        record_consent(C1, a_change(at=NOON + timedelta(seconds=1)), deps=world.deps, now=NOON)

    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/at", "in_the_future")]
    assert world.consents.records == {}


def test_consent_of_nobody_is_not_found() -> None:
    with pytest.raises(NotFound):
        record_consent(C1, a_change(), deps=a_world().deps, now=NOON)


def test_consent_from_before_the_withdrawal_does_not_come_back() -> None:
    world = a_world(a_profile())
    record_consent(C1, a_change(ConsentAction.WITHDRAW), deps=world.deps, now=NOON)

    with pytest.raises(Conflict) as refused:
        record_consent(C1, a_change(at=NOON - timedelta(days=1)), deps=world.deps, now=NOON)

    assert refused.value.code == "withdrawn_since"
    assert not world.contact().consents[SMS_ADS].granted


def test_person_may_agree_again_after_a_withdrawal() -> None:
    world = a_world(a_profile())
    earlier = NOON - timedelta(days=1)
    withdrawal = a_change(ConsentAction.WITHDRAW, at=earlier)
    record_consent(C1, withdrawal, deps=world.deps, now=NOON)

    record_consent(C1, a_change(at=NOON), deps=world.deps, now=NOON)

    assert world.contact().consents[SMS_ADS].granted


def test_history_tells_what_was_in_force_at_a_moment() -> None:
    world = a_world(a_profile())
    spring, summer = datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)
    record_consent(C1, a_change(at=spring), deps=world.deps, now=NOON)
    record_consent(C1, a_change(at=spring, key=SMS_NIGHT_ADS), deps=world.deps, now=NOON)
    withdrawal = a_change(ConsentAction.WITHDRAW, at=summer)
    record_consent(C1, withdrawal, deps=world.deps, now=NOON)

    def granted(as_of: datetime) -> dict[Any, bool]:
        history = consent_history(C1, deps=world.deps, as_of=as_of)
        return {key: each.granted for key, each in history.in_force.items()}

    assert granted(spring - timedelta(seconds=1)) == {}
    assert granted(spring) == {SMS_ADS: True, SMS_NIGHT_ADS: True}
    assert granted(summer) == {SMS_ADS: False, SMS_NIGHT_ADS: True}


def test_history_of_nobody_is_not_found() -> None:
    with pytest.raises(NotFound):
        consent_history(C1, deps=a_world().deps, as_of=NOON)


def test_history_shows_where_the_chain_is_broken() -> None:
    world = a_world(a_profile())
    for _ in range(3):
        record_consent(C1, a_change(), deps=world.deps, now=NOON)
    del world.consents.records[C1][1]

    assert consent_history(C1, deps=world.deps, as_of=NOON).breaks == (3,)


COMPLAINED = a_mark(COMPLAINT)


def a_suppression(number: int, mark: Mark = COMPLAINED) -> Suppression:
    return Suppression(address_hash=AddressHash(f"hash{number}"), mark=mark, source="api")


def test_suppression_shows_on_its_owner() -> None:
    world = a_world(a_profile(1), a_profile(2))

    suppress(a_suppression(1), deps=world.deps, now=NOON)

    assert world.contact(C1).suppressions == {AddressHash("hash1"): (COMPLAINED,)}
    assert world.contact(C2).suppressions == {}


def test_only_a_complaint_is_put_down_to_the_message_that_came_last() -> None:
    world = a_world(a_profile(1))

    suppress(a_suppression(1), deps=world.deps, now=NOON)
    refused = Mark(reason=SuppressionReason.OPT_OUT_CALL, scope=ADVERTISING, since=NOON)
    suppress(replace(a_suppression(1), mark=refused), deps=world.deps, now=NOON)

    assert world.reactions.of_owners == [(C1, Reaction.COMPLAINED, COMPLAINED.since)]


def test_number_of_nobody_is_suppressed_for_whoever_gets_it() -> None:
    world = a_world()
    suppress(a_suppression(1), deps=world.deps, now=NOON)

    upsert(a_profile(1), deps=world.deps)

    assert world.contact().suppressions == {AddressHash("hash1"): (COMPLAINED,)}


def test_suppression_is_lifted_from_its_owner_too() -> None:
    world = a_world(a_profile(1))
    suppress(a_suppression(1), deps=world.deps, now=NOON)

    unsuppress(AddressHash("hash1"), deps=world.deps)

    assert world.contact().suppressions == {}
    assert world.suppressions.rows == {}


def test_lifting_what_is_not_suppressed_is_not_found() -> None:
    with pytest.raises(NotFound):
        unsuppress(AddressHash("hash1"), deps=a_world(a_profile(1)).deps)


def test_lifting_that_died_midway_is_made_good_by_the_next_call() -> None:
    world = a_world(a_profile(1))
    suppress(a_suppression(1), deps=world.deps, now=NOON)
    world.suppressions.remove(AddressHash("hash1"))

    with pytest.raises(NotFound):
        unsuppress(AddressHash("hash1"), deps=world.deps)

    assert world.contact().suppressions == {}


def test_people_join_a_group_and_the_unknown_are_told() -> None:
    world = a_world(a_profile(1))

    assert join_group("vip", [C1, C2], deps=world.deps) == {
        C1: GroupChange.DONE,
        C2: GroupChange.UNKNOWN,
    }
    assert world.contact().groups == {"vip"}


def test_person_leaves_a_group() -> None:
    world = a_world(a_profile(1, groups=frozenset({"vip", "shop"})))

    leave_group("vip", [C1], deps=world.deps)
    leave_group("vip", [C1], deps=world.deps)

    assert world.contact().groups == {"shop"}


def test_nobody_cannot_leave_a_group() -> None:
    changes = leave_group("vip", [C1], deps=a_world().deps)

    assert changes == {C1: GroupChange.UNKNOWN}
    with pytest.raises(NotFound):
        check_change(changes[C1])


def test_nobody_is_in_more_than_50_groups() -> None:
    world = a_world(a_profile(1, groups=frozenset(map(str, range(50)))))

    changes = join_group("vip", [C1], deps=world.deps)

    assert changes == {C1: GroupChange.FULL}
    assert join_group("7", [C1], deps=world.deps) == {C1: GroupChange.DONE}
    with pytest.raises(Conflict, match="50 groups"):
        check_change(changes[C1])
