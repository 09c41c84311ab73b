from datetime import UTC, datetime, timedelta

import pytest

from functions.contracts.errors import NotFound
from functions.domain.channel import Channel, ConsentPurpose, Purpose
from functions.domain.consent import ConsentAction, ConsentKey
from functions.domain.contact import Contact, Email
from functions.domain.ids import ContactId
from functions.domain.opt_out import OptOut
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import ADVERTISING, EVERYTHING, Mark, Scope, Suppression
from functions.domain.writing import ConsentChange
from functions.storage import claims
from functions.storage.consents import ConsentStore
from functions.storage.contacts import ContactStore
from functions.storage.opt_outs import OptOutStore
from functions.storage.suppressions import SuppressionItem, SuppressionStore, address_hash
from tests.builders import NOON, SMS_ADS, SMS_NIGHT_ADS, a_mark, a_phone

C1, PHONE = ContactId("c1"), a_phone(1)
EMAIL = Email("c@example.com")
EMAIL_ADS = ConsentKey(Channel.EMAIL, ConsentPurpose.ADVERTISING)
LATER = NOON + timedelta(hours=1)
CALL, MANUAL = SuppressionReason.OPT_OUT_CALL, SuppressionReason.MANUAL


def an_opt_out(**values: object) -> OptOut:
    facts: dict[str, object] = {
        "reason": CALL,
        "scope": ADVERTISING,
        "at": NOON,
        "source": "solapi:080",
        "actor": "provider",
    }
    return OptOut(**(facts | values))  # type: ignore[arg-type]


def grant(key: ConsentKey, at: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
    change = ConsentChange(
        key=key, action=ConsentAction.GRANT, at=at, source="api", actor="key_1", text_version="v1"
    )
    ConsentStore().append(C1, [change], now=at)


@pytest.fixture
def somebody() -> None:
    """Who agreed to advertisements by SMS, by day and by night, and by e-mail."""
    contact = Contact(contact_id=C1, phone=PHONE, email=EMAIL)
    assert ContactStore().save(contact, replacing=None)
    for key in (SMS_ADS, SMS_NIGHT_ADS, EMAIL_ADS):
        grant(key)


def the_contact() -> Contact:
    profile = ContactStore().get(C1)
    assert profile is not None
    return profile.contact


def granted() -> set[ConsentKey]:
    return {key for key, consent in the_contact().consents.items() if consent.granted}


def marks(address: str = PHONE.e164) -> tuple[Mark, ...]:
    return tuple(each.mark for each in SuppressionStore().get(address_hash(address)))


def by_phone(opt_out: OptOut) -> ContactId | None:
    return OptOutStore().by_address(address_hash(PHONE.e164), opt_out, now=LATER)


@pytest.mark.usefixtures("somebody")
def test_refusing_by_number_suppresses_it_and_withdraws_what_its_owner_agreed_to() -> None:
    assert by_phone(an_opt_out()) == C1

    assert marks() == (an_opt_out().mark,)
    assert the_contact().suppressions == {address_hash(PHONE.e164): marks()}
    assert granted() == set()


@pytest.mark.usefixtures("somebody")
def test_refusal_is_kept_as_evidence_of_what_was_said_and_when_it_was_written_down() -> None:
    by_phone(an_opt_out())

    rows = ConsentStore().history(C1)[3:]
    assert {row.key for row in rows} == {SMS_ADS, SMS_NIGHT_ADS, EMAIL_ADS}
    assert {(row.action, row.at, row.recorded, row.source) for row in rows} == {
        (ConsentAction.WITHDRAW, NOON, LATER, "solapi:080")
    }


def test_number_of_nobody_is_suppressed_too() -> None:
    assert by_phone(an_opt_out()) is None

    assert marks() == (an_opt_out().mark,)


def test_number_whose_owner_was_never_saved_is_suppressed_too() -> None:
    store = ContactStore()
    claims.claim(address_hash(PHONE.e164), C1, holds=store._holds)  # a save that died here

    assert by_phone(an_opt_out()) is None

    assert marks() == (an_opt_out().mark,)


@pytest.mark.usefixtures("somebody")
def test_repeating_writes_nothing_again() -> None:
    by_phone(an_opt_out())
    before = SuppressionItem.get(address_hash(PHONE.e164)).v

    by_phone(an_opt_out())

    assert len(ConsentStore().history(C1)) == 6
    assert SuppressionItem.get(address_hash(PHONE.e164)).v == before
    assert the_contact().suppressions == {address_hash(PHONE.e164): marks()}


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize("step", ["owner_of", "add_marks", "append_decided"])
def test_repeating_completes_what_died(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object, **__: object) -> None:
        raise ConnectionError

    store = {
        "owner_of": SuppressionStore,
        "add_marks": ContactStore,
        "append_decided": ConsentStore,
    }[step]
    with monkeypatch.context() as patched:
        patched.setattr(store, step, die)
        with pytest.raises(ConnectionError):
            by_phone(an_opt_out())
    assert marks() == (an_opt_out().mark,)

    assert by_phone(an_opt_out()) == C1

    assert the_contact().suppressions == {address_hash(PHONE.e164): marks()}
    assert granted() == set()


@pytest.mark.usefixtures("somebody")
def test_stronger_suppression_of_the_same_scope_stays() -> None:
    manual = a_mark(MANUAL, scope=ADVERTISING)
    hashed = address_hash(PHONE.e164)
    SuppressionStore().put(Suppression(address_hash=hashed, mark=manual, source="api"))

    by_phone(an_opt_out())

    (known,) = SuppressionStore().get(hashed)
    assert (known.mark, known.source) == (manual, "api")
    assert the_contact().suppressions == {hashed: (manual,)}
    assert granted() == set()


@pytest.mark.usefixtures("somebody")
def test_suppressions_of_other_scopes_stay() -> None:
    complaint = a_mark(SuppressionReason.COMPLAINT, scope=EVERYTHING)
    hashed = address_hash(PHONE.e164)
    SuppressionStore().put(Suppression(address_hash=hashed, mark=complaint, source="api"))

    by_phone(an_opt_out())

    assert set(marks()) == {complaint, an_opt_out().mark}


@pytest.mark.usefixtures("somebody")
def test_later_refusal_takes_the_place_of_the_earlier_one() -> None:
    by_phone(an_opt_out())
    grant(SMS_ADS, NOON + timedelta(minutes=10))
    again = an_opt_out(at=NOON + timedelta(minutes=20), source="reply")

    by_phone(again)

    (known,) = SuppressionStore().get(address_hash(PHONE.e164))
    assert (known.mark, known.source) == (again.mark, "reply")
    assert the_contact().suppressions == {address_hash(PHONE.e164): (again.mark,)}
    assert granted() == set()


@pytest.mark.usefixtures("somebody")
def test_old_refusal_that_comes_again_leaves_a_newer_consent_alone() -> None:
    by_phone(an_opt_out())
    grant(SMS_ADS, NOON + timedelta(minutes=10))

    by_phone(an_opt_out())

    assert granted() == {SMS_ADS}


@pytest.mark.usefixtures("somebody")
def test_refusing_as_a_person_suppresses_every_address_that_the_scope_concerns() -> None:
    rows = OptOutStore().by_contact(C1, an_opt_out(), now=LATER)

    assert [row.key for row in rows] == [EMAIL_ADS, SMS_ADS, SMS_NIGHT_ADS]
    assert marks() == marks(EMAIL.address) == (an_opt_out().mark,)
    assert set(the_contact().suppressions) == {
        address_hash(PHONE.e164),
        address_hash(EMAIL.address),
    }
    assert OptOutStore().by_contact(C1, an_opt_out(), now=LATER) == ()


@pytest.mark.usefixtures("somebody")
@pytest.mark.parametrize(
    ("channel", "phone", "email", "left"),
    [
        (Channel.SMS, 1, 0, {EMAIL_ADS}),
        (Channel.EMAIL, 0, 1, {SMS_ADS, SMS_NIGHT_ADS}),
        (Channel.PUSH, 0, 0, {SMS_ADS, SMS_NIGHT_ADS, EMAIL_ADS}),
    ],
)
def test_refusing_one_channel_leaves_the_others(
    channel: Channel, phone: int, email: int, left: set[ConsentKey]
) -> None:
    OptOutStore().by_contact(C1, an_opt_out(scope=Scope(channel, Purpose.ADVERTISING)), now=LATER)

    assert (len(marks()), len(marks(EMAIL.address))) == (phone, email)
    assert granted() == left


def test_person_without_addresses_can_refuse() -> None:
    ContactStore().save(Contact(contact_id=C1), replacing=None)
    grant(SMS_ADS)

    assert len(OptOutStore().by_contact(C1, an_opt_out(), now=LATER)) == 1


def test_unknown_person_cannot_refuse() -> None:
    with pytest.raises(NotFound):
        OptOutStore().by_contact(C1, an_opt_out(), now=LATER)
