"""Who holds a link, and what is written down when they refuse."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from functions.contracts.errors import InvalidInput, NotFound, Unavailable
from functions.domain.channel import Channel, ConsentPurpose
from functions.domain.consent import Consent, ConsentKey
from functions.domain.contact import Contact, Phone
from functions.domain.ids import AddressHash, BatchNumber, ContactId, MessageNumber, SenderId
from functions.domain.opt_out import OptOut
from functions.domain.preference_token import MessageToken, TokenCoder, first_midnight
from functions.domain.preferences import Choice
from functions.domain.reaction import Reaction
from functions.domain.reason import SuppressionReason
from functions.domain.suppression import ADVERTISING, Mark, Scope
from functions.domain.writing import ConsentChange, Profile
from functions.preferences.service import (
    DeadLink,
    Gone,
    PreferenceDeps,
    Seen,
    Visit,
    make_link,
    refuse,
    refuse_by_one_click,
    standing,
    visit,
)
from tests.builders import NOON, a_batch, a_recipient, a_sender
from tests.fakes.reactions import FakeReactions

SEEN = Seen(text_version="preferences-1-ko", text_hash="f" * 64, ip="192.0.2.7")
CONTACT, STRANGER = ContactId("c1"), Phone("+821000000009")
NIGHT = ConsentKey(Channel.SMS, ConsentPurpose.NIGHT_ADVERTISING)
END = first_midnight(NOON + timedelta(days=180))
Call = tuple[str, str, OptOut]


@dataclass
class World:
    """Stores in memory, and what was written."""

    profiles: dict[ContactId, Profile] = field(default_factory=dict)
    batches: dict[int, Any] = field(default_factory=dict)
    links: dict[int, tuple[ContactId, SenderId]] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    changes: list[ConsentChange] = field(default_factory=list)
    reads: int = 0
    nonces: list[int] = field(default_factory=lambda: [5, 6, 7, 8])
    marks: dict[AddressHash, tuple[Mark, ...]] = field(default_factory=dict)
    reactions: FakeReactions = field(default_factory=FakeReactions)

    def deps(self) -> PreferenceDeps:
        return PreferenceDeps(
            coder=TokenCoder(b"k" * 32),
            contacts=_Contacts(self),
            batches=_Batches(self),
            senders=_Senders(self),
            links=_Links(self),
            opt_outs=_OptOuts(self),
            consents=_Consents(self),
            hash_of=lambda address: AddressHash("h" + address[-9:]),
            marks_of=lambda hashed: self.marks.get(hashed, ()),
            reactions=self.reactions,
            nonce=lambda _: self.nonces.pop(0),
        )

    def token(self, *, ordinal: int = 0, expires: datetime = END) -> str:
        number = MessageNumber(batch=BatchNumber(7), ordinal=ordinal)
        return self.deps().coder.encode(MessageToken(number=number, expires=expires))

    def visit(self, text: str, *, now: datetime = NOON) -> Visit | DeadLink:
        return visit(text, deps=self.deps(), now=now)

    def visitor(self, *, ordinal: int = 0) -> Visit:
        found = self.visit(self.token(ordinal=ordinal))
        assert isinstance(found, Visit)
        return found


@dataclass
class _Contacts:
    world: World

    def get(self, contact_id: ContactId) -> Profile | None:
        self.world.reads += 1
        return self.world.profiles.get(contact_id)


@dataclass
class _Batches:
    world: World

    def load(self, number: BatchNumber) -> Any:
        self.world.reads += 1
        return self.world.batches.get(number)

    def meta(self, number: BatchNumber) -> Any:
        batch = self.load(number)
        return None if batch is None else batch.meta


@dataclass
class _Senders:
    world: World

    def get(self, sender_id: SenderId) -> Any:
        return a_sender() if sender_id == a_sender().sender_id else None


@dataclass
class _Links:
    world: World

    def add(
        self, nonce: int, contact_id: ContactId, sender_id: SenderId, *, expires: datetime
    ) -> bool:
        return self.world.links.setdefault(nonce, (contact_id, sender_id)) == (
            contact_id,
            sender_id,
        )

    def find(self, nonce: int) -> tuple[ContactId, SenderId] | None:
        self.world.reads += 1
        return self.world.links.get(nonce)


@dataclass
class _OptOuts:
    world: World

    def by_address(
        self, hashed: AddressHash, opt_out: OptOut, *, now: datetime
    ) -> ContactId | None:
        self.world.calls.append(("address", hashed, opt_out))
        return None

    def by_contact(self, contact_id: ContactId, opt_out: OptOut, *, now: datetime) -> Any:
        self.world.calls.append(("contact", contact_id, opt_out))
        return ()


@dataclass
class _Consents:
    world: World

    def append_decided(
        self,
        contact_id: ContactId,
        decide: Callable[[Contact], Sequence[ConsentChange]],
        *,
        now: datetime,
    ) -> Any:
        self.world.changes += decide(self.world.profiles[contact_id].contact)
        return ()


@pytest.fixture
def world() -> World:
    granted = Consent(granted=True, at=NOON - timedelta(days=9), seq=1)
    contact = Contact(contact_id=CONTACT, consents={NIGHT: granted}, locale="en")
    profile = Profile(contact=contact, version=1, consent_seq=2, consent_head="ab12cd34ef" * 6)
    known = a_recipient(1)
    stranger = replace(known, contact_id=None, phone=STRANGER)
    batch = replace(a_batch(7), recipients=(known, stranger))
    return World(profiles={CONTACT: profile}, batches={7: batch})


def test_a_message_leads_to_the_contact_that_it_went_to(world: World) -> None:
    found = world.visitor()

    assert found.profile is world.profiles[CONTACT]
    assert (found.channel, found.locale) == (Channel.SMS, "en")


def test_a_message_to_a_number_of_nobody_leads_to_the_number(world: World) -> None:
    found = world.visitor(ordinal=1)

    assert (found.profile, found.address) == (None, AddressHash("h000000009"))


def test_a_token_that_we_did_not_make_reads_nothing(world: World) -> None:
    token = world.token()
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")

    assert world.visit(forged) == DeadLink(why=Gone.UNKNOWN)
    assert world.reads == 0


def test_a_token_ends_at_its_very_moment(world: World) -> None:
    last = END - timedelta(microseconds=1)

    assert isinstance(world.visit(world.token(), now=last), Visit)
    assert world.visit(world.token(), now=END) == DeadLink(why=Gone.EXPIRED, sender=a_sender())


def test_an_ended_link_without_a_batch_is_merely_ended(world: World) -> None:
    token = world.token()
    world.batches.clear()

    assert world.visit(token, now=END) == DeadLink(why=Gone.EXPIRED)


@pytest.mark.parametrize("ordinal", [2, 255])
def test_a_place_that_the_batch_does_not_have_is_nobodys(world: World, ordinal: int) -> None:
    assert world.visit(world.token(ordinal=ordinal)) == DeadLink(why=Gone.UNKNOWN)


def test_the_number_of_an_erased_contact_can_still_refuse(world: World) -> None:
    world.profiles.clear()

    assert world.visitor().address is not None


def test_a_link_of_the_api_leads_to_its_contact(world: World) -> None:
    token, expires = make_link(CONTACT, a_sender().sender_id, deps=world.deps(), now=NOON)

    found = world.visit(token)

    assert isinstance(found, Visit)
    assert found.profile is world.profiles[CONTACT]
    assert found.channel is None
    assert expires == first_midnight(NOON + timedelta(days=30))
    assert world.visit(token, now=expires) == DeadLink(why=Gone.EXPIRED, sender=a_sender())


def test_a_link_whose_contact_was_erased_leads_nowhere(world: World) -> None:
    token, _ = make_link(CONTACT, a_sender().sender_id, deps=world.deps(), now=NOON)
    world.profiles.clear()

    assert world.visit(token) == DeadLink(why=Gone.UNKNOWN)


def test_a_taken_number_is_not_given_twice(world: World) -> None:
    world.links[5] = (ContactId("other"), SenderId("s"))

    make_link(CONTACT, a_sender().sender_id, deps=world.deps(), now=NOON)

    assert world.links[5][0] == "other"
    assert world.links[6][0] == CONTACT


def test_no_link_is_made_where_no_number_is_free(world: World) -> None:
    world.nonces = [5, 5, 5]
    world.links[5] = (ContactId("other"), SenderId("s"))

    with pytest.raises(Unavailable):
        make_link(CONTACT, a_sender().sender_id, deps=world.deps(), now=NOON)


def test_no_link_is_made_to_nobody_or_of_nobody(world: World) -> None:
    with pytest.raises(NotFound):
        make_link(ContactId("x"), a_sender().sender_id, deps=world.deps(), now=NOON)
    with pytest.raises(InvalidInput):
        make_link(CONTACT, SenderId("x"), deps=world.deps(), now=NOON)


def test_refusing_all_is_written_down_with_what_was_seen(world: World) -> None:
    receipt = refuse(world.visitor(), Choice(), SEEN, deps=world.deps(), now=NOON)

    ((kind, who, opt_out),) = world.calls
    assert (kind, who) == ("contact", CONTACT)
    assert (opt_out.reason, opt_out.scope) == (SuppressionReason.OPT_OUT_PAGE, ADVERTISING)
    assert (opt_out.source, opt_out.text_version) == ("page", "preferences-1-ko")
    assert (opt_out.text_hash, opt_out.ip, opt_out.at) == ("f" * 64, "192.0.2.7", NOON)
    assert (receipt.at, receipt.number) == (NOON, "2-ab12cd34")
    assert "192.0.2.7" not in repr(opt_out) + repr(SEEN)


def test_refusing_one_channel_leaves_the_others(world: World) -> None:
    refuse(world.visitor(), Choice(Channel.KAKAO), SEEN, deps=world.deps(), now=NOON)

    assert str(world.calls[0][2].scope) == "kakao:advertising"


def test_refusing_nights_takes_back_that_consent_and_marks_no_address(world: World) -> None:
    choice = Choice(Channel.SMS, night=True)

    refuse(world.visitor(), choice, SEEN, deps=world.deps(), now=NOON)
    refuse(world.visitor(), Choice(Channel.EMAIL, night=True), SEEN, deps=world.deps(), now=NOON)

    assert world.calls == []
    assert [change.key for change in world.changes] == [NIGHT]


def test_one_click_refuses_the_channel_of_the_message(world: World) -> None:
    refuse_by_one_click(world.visitor(), SEEN, deps=world.deps(), now=NOON)

    opt_out = world.calls[0][2]
    assert opt_out.reason is SuppressionReason.OPT_OUT_ONE_CLICK
    assert str(opt_out.scope) == "sms:advertising"


def test_one_click_on_a_link_of_the_api_refuses_all(world: World) -> None:
    visitor = replace(world.visitor(), channel=None)

    refuse_by_one_click(visitor, SEEN, deps=world.deps(), now=NOON)

    assert world.calls[0][2].scope == ADVERTISING


def test_a_refusal_is_put_down_to_the_message_that_led_to_it(world: World) -> None:
    refuse(world.visitor(), Choice(), SEEN, deps=world.deps(), now=NOON)
    refuse_by_one_click(world.visitor(ordinal=1), SEEN, deps=world.deps(), now=NOON)

    number = MessageNumber(batch=BatchNumber(7), ordinal=0)
    other = MessageNumber(batch=BatchNumber(7), ordinal=1)
    assert world.reactions.of_messages == [
        (number, Reaction.OPTED_OUT, NOON),
        (other, Reaction.OPTED_OUT, NOON),
    ]


def test_a_refusal_by_a_link_of_the_api_is_put_down_to_what_came_last(world: World) -> None:
    visitor = replace(world.visitor(), number=None)

    refuse(visitor, Choice(), SEEN, deps=world.deps(), now=NOON)

    assert world.reactions.of_owners == [(CONTACT, Reaction.OPTED_OUT, NOON)]


def test_who_refuses_nights_has_not_opted_out(world: World) -> None:
    refuse(world.visitor(), Choice(Channel.SMS, night=True), SEEN, deps=world.deps(), now=NOON)

    assert (world.reactions.of_messages, world.reactions.of_owners) == ([], [])


def test_a_stranger_can_refuse_and_is_known_by_the_hash_alone(world: World) -> None:
    receipt = refuse(world.visitor(ordinal=1), Choice(), SEEN, deps=world.deps(), now=NOON)

    assert world.calls[0][:2] == ("address", "h000000009")
    assert receipt.number == "h0000000"


def test_a_stranger_has_no_nights_to_refuse(world: World) -> None:
    choice = Choice(Channel.SMS, night=True)

    with pytest.raises(NotFound):
        refuse(world.visitor(ordinal=1), choice, SEEN, deps=world.deps(), now=NOON)


def test_a_stranger_sees_that_everything_is_refused(world: World) -> None:
    mark = Mark(reason=SuppressionReason.OPT_OUT_PAGE, scope=Scope(), since=NOON)
    world.marks[AddressHash("h000000009")] = (mark,)

    shown = standing(world.visitor(ordinal=1), deps=world.deps(), now=NOON)

    assert shown.all_refused == NOON
    assert shown.nothing_left


def test_a_contact_sees_what_is_left_to_refuse(world: World) -> None:
    shown = standing(world.visitor(), deps=world.deps(), now=NOON)

    assert [each.key for each in shown.preferences] == [NIGHT]
    assert not shown.nothing_left
